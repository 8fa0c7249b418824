"""Mentions of a module in texts: its dotted name, its path, code that imports it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.relocation.relocation import Relocation

MentionKind = Literal["name", "bare name", "path", "import"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text, in characters: of the dotted name or path, or of the last part of it alone in an import."""

    kind: MentionKind
    start: int
    end: int


class Mentions:
    """Finds the mentions of one module; those of modules in it begin with its name."""

    def __init__(self, relocation: Relocation) -> None:
        self.relocation = relocation
        name, leaf = re.escape(relocation.old_name), re.escape(relocation.leaf)
        is_top = "." not in relocation.old_name
        self._name = re.compile(
            rf"(?<![\w.]){name}(?=[.:][A-Za-z_])" if is_top else rf"(?<![\w.]){name}(?!\w)"
        )
        self._bare = re.compile(rf"(?<![\w.:/-]){name}(?![\w/-])") if is_top else None
        package = re.escape(relocation.old_parent)
        self._import = re.compile(
            rf"(?<!\w)(?:import|from|-m)[ \t]+({leaf})(?!\w)"
            if is_top
            else rf"(?<!\w)from[ \t]+{package}[ \t]+import[ \t]+(?:[\w, \t(]*[ \t,(])?({leaf})(?!\w)"
        )
        path = re.escape(relocation.old_name.replace(".", "/"))
        if relocation.location.is_package:
            ending = r"(?=/)" if is_top else r"(?![\w.-])"
        else:
            ending = r"(?=\.pyi?(?!\w))" if is_top else r"(?=\.pyi?(?!\w)|(?![\w./-]))"
        self._path = re.compile(rf"(?<![\w-]){path}{ending}")

    def find(self, text: str, bare: bool = False) -> Iterator[Mention]:
        """Yield the mentions in a text, each place once; `bare` asks for the name of a top-level module alone too."""
        seen: set[int] = set()
        for match in self._name.finditer(text):
            seen.add(match.start())
            yield Mention("name", match.start(), match.end())
        for match in self._import.finditer(text):
            if match.start(1) not in seen:
                seen.add(match.start(1))
                yield Mention("import", match.start(1), match.end(1))
        for match in self._path.finditer(text):
            seen.add(match.start())
            yield Mention("path", match.start(), match.end())
        for match in self._bare.finditer(text) if bare and self._bare else ():
            if match.start() not in seen:
                yield Mention("bare name", match.start(), match.end())

    def replacement(self, text: str, mention: Mention) -> tuple[int, int, str] | None:
        """Return what the mention becomes, as (start, end, new text); None if that takes more than its text."""
        relocation = self.relocation
        if mention.kind == "import":
            is_rename = relocation.old_parent == relocation.new_parent
            return (mention.start, mention.end, relocation.new_name.rpartition(".")[2]) if is_rename else None
        if mention.kind == "path":
            return self._new_path(text, mention)
        if relocation.old_parent == relocation.new_parent:
            leaf = relocation.new_name.rpartition(".")[2]
            return mention.end - len(relocation.leaf), mention.end, leaf
        return mention.start, mention.end, relocation.new_name

    def _new_path(self, text: str, mention: Mention) -> tuple[int, int, str] | None:
        old, new = self.relocation.old_key, self.relocation.new_key
        name = self.relocation.old_name.replace(".", "/")
        root = old[: len(old) - len(name)]
        start = mention.start - len(root)
        if (
            start >= 0
            and text[start : mention.end] == old
            and not re.search(r"[\w./-]$", text[:start].removesuffix("./")[-1:])
        ):
            return start, mention.end, new
        if new.startswith(root):
            return mention.start, mention.end, new[len(root) :]
        return None
