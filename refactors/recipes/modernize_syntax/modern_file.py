"""One file under modernisation: what its names mean, and what the rules change in it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from overhaul.refactors.annotations import last_name
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_edits import removable_imports
from overhaul.refactors.modules import Location
from overhaul.refactors.nested_edits import NestedEdits
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.modernize_syntax.options import Options
from overhaul.refactors.references import meanings
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.text import Located, SourceText, Splice
from overhaul.refactors.unused_imports import unused_without

Node = TypeVar("Node", bound=ast.AST)


@dataclass(eq=False)
class ModernFile:
    """Collects the edits of one file; `rule` names what is at work and stands in each site."""

    project: Project
    module: Module
    options: Options
    rule: str = ""
    consumed: list[tuple[ast.expr, Scope]] = field(default_factory=list)
    splices: list[Splice] = field(default_factory=list)
    kept: list[ast.AST] = field(default_factory=list)
    rewrite: FileRewrite = field(init=False)

    def __post_init__(self) -> None:
        self.rewrite = FileRewrite(self.project, self.module, self.rule)

    @property
    def source(self) -> SourceText:
        return self.module.source

    @property
    def is_stub(self) -> bool:
        """Whether nothing in the file is ever executed."""
        return self.module.path.endswith(".pyi")

    @cached_property
    def has_future_annotations(self) -> bool:
        """Whether annotations are kept as text."""
        return any(
            isinstance(each, ast.ImportFrom)
            and each.module == "__future__"
            and any(alias.name == "annotations" for alias in each.names)
            for each in self.source.tree.body
        )

    @cached_property
    def renamed_imports(self) -> frozenset[str]:
        """The names that imports bind with `as`."""
        return frozenset(
            alias.asname for node, _ in self.module.bindings.imports for alias in node.names if alias.asname
        )

    @cached_property
    def _nodes(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        for node in self.module.bindings.parents:
            found[type(node)].append(node)
        return found

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        """Yield every node of exactly this kind, those in string annotations among them."""
        for node in self._nodes.get(kind, ()):
            assert isinstance(node, kind)  # noqa: S101 - they are kept by kind
            yield node

    def parent(self, node: ast.AST) -> ast.AST | None:
        return self.module.bindings.parents.get(node)

    def scope(self, node: ast.AST) -> Scope:
        return self.module.bindings.scope_of(node)

    def meaning(self, node: ast.expr) -> str | None:
        """Return the qualified name that a name or dotted name means for certain; a builtin's begins so."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return None
        found = set(meanings(self.project, self.module, node, self.scope(node)))
        return next(iter(found)) if len(found) == 1 else None

    def reads(self, meant: Collection[str]) -> Iterator[tuple[ast.Name | ast.Attribute, str]]:
        """Yield each use of one of these qualified names, and which it is, in the order of the file."""
        last_names = {*(each.rpartition(".")[2] for each in meant), *self.renamed_imports}
        bindings = self.module.bindings
        found: list[ast.Name | ast.Attribute] = []
        for name in last_names:
            found += [node for node, _ in bindings.names.get(name, ())]
            found += [node for node, _ in bindings.attributes.get(name, ())]
        for node in sorted(found, key=self.source.start):
            if isinstance(node.ctx, ast.Load) and (qualified := self.meaning(node)) in meant:
                yield node, str(qualified)

    def is_builtin(self, name: str, place: ast.AST) -> bool:
        """Tell whether a name means the builtin at a place, by any way of looking it up."""
        scope: Scope | None = self.scope(place)
        while scope is not None:
            if name in scope.bindings or name in scope.global_names:
                return False
            scope = scope.parent
        return not self.is_starred(self.module, name)

    def is_starred(self, module: Module, name: str) -> bool:
        """Tell whether a star import of the tree's own modules brings a name to a module."""
        for statement, _ in module.bindings.star_imports:
            source = self.project.import_source(module, statement)
            if isinstance(source, Location) and self.project.member(source, name) is not None:
                return True
        return False

    def in_formatted_string(self, node: ast.AST) -> bool:
        """Tell whether a node is inside an f-string, where positions are not to be relied on."""
        above = self.parent(node)
        while above is not None and not isinstance(above, ast.stmt):
            if isinstance(above, ast.JoinedStr):
                return True
            above = self.parent(above)
        return False

    def text(self, node: ast.expr) -> str:
        """Return an expression as it is written, with the edits inside it made."""
        start, end = self.source.start(node), self.source.end(node)
        inside = [each for each in self.splices if start <= each[0] and each[1] <= end]
        return NestedEdits(self.source, inside).rendered(start, end)

    def between(self, start: int, end: int) -> str:
        """Return the text between two byte offsets as it is written."""
        return self.source.slice(start, end)

    def change(self, start: int, end: int, text: str) -> None:
        """Replace bytes; edits inside them are taken over."""
        self.splices.append((start, end, text))

    def resolve(self, node: Located, reason: str) -> None:
        """Note a proved site."""
        self.note(self.source.start(node), "resolved", reason)

    def leave(self, node: Located, reason: str) -> None:
        """Report a place that is not proved."""
        outer: ast.AST = node
        above = self.parent(node)
        while above is not None and not isinstance(above, ast.stmt):
            outer = above if isinstance(above, ast.JoinedStr) else outer
            above = self.parent(above)
        assert isinstance(outer, Located)  # noqa: S101 - the node itself or an f-string
        self.note(self.source.start(outer), "unresolved", reason)

    def note(self, offset: int, status: str, reason: str) -> None:
        """Note a site at a byte offset."""
        line, column = self.source.position(offset)
        site = Site(self.module.path, line, column, self.rule, status, reason)  # type: ignore[arg-type]
        self.rewrite.sites[offset, f"{status} {self.rule}"] = site

    def consume(self, node: ast.expr) -> None:
        """Note that a name or dotted name is used here no more."""
        self.consumed.append((node, self.scope(node)))

    def unused_imports(self) -> list[Binding]:
        """Return the imports that nothing in the file uses once the edits are made."""
        taken = {node for aliases in self.rewrite.taken.values() for node in aliases}
        unused = unused_without(self.module, self.consumed, {*taken, *self.kept})
        return removable_imports(self.module, unused)

    def finish(self) -> None:
        """Hand the edits to the rewrite, outermost first."""
        nested = NestedEdits(
            self.source, [*self.splices, *((*span, text) for span, text in self.rewrite.splices.items())]
        )
        self.rewrite.splices = {
            (start, end): text for start, end, text in nested.outermost(0, len(self.source.content))
        }


def is_name(node: ast.AST | None, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def decorator_list(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[str]:
    """Return the last name of each decorator, the empty string where it has none."""
    return [last_name(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list]
