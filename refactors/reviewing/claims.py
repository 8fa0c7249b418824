"""What a model says of a change, held against the change: the answer's form, and whether each citation is real."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.changed_lines import ChangedLines, Side

LONGEST_TEST = 40_000
NOT_IN_DIFF, OTHER_CODE = "cites no changed line", "quotes code that is not there"
_FENCED = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)

ReadLines = Callable[[str, Side], list[str]]
"""The lines of a file on a side; none if it is not there."""


class LineRange(BaseModel):
    """Lines from 1, both included."""

    start: int = Field(ge=1)
    end: int = Field(ge=1)

    @model_validator(mode="after")
    def _is_in_order(self) -> LineRange:
        if self.end < self.start:
            raise ValueError("end is before start")
        return self


class CodeLocation(BaseModel):
    """Where a finding is."""

    absolute_file_path: str = Field(min_length=1)
    line_range: LineRange
    side: Literal["head", "base"] = "head"


class Claim(BaseModel):
    """A finding as a model writes it: Codex's fields, and what lets us check it."""

    model_config = ConfigDict(str_strip_whitespace=False)

    title: str = Field(min_length=1, max_length=300)
    body: str = Field(min_length=1, max_length=6_000)
    confidence_score: float = Field(ge=0, le=1)
    priority: Literal[0, 1, 2, 3] = 2
    code_location: CodeLocation
    code_line: str | None = None
    test: str | None = Field(default=None, max_length=LONGEST_TEST)


class Answer(BaseModel):
    """A whole review in Codex's schema."""

    findings: list[Claim] = Field(max_length=100)
    overall_correctness: Literal["patch is correct", "patch is incorrect"]
    overall_explanation: str = Field(max_length=4_000)
    overall_confidence_score: float = Field(ge=0, le=1)


def read_answer(text: str) -> Answer:
    """Read a model's last message. Raises ValueError, which tells the model what is wrong."""
    fenced = _FENCED.search(text)
    inner = fenced[1] if fenced else text[text.find("{") : text.rfind("}") + 1]
    try:
        document: Any = json.loads(inner)
    except ValueError as error:
        raise ValueError(f"the answer is not one JSON object: {error}") from error
    try:
        return Answer.model_validate(document)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in each['loc']) or 'the answer'}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)[:8]
        ]
        raise ValueError(f"the answer does not have the form: {'; '.join(problems)}") from error


@dataclass
class Checked:
    """Findings whose citations are real; `dropped` counts the others by the reason."""

    findings: list[Finding] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


def check_claims(claims: list[Claim], lines: ChangedLines, read: ReadLines) -> Checked:
    """Keep what cites changed lines of the change, cut down to these."""
    checked = Checked()
    for claim in claims:
        found = _located(claim, lines, read)
        if isinstance(found, str):
            checked.dropped[found] += 1
        else:
            checked.findings.append(found)
    return checked


def _located(claim: Claim, lines: ChangedLines, read: ReadLines) -> Finding | str:
    place = claim.code_location
    path = _path(place.absolute_file_path, lines, place.side)
    if path is None:
        return NOT_IN_DIFF
    start, end = place.line_range.start, place.line_range.end
    quoted = (claim.code_line or "").strip()
    if quoted:
        text = read(path, place.side)
        if not any(line.strip() == quoted for line in text[start - 1 : end]):
            same = [n for n in lines.of(path, place.side) if n <= len(text) and text[n - 1].strip() == quoted]
            if len(same) != 1:
                return OTHER_CODE
            start = end = same[0]
    if not lines.of(path, place.side):
        return NOT_IN_DIFF
    cite = lines.cite(path, start, end, place.side)
    if cite is None:
        return NOT_IN_DIFF
    return Finding(
        " ".join(claim.title.split()), claim.body.strip(), claim.priority, cite.path, cite.first_line, cite.last_line,
        claim.confidence_score, cite.side, "model", test=claim.test or "",
    )  # fmt: skip


def _path(given: str, lines: ChangedLines, side: Side) -> str | None:
    """The changed file that a path means: as it is, or the only one that an absolute path ends in."""
    known: Mapping[str, frozenset[int]] = lines.head if side == "head" else lines.base
    plain = given.removeprefix("./")
    if plain in known:
        return plain
    ends = [path for path in known if given.startswith("/") and given.endswith(f"/{path}")]
    return max(ends, key=len) if ends else None
