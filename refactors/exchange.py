"""A recipe's description and its analysis as JSON: how one that runs elsewhere tells what it is and what it found."""

from __future__ import annotations

import base64
import dataclasses
import typing
from collections.abc import Collection, Mapping, Sequence
from types import ModuleType
from typing import Any, Literal

from overhaul.refactors.case_check import check_cases
from overhaul.refactors.recipe import Analysis, Recipe, parameter, parameter_types
from overhaul.refactors.source import Tree


def described(recipe: type[Recipe]) -> dict[str, Any]:
    """What a recipe's class says of itself."""
    types = parameter_types(recipe)
    return {
        "id": recipe.id,
        "summary": recipe.summary,
        "independent_edits": recipe.independent_edits,
        "moves_code": recipe.moves_code,
        "parameters": [_parameter(each, types[each.name]) for each in dataclasses.fields(recipe.Parameters)],
        "cases": [
            {
                "name": case.name,
                "parameters": dict(case.parameters),
                "before": dict(case.before),
                "after": None if case.after is None else dict(case.after),
                "unresolved": list(case.unresolved),
            }
            for case in recipe.cases
        ],
    }


def _parameter(each: dataclasses.Field[Any], kind: Any) -> dict[str, Any]:
    missing = dataclasses.MISSING
    default = each.default_factory() if each.default_factory is not missing else each.default
    choices = list(typing.get_args(kind)) if typing.get_origin(kind) is Literal else []
    return {
        "name": each.name,
        "help": each.metadata.get("help", ""),
        "kind": "choice" if choices else "yes or no" if kind is bool else "text" if kind is str else "list",
        "choices": choices,
        "is_required": default is missing,
        "default": None if default is missing else list(default) if isinstance(default, tuple) else default,
    }


def parameter_field(known: Mapping[str, Any]) -> tuple[str, Any, Any]:
    """A described parameter as a field for `dataclasses.make_dataclass`."""
    kinds = {"text": str, "yes or no": bool, "list": tuple[str, ...]}
    kind: Any = Literal[tuple(known["choices"])] if known["kind"] == "choice" else kinds[known["kind"]]
    if known["is_required"]:
        return known["name"], kind, parameter(known["help"])
    default = known["default"]
    value = tuple(default) if isinstance(default, list) else default
    return known["name"], kind, parameter(known["help"], default=value)


def analysis_as_json(analysis: Analysis) -> dict[str, Any]:
    """An analysis, with the contents of its edits in base64."""
    return {
        "files_scanned": analysis.files_scanned,
        "sites": [dataclasses.asdict(site) for site in analysis.sites],
        "edits": [
            dataclasses.asdict(edit) | {"content": base64.b64encode(edit.content).decode()}
            for edit in analysis.edits
        ],
        "failures": [dataclasses.asdict(failure) for failure in analysis.failures],
        "renamed": dict(analysis.renamed),
    }


def own_recipes(module: ModuleType) -> list[type[Recipe]]:
    """The recipes that a module defines, and does not only import."""
    return [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Recipe) and each.__module__ == module.__name__
    ]


def checked(recipe: type[Recipe]) -> list[dict[str, Any]]:
    """What came of a recipe's cases: each one's name and problems."""
    return [{"name": each.name, "problems": list(each.problems)} for each in check_cases(recipe)]


class FollowedTree:
    """A tree that knows which file was read last: the one that a recipe is at when it fails."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.at = ""

    def paths(self) -> Sequence[str]:
        return self.tree.paths()

    def read(self, path: str) -> bytes:
        self.at = path
        return self.tree.read(path)

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        return self.tree.containing(words, suffixes)
