"""What a composite is: the form of its file."""

from __future__ import annotations

from typing import Annotated, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
Text = Annotated[str, StringConstraints(min_length=1)]


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Values = dict[str, str | tuple[str, ...]]


class Form(BaseModel):
    """A part of the file: unknown keys are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ParameterForm(Form):
    """A parameter of the composite, whose value its steps have where they say `{name}`."""

    description: str = ""
    default: str | tuple[str, ...] | None = Field(default=None, description="It is required without one.")

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return {"description": value} if isinstance(value, str) else value


_BELONGS = {"contain": "files", "version": "dependency", "within": "dependency", "parameters": "recipe"}


class Precondition(Form):
    """What must be true of the repository as it was before all steps."""

    files: str = Field(default="", description="A file that matches this: setup.py, src/**/*.py.")
    contain: str = Field(default="", description="Words one after the other that such a file has in it.")
    dependency: str = Field(default="", description="A distribution that the metadata asks for.")
    version: str = Field(default="", description="Of its versions that are allowed, one is in this range.")
    within: str = Field(default="", description="None of its versions that are allowed is outside of this.")
    requires_python: str = Field(
        default="", alias="requires-python", description="No Python outside of this range is allowed."
    )
    recipe: str = Field(default="", description="A recipe that finds a site.")
    parameters: Values = Field(default_factory=dict, alias="with")

    @model_validator(mode="after")
    def _is_one(self) -> Precondition:
        given = [
            name
            for name in ("files", "dependency", "requires-python", "recipe")
            if getattr(self, name.replace("-", "_"))
        ]
        if len(given) != 1:
            raise ValueError("it takes exactly one of files, dependency, requires-python and recipe")
        for key, owner in _BELONGS.items():
            if getattr(self, key) and owner not in given:
                raise ValueError(f"{key.replace('parameters', 'with')} belongs to {owner}")
        for text in (self.version, self.within, self.requires_python):
            try:
                SpecifierSet("" if "{" in text else text)
            except InvalidSpecifier as error:
                raise ValueError(f"'{text}' is no range of versions; write as '>=1.4,<2'") from error
        return self


class Step(Form):
    """One recipe with its parameters, or another composite written out."""

    recipe: str = Field(default="", description="A recipe's id, module:Class, or another composite's file.")
    composite: Composite | None = Field(default=None, description="Another composite, in place of a file.")
    parameters: Values = Field(
        default_factory=dict, alias="with", description="Parameters; {name} is one of the composite's."
    )
    preconditions: tuple[Precondition, ...] = ()

    @model_validator(mode="after")
    def _is_one(self) -> Step:
        if bool(self.recipe) == (self.composite is not None):
            raise ValueError("a step is one of recipe and composite")
        return self


class CaseForm(Form):
    """Files before and after, as those of a recipe."""

    name: Text
    parameters: Values = Field(default_factory=dict, alias="with")
    before: dict[str, str] = Field(min_length=1)
    after: dict[str, str] | None = None
    unresolved: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()


class Composite(Form):
    """Recipes that are applied one after the other."""

    name: Name
    description: str = ""
    parameters: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*$")], ParameterForm] = Field(
        default_factory=dict
    )
    preconditions: tuple[Precondition, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)
    cases: tuple[CaseForm, ...] = ()

    @property
    def required(self) -> list[str]:
        """The parameters without a default."""
        return [name for name, each in self.parameters.items() if each.default is None]


Step.model_rebuild()
