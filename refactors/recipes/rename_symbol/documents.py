"""Names in documentation: Sphinx roles, qualified names, doctests and code blocks, in docstrings, .rst and .md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from overhaul.refactors.docstrings import docstring_of, docstrings
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.strings import StringNames
from overhaul.refactors.values import ModuleValue, Values

SUFFIXES = (".rst", ".md")
_OPTION = "documentation; -p docs=yes edits it"
_ROLE = re.compile(r":(?:py:)?(?:func|class|meth|attr|mod|data|exc|obj|const|any|ref|property|deco):$")
_DIRECTIVE = re.compile(
    r"^\s*\.\.\s+(?:py:)?(?:auto)?(?:function|class|method|attribute|module|data|exception|property|decorator"
    r"|classmethod|staticmethod)::\s*[\w.]*$"
)
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_PROMPT = re.compile(r"^\s*(?:>>>|\.\.\.)\s")


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in a text where the name stands: its offset in characters, and how sure it is."""

    start: int
    is_proved: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _Place:
    """What is known of a text: whether the symbol's own file has it, whether it imports the name, and whether the
    name means the symbol in its doctests."""

    is_home: bool
    imported: bool
    runs: bool
    module: Module | None


class DocumentNames:
    """Mentions of the symbol in documentation.

    `owners` are the names that may stand before it: its class's, or its module's last part.
    """

    def __init__(
        self, findings: Findings, strings: StringNames, owners: set[str], is_member: bool, edit: bool
    ) -> None:
        self.findings = findings
        self.project = findings.project
        self.strings = strings
        self.owners = owners
        self.is_member = is_member
        self.edit = edit
        self._word = re.compile(rf"(?<!\w){re.escape(findings.old)}(?!\w)")
        self._rebound = re.compile(
            rf"{_PROMPT.pattern}+(?:(?:(?:async\s+)?def|class)\s+{re.escape(findings.old)}\b"
            rf"|from\s.*\simport\s.*\b{re.escape(findings.old)}\b|{re.escape(findings.old)}\s*=(?!=))",
            re.MULTILINE,
        )

    def find(self, homes: set[str]) -> None:
        """Look through docstrings and documents; `homes` are the files that define the symbol."""
        for module in self.project.containing([self.findings.old]):
            for constant in docstrings(module):
                self._docstring(module, constant, module.path in homes)
        for path in self.project.tree.containing([self.findings.old], SUFFIXES):
            self._document(path)

    def _docstring(self, module: Module, constant: ast.Constant, is_home: bool) -> None:
        source = module.source
        begin = source.start(constant)
        text = source.slice(begin, source.end(constant))
        for mention in self.mentions(text, is_home, module):
            start = begin + len(text[: mention.start].encode(source.encoding))
            line, column = source.position(start)
            size = len(self.findings.old.encode(source.encoding))
            self._record(module.path, (start, start + size), line, column, mention)

    def _document(self, path: str) -> None:
        content = self.project.document(path)
        text = content.decode("utf-8", "surrogateescape")
        for mention in self.mentions(text, False, None):
            before = text[: mention.start]
            start = len(before.encode("utf-8", "surrogateescape"))
            line, column = before.count("\n") + 1, mention.start - (before.rfind("\n") + 1) + 1
            self._record(path, (start, start + len(self.findings.old.encode())), line, column, mention)

    def _record(self, path: str, span: tuple[int, int], line: int, column: int, mention: Mention) -> None:
        if mention.is_proved and self.edit:
            self.findings.put(path, span, self.findings.new, line, column, mention.reason)
        else:
            reason = f"{mention.reason}; {_OPTION}" if mention.is_proved else mention.reason
            self.findings.leave_in(path, span[0], line, column, reason)

    def mentions(self, text: str, is_home: bool, module: Module | None) -> Iterator[Mention]:
        """Yield the mentions in a text; prose that only has the word is none.

        `module` is the one of a docstring: its doctests run with what the module defines and imports.
        """
        imported = self._imports_symbol(text)
        place = _Place(
            is_home,
            imported,
            is_home or imported or self._is_global(module, text),
            module,
        )
        for match in self._word.finditer(text):
            start = match.start()
            line_start = text.rfind("\n", 0, start) + 1
            line_end = text.find("\n", start)
            line = text[line_start : line_end if line_end >= 0 else len(text)]
            chain = re.search(r"[\w.]*$", text[line_start:start])
            before = chain.group().strip(".") if chain else ""
            mention = self._judge(start, line, start - line_start, before, place)
            if mention is not None:
                yield mention

    def _judge(self, start: int, line: str, column: int, before: str, place: _Place) -> Mention | None:
        left = line[:column]
        marked = _marked(left)
        if before:
            parts = before.split(".")
            if self.strings.means(self.strings.path_values(parts)) is True:
                return Mention(start, True, "qualified name")
            if _PROMPT.match(line) and self._is_reached(parts, place.module):
                return Mention(start, True, "doctest")
            if parts[-1] not in self.owners:
                is_code = self.is_member and (
                    _PROMPT.match(line) or line[column:].startswith(f"{self.findings.old}(")
                )
                return (
                    Mention(start, False, "code in documentation on an unknown receiver")
                    if is_code and not marked
                    else None
                )
            if marked or _PROMPT.match(line) or place.imported:
                return Mention(start, True, "qualified name")
            return None
        if _DIRECTIVE.match(left):
            return Mention(start, not self.is_member, "directive")
        if marked == "role":
            return Mention(start, place.is_home or not self.is_member, "cross reference")
        if marked == "code" and not self.is_member:
            whole = re.match(rf"{re.escape(self.findings.old)}(?:\(\))?`", line[column:]) and left.endswith(
                "`"
            )
            return Mention(start, place.is_home or place.imported, "name in backticks") if whole else None
        if _PROMPT.match(line) and not self.is_member and left[-1:] != "." and not _is_quoted(left):
            is_call = line[column:].startswith(f"{self.findings.old}(")
            return Mention(start, place.runs, "doctest") if place.runs or is_call else None
        if place.imported and (
            re.match(r"\s*(?:from|import)\s", line) or line[column:].startswith(f"{self.findings.old}(")
        ):
            return Mention(start, True, "code in documentation that imports the name")
        return None

    def _imports_symbol(self, text: str) -> bool:
        """Tell whether a text has code that imports the name from where the tree has it."""
        if self.is_member:
            return False
        for match in re.finditer(r"from\s+([\w.]+)\s+import\s+([^\n]*)", text):
            is_star = match[2].strip() == "*" and not self.findings.old.startswith("_")
            if (is_star or self._word.search(match[2])) and self._has_symbol(match[1]):
                return True
        return False

    def _is_global(self, module: Module | None, text: str) -> bool:
        """Tell whether the name means the symbol in a module, and in the doctests of a docstring there."""
        return (
            module is not None
            and not self.is_member
            and self.findings.old in module.scope.bindings
            and not self._rebound.search(text)
            and self._has_symbol(module.name)
        )

    def _is_reached(self, parts: list[str], module: Module | None) -> bool:
        """Tell whether a dotted path means the symbol's owner by what a module imports."""
        if module is None or parts[0] not in module.scope.bindings:
            return False
        location = self.project.table.locate(module.name)
        values: Values = (ModuleValue(location),) if location is not None else ()
        for name in parts:
            values = tuple(
                each for value in values for each in self.strings.inference.member_values(value, name)
            )
        return self.strings.means(values) is True

    def _has_symbol(self, module_name: str) -> bool:
        location = self.project.table.locate(module_name)
        values: Values = (ModuleValue(location),) if location is not None else ()
        return self.strings.means(values or self.strings.path_values(module_name.split("."))) is True


