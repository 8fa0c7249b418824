"""Where the symbol is used: what a rename finds, sorted by how each place reaches the old module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.recipe import Parameters
from overhaul.refactors.recipes.rename_symbol.search import Search
from overhaul.refactors.recipes.rename_symbol.usages import unused_name
from overhaul.refactors.scopes import Binding
from overhaul.refactors.symbols.target import VariableTarget
from overhaul.refactors.values import ModuleValue


@dataclass(slots=True)
class Uses:
    """The places that reach the symbol through its old module; those through a re-export need no change."""

    imports: dict[ast.alias, Module] = field(default_factory=dict)
    attributes: dict[ast.Attribute, Module] = field(default_factory=dict)
    stars: dict[ast.ImportFrom, Module] = field(default_factory=dict)
    own: dict[ast.Name, Module] = field(default_factory=dict)
    strings: list[tuple[Module, ast.Constant, Span]] = field(default_factory=list)
    texts: list[tuple[str, Span]] = field(default_factory=list)
    doubts: list[Site] = field(default_factory=list)


def find_uses(inference: Inference, target: VariableTarget) -> Uses:
    """Search the tree for a symbol of a module."""
    project = inference.project
    findings = Findings(project, target.symbol, target.name, unused_name(project, target.name))
    Search(inference, findings, Parameters(target.symbol, findings.new, docs=True, strings=True)).find(target)
    uses = Uses()
    reexporters: set[str] = set()
    star_users: set[str] = set()
    known: set[tuple[str, Span]] = set()
    for key, usage in findings.usages.items():
        known.add(key)
        module, node = usage.module, usage.node
        if isinstance(node, ast.alias):
            _sort_import(inference, module, node, target.module.key, uses, reexporters)
        elif isinstance(node, ast.Attribute):
            _sort_attribute(inference, findings, module, node, target.module.key, uses, reexporters)
        elif isinstance(node, ast.Name):
            if module.key == target.module.key:
                uses.own[node] = module
            elif usage.reason.startswith("star import"):
                star_users.add(module.path)
        elif isinstance(node, ast.Constant) and usage.reason != "name in __all__":
            uses.strings.append((module, node, usage.span))
        elif isinstance(node, ast.Constant):
            star_users.add(module.path)
        elif isinstance(node, ast.keyword):
            uses.doubts.append(
                _doubt(
                    module,
                    usage.span,
                    target.symbol,
                    "replaced as an attribute of the old module by its name",
                )
            )
    for path, splices in findings.splices.items():
        uses.texts += [(path, span) for span in splices if (path, span) not in known]
    _find_stars(inference, target, uses, reexporters, star_users)
    uses.doubts += [site for site in findings.sites.values() if site.status == "unresolved"]
    places = {(module.path, *_position(module, node)) for node, module in uses.attributes.items()}
    uses.doubts += [note for note in findings.notes if (note.path, note.line, note.column) in places]
    return uses


def _sort_import(
    inference: Inference, module: Module, alias: ast.alias, old: str, uses: Uses, reexporters: set[str]
) -> None:
    statement = module.bindings.parents[alias]
    if not isinstance(statement, ast.ImportFrom):
        return
    source = inference.project.import_source(module, statement)
    if not isinstance(source, Location):
        return
    bindings = [each for each in _bindings_of(module, alias) if each.node is alias]
    found = inference.project.imported(module, bindings[0]) if bindings else None
    if source.key == old and alias.name and not isinstance(found, ModuleValue):
        uses.imports[alias] = module
    else:
        reexporters.add(source.key)


def _bindings_of(module: Module, alias: ast.alias) -> Iterator[Binding]:
    scope = module.bindings.scope_of(alias)
    name = alias.asname or alias.name
    for each in (scope, *module.scope.subtree()):
        yield from each.bindings.get(name, ())


def _sort_attribute(
    inference: Inference,
    findings: Findings,
    module: Module,
    node: ast.Attribute,
    old: str,
    uses: Uses,
    reexporters: set[str],
) -> None:
    values = inference.values(module, node.value)
    keys = {value.location.key for value in values if isinstance(value, ModuleValue)}
    if keys == {old}:
        uses.attributes[node] = module
    elif old in keys:
        line, column = _position(module, node)
        reason = f"'{ast.unparse(node.value)}' may be the old module or another"
        uses.doubts.append(Site(module.path, line, column, findings.symbol, "unresolved", reason))
    else:
        reexporters |= keys


def _find_stars(
    inference: Inference, target: VariableTarget, uses: Uses, reexporters: set[str], users: set[str]
) -> None:
    """Find the star imports of the old module of which somebody takes the symbol."""
    project = inference.project
    leaf = target.module.key.rpartition("/")[2]
    for module in project.containing([leaf] if leaf else [target.name]):
        for statement, _ in module.bindings.star_imports:
            source = project.import_source(module, statement)
            if not isinstance(source, Location) or source.key != target.module.key:
                continue
            is_needed = module.is_package or module.key in reexporters or module.path in users
            if (
                is_needed
                and project.exports(source, target.name)
                and target.name not in module.scope.bindings
            ):
                uses.stars[statement] = module


def _position(module: Module, node: ast.Attribute) -> tuple[int, int]:
    return module.source.position(module.source.end(node) - len(node.attr.encode(module.source.encoding)))


def _doubt(module: Module, span: Span, symbol: str, reason: str) -> Site:
    line, column = module.source.position(span[0])
    return Site(module.path, line, column, symbol, "unresolved", reason)


def top_statement(module: Module, node: ast.AST) -> ast.stmt:
    """Return the statement of the module's own block around a node."""
    statement = module.bindings.statement_of(node)
    while (above := module.bindings.parents.get(statement)) is not None and above is not module.source.tree:
        statement = module.bindings.statement_of(above)
    return statement
