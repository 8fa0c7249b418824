"""The edit of one file: each matched call replaced, imports added and removed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.fitting import in_context, spans_lines
from overhaul.refactors.import_edits import (
    ModuleName,
    exchanged_imports,
    removable_imports,
)
from overhaul.refactors.import_needs import (
    ImportStatement,
    LocalName,
    Need,
    is_builtin,
    local_name,
    out_of_module,
    runs_later,
)
from overhaul.refactors.imports import dotted_names
from overhaul.refactors.nested_edits import NestedEdits
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.replace_call.captured_text import CallText
from overhaul.refactors.recipes.replace_call.evaluation import binds_names, order_doubt
from overhaul.refactors.recipes.replace_call.matching import Match
from overhaul.refactors.recipes.replace_call.metavariables import Argument, metavariables
from overhaul.refactors.recipes.replace_call.places import later_doubt, place_doubt
from overhaul.refactors.recipes.replace_call.template import CallTemplate
from overhaul.refactors.references import meanings
from overhaul.refactors.scopes import Binding
from overhaul.refactors.text import SourceText, Splice
from overhaul.refactors.unused_imports import unused_without

_BRACKETED = (ast.Call, ast.List, ast.Set, ast.Dict, ast.keyword)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What the recipe puts in place of a call, the same for all files."""

    template: CallTemplate
    needs: Sequence[Need]
    always_imported: Collection[ImportStatement]
    removes_imports: bool


