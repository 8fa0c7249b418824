"""A run as one portable JSON file: what it is, where it stands, and what has been done. Whoever reads one checks it.

Nothing in it is ever used as a path, and it grants nothing: it may come from anybody.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from overhaul.flows.errors import HandoffError

LARGEST = 32 << 20

CommitId = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]


class Portable(BaseModel):
    """Base of what is in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CommitMade(Portable):
    """A commit of the run, and who has made it, as it says."""

    commit: CommitId
    by: Literal["recipe", "agent", "person"]
    author: str
    files: tuple[str, ...]


class AgentSoFar(Portable):
    """What a model has done: its todo list, what it said last, and what it has used."""

    model: str
    status: str
    message: str
    steps: int = Field(ge=0)
    tokens: dict[str, int]
    todos: tuple[dict[str, str], ...]


class RunFile(Portable):
    """The file. `gate` and `hash` say where it waits and what was shown there; both are empty where it does not."""

    version: Literal[1] = 1
    run_id: UUID
    name: str
    repository: str
    base_branch: str
    base: CommitId
    branch: str
    head: CommitId
    status: str
    gate: str
    hash: str
    recipe: str
    parameters: dict[str, Any]
    options: dict[str, Any]
    commits: tuple[CommitMade, ...]
    agent: AgentSoFar | None


def read_run_file(path: Path) -> RunFile:
    """Read the file. Raises HandoffError if there is none, or it is not one of ours."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise HandoffError(
            f"there is no run in {path.parent.parent.parent}: {path.name} cannot be read ({error.strerror})."
            " Make a checkout first: overhaul checkout RUN"
        ) from error
    if len(content) > LARGEST:
        raise HandoffError(f"{path} is larger than {LARGEST >> 20} MiB, which no run is.")
    try:
        return RunFile.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "all of it"
        raise HandoffError(f"{path} is no run of overhaul ({place}: {first['msg']}).") from error
