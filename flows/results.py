"""What the steps of a run give each other: JSON that holds commit and blob ids and counts, never file contents."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

RunStatus = Literal[
    "published",  # a pull request is there
    "waiting",  # parked at a gate
    "planned",  # read-only: nothing was edited
    "unchanged",  # no site, and every file was understood
    "not found",  # nothing here knows the symbol
    "unknown",  # no site, but files failed to parse: not the same as done
    "unresolved",  # sites, none of which could be proved
    "blocked",  # the edits break tests that passed
    "rejected",  # a person said no
    "failed",  # an error that names what to do
    "interrupted",  # ^C or a crash; it can be resumed
    "running",
    "scheduled",  # of a deployment: its time or the runner has not come yet
]
FAILED_STATUSES = frozenset({"blocked", "failed", "interrupted"})
# Unknown is not done, and neither is a run in which nothing could be proved.
NOT_DONE_STATUSES = FAILED_STATUSES | {"unknown", "unresolved"}


@dataclass(frozen=True, slots=True)
class TestCounts:
    """How the tests went: those that passed at base and at head, and what fails only at head."""

    base: int | None = None
    head: int | None = None
    new_failures: int = 0


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One commit of a run, and who made it; `author` is the person, as git has the name."""

    commit: str
    files: list[str]
    tests: TestCounts
    by: Literal["recipe", "agent", "person"] = "recipe"
    author: str = ""


@dataclass(frozen=True, slots=True)
class ImpactedTests:
    """The tests that the change reaches by imports, which ran first."""

    files: int
    tests: int
    passed: int


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """How many changed lines hold code, how many of these tests executed, and others as `path:line` (up to 100).

    `reason` says why lines could not be measured.
    """

    changed: int
    executed: int
    missed: list[str]
    reason: str


@dataclass(frozen=True, slots=True)
class AgentResult:
    """What a model did in a run.

    `status` is `working`, `done`, `model failed` or the limit that ended it; `message` is what it said last. `tokens`
    has `input`, `cached` (among input), `output` and `reasoning` (among output). `files` are those of its commit;
    `broken` are those that were left out since they break tests. `sites` were given to it, of which it edited
    `sites_edited`. `todos` are `{"step", "status"}`; `calls` are `{"tool", "arguments", "failed"}`, the last ones.
    `commit` holds its files as they are now, `dollars` is None where no price is known.
    """

    model: str
    status: str = "working"
    message: str = ""
    steps: int = 0
    seconds: float = 0.0
    tokens: dict[str, int] = field(default_factory=dict)
    dollars: float | None = None
    commit: str = ""
    files: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    repairs: int = 0
    sites: int = 0
    sites_edited: int = 0
    todos: list[dict[str, str]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    log: str = ""

    @property
    def total_tokens(self) -> int:
        return self.tokens.get("input", 0) + self.tokens.get("output", 0)

    @property
    def unfinished(self) -> bool:
        return self.status != "done"


@dataclass(frozen=True, slots=True)
class RunResult:
    """One repository's outcome, as `run --json` gives it; `message` says what a person should know next.

    `sites` were found at base, resolved or not. `held`: it waits for its campaign, and nobody is asked.
    """

    repository: str
    run_id: str
    status: RunStatus
    branch: str | None = None
    head: str | None = None
    pull_request: str | None = None
    edits: int = 0
    unresolved: int = 0
    tests: TestCounts = field(default_factory=TestCounts)
    tokens: int = 0
    message: str = ""
    base: str | None = None
    batches: list[BatchResult] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    impacted: ImpactedTests | None = None
    changed_lines: ChangedLines | None = None
    test_parts: int | None = None
    agent: AgentResult | None = None
    sites: int = 0
    held: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunResult:
        batches = [
            BatchResult(**{**batch, "tests": TestCounts(**batch["tests"])}) for batch in data["batches"]
        ]
        impacted, lines, agent = data.get("impacted"), data.get("changed_lines"), data.get("agent")
        parts = {
            "tests": TestCounts(**data["tests"]),
            "batches": batches,
            "impacted": ImpactedTests(**impacted) if impacted else None,
            "changed_lines": ChangedLines(**lines) if lines else None,
            "agent": AgentResult(**agent) if agent else None,
        }
        return cls(**{**data, **parts})
