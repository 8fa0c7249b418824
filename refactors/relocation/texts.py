"""Mentions of a module in files that are not Python: edited where a setting or an option says so, else reported."""

from __future__ import annotations

import re

from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.known_settings import names_module, names_path
from overhaul.refactors.relocation.mentions import Mention, Mentions
from overhaul.refactors.relocation.relocation import Relocation
from overhaul.refactors.relocation.settings import Setting, is_settings_file, setting_at

DOCUMENTS = (".rst", ".md")
_HISTORY = re.compile(r"(?:change|history|news|release)", re.IGNORECASE)
_KINDS = {
    "name": "dotted name of the module",
    "bare name": "name of the module",
    "path": "path of the module",
    "import": "import of the module",
}
_BINARY_HEAD = 8_000


class TextMentions:
    """Looks through every file that is not Python; `documents_too` is False where others look at documents."""

    def __init__(
        self,
        relocation: Relocation,
        findings: Findings,
        docs: bool,
        strings: bool,
        documents_too: bool = True,
    ) -> None:
        self.tree = relocation.project.tree
        self.relocation = relocation
        self.findings = findings
        self.docs, self.strings = docs, strings
        self.documents_too = documents_too
        self.mentions = Mentions(relocation)

    def find(self) -> None:
        """Look at each file that has the module's name."""
        for path in self.tree.containing([self.relocation.leaf], ("",)):
            if path.endswith((".py", ".pyi")):
                continue
            try:
                content = self.tree.read(path)
            except OSError as error:
                self.findings.leave_in(path, 0, 1, 1, f"cannot be read: {error.strerror or error}")
                continue
            if b"\0" not in content[:_BINARY_HEAD]:
                self._file(path, content.decode("utf-8", "surrogateescape"))

    def _file(self, path: str, text: str) -> None:
        is_settings = is_settings_file(path)
        for mention in self.mentions.find(text, bare=is_settings):
            if is_settings:
                self._in_settings(path, text, mention)
            elif path.endswith(DOCUMENTS):
                if self.documents_too or mention.kind == "path":
                    self._in_document(path, text, mention)
            elif not (path.endswith((".ipynb", ".pyx", ".pxd")) and not self.documents_too):
                self._leave(path, text, mention, f"{_KINDS[mention.kind]} in a file that is not edited")

    def _in_settings(self, path: str, text: str, mention: Mention) -> None:
        setting = setting_at(path, text, mention.start, mention.end)
        shown = ".".join(setting) if setting else "a comment"
        if setting is not None and self._is_proved(text, mention, setting):
            self._edit(path, text, mention, f"{_KINDS[mention.kind]} in {shown}")
        elif mention.kind == "bare name":
            return
        elif (
            self.strings
            and setting is not None
            and mention.kind == "name"
            and "." in self.relocation.old_name
        ):
            self._edit(path, text, mention, f"{_KINDS[mention.kind]} in {shown}")
        else:
            option = "; -p strings=yes edits it" if setting is not None and mention.kind == "name" else ""
            self._leave(path, text, mention, f"{_KINDS[mention.kind]} in {shown}{option}")

    @staticmethod
    def _is_proved(text: str, mention: Mention, setting: Setting) -> bool:
        if mention.kind == "path":
            return names_path(setting)
        line = text[text.rfind("\n", 0, mention.start) + 1 : mention.start]
        if setting[0] == "options.entry_points" and "=" not in line:
            return False
        if setting[:2] == ("metadata", "version") and "attr:" not in line:
            return False
        if setting[-1] == "addopts" and mention.kind == "bare name" and not line.endswith("--cov="):
            return False
        return mention.kind in ("name", "bare name") and names_module(setting)

    def _in_document(self, path: str, text: str, mention: Mention) -> None:
        if mention.kind == "path":
            self._leave(path, text, mention, "path of the module in documentation")
        elif _HISTORY.search(path.rpartition("/")[2]):
            self._leave(path, text, mention, f"{_KINDS[mention.kind]} in a record of the past")
        elif self.mentions.replacement(text, mention) is None:
            self._leave(path, text, mention, f"{_KINDS[mention.kind]} in documentation")
        elif self.docs:
            self._edit(path, text, mention, f"{_KINDS[mention.kind]} in documentation")
        else:
            self._leave(path, text, mention, f"{_KINDS[mention.kind]} in documentation; -p docs=yes edits it")

    def _edit(self, path: str, text: str, mention: Mention, reason: str) -> None:
        replacement = self.mentions.replacement(text, mention)
        if replacement is None:
            self._leave(path, text, mention, reason)
            return
        start, end, new = replacement
        first = len(text[:start].encode("utf-8", "surrogateescape"))
        last = first + len(text[start:end].encode("utf-8", "surrogateescape"))
        if (first, last) not in self.findings.splices.get(path, {}):
            self.findings.put(path, (first, last), new, *_place(text, start), reason)

    def _leave(self, path: str, text: str, mention: Mention, reason: str) -> None:
        replacement = self.mentions.replacement(text, mention)
        start = replacement[0] if replacement is not None else mention.start
        offset = len(text[:start].encode("utf-8", "surrogateescape"))
        self.findings.leave_in(path, offset, *_place(text, start), reason)


def _place(text: str, start: int) -> tuple[int, int]:
    """Return line and column, from 1."""
    before = text[:start]
    return before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1
