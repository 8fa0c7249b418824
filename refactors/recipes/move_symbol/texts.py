"""The symbol in strings, documentation and packaging files: its module's name before it changes, by option."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from overhaul.refactors.annotations import last_name
from overhaul.refactors.import_places import absolute_text
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.name_tokens import Span, string_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.move_symbol.importers import Move

_BEFORE = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*[.:]$")
_IMPORT = re.compile(r"(\bfrom\s+)([\w.]+)(\s+import\s+\(?\s*)$")
_PATCHES = frozenset({"patch", "setattr", "delattr", "object", "spy", "stub"})
_DOCS = "documentation; -p docs=yes edits it"
_STRINGS = "-p strings=yes edits it"
_PACKAGING = (".toml", ".cfg", ".ini")


@dataclass(slots=True)
class Texts:
    """Replacements in files of any kind, and the places that are only reported."""

    inference: Inference
    move: Move
    docs: bool
    strings: bool
    keeps_name: bool
    replaced: dict[str, dict[Span, str]] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)

    def string(self, module: Module, constant: ast.Constant, span: Span) -> None:
        """Look at a string of the code that names the symbol."""
        text = str(constant.value)
        place = string_span(module.source, constant, 0, 0)
        offset = span[0] - (place[0] if place else 0)
        before = text.encode(module.source.encoding)[: offset if place else 0].decode(module.source.encoding)
        if not place or not _BEFORE.search(before):
            self._leave(
                module.path, span[0], "names it as an attribute of its old module, by a string", module
            )
            return
        qualified = _BEFORE.search(before)
        assert qualified is not None  # noqa: S101
        written = qualified.group()[:-1]
        if not self._is_old(written, module.path):
            return
        call = module.bindings.parents.get(constant)
        if self.keeps_name and isinstance(call, ast.Call) and last_name(call.func) in _PATCHES:
            reason = "replaces the name in the old module, which still has it; uses elsewhere are not replaced any more"
            self._leave(module.path, span[0], reason, module)
        elif not self.strings:
            self._leave(module.path, span[0], f"qualified name in a string; {_STRINGS}", module)
        else:
            new = absolute_text(written, self.move.old, self.move.new)
            start = place[0] + len(before[: qualified.start()].encode(module.source.encoding))
            end = start + len(written.encode(module.source.encoding))
            self._replace(module.path, (start, end), new, span[0], "qualified name in a string", module)

    def text(self, path: str, span: Span, moved: bool) -> None:
        """Look at a mention in documentation or in a packaging file; `moved` if it goes with the symbol itself."""
        module = self.inference.project.module(path) if path.endswith((".py", ".pyi")) else None
        content = module.source.content if module else self.inference.project.tree.read(path)
        encoding = module.source.encoding if module else "utf-8"
        before = content[: span[0]].decode(encoding, "surrogateescape")
        packaging = path.endswith(_PACKAGING)
        allowed = self.strings if packaging else self.docs
        hint = f"qualified name in a packaging file; {_STRINGS}" if packaging else _DOCS
        dotted = _BEFORE.search(before)
        if dotted is not None:
            written = dotted.group()[:-1]
            if not self._is_old(written, path):
                if self.inference.project.table.locate(written.partition(".")[0], path) is None:
                    self._leave(
                        path, span[0], "documentation names it by a part of its old module's name", module
                    )
                return
            start = len(before[: dotted.start()].encode(encoding, "surrogateescape"))
            end = start + len(written.encode(encoding))
        else:
            line = before[before.rfind("\n") + 1 :]
            imported = _IMPORT.search(line)
            after = content[span[1] : span[1] + 200].decode(encoding, "replace")
            if imported is None or not self._is_old(imported[2], path):
                if (
                    not moved
                    and module is not None
                    and module.key == self.move.old.key
                    and not self.keeps_name
                ):
                    self._leave(
                        path, span[0], "documentation of the old module names it without its module", module
                    )
                return
            if re.match(r"\s*,", after):
                self._leave(path, span[0], "documentation imports it together with other names", module)
                return
            written = imported[2]
            start = len(
                before[: len(before) - len(line) + imported.start(2)].encode(encoding, "surrogateescape")
            )
            end = start + len(written.encode(encoding))
        if not allowed:
            self._leave(path, span[0], hint, module)
        else:
            new = absolute_text(written, self.move.old, self.move.new)
            reason = "qualified name in a packaging file" if packaging else "documentation"
            self._replace(path, (start, end), new, span[0], reason, module)

    def _is_old(self, written: str, path: str) -> bool:
        table = self.inference.project.table
        found: list[Location] = [*table.candidates(written)]
        seen = table.locate(written, path)
        keys = {each.key for each in [*found, *([seen] if seen else [])]}
        return self.move.old.key in keys

    def _replace(
        self, path: str, span: Span, text: str, offset: int, reason: str, module: Module | None
    ) -> None:
        self.replaced.setdefault(path, {})[span] = text
        self.sites.append(
            Site(path, *self._place(path, offset, module), self.move.symbol, "resolved", reason)
        )

    def _leave(self, path: str, offset: int, reason: str, module: Module | None) -> None:
        place = self._place(path, offset, module)
        self.sites.append(Site(path, *place, self.move.symbol, "unresolved", reason))

    def _place(self, path: str, offset: int, module: Module | None) -> tuple[int, int]:
        if module is not None:
            return module.source.position(offset)
        before = self.inference.project.tree.read(path)[:offset].decode("utf-8", "replace")
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