def _is_quoted(left: str) -> bool:
    """Tell whether a place in a line of code is in a string or comment, by what is left of it."""
    return re.search("['\"#]", _STRING.sub("", left)) is not None


def _marked(left: str) -> str:
    """Tell whether a place is in a role or in backticks, by what is left of it on its line."""
    opening = re.search(r"(`+)~?[\w.]*$", left)
    if opening is None:
        within = re.search(r"(:\w+:)`[^`]*<~?[\w.]*$", left)
        return "role" if within and _ROLE.search(within[1]) else ""
    return "role" if _ROLE.search(left[: opening.start()]) else "code"


class ParameterFields:
    """The fields of a parameter in its functions' docstrings: Sphinx, Google and numpy style."""

    def __init__(self, findings: Findings, edit: bool) -> None:
        self.findings = findings
        self.edit = edit
        name = re.escape(findings.old)
        self._field = re.compile(
            rf":(?:param|parameter|arg|argument|key|keyword|type)\s+(?:[\w.\[\], |]+\s+)?({name})\s*:"
            rf"|^[ \t]+\*{{0,2}}({name})[ \t]*(?:\([^)\n]*\))?[ \t]*:(?=\s)"
            rf"|(?<!`)``?({name})``?(?!`)",
            re.MULTILINE,
        )

    def find(self, module: Module, function: ast.AST) -> None:
        """Look at the docstring of one function, and of its class for a constructor."""
        constant = docstring_of(function)
        if constant is None:
            return
        source = module.source
        begin = source.start(constant)
        text = source.slice(begin, source.end(constant))
        for match in self._field.finditer(text):
            first, last = next(match.span(index) for index in (1, 2, 3) if match.group(index))
            start = begin + len(text[:first].encode(source.encoding))
            span = (start, start + len(text[first:last].encode(source.encoding)))
            if self.edit:
                self.findings.replace(module, span, self.findings.new, "field of the docstring")
            else:
                self.findings.leave_at(module, start, f"field of the docstring; {_OPTION}")
