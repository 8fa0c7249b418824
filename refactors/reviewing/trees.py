"""A change as the rules see it: both trees with their facts, and parsed where a rule asks for it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from overhaul.refactors.annotations import last_name
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.facts.record import FileFacts
from overhaul.refactors.facts.store import SUFFIXES, read_facts
from overhaul.refactors.graph.imports import ImportReader
from overhaul.refactors.identity import identify
from overhaul.refactors.index import Index
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import ModuleTable
from overhaul.refactors.project import Module, Project
from overhaul.refactors.reviewing.changed_lines import ChangedLines

Watcher = Callable[[str, int | None, int | None], None]
_EXPECTS_FAILURE = frozenset(
    {"raises", "assertRaises", "assertRaisesRegex", "suppress", "assertRaisesMessage", "xfail"}
)

_VERSIONS = frozenset(
    {"version_info", "platform", "hexversion", "PY2", "PY3", "TYPE_CHECKING", "implementation", "hasattr"}
)


class TreeSide:
    """One of the two trees."""

    def __init__(self, tree: CommitTree, index: Index | None, watcher: Watcher | None) -> None:
        self.tree = tree
        self._index = index
        self._watcher = watcher

    @cached_property
    def facts(self) -> dict[str, FileFacts]:
        return read_facts(self.tree, identify(self.tree, SUFFIXES), self._index, self._watcher).files

    @cached_property
    def table(self) -> ModuleTable:
        return ModuleTable(self.tree.paths())

    @cached_property
    def imports(self) -> ImportReader:
        return ImportReader(self.table, self.facts)

    @cached_property
    def project(self) -> Project:
        return Project(self.tree)

    @cached_property
    def inference(self) -> Inference:
        return Inference(self.project)

    def module(self, path: str) -> Module | None:
        """A parsed Python file, None if it is not there or does not parse."""
        return self.project.module(path) if path in self.table.files else None


@dataclass(frozen=True)
class Trees:
    """What a change starts from and what it makes."""

    base: TreeSide
    head: TreeSide
    lines: ChangedLines

    def changed_modules(self) -> Iterator[tuple[str, Module | None, Module]]:
        """The path at head of each changed Python file that parses, with the file at base (None if new) and at head."""
        for path in sorted(self.lines.head):
            old = self.lines.old_paths.get(path)
            module = self.head.module(path) if path.endswith(".py") else None
            if module is not None:
                yield path, self.base.module(old) if old else None, module

    def old_path(self, path: str) -> str:
        """Where a file of head was at base; an unchanged one was where it is."""
        return self.lines.old_paths.get(path, path)


def expects_failure(module: Module, node: ast.AST) -> bool:
    """Whether the code around a node is ready for an exception, or not for every Python.

    That is in `try`, in `pytest.raises` and the like, and under a test of the version or the platform.
    """
    child, above = node, module.bindings.parents.get(node)
    while above is not None:
        if isinstance(above, ast.Try) and child in above.body and above.handlers:
            return True
        if isinstance(above, ast.With | ast.AsyncWith):
            calls = (each.context_expr for each in above.items)
            if any(isinstance(each, ast.Call) and last_name(each.func) in _EXPECTS_FAILURE for each in calls):
                return True
        if isinstance(above, ast.If | ast.IfExp) and above.test is not child and _is_of_version(above.test):
            return True
        if isinstance(above, ast.Call) and last_name(above.func) in _EXPECTS_FAILURE:
            return True
        child, above = above, module.bindings.parents.get(above)
    return False


def _is_of_version(test: ast.expr) -> bool:
    """Whether a condition asks which Python, platform or library is there."""
    return any(
        last_name(node) in _VERSIONS for node in ast.walk(test) if isinstance(node, ast.Name | ast.Attribute)
    )


def places_text(places: list[tuple[str, int]], at_most: int = 5) -> str:
    """`a.py:1, b.py:2 and 3 more`."""
    shown = ", ".join(f"{path}:{line}" for path, line in places[:at_most])
    left = len(places) - at_most
    return f"{shown} and {left} more" if left > 0 else shown
