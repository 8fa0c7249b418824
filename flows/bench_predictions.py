"""Predictions of a benchmark in SWE-bench's format: what a model would change, by instance."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from overhaul.flows.bench_instances import Instance, read_lines
from overhaul.flows.errors import BenchError
from overhaul.flows.whole_files import write_whole

GOLD, EMPTY = "gold", "empty"


@dataclass(frozen=True, slots=True)
class Predictions:
    """Who made them, and the patches by instance."""

    model: str
    patches: dict[str, str]


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    instance_id: str
    model_name_or_path: str = ""
    model_patch: str | None = None


def given_predictions(words: str, instances: Iterable[Instance]) -> Predictions:
    """The instances' own patches (`gold`), patches without anything (`empty`), or those of a file.

    Raises BenchError; of a file whose lines are of several models, too.
    """
    if words == GOLD:
        return Predictions(GOLD, {each.id: each.gold for each in instances if each.gold is not None})
    if words == EMPTY:
        return Predictions(EMPTY, {each.id: "" for each in instances})
    path = Path(words)
    forms: list[_Form] = []
    for place, value in _values(path):
        try:
            forms.append(_Form.model_validate(value))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(map(str, first["loc"]))
            raise BenchError(f"{place}: {field}: {first['msg']}. A prediction is {_SHAPE}") from error
    models = list(dict.fromkeys(form.model_name_or_path for form in forms if form.model_name_or_path))
    if len(models) > 1:
        raise BenchError(
            f"{path} holds predictions of {' and '.join(models[:3])}. Grade one model at a time."
        )
    patches = {form.instance_id: form.model_patch or "" for form in forms}
    return Predictions(models[0] if models else path.stem, patches)


_SHAPE = '{"instance_id", "model_name_or_path", "model_patch"}.'


def _values(path: Path) -> list[tuple[str, Any]]:
    """Predictions with the places that they are at: one a line, or a list, or by their instances."""
    if path.suffix != ".json":
        return [(f"{path}:{number}", value) for number, value in read_lines(path)]
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BenchError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BenchError(f"{path} is no JSON: {error}.") from error
    if isinstance(value, dict):
        value = [
            {"instance_id": name, **each} if isinstance(each, dict) else each for name, each in value.items()
        ]
    if not isinstance(value, list):
        raise BenchError(f"{path} holds no list of predictions. A prediction is {_SHAPE}")
    return [(f"{path}, prediction {number}", each) for number, each in enumerate(value, 1)]


def write_predictions(path: Path, predictions: Predictions) -> None:
    """One line for each, as `swebench.harness.run_evaluation --predictions_path` takes them."""
    lines = [
        json.dumps({"instance_id": name, "model_name_or_path": predictions.model, "model_patch": patch})
        for name, patch in predictions.patches.items()
    ]
    write_whole(path, "".join(f"{line}\n" for line in lines))
