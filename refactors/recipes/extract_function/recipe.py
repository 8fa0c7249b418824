"""The recipe itself: the selection becomes a function, a call takes its place."""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.docstrings import docstring_of
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_edits import named_elsewhere
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module, Project, exported_strings
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, Site, content_hash, parameter
from overhaul.refactors.recipes.extract_function.cases import CASES
from overhaul.refactors.recipes.extract_function.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.extract_function.placement import Home, find_home, refuse_taken
from overhaul.refactors.recipes.extract_function.region import Region, RegionAnalysis, refuse
from overhaul.refactors.recipes.extract_function.selection import (
    Selection,
    UnreadableSelection,
    select,
)
from overhaul.refactors.recipes.extract_function.similar import Similar
from overhaul.refactors.recipes.extract_function.writing import Writer
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused, parse_source


@dataclass(frozen=True, slots=True)
class Parameters:
    """What becomes a function, and which one."""

    name: str = parameter("the name of the new function")
    at: str = parameter(
        "the code, as path.py:LINE:COLUMN-LINE:COLUMN (from 1, the end exclusive): whole statements or one expression",
        default="",
    )
    lines: str = parameter("the code, as whole lines: path.py:FIRST-LAST", default="")
    kind: Literal["auto", "static", "class", "function"] = parameter(
        "inside a class: a method of the same kind as the one around, a static or class method, or a function",
        default="auto",
    )
    place: Literal["after", "before"] = parameter(
        "stand after the function around or before it; what module code calls always stands before",
        default="after",
    )
    similar: bool = parameter(
        "replace equal code elsewhere in the file by calls as well (otherwise it is left)", default=False
    )


class ExtractFunction(Recipe):
    id = "extract-function"
    summary = "Turn statements or an expression into a function or method, with a call in their place"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Extract {self.parameters.name} from {self.parameters.at or self.parameters.lines}"

    def analyse(self, tree: Tree) -> Analysis:
        """Work out the new function. Raises ParameterError with the reason if the code cannot become one."""
        with collector_paused():
            return self._analyse(tree)

    def _analyse(self, tree: Tree) -> Analysis:
        given = self.parameters
        if not given.name.isidentifier() or keyword.iskeyword(given.name):
            raise ParameterError(f"'{given.name}' is no name for a function; give a plain identifier")
        project = Project(tree)
        try:
            selection = select(project, given.at, given.lines)
        except UnreadableSelection:
            return self.analysis(project, [], [])
        inference = Inference(project)
        home = find_home(inference, selection, given.kind, given.place)
        refuse_taken(home, given.name)
        region = examine(selection, home)
        writer = Writer(region, home, given.name)
        splices = [writer.replacement(region), writer.definition()]
        sites = [_site(selection, given.name, "resolved", _summary(region))]
        if given.similar:
            similar = Similar(writer, lambda each: examine(each, home))
            similar.find()
            splices += similar.splices
            sites += [
                _site(each, given.name, "resolved", "equal code, with the same names in and out")
                for each in similar.replaced
            ]
            sites += [_site(each, given.name, "unresolved", reason) for each, reason in similar.left]
        resolved = sum(site.status == "resolved" for site in sites)
        edit = _edited(selection.module, splices, resolved)
        return self.analysis(project, sites, [edit])


