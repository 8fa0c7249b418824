"""Every case of every recipe holds, and the check of cases says what does not."""

import dataclasses

import pytest

from overhaul.refactors.case_check import check_case
from overhaul.refactors.errors import SymbolNotFound
from overhaul.refactors.recipe import Case, Recipe
from overhaul.refactors.registry import find_recipe, recipe_ids

CASES = [
    pytest.param(find_recipe(recipe_id), case, id=f"{recipe_id}: {case.name}")
    for recipe_id in recipe_ids()
    for case in find_recipe(recipe_id).cases
]


@pytest.mark.parametrize(("recipe", "case"), CASES)
def test_case(recipe: type[Recipe], case: Case) -> None:
    result = check_case(recipe, case)
    assert result.passed, "\n".join(result.problems)


def test_every_recipe_has_cases_and_begins_with_those_that_change_nothing() -> None:
    for recipe_id in recipe_ids():
        cases = [case for case in find_recipe(recipe_id).cases if case.raises is None]
        changes = [case.after is not None for case in cases]
        assert True in changes
        assert False in changes or len(cases) < len(
            find_recipe(recipe_id).cases
        )  # refused ones change nothing
        assert changes == sorted(changes), f"{recipe_id}: no-change cases come first"


RENAMED = Case(
    "a function",
    {"old": "m.old", "new": "new"},
    {"m.py": "def old(): ...\n"},
    {"m.py": "def new(): ...\n"},
)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"after": {"m.py": "def other(): ...\n"}}, "-def other(): ...\n+def new(): ..."),
        ({"after": None}, "nothing may change"),
        ({"after": {"m.py": "def new(): ...\n", "n.py": ""}}, "n.py is missing"),
        ({"unresolved": ["m.py:7"]}, "m.py:7 is not reported as unresolved"),
        ({"raises": SymbolNotFound}, "SymbolNotFound is not raised"),
        ({"parameters": {"old": "m.old"}}, "needs the parameter 'new'"),
    ],
)
def test_a_case_that_does_not_hold_is_explained(change: dict[str, object], problem: str) -> None:
    case = dataclasses.replace(RENAMED, **change)
    assert check_case(find_recipe("rename-symbol"), RENAMED).passed
    assert problem in "\n".join(check_case(find_recipe("rename-symbol"), case).problems)
