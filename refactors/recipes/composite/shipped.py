"""The composites that come with overhaul: one file each in `shipped/`, found by its name as a recipe's id."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case, parameter
from overhaul.refactors.recipes.composite.recipe import Composite

_FOLDER = Path(__file__).parent / "shipped"


def shipped_ids() -> Sequence[str]:
    """Return their ids, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def shipped_summaries() -> dict[str, str]:
    """Return what each does, in one line, by id."""
    return {each: _description(_text(each)) for each in shipped_ids()}


class Shipped(Composite):
    """Made by `shipped_composite` for one of them: its parameters are the composite's own."""

    text: ClassVar[str]

    @classmethod
    def _content(cls, parameters: Any, from_words: Any) -> tuple[str, str, Mapping[str, Any]]:  # noqa: ARG003
        return cls.text, cls.id, dataclasses.asdict(parameters)


@cache
def shipped_composite(composite_id: str) -> type[Composite]:
    """Return one of them as a recipe."""
    from overhaul.refactors.recipes.composite.reading import read_composite  # needs pydantic

    text = _text(composite_id)
    definition = read_composite(text, composite_id).formed
    if definition.name != composite_id:
        raise ParameterError(f"the composite {composite_id} calls itself something else")
    fields = []
    for name, form in definition.parameters.items():
        kind = str if form.default is None or isinstance(form.default, str) else tuple[str, ...]
        options = {} if form.default is None else {"default": form.default}
        fields.append((name, kind, parameter(form.description, **options)))
    return type(
        "Shipped",
        (Shipped,),
        {
            "id": composite_id,
            "summary": _description(text),
            "text": text,
            "Parameters": dataclasses.make_dataclass("Parameters", fields, frozen=True),
            "cases": [
                Case(each.name, each.parameters, each.before, each.after, each.unresolved)
                for each in definition.cases
            ],
        },
    )


def _text(composite_id: str) -> str:
    return (_FOLDER / f"{composite_id}.yaml").read_text(encoding="utf-8")


def _description(text: str) -> str:
    description: str = yaml.load(text, Loader=yaml.BaseLoader)["description"]  # noqa: S506
    return " ".join(description.split())
