"""The steps of a composite with its parameters filled in, all checked before the first one is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from overhaul.refactors.careful_yaml import Place, Reading
from overhaul.refactors.errors import ParameterError, RefactorError, did_you_mean
from overhaul.refactors.recipe import Recipe
from overhaul.refactors.recipes.composite.definition import Composite, Precondition
from overhaul.refactors.registry import find_recipe

Value = str | Sequence[str]
Given = Mapping[str, Value]
_BRACES = re.compile(r"\{([A-Za-z_]\w*)\}")


@dataclass(frozen=True, slots=True)
class Condition:
    """A precondition; `recipe` is the one that must find a site, where that is what it asks."""

    asked: Precondition
    recipe: Recipe | None

    def __str__(self) -> str:
        asked = self.asked
        if asked.files:
            return f"a file {asked.files}" + (f" with '{asked.contain}' in it" if asked.contain else "")
        if asked.dependency:
            others = f" and on no version outside of {asked.within}" if asked.within else ""
            return f"a dependency on {asked.dependency}{asked.version}{others}"
        if asked.requires_python:
            return f"requires-python within {asked.requires_python}"
        return f"a site of {asked.recipe}"


@dataclass(frozen=True, slots=True)
class BoundStep:
    """A step that can be taken. `number` counts from 1."""

    number: int
    recipe: Recipe
    conditions: Sequence[Condition]

    @property
    def label(self) -> str:
        """How sites and errors name it."""
        shown = self.recipe.title if self.recipe.id == "composite" else self.recipe.id
        return f"step {self.number} ({shown})"


@dataclass(frozen=True, slots=True)
class BoundComposite:
    """All steps, and what must hold for any of them."""

    name: str
    description: str
    conditions: Sequence[Condition]
    steps: Sequence[BoundStep]


def bind_steps(read: Reading[Composite], given: Given, shown: str) -> BoundComposite:
    """Fill parameters in and bind every step. Raises ParameterError with each fault's line."""
    definition = read.formed
    values = _with_defaults(definition, given)
    binder = _Binder(read, values, shown)
    conditions = binder.conditions(definition.preconditions, ("preconditions",))
    steps = []
    for number, step in enumerate(definition.steps):
        place: Place = ("steps", number)
        with_conditions = binder.conditions(step.preconditions, (*place, "preconditions"))
        if step.composite is not None:
            inner = step.composite.model_dump_json(by_alias=True, exclude_defaults=True)
            listed = binder.filled(step.parameters, place)
            recipe = binder.bound(
                "composite",
                {"name": step.composite.name, "definition": inner, "values": as_words(listed)},
                place,
            )
        else:
            recipe = binder.bound(step.recipe, binder.filled(step.parameters, place), place)
        if recipe is not None:
            steps.append(BoundStep(number + 1, recipe, with_conditions))
    binder.refuse_faults()
    description = filled_text(definition.description, values)
    return BoundComposite(definition.name, description, conditions, steps)


def as_words(values: Given) -> list[str]:
    """Return values as NAME=VALUE, one for each of a list."""
    return [
        f"{name}={each}"
        for name, value in values.items()
        for each in ([value] if isinstance(value, str) else value)
    ]


def from_words(words: Iterable[str]) -> dict[str, Value]:
    """Return values by name; one that is given several times is a list. Raises ParameterError."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ParameterError(f"a value of a composite's parameter is NAME=VALUE, not {word!r}.")
        found.setdefault(name, []).append(value)
    return {name: many[0] if len(many) == 1 else tuple(many) for name, many in found.items()}


def filled_text(text: str, values: Given) -> str:
    """Return a text with values in place of `{name}`; other braces stay as they are."""
    return _BRACES.sub(lambda found: _as_text(values[found[1]]) if found[1] in values else found[0], text)


def _as_text(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _with_defaults(definition: Composite, given: Given) -> dict[str, Value]:
    known = definition.parameters
    for name in given:
        if name not in known:
            takes = f" It takes: {', '.join(known)}." if known else " It takes none."
            raise ParameterError(
                f"the composite '{definition.name}' has no parameter '{name}'.{did_you_mean(name, known)}{takes}"
            )
    missing = [f"'{name}'" for name in definition.required if name not in given]
    if missing:
        raise ParameterError(f"the composite '{definition.name}' needs the parameter {', '.join(missing)}.")
    values: dict[str, Value] = {}
    for name, form in known.items():
        default = form.default if form.default is not None else ""
        value = given.get(name, default)
        if isinstance(default, str) and not isinstance(value, str):
            raise ParameterError(
                f"the parameter '{name}' of '{definition.name}' takes one value, not several."
            )
        values[name] = (value,) if isinstance(value, str) and not isinstance(default, str) else value
    return values


class _Binder:
    """Binds recipes and keeps what is wrong with any of them."""

    def __init__(self, read: Reading[Composite], values: Given, shown: str) -> None:
        self.read = read
        self.values = values
        self.shown = shown
        self.faults: list[str] = []

    def refuse_faults(self) -> None:
        if self.faults:
            lines = "\n".join(f"  {each}" for each in self.faults)
            raise ParameterError(f"the steps of {self.shown} cannot be taken:\n{lines}")

    def bound(self, recipe_id: str, parameters: Given, place: Place) -> Recipe | None:
        try:
            return find_recipe(recipe_id).bind(parameters)
        except RefactorError as error:
            self.note(place, str(error))
        return None

    def note(self, place: Place, message: str) -> None:
        shown = ".".join(str(part) for part in place)
        # One that is written into another has all of it in one line.
        line = f":{self.read.line_of(place)}" if len(set(self.read.lines.values())) > 1 else ""
        self.faults.append(f"{self.shown}{line}: {shown}: {message}")

    def conditions(self, asked: Sequence[Precondition], place: Place) -> list[Condition]:
        return [
            Condition(
                self._asked(each, here),
                self.bound(each.recipe, self.filled(each.parameters, here), here) if each.recipe else None,
            )
            for number, each in enumerate(asked)
            for here in [(*place, number)]
        ]

    def _asked(self, asked: Precondition, place: Place) -> Precondition:
        """Return a precondition with values filled in."""
        texts = {name: getattr(asked, name) for name in ("files", "contain", "version", "within")}
        filled = {name: filled_text(text, self.values) for name, text in texts.items()}
        try:
            return Precondition.model_validate({**asked.model_dump(), **filled})
        except ValidationError as error:
            self.note(place, str(error.errors()[0]["ctx"]["error"]))
        return asked

    def filled(self, parameters: Given, place: Place) -> dict[str, Value]:
        return {name: self._filled(value, (*place, "with", name)) for name, value in parameters.items()}

    def _filled(self, value: Value, place: Place) -> Value:
        if not isinstance(value, str):
            parts = [self._filled(each, place) for each in value]
            return tuple(one for part in parts for one in ([part] if isinstance(part, str) else part))
        for name in _BRACES.findall(value):
            if name not in self.values and (nearest := did_you_mean(name, self.values)):
                self.note(place, f"there is no parameter '{name}'.{nearest}")
        whole = _BRACES.fullmatch(value)
        if whole is not None and whole[1] in self.values:
            return self.values[whole[1]]
        return filled_text(value, self.values)