def examine(selection: Selection, home: Home) -> Region:
    """Return what goes in and out of a selection. Raises ParameterError if it cannot be moved to its new home."""
    module = selection.module
    elsewhere = _used_elsewhere(home, selection)
    parent = module.bindings.parents.get(selection.nodes[0])
    docstring = docstring_of(parent) if parent is not None else None
    if any(getattr(node, "value", node) is docstring for node in selection.nodes if docstring is not None):
        raise refuse(selection, docstring, "the docstring belongs to what it describes")
    region = RegionAnalysis(selection, home, elsewhere).result()
    jumps = region.jumps
    for node, reason in jumps.obstacles:
        raise refuse(selection, node, reason)
    if jumps.needs_class is not None and home.owner is None:
        raise refuse(
            selection, jumps.needs_class, "a name private to the class means something else outside it"
        )
    has_receiver = home.owner is not None and home.first_parameter == home.receiver
    if jumps.needs_super is not None and not has_receiver:
        raise refuse(selection, jumps.needs_super, "super() works only in a method that has self or cls")
    if home.owner is not None and home.receiver != home.first_parameter:
        if home.receiver in region.inputs:
            raise refuse(selection, None, f"it uses '{home.receiver}', which the new method would not have")
        if home.first_parameter in (*region.inputs, *region.bound):
            raise refuse(selection, None, f"it uses '{home.first_parameter}' for something else")
    if selection.expression is not None and region.outputs:
        raise refuse(selection, None, f"it binds '{region.outputs[0]}' (:=), which is read outside it")
    if jumps.returns:
        _check_returns(region)
    if jumps.awaits and not isinstance(region.scope.node, ast.AsyncFunctionDef):
        raise refuse(selection, None, "it awaits outside an async function")
    if module.source.tree.body and home.module is not module:
        raise refuse(selection, None, "it is in another file")
    return region


def _check_returns(region: Region) -> None:
    selection = region.selection
    if region.completes and not _is_tail(region):
        raise refuse(
            selection,
            region.jumps.returns[0],
            "a 'return' here leaves the function, but other ways go on after it",
        )
    around = region.scope.node
    own = [node for node in ast.walk(around) if isinstance(node, ast.Yield)]
    if isinstance(around, ast.AsyncFunctionDef) and any(
        region.module.bindings.scope_of(node) is region.scope for node in own
    ):
        raise refuse(selection, region.jumps.returns[0], "an async generator cannot return a value")


def _is_tail(region: Region) -> bool:
    """Tell whether the function ends where the region does, so that a call's None is the function's own."""
    parents = region.module.bindings.parents
    node: ast.AST = region.selection.nodes[-1]
    while node is not region.scope.node:
        above = parents[node]
        blocks = [
            block for block in (getattr(above, "body", []), getattr(above, "orelse", [])) if node in block
        ]
        if not blocks or blocks[0][-1] is not node:
            return False
        if above is not region.scope.node and not isinstance(above, ast.If | ast.With | ast.AsyncWith):
            return False
        node = above
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _used_elsewhere(home: Home, selection: Selection) -> set[str]:
    """Return the module's names that other code than the module's own may read."""
    module = selection.module
    found = {str(constant.value) for constant in exported_strings(module)}
    for name in module.scope.bindings:
        for use, scope in module.bindings.names.get(name, ()):
            owner = scope.lookup(name, use)
            if owner is module.scope and scope is not module.scope and isinstance(use.ctx, ast.Load):
                found.add(name)
    bound = {
        node.id
        for each in selection.nodes
        for node in ast.walk(each)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    names = {(module.name, name) for name in bound if name in module.scope.bindings}
    return found | {name for _, name in named_elsewhere(home.inference.project, names)}


def _edited(module: Module, splices: list[tuple[int, int, str]], sites: int) -> Edit:
    source = module.source
    try:
        content = source.splice(splices)
    except UnicodeEncodeError:
        raise ParameterError(
            f"{module.path}: its encoding, {source.encoding}, has not all characters"
        ) from None
    parsed = parse_source(module.path, content)
    if isinstance(parsed, Failure):
        raise ParameterError(f"{module.path} is left as it is, because the edited file {parsed.error}")
    return Edit(module.path, content_hash(source.content), content, sites)


def _summary(region: Region) -> str:
    inputs = ", ".join(region.inputs) or "nothing"
    outputs = ", ".join(region.outputs) or ("its result" if region.jumps.returns else "nothing")
    if region.selection.expression is not None:
        outputs = "its value"
    return f"takes {inputs}, gives {outputs}"


def _site(selection: Selection, symbol: str, status: Literal["resolved", "unresolved"], reason: str) -> Site:
    source = selection.module.source
    line, column = source.position(source.start(selection.nodes[0]))
    return Site(selection.module.path, line, column, symbol, status, reason)
