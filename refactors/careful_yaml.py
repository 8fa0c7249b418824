"""YAML read into a form so that every value is what was written, and every fault has its line.

YAML's own rules would make `on` and `no` truth values, `3.10` the number 3.1 and `12:30` the number 750; here all
scalars are strings, and the form says which of them are numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from overhaul.refactors.errors import did_you_mean

Place = tuple[str | int, ...]
Formed = TypeVar("Formed", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a line (from 1) of the file."""

    line: int
    message: str
    place: Place = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "line": self.line,
            "place": ".".join(str(part) for part in self.place),
            "message": self.message,
        }

    def __str__(self) -> str:
        return ": ".join(filter(None, [".".join(str(part) for part in self.place), self.message]))


@dataclass(frozen=True, slots=True)
class Reading(Generic[Formed]):
    """What a text says: a form, or the faults that stand against one, in the order of the lines.

    `lines` are those of the keys and entries, by their places.
    """

    form: Formed | None
    faults: Sequence[Fault] = ()
    lines: Mapping[Place, int] = field(default_factory=dict)

    @property
    def formed(self) -> Formed:
        """The form. Raises ValueError if there are faults instead."""
        if self.form is None:
            raise ValueError("; ".join(map(str, self.faults)))
        return self.form

    def line_of(self, place: Place) -> int:
        """Return the line of a place, or that of the nearest one around it that the text has."""
        return _line_of(self.lines, place)


def read_form(text: str, form: type[Formed], wanted: str) -> Reading[Formed]:
    """Read a text as a form; `wanted` says what it is instead of anything but a table."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        lines: dict[Place, int] = dict(_lines(node, ())) if node else {(): 1}
        data = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (it makes strings, lists and dicts only)
    except _Twice as fault:
        return Reading(None, [Fault(fault.line, f"{fault.key} stands here a second time")])
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return Reading(None, [Fault(line, f"this is no YAML: {error.problem or error}")])
    except (yaml.YAMLError, RecursionError) as error:
        return Reading(None, [Fault(1, f"this is no YAML: {' '.join(str(error).split())}")])
    if not isinstance(data, dict):
        return Reading(None, [Fault(1, wanted)])
    try:
        return Reading(form.model_validate(data), (), lines)
    except ValidationError as error:
        faults = [_fault(each, form, data, lines) for each in error.errors(include_url=False)]
        return Reading(None, _telling(faults), lines)


class _Twice(Exception):
    def __init__(self, line: int, key: str) -> None:
        super().__init__(key)
        self.line = line
        self.key = key


def _lines(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    """The line of each key and entry, by its place."""
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                raise _Twice(key.start_mark.line + 1, key.value)
            seen.add(key.value)
            yield from _lines(value, (*place, key.value))
            yield (*place, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, (*place, number))


def _line_of(lines: Mapping[Place, int], place: Place) -> int:
    return next((lines[place[:length]] for length in range(len(place), -1, -1) if place[:length] in lines), 1)


def _fault(error: Any, form: type[BaseModel], data: Any, lines: Mapping[Place, int]) -> Fault:
    kind = error["type"]
    place = _real_place(error["loc"], data, kind == "missing")
    if kind == "extra_forbidden":
        name = str(place[-1])
        known = _keys(form, place[:-1])
        message = f"there is no such key.{did_you_mean(name, known)} Known: {', '.join(known)}."
    elif kind == "missing":
        message = "it is missing"
    elif kind == "value_error":
        message = str(error["ctx"]["error"])
    else:
        message = _in_plain_words(error)
    return Fault(_line_of(lines, place), message, place)


def _telling(faults: Sequence[Fault]) -> list[Fault]:
    """In the order of the lines, one per place, without those that follow from one further inside."""
    inside = {fault.place[:length] for fault in faults for length in range(len(fault.place))}
    outermost = [fault for fault in faults if fault.place not in inside]
    first = {fault.place: fault for fault in reversed(outermost)}
    return sorted(first.values(), key=lambda fault: fault.line)


def _real_place(location: Sequence[str | int], data: Any, ends_outside: bool) -> Place:
    """The place in the file: a location without the names of the forms that were tried."""
    place: list[str | int] = []
    for number, part in enumerate(location):
        if isinstance(data, dict) and (part in data or (ends_outside and number == len(location) - 1)):
            place.append(part)
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            place.append(part)
            data = data[part]
    return tuple(place)


def _keys(form: type[BaseModel], place: Place) -> list[str]:
    """The keys that a table at this place may have."""
    current: Any = form
    is_named = False  # the next part is a name that the file gives, not a key of a form
    for part in place:
        if isinstance(part, int) or is_named:
            is_named = False
            continue
        found = next(
            (each for name, each in current.model_fields.items() if part in {name, each.alias}), None
        )
        if found is None:
            return []
        is_named = get_origin(found.annotation) is dict
        current = next(iter(_forms(found.annotation)), form)
    return [each.alias or name for name, each in current.model_fields.items()]


def _forms(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _forms(argument)


def _in_plain_words(error: Any) -> str:
    given = error.get("input")
    words = {
        "model_type": f"'{given}' is no table",
        "tuple_type": f"'{given}' is no list; write [{given}]",
        "dict_type": f"'{given}' is no table",
        "int_parsing": f"'{given}' is no whole number",
        "float_parsing": f"'{given}' is no number",
        "bool_parsing": f"'{given}' is neither yes nor no",
        "time_delta_parsing": f"'{given}' is no time; write 12h, 3d or 2w",
        "string_type": "a word is wanted here, not a table or list",
        "string_too_short": "it is empty",
        "too_short": "it is empty",
    }
    if error["type"] == "string_pattern_mismatch":
        return f"'{given}' is no name: small letters, digits, '.', '_' and '-', at most 80"
    if error["type"] == "literal_error":
        return f"'{given}' is none of {error['ctx']['expected']}"
    return words.get(error["type"].replace("model_attributes_type", "model_type"), str(error["msg"]))
