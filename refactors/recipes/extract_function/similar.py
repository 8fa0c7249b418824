"""Equal code elsewhere in the file, which can become calls of the new function as well."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.indentation import blocks_of, first_line, shares_line
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.extract_function.placement import Home, find_home
from overhaul.refactors.recipes.extract_function.region import Region
from overhaul.refactors.recipes.extract_function.selection import Selection
from overhaul.refactors.recipes.extract_function.writing import Writer
from overhaul.refactors.text import Splice


@dataclass(slots=True)
class Similar:
    """The fragments with the same syntax tree but for local names: replaced ones, and those left with the reason."""

    writer: Writer
    examine: Callable[[Selection], Region]
    splices: list[Splice] = field(default_factory=list)
    replaced: list[Selection] = field(default_factory=list)
    left: list[tuple[Selection, str]] = field(default_factory=list)

    def find(self) -> None:
        """Judge every equal fragment outside the region itself."""
        for selection in self._fragments():
            reason = self._judge(selection)
            if reason is not None:
                self.left.append((selection, reason))

    def _judge(self, selection: Selection) -> str | None:
        first = self.writer.region
        home = self.writer.home
        try:
            own = find_home(
                home.inference, selection, "function" if home.method == "none" else "auto", "after"
            )
            if not _is_same_home(own, home):
                return "equal code, but the new method cannot be called from here in the same way"
            if home.method == "none" and not self._is_defined(selection):
                return "equal code, but it runs before the new function is defined"
            region = self.examine(selection)
        except ParameterError as error:
            return f"equal code, but: {error}"
        if _shape(region) != _shape(first):
            return "equal code, but other names go in or out"
        if _has_other_comments(selection, first.selection):
            return "equal code, but with a comment of its own"
        self.replaced.append(selection)
        self.splices.append(self.writer.replacement(region))
        return None

    def _is_defined(self, selection: Selection) -> bool:
        """Tell whether the new function is there when a fragment runs: in a function, or further down."""
        home = self.writer.home
        in_function = find_home(home.inference, selection, "function", "after").around is not None
        return in_function or selection.lines[0] > home.anchor.lineno

    def _fragments(self) -> Iterator[Selection]:
        chosen = self.writer.region.selection
        module = chosen.module
        wanted = _normal_form(chosen)
        taken = _parts(chosen)
        for selection in _candidates(module, chosen):
            if any(node in taken for node in selection.nodes) or _normal_form(selection) != wanted:
                continue
            if not _parts(selection) & taken:
                taken |= _parts(selection)
                yield selection


def _parts(selection: Selection) -> set[ast.AST]:
    """Return the statements and expressions of a selection; contexts and operators are shared by all trees."""
    return {
        node for each in selection.nodes for node in ast.walk(each) if isinstance(node, ast.stmt | ast.expr)
    }


def _candidates(module: Module, chosen: Selection) -> Iterator[Selection]:
    kinds = [type(node) for node in chosen.nodes]
    if chosen.expression is not None:
        for node in ast.walk(module.source.tree):
            if not isinstance(node, ast.expr) or type(node) is not kinds[0]:
                continue
            if isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and not _is_part_of_text(module, node):
                yield Selection(module, (node,), (node.lineno, node.end_lineno or node.lineno))
        return
    for owner in ast.walk(module.source.tree):
        for block in blocks_of(owner):
            for index in range(len(block) - len(kinds) + 1):
                run = block[index : index + len(kinds)]
                if (
                    [type(node) for node in run] != kinds
                    or shares_line(module, run[0])
                    or shares_line(module, run[-1])
                ):
                    continue
                last = run[-1].end_lineno or run[-1].lineno
                yield Selection(module, tuple(run), (first_line(run[0]), last))


def _is_part_of_text(module: Module, node: ast.AST) -> bool:
    """Tell whether an expression stands in an f-string, a string annotation or a pattern."""
    above = module.bindings.parents.get(node)
    while above is not None and not isinstance(above, ast.stmt):
        if isinstance(above, ast.JoinedStr | ast.Constant | ast.pattern | ast.arg):
            return True
        above = module.bindings.parents.get(above)
    return above is None or isinstance(above, ast.AnnAssign)


def _normal_form(selection: Selection) -> tuple[str, ...]:
    """Return the syntax tree with the names that are no module's or builtin's numbered in order of appearance."""
    numbers: dict[str, str] = {}
    local = _local_names(selection)
    renamed = [(node, node.id) for node in local]
    for node in sorted(local, key=lambda each: (each.lineno, each.col_offset)):
        numbers.setdefault(node.id, f"${len(numbers)}")
    try:
        for node, name in renamed:
            node.id = numbers[name]
        return tuple(ast.dump(node) for node in selection.nodes)
    finally:
        for node, name in renamed:
            node.id = name


def _local_names(selection: Selection) -> set[ast.Name]:
    """Return the names in a region that belong to a function, or that module code binds in it."""
    bindings = selection.module.bindings
    bound = {
        node.id
        for each in selection.nodes
        for node in ast.walk(each)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    found = set()
    for each in selection.nodes:
        for node in ast.walk(each):
            if isinstance(node, ast.Name):
                owner = bindings.scope_of(node).lookup(node.id, node)
                if owner is not None and (owner.kind != "module" or node.id in bound):
                    found.add(node)
    return found


def _shape(region: Region) -> tuple[object, ...]:
    """Return what must be the same of two regions: which of their names, by number, go in and come out."""
    numbers: dict[str, int] = {}
    local = _local_names(region.selection)
    for node in sorted(local, key=lambda each: (each.lineno, each.col_offset)):
        numbers.setdefault(node.id, len(numbers))
    return (
        [numbers.get(name, name) for name in region.inputs],
        [numbers.get(name, name) for name in region.outputs],
        region.globals_bound,
        bool(region.jumps.returns),
        region.jumps.awaits,
    )


def _is_same_home(one: Home, other: Home) -> bool:
    return (one.owner, one.scope, one.receiver) == (other.owner, other.scope, other.receiver) and (
        one.method == other.method or other.method in ("static", "class")
    )


def _has_other_comments(one: Selection, other: Selection) -> bool:
    return any(text not in _comments(other) for text in _comments(one))


def _comments(selection: Selection) -> list[str]:
    source = selection.module.source
    first, last = selection.lines
    if selection.expression is not None:
        text = source.slice(source.start(selection.expression), source.end(selection.expression))
    else:
        end = source.line_starts[last] if last < len(source.line_starts) else len(source.content)
        text = source.slice(source.line_starts[first - 1], end)
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]
