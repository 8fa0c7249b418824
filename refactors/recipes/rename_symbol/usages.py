"""Every use of a symbol, for recipes that do something else with it: what a rename to an unused name would touch.

A rename stops at `from acme import fetch as load`: the name `load` stays. Here its uses count as well.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.rename_symbol.findings import Findings, Usage
from overhaul.refactors.recipes.rename_symbol.recipe import Parameters, leaf_of
from overhaul.refactors.recipes.rename_symbol.search import Search
from overhaul.refactors.symbols.target import Target, VariableTarget
from overhaul.refactors.wide_files import narrowed


@dataclass(frozen=True, slots=True)
class Usages:
    """The proved uses, definitions and imports among them, by path and place; and the unresolved sites."""

    proved: Sequence[Usage]
    unresolved: Sequence[Site]


def find_usages(inference: Inference, target: Target, *, docs: bool = False, strings: bool = False) -> Usages:
    """Return every use of a target, also under the names that imports give it.

    Uses in documentation and strings are proved ones with `docs` and `strings`, unresolved ones without; those
    outside Python files are always among the unresolved. A parameter's uses are its definition, the uses in the
    body and the keywords of calls. Files that fail to parse are in the project's failures.
    """
    proved: dict[tuple[str, tuple[int, int]], Usage] = {}
    unresolved: dict[Site, None] = {}
    pending: list[Target] = [target]
    seen: set[object] = set()
    while pending:
        current = pending.pop()
        if isinstance(current, VariableTarget):
            if (current.scope, current.name) in seen:
                continue
            seen.add((current.scope, current.name))
        findings = _search(inference, current, docs, strings)
        proved.update(findings.usages)
        unresolved.update(dict.fromkeys(each for each in findings.all_sites() if each.status == "unresolved"))
        pending += [_local_name(usage) for usage in findings.usages.values() if _has_local_name(usage)]
    places = {(usage.module.path, *usage.module.source.position(usage.span[0])) for usage in proved.values()}
    return Usages(
        sorted(proved.values(), key=lambda usage: (usage.module.path, usage.span)),
        sorted(
            (site for site in unresolved if (site.path, site.line, site.column) not in places),
            key=lambda site: (site.path, site.line, site.column),
        ),
    )


def _search(inference: Inference, target: Target, docs: bool, strings: bool) -> Findings:
    name = leaf_of(target)
    findings = Findings(inference.project, target.symbol, name, unused_name(inference.project, name))
    Search(inference, findings, Parameters(target.symbol, findings.new, docs, strings)).find(target)
    return findings


def unused_name(project: Project, name: str) -> str:
    """Return a name that no file contains and that is private, or special, exactly if `name` is."""
    stem = name.rstrip("_")
    ending = name[len(stem) :]
    candidate = f"{stem}_used{ending}"
    project.announce([name, candidate])
    while any(_has(project, path, candidate) for path in project.paths_containing([candidate])):
        candidate = f"{candidate.removesuffix(ending) if ending else candidate}x{ending}"
    return candidate


def _has(project: Project, path: str, word: str) -> bool:
    """Tell whether a file has a word; one that cannot be read is found by every search, and has none."""
    try:
        return word.encode() in narrowed(project.tree.read(path))
    except OSError:
        return False


def _has_local_name(usage: Usage) -> bool:
    alias = usage.node
    return isinstance(alias, ast.alias) and alias.asname is not None and alias.asname != alias.name


def _local_name(usage: Usage) -> VariableTarget:
    """Return the variable that `import ... as` binds."""
    alias = usage.node
    assert isinstance(alias, ast.alias)  # noqa: S101 - only those are asked for
    assert alias.asname is not None  # noqa: S101
    scope = usage.module.bindings.scope_of(alias)
    return VariableTarget(usage.module, scope, alias.asname, f"{usage.module.name}.{alias.asname}")


def usage_size(usage: Usage) -> int:
    """Return how many bytes a use takes, with the call that it is of: who edits calls begins with the smallest."""
    node, module = usage.node, usage.module
    above = module.bindings.parents.get(node) if node is not None else None
    if isinstance(above, ast.Call) and above.func is node:
        node = above
    return module.source.end(node) - module.source.start(node) if isinstance(node, ast.expr) else 0
