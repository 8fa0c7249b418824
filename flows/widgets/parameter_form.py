"""A form made from a recipe's parameter class: one field for each parameter, by its type."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from overhaul.flows.widgets.live import labelled
from overhaul.refactors.recipe import Recipe, parameter_types

STYLE = {"description_width": "9rem"}
LAYOUT = {"width": "30rem"}


class ParameterForm:
    """The fields of one recipe, filled with `values`."""

    def __init__(
        self, recipe: type[Recipe], values: Mapping[str, Any], changed: Callable[[object], None]
    ) -> None:
        types = parameter_types(recipe)
        helps = {each.name: each.metadata.get("help", "") for each in dataclasses.fields(recipe.Parameters)}
        defaults = {each.name: each.default for each in dataclasses.fields(recipe.Parameters)}
        self._kinds = types
        self.fields = {
            name: _field(name, kind, values.get(name, _given(defaults[name]))) for name, kind in types.items()
        }
        self.widget = ipywidgets.VBox([labelled(field, helps[name]) for name, field in self.fields.items()])
        for field in self.fields.values():
            field.observe(changed, "value")

    @property
    def values(self) -> dict[str, Any]:
        """What is filled in; a text that is empty is not given."""
        found = {name: _value(field.value, self._kinds[name]) for name, field in self.fields.items()}
        return {name: value for name, value in found.items() if value not in ("", [])}


def _field(name: str, kind: Any, value: Any) -> Any:
    words = {"description": name, "style": STYLE, "layout": LAYOUT}
    if kind is bool:
        return ipywidgets.Checkbox(value=bool(value), indent=True, **words)
    if typing.get_origin(kind) is typing.Literal:
        options = typing.get_args(kind)
        return ipywidgets.Dropdown(options=options, value=value if value in options else options[0], **words)
    if typing.get_origin(kind) is tuple:
        lines = [value] if isinstance(value, str) else value or ()
        return ipywidgets.Textarea(value="\n".join(lines), placeholder="one a line", rows=3, **words)
    return ipywidgets.Text(value=str(value or ""), **words)


def _value(value: Any, kind: Any) -> Any:
    if typing.get_origin(kind) is tuple:
        return [line.strip() for line in value.splitlines() if line.strip()]
    return value.strip() if isinstance(value, str) else value


def _given(default: Any) -> Any:
    return None if default is dataclasses.MISSING else default
