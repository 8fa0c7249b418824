"""Composites from text and from files; a file that others are named in is made one text with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from overhaul.refactors.careful_yaml import Place, Reading, read_form
from overhaul.refactors.errors import ParameterError, did_you_mean
from overhaul.refactors.recipes.composite.definition import Composite
from overhaul.refactors.recipes.composite.steps import bind_steps

SUFFIXES = (".yaml", ".yml")
# A run keeps the text among its parameters, and of those Prefect takes 512 KiB in all, as JSON.
LARGEST = 100_000
DEEPEST = 8
_WANTED = "a composite is a table with name and steps"


def read_composite(text: str, shown: str) -> Reading[Composite]:
    """Read a composite; `shown` says where it is from. Raises ParameterError with every fault and its line."""
    read = read_form(text, Composite, _WANTED)
    if read.form is None:
        raise ParameterError(
            "\n".join(
                [
                    f"{shown} is no composite yet:",
                    *(f"  {shown}:{fault.line}: {fault}" for fault in read.faults),
                    "Its form: docs/composites.md",
                ]
            )
        )
    return read


def text_of_file(path: Path, values: Mapping[str, Any]) -> str:
    """Return a composite's file with the files that its steps name written into it.

    Raises ParameterError, also if its steps cannot be taken with these values of its parameters.
    """
    text, read = _file(path)
    bind_steps(read, values, str(path))
    return text


def checked_file(path: Path) -> Composite:
    """Read a file, and bind its steps if it needs no parameters. Raises ParameterError."""
    _, read = _file(path)
    if not read.formed.required:
        bind_steps(read, {}, str(path))
    return read.formed


def _file(path: Path) -> tuple[str, Reading[Composite]]:
    """Return a file's text with all others in it, and how it reads: with the lines of the file itself."""
    text, data = _whole(path, ())
    read = read_composite(text, str(path))
    if data is None:
        return text, read
    whole: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    if len(whole.encode()) > LARGEST:
        raise ParameterError(
            f"{path} and the composites that it names are larger than {LARGEST:,} bytes together."
        )
    return whole, replace(read, form=read_composite(whole, str(path)).formed)


def is_composite(path: Path) -> bool:
    """Tell whether a YAML file is a composite, and not a campaign: it has steps and no key of a campaign's.

    A key that is nearly one of a campaign's is taken for it, so that the error is about what was meant.
    """
    try:
        data = yaml.load(_text(path), Loader=yaml.BaseLoader)  # noqa: S506  (it makes strings, lists and dicts only)
    except (ParameterError, yaml.YAMLError, RecursionError):
        return False
    if not isinstance(data, dict) or "steps" not in data:
        return False
    others = data.keys() - {each.alias or name for name, each in Composite.model_fields.items()}
    return not any(key in _OF_CAMPAIGNS or did_you_mean(key, _OF_CAMPAIGNS) for key in others)


_OF_CAMPAIGNS = (
    "repositories", "exclude", "environment", "verify", "split", "rollout", "gates", "mode", "pull_request",
    "schedule", "budget", "done_when",
)  # fmt: skip


def _whole(path: Path, above: tuple[Path, ...]) -> tuple[str, Any]:
    """Return a file's text, and its data with those of other files in it; None where it names none."""
    if path.resolve() in above:
        raise ParameterError(f"{path} is a step of itself, by way of {above[-1]}.")
    if len(above) >= DEEPEST:
        raise ParameterError(f"{path} is a composite in {DEEPEST} others; write fewer into each other.")
    text = _text(path)
    read = read_composite(text, str(path))
    if not any(step.recipe.endswith(SUFFIXES) for step in read.formed.steps):
        return text, None
    data = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    for number, step in enumerate(data["steps"]):
        if not step.get("recipe", "").endswith(SUFFIXES):
            continue
        named = path.parent / Path(step.pop("recipe")).expanduser()
        try:
            inner, whole = _whole(named, (*above, path.resolve()))
        except ParameterError as error:
            place: Place = ("steps", number, "recipe")
            raise ParameterError(f"{path}:{read.line_of(place)}: steps.{number}: {error}") from error
        step["composite"] = whole or yaml.load(inner, Loader=yaml.BaseLoader)  # noqa: S506
    return text, data


def _text(path: Path) -> str:
    try:
        if path.stat().st_size <= LARGEST:
            return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ParameterError(f"the composite {path} cannot be read: {why}.") from error
    raise ParameterError(f"the composite {path} is larger than {LARGEST:,} bytes, which no list of steps is.")
