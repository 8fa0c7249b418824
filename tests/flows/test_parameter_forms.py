"""The forms of the Prefect UI: every recipe's own parameters, with what a person needs to fill them in."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from prefect.utilities.schema_tools import ValidationError, validate

from overhaul.flows.options import RunOptions
from overhaul.flows.parameter_forms import recipe_parameters, repositories_form, repository_form
from overhaul.refactors.registry import find_recipe, recipe_ids

RENAME = find_recipe("rename-symbol")


@pytest.mark.parametrize("recipe_id", recipe_ids())
def test_form_has_the_parameters_of_its_recipe(recipe_id: str) -> None:
    recipe = find_recipe(recipe_id)
    fields = section(repository_form(recipe), "parameters")
    declared = dataclasses.fields(recipe.Parameters)
    assert list(fields["properties"]) == [each.name for each in declared]
    required = [each.name for each in declared if each.default is dataclasses.MISSING]
    assert fields.get("required", []) == required
    for name, field in fields["properties"].items():
        assert field["title"], name
        assert field["description"].endswith("."), name
        assert field.get("type") in {"string", "boolean", "array"}, "one plain field each"


@pytest.mark.parametrize("recipe_id", recipe_ids())
def test_what_a_form_gives_is_what_its_recipe_takes(recipe_id: str) -> None:
    recipe = find_recipe(recipe_id)
    case = next(case for case in recipe.cases if case.raises is None)
    bound = recipe.bind(case.parameters)
    filled = recipe_parameters(recipe).model_validate(bound.parameter_values)
    assert recipe.bind(filled.model_dump(mode="json")).parameter_values == bound.parameter_values


def test_every_option_is_described() -> None:
    fields = section(repository_form(RENAME), "options")["properties"]
    assert set(fields) == set(RunOptions.model_fields) - {"beside"}
    for name, field in fields.items():
        described = field.get("description") or name == "gates"
        assert described, name


def test_choice_is_a_list_to_choose_from() -> None:
    assert section(repository_form(RENAME), "options")["properties"]["mode"]["enum"] == [
        "read-only",
        "auto",
        "full",
    ]
    receivers = section(repository_form(RENAME), "parameters")["properties"]["unknown_receivers"]
    assert (receivers["enum"], receivers["default"]) == (["report", "unique"], "report")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"repository": "/src/acme"},
        {"repository": "/src/acme", "parameters": {"old": "a.b"}},
        {"repository": "/src/acme", "parameters": {"old": "a.b", "new": 3}},
        {"repository": "/src/acme", "parameters": {"old": "a.b", "new": "c"}, "options": {"mode": "maybe"}},
        {"repository": "/src/acme", "parameters": {"old": "a.b", "new": "c"}, "options": {"max_files": 0}},
        {"repository": "/src/acme", "parameters": {"old": "a.b", "new": "c"}, "options": {"modus": "full"}},
    ],
)
def test_server_refuses_what_does_not_fit_the_form(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        validate(wrong, repository_form(RENAME), raise_on_error=True)


def test_server_takes_what_fits_the_form() -> None:
    options = RunOptions(campaign="spring").model_dump(mode="json", exclude={"beside"}, exclude_none=True)
    given = {"parameters": {"old": "a.b", "new": "c"}, "options": options}
    validate({"repository": "/src/acme", **given}, repository_form(RENAME), raise_on_error=True)
    validate({"repositories": ["/src/acme"], **given}, repositories_form(RENAME), raise_on_error=True)


def section(form: dict[str, Any], name: str) -> dict[str, Any]:
    reference = form["properties"][name]["$ref"]
    found: dict[str, Any] = form["definitions"][reference.rpartition("/")[2]]
    return found
