"""Every place of a file that has the structure of a pattern."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from overhaul.refactors.indentation import blocks_of
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Failure
from overhaul.refactors.recipes.replace_pattern.structure import Captures, Pattern, match_nodes
from overhaul.refactors.text import parse_source


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A place: one expression, or statements that follow each other, with what the metavariables stand for."""

    module: Module
    nodes: Sequence[ast.expr | ast.stmt]
    captures: Captures

    @property
    def start(self) -> int:
        first = self.nodes[0]
        decorators = getattr(first, "decorator_list", [])
        if not decorators:
            return self.module.source.start(first)
        at = self.module.source.start(decorators[0])
        return self.module.source.content.rindex(b"@", 0, at)

    @property
    def end(self) -> int:
        return self.module.source.end(self.nodes[-1])

    def is_kept(self, other: Found) -> bool:
        """Whether another place lies in what a metavariable of this one stands for."""
        source = self.module.source
        parts: list[ast.AST] = [
            *self.captures.nodes(),
            *(each for block in self.captures.blocks.values() for each in block),
        ]
        return any(source.start(each) <= other.start and other.end <= source.end(each) for each in parts)  # type: ignore[arg-type]


def candidate_modules(
    project: Project, pattern: Pattern, words: Sequence[Collection[str]]
) -> Iterator[Module]:
    """Give the files that have one word of each collection, and the structure somewhere."""
    paths: set[str] | None = None
    for each in words:
        found = set(project.paths_containing(each))
        paths = found if paths is None else paths & found
    if paths is None:
        paths = set(project.tree.paths_ending([".py"]))
    for path in sorted(paths):
        if not path.endswith(".py") or not _may_have(pattern, project, path):
            continue
        module = project.module(path)
        if module is not None:
            yield module


def _may_have(pattern: Pattern, project: Project, path: str) -> bool:
    """Look for the structure alone: what the names of a file mean takes ten times as long to work out."""
    try:
        source = parse_source(path, project.tree.read(path))
    except OSError:
        return True
    if isinstance(source, Failure):
        return True  # the project says what is wrong with it
    return any(match_nodes(pattern, nodes) is not None for nodes in _candidates(pattern, source.tree))


def find_places(pattern: Pattern, module: Module) -> Iterator[Found]:
    """Give the places of a file in the order of the syntax tree."""
    for nodes in _candidates(pattern, module.source.tree):
        found = match_nodes(pattern, nodes)
        if found is not None:
            yield Found(module, nodes, found)


def _candidates(pattern: Pattern, tree: ast.AST) -> Iterator[Sequence[ast.expr | ast.stmt]]:
    if pattern.is_expression:
        yield from ([node] for node in ast.walk(tree) if isinstance(node, ast.expr))
        return
    size = len(pattern.nodes)
    for node in ast.walk(tree):
        for block in blocks_of(node):
            for index in range(len(block) - size + 1):
                yield block[index : index + size]
