"""What goes along with a run's commits: where it stands, what was said about it, and each step of its model.

It may come from anybody. Nothing in it is used as a path, and it grants nothing: no approval, right or secret is in it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationError

from overhaul.flows.errors import HandoffError
from overhaul.flows.run_file import CommitId, Portable, RunFile

RUN, STEPS, TREES, IMAGES = "run.json", "steps", "trees", "images"
LARGEST_DOCUMENT = 32 << 20
MOST_STEPS = 20_000
MOST_IMAGES = 20
WORKED = r"^(ask|call|begun)/\d{1,6}/\d{1,6}$"

Line = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f<>]*$")]


class Signature(Portable):
    """In whose name the run commits, and the second that is on each of its commits."""

    name: Line
    email: Line
    timestamp: int = Field(ge=100_000_000, lt=1 << 32)


class SaidThere(Portable):
    """An answer that counted and asked for less: one to revise, or to reject a wish of the model's."""

    gate: Literal["plan", "agent", "publish"]
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    decision: Literal["revise", "reject"]
    comment: str
    approver: str
    set_aside: tuple[str, ...]
    commit: Annotated[str, Field(pattern=r"^([0-9a-f]{40})?$")]


class StepDone(Portable):
    """A step of the model's: what it gave is the file of the same number beside this document."""

    parent: CommitId
    key: str = Field(pattern=WORKED)


class MovedRun(Portable):
    """The document. `move` counts the run's moves from 1; `follows` is the commit by which it came the time before."""

    version: Literal[1] = 1
    run: RunFile
    author: Signature
    move: int = Field(ge=1, le=1000)
    follows: Annotated[str, Field(pattern=r"^([0-9a-f]{40})?$")]
    said: tuple[SaidThere, ...] = Field(max_length=1000)
    steps: tuple[StepDone, ...] = Field(max_length=MOST_STEPS)
    images: int = Field(ge=0, le=MOST_IMAGES)


def read_document(content: bytes) -> MovedRun:
    """Check a document. Raises HandoffError."""
    try:
        return MovedRun.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "all of it"
        raise HandoffError(f"the file holds no run of overhaul ({place}: {first['msg']}).") from error
