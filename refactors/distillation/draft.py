"""A recipe as a model gives it: the source of a LibCST codemod, and cases."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from overhaul.refactors.agent.conversation import ToolDefinition


@dataclass(frozen=True, slots=True)
class DraftCase:
    """One file before and after; the same where nothing may change."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A recipe that somebody else wrote. `sha256` is the identity that an approval is bound to."""

    source: str
    cases: tuple[DraftCase, ...]

    @property
    def sha256(self) -> str:
        said = json.dumps([self.source, [asdict(case) for case in self.cases]])
        return hashlib.sha256(said.encode()).hexdigest()


class _CaseForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    before: str = Field(max_length=20_000)
    after: str = Field(max_length=20_000)


class _DraftForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1, max_length=100_000)
    cases: list[_CaseForm] = Field(min_length=2, max_length=30)


WRITE_RECIPE = ToolDefinition(
    "write_recipe",
    "Hand in the whole recipe with its cases; they are tried at once.",
    {
        "type": "object",
        "properties": {
            "source": {"type": "string", "description": "The module."},
            "cases": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ("name", "before", "after")},
                    "required": ["name", "before", "after"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["source", "cases"],
        "additionalProperties": False,
    },
)


def read_draft(arguments: str) -> Draft:
    """The draft of a call's arguments. Raises ValueError that says what is wrong with them."""
    try:
        form = _DraftForm.model_validate_json(arguments)
    except ValidationError as error:
        raise ValueError("; ".join(map(_one_error, error.errors()[:5]))) from None
    draft = Draft(form.source, tuple(DraftCase(**case.model_dump()) for case in form.cases))
    _check_source(draft.source, "source")
    for case in draft.cases:
        _check_source(case.before, f"case {case.name!r}: before")
        _check_source(case.after, f"case {case.name!r}: after")
    changes = [case.before != case.after for case in draft.cases]
    if all(changes) or not any(changes):
        raise ValueError("the cases need one that is changed and one that stays as it is")
    return draft


def _check_source(text: str, what: str) -> None:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{what} is not valid Python: {error}") from None


def _one_error(error: Any) -> str:
    place: Sequence[Any] = error["loc"]
    return f"{'.'.join(map(str, place)) or 'the arguments'}: {error['msg']}"