@dataclass(slots=True, eq=False)
class FileEdit:
    """Works out the replacements of one file, inner calls before those around them."""

    project: Project
    module: Module
    replacement: Replacement
    done: list[Match] = field(default_factory=list)
    doubts: list[tuple[Match, Doubt]] = field(default_factory=list)
    _imports: set[ImportStatement] = field(default_factory=set)
    _imported_before: list[int] = field(default_factory=list)
    _kept: set[ast.AST] = field(default_factory=set)
    _edits: NestedEdits = field(init=False)

    def __post_init__(self) -> None:
        self._edits = NestedEdits(self.module.source)

    def replace(self, matches: Sequence[Match]) -> None:
        """Decide about each match: replaced, or in doubt."""
        source = self.module.source
        for match in sorted(matches, key=lambda each: source.end(each.call) - source.start(each.call)):
            text = self._replaced(match)
            if isinstance(text, Doubt):
                self.doubts.append((match, text))
            else:
                self.done.append(match)
                self._edits.add(source.start(match.call), source.end(match.call), text)

        self._leave_overlapping()

    def _leave_overlapping(self) -> None:
        """Take back what is written in the pattern's own part of another match: that is gone with it."""
        source = self.module.source
        around: list[Match] = []
        ordered = sorted(self.done, key=lambda each: (source.start(each.call), -source.end(each.call)))
        for match in ordered:
            while around and not _is_inside(source, match.call, around[-1].call):
                around.pop()
            if around and not any(
                _is_inside(source, match.call, node) for node in around[-1].captures.nodes()
            ):
                self.doubts.append((match, Doubt("it is part of a call that is replaced as a whole")))
            around.append(match)
        overlapping = {match for match, _ in self.doubts}
        self.done = [match for match in self.done if match not in overlapping]

    def removable(self) -> list[Binding]:
        """Return the imports that the file itself no longer needs."""
        if not self.done or not self.replacement.removes_imports:
            return []
        replaced = [(match.call.func, match.scope) for match in self.done]
        return removable_imports(self.module, unused_without(self.module, replaced, self._kept))

    def content(self, named_elsewhere: Collection[ModuleName]) -> bytes:
        """Return the file with all that is decided; imports that other files take from here stay.

        Raises UnicodeEncodeError.
        """
        source = self.module.source
        splices: list[Splice] = list(self._edits.outermost(0, len(source.content)))
        before = min(self._imported_before, default=len(source.content))
        statements = self._imports | set(self._missing(self.replacement.always_imported))
        unused = [each for each in self.removable() if (self.module.name, each.name) not in named_elsewhere]
        changes = exchanged_imports(self.project, self.module, statements, unused, before)
        return source.splice([*splices, *changes])

    def _replaced(self, match: Match) -> str | Doubt:
        template = self.replacement.template.tree
        doubt = (
            order_doubt(template, match.captures)
            or self._binding_doubt(match)
            or place_doubt(self.module, match, template)
            or later_doubt(self.module, match, template)
        )
        if doubt is not None:
            return doubt
        names = self._local_names(match)
        if isinstance(names, Doubt):
            return names
        called = CallText(self.module.source, match.call, self._edits.rendered)
        one, rest = metavariables(self.replacement.template.tree)
        kept = [node for name, node in match.captures.one.items() if name in one]
        runs = [nodes for name, nodes in match.captures.rest.items() if name in rest]
        if called.loses_comment(kept, runs):
            return Doubt("a comment inside the call would be lost")
        text = self.replacement.template.fill(
            {name: called.piece(match.captures.one[name]) for name in one},
            {name: called.rest(match.captures.rest[name]) for name in rest},
            names,
        )
        return text if isinstance(text, Doubt) else self._enclosed(match.call, text)

    def _binding_doubt(self, match: Match) -> Doubt | None:
        if not binds_names(self.replacement.template.tree):
            return None
        inside = [node for each in match.captures.nodes() for node in ast.walk(each)]
        if any(
            isinstance(node, ast.Name) and node.id in self.replacement.template.own_names for node in inside
        ):
            return Doubt("an argument uses a name that the template binds itself")
        if match.scope.kind == "class" or any(isinstance(node, ast.NamedExpr) for node in inside):
            return Doubt("the template's inner scope does not see the names that the arguments use")
        return None

    def _local_names(self, match: Match) -> dict[str, str] | Doubt:
        """Return how this place calls the template's names, and note the imports that it needs for them."""
        names: dict[str, str] = {}
        missing: set[ImportStatement] = set()
        used: set[ast.AST] = set()
        line = match.call.lineno
        for need in self.replacement.needs:
            wanted = need
            found = self._through_callee(match, need) or local_name(self.module, match.scope, line, need)
            if isinstance(found, Doubt):
                wanted = out_of_module(need) or need
                found = local_name(self.module, match.scope, line, wanted)
            if isinstance(found, Doubt):
                return found
            names[need.text] = found.text if found else wanted.text
            if found is None:
                missing.add(wanted.statement)
            elif found.binding is not None:
                used.add(found.binding.node)
        for _, text in self.replacement.template.names():
            first = text.partition(".")[0]
            if text not in names and is_builtin(first) and match.scope.lookup(first) is not None:
                return Doubt(f"'{first}' means something else here")
        if missing and not runs_later(match.scope):
            self._imported_before.append(
                self.module.source.start(self.module.bindings.statement_of(match.call))
            )
        self._imports |= missing
        self._kept |= used
        return names

    def _through_callee(self, match: Match, need: Need) -> LocalName | None:
        """Return the needed name as a neighbour of the function: where `a.b.f` can be called, so can `a.b.g`."""
        callee = match.call.func
        if not isinstance(callee, ast.Attribute) or "." in need.qualified[len(need.statement.module) + 1 :]:
            return None
        chain = dotted_names(callee.value)
        owner = (
            match.scope.lookup(chain[0].id, chain[0]) if chain and isinstance(chain[0], ast.Name) else None
        )
        found = meanings(self.project, self.module, callee.value, match.scope) if owner else ()
        if owner is None or not chain or set(found) != {need.statement.module}:
            return None
        first = chain[0]
        binding = owner.bindings[first.id][0] if isinstance(first, ast.Name) else None
        name = need.qualified.rpartition(".")[2]
        return LocalName(f"{ast.unparse(callee.value)}.{name}", binding)

    def _enclosed(self, call: ast.Call, text: str) -> str:
        """Return the replacement in parentheses if its surroundings ask for them."""
        source, template = self.module.source, self.replacement.template
        start, end = source.start(call), source.end(call)
        above = self.module.bindings.parents[call]
        in_brackets = (
            isinstance(above, _BRACKETED)
            and not (isinstance(above, ast.Call) and above.func is call)
            and not (isinstance(above, ast.Dict) and _is_unpacked(above, call))
        ) or (isinstance(above, ast.Subscript) and above.slice is call)
        if (
            template.is_open_tuple
            or (spans_lines(text) and not in_brackets)
            or self._touches(start, end, text)
        ):
            return f"({text})"
        if in_brackets or not template.needs_parentheses:
            return text
        while not isinstance(above, ast.expr | ast.stmt) or isinstance(above, ast.Starred | ast.Slice):
            above = self.module.bindings.parents[above]
        if isinstance(above, ast.stmt):
            return text
        return in_context(
            source.slice(source.start(above), start), source.slice(end, source.end(above)), text
        )

    def _touches(self, start: int, end: int, text: str) -> bool:
        """Whether the text would run together with a word right before or after it."""
        content = self.module.source.content
        before, after = content[:start][-1:], content[end : end + 1]
        return (_is_word(before) and (_is_word(text[:1].encode()) or text[:1] in "'\"")) or (
            _is_word(after) and _is_word(text[-1:].encode())
        )

    def _missing(self, statements: Collection[ImportStatement]) -> list[ImportStatement]:
        """Return those that the file does not import yet, if it is edited at all."""
        have = set()
        for node, _ in self.module.bindings.imports:
            for alias in node.names:
                if isinstance(node, ast.Import):
                    have.add(ImportStatement(alias.name, None, alias.asname))
                elif node.module and not node.level:
                    have.add(ImportStatement(node.module, alias.name, alias.asname))
        return [each for each in statements if each not in have] if self.done else []


def _is_word(character: bytes) -> bool:
    return character.isalnum() or character == b"_" or character >= b"\x80"


def _is_unpacked(display: ast.Dict, node: ast.expr) -> bool:
    """Whether a display has `**node`."""
    return any(key is None and value is node for key, value in zip(display.keys, display.values, strict=True))


def _is_inside(source: SourceText, inner: Argument, outer: Argument) -> bool:
    return source.start(outer) <= source.start(inner) and source.end(inner) <= source.end(outer)
