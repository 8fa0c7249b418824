"""The parameters of a deployment as a form: what the Prefect UI shows and what its server lets through.

A recipe's parameters are a dataclass; here they become a pydantic model, and that a JSON schema in which every field
has a title and a description, and only what the UI draws as one plain field.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from pydantic import BaseModel, Field, create_model

from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.options import RunOptions
from overhaul.refactors.recipe import Recipe, parameter_types

REPOSITORY = (
    "The top folder of a git repository on the machine where the runner is, or an address that git can clone."
)
REPOSITORIES = f"One after another, a library before its users. {REPOSITORY}"
NOT_IN_FORMS = {"beside"}  # what the bulk flow finds out by itself


def repository_form(recipe: type[Recipe]) -> dict[str, Any]:
    """The form of a run on one repository."""
    return _form(recipe, "repository", Field(title="Repository", description=REPOSITORY), str)


def repositories_form(recipe: type[Recipe]) -> dict[str, Any]:
    """The form of a run on several repositories."""
    field = Field(title="Repositories", description=REPOSITORIES, min_length=1)
    return _form(recipe, "repositories", field, list[str])


def campaign_form() -> dict[str, Any]:
    """The form of a campaign: the model of its file."""
    form: type[BaseModel] = create_model(
        "Form",
        campaign=(Campaign, Field(title="Campaign", description="What stands in its file.")),
        folder=(str, Field(default="", title="Folder", description="From which its paths are relative.")),
    )
    schema = form.model_json_schema(ref_template="#/definitions/{model}")
    definitions = schema.pop("$defs")
    return {**schema, "title": "Parameters", "definitions": definitions}


def recipe_parameters(recipe: type[Recipe]) -> type[BaseModel]:
    """A recipe's parameters as a model, which holds what `Recipe.bind` takes."""
    types = parameter_types(recipe)
    fields = {
        each.name: (
            types[each.name],
            Field(
                default=... if each.default is dataclasses.MISSING else each.default,
                title=_title(each.name),
                description=_sentence(each.metadata["help"]),
            ),
        )
        for each in dataclasses.fields(recipe.Parameters)
    }
    name = recipe.id.replace("-", " ").title().replace(" ", "")
    model: type[BaseModel] = create_model(name, __doc__=f"{recipe.summary}.", **fields)  # type: ignore[call-overload]
    return model


def _form(recipe: type[Recipe], name: str, where: Any, kind: Any) -> dict[str, Any]:
    form: type[BaseModel] = create_model(
        "Form",
        **{
            name: (kind, where),
            "parameters": (recipe_parameters(recipe), Field(title=f"What to do: {recipe.id}")),
            "options": (RunOptions, Field(default=RunOptions(), title="Options")),
        },
    )  # type: ignore[call-overload]
    schema = form.model_json_schema(ref_template="#/definitions/{model}")
    definitions = schema.pop("$defs")
    for position, field in enumerate(schema["properties"].values()):
        field["position"] = position
    del schema["properties"]["options"]["default"]
    return {
        "title": "Parameters",
        "type": "object",
        "properties": schema["properties"],
        "required": schema["required"],
        "definitions": {name: _plain(each) for name, each in definitions.items()},
    }


def _plain(definition: dict[str, Any]) -> dict[str, Any]:
    """The UI asks first for the kind of a value that may be left out; an empty field says the same."""
    properties = {}
    for name, field in definition.get("properties", {}).items():
        if name in NOT_IN_FORMS:
            continue
        choices = [each for each in field.get("anyOf", ()) if each != {"type": "null"}]
        if len(choices) == 1:
            field = {key: value for key, value in field.items() if key != "anyOf"} | choices[0]
            if field.get("default", "") is None:
                del field["default"]
        elif choices:
            # A button for each; their titles are what the UI writes on them.
            field = field | {
                "anyOf": [{"title": "one of these", **each} if "enum" in each else each for each in choices]
            }
        properties[name] = field
    return definition | ({"properties": properties} if properties else {})


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _sentence(text: str) -> str:
    code = "." in text.split(" ", 1)[0]
    return (text if code else text[:1].upper() + text[1:]) + ("" if text.endswith(".") else ".")
