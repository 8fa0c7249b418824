"""What became of one instance, and its record: killed at any point it is gone on with from there."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from overhaul.flows.bench_grading import Counted, Grade
from overhaul.flows.errors import BenchError
from overhaul.flows.results import RunResult
from overhaul.flows.whole_files import write_whole

# An error is none of the patch's: it is tried again by the next command.
Verdict = Literal["resolved", "not resolved", "error"]
NONE = Counted(0, 0)


@dataclass(frozen=True, slots=True)
class Spent:
    """What making a patch has taken. `tokens` are as an agent's result has them, `dollars` None without a price."""

    tokens: dict[str, int] = field(default_factory=dict)
    dollars: float | None = None
    seconds: float = 0.0
    steps: int = 0
    run_status: str = ""
    agent_status: str = ""

    @classmethod
    def of(cls, run: RunResult, seconds: float) -> Spent:
        """Of a run; where a model took part, the seconds are those of its steps, also of those before a kill."""
        if run.agent is None:
            return cls(seconds=round(seconds, 1), run_status=run.status)
        agent = run.agent
        return cls(agent.tokens, agent.dollars, agent.seconds, agent.steps, run.status, agent.status)


@dataclass(frozen=True, slots=True)
class InstanceResult:
    """The outcome of one instance; `reason` says why it is not resolved, `log` where its tests' output is kept."""

    instance_id: str
    verdict: Verdict
    reason: str = ""
    fail_to_pass: Counted = NONE
    pass_to_pass: Counted = NONE
    check: int | None = None
    isolation: str = ""
    log: str = ""
    run_id: str = ""
    spent: Spent = Spent()

    @classmethod
    def graded(cls, instance_id: str, grade: Grade, run_id: str, spent: Spent) -> InstanceResult:
        verdict: Verdict = "resolved" if grade.resolved else "not resolved"
        return cls(
            instance_id, verdict, grade.reason, grade.fail_to_pass, grade.pass_to_pass, grade.check, grade.isolation,
            grade.log, run_id, spent,
        )  # fmt: skip

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> InstanceResult:
        parts = {name: Counted(**data[name]) for name in ("fail_to_pass", "pass_to_pass")}
        return cls(**{**data, **parts, "spent": Spent(**data["spent"])})


@dataclass
class Record:
    """One instance's file. `digest` is of what it was made from; a `patch` that is not None is done with."""

    path: Path
    digest: str
    run_id: str = ""
    patch: str | None = None
    spent: Spent = field(default_factory=Spent)
    result: InstanceResult | None = None

    @classmethod
    def at(cls, path: Path, digest: str) -> Record:
        """The record as far as it has come, or a new one. Raises BenchError if it is of something else."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(path, digest)
        if data["digest"] != digest:
            raise BenchError(
                f"{path} is of another text of this instance, another model or another prediction. Choose another"
                " --output, or delete that file."
            )
        result = InstanceResult.from_json(data["result"]) if data["result"] else None
        return cls(path, digest, data["run_id"], data["patch"], Spent(**data["spent"]), result)

    @property
    def is_done(self) -> bool:
        return self.result is not None and self.result.verdict != "error"

    def keep(self) -> None:
        data = {
            "digest": self.digest, "run_id": self.run_id, "patch": self.patch, "spent": asdict(self.spent),
            "result": asdict(self.result) if self.result else None,
        }  # fmt: skip
        write_whole(self.path, json.dumps(data, indent=2) + "\n")


@contextmanager
def working_in(output: Path) -> Iterator[None]:
    """Fill a folder of results as the only one. Raises BenchError if another process does."""
    output.mkdir(parents=True, exist_ok=True)
    opened = os.open(output, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BenchError(
            f"another `overhaul bench` works in {output}. Wait for it, or choose another --output."
        ) from None
    finally:
        os.close(opened)
