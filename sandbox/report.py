"""What one run of a repository's tests gave, as data that goes through JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal, Self

from overhaul.sandbox.coverage import Coverage

TestOutcome = Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
FAILING = frozenset({"failed", "error"})
# `no_tests`: there is nothing to run. `broken`: the run itself went wrong, so its results prove nothing.
ReportStatus = Literal["passed", "failed", "broken", "timed_out", "out_of_memory", "no_tests"]


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test; `excerpt` says why it failed, capped."""

    __test__: ClassVar[bool] = False

    id: str
    outcome: TestOutcome
    seconds: float
    excerpt: str = ""

    @property
    def failing(self) -> bool:
        return self.outcome in FAILING


@dataclass(frozen=True, slots=True)
class CollectionError:
    """A file that could not be collected: none of its tests ran."""

    id: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Impacted:
    """The tests that the changes reach, which ran first: how many files and tests, and how many of these passed."""

    files: int
    tests: int
    passed: int


@dataclass(frozen=True, slots=True)
class TestReport:
    """All results of one run.

    `flaky` are the tests that failed and then passed without a change; they count as passed.
    `reason` is set if the run is broken. `ended` says that it came to its own end all the same: all tests of the files
    that could be collected have run. `isolation` names the provider, for the evidence.
    `parts` is how many of the run went side by side.
    """

    __test__: ClassVar[bool] = False

    framework: str
    status: ReportStatus
    isolation: str
    exit_code: int | None = None
    seconds: float = 0.0
    results: tuple[TestResult, ...] = ()
    collection_errors: tuple[CollectionError, ...] = ()
    flaky: tuple[str, ...] = ()
    reason: str = ""
    ended: bool = True
    log: str = ""
    impacted: Impacted | None = None
    coverage: Coverage | None = None
    parts: int = 1

    @property
    def counts(self) -> dict[str, int]:
        """How many tests have each outcome, in a fixed order, without zeros."""
        counted = Counter(result.outcome for result in self.results)
        order: tuple[TestOutcome, ...] = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
        return {outcome: counted[outcome] for outcome in order if counted[outcome]}

    @property
    def failures(self) -> tuple[TestResult, ...]:
        return tuple(result for result in self.results if result.failing)

    @property
    def complete(self) -> bool:
        """Whether the results can be relied on: the run came to its own end and collected everything."""
        return self.status in ("passed", "failed", "no_tests")

    def to_json(self) -> dict[str, Any]:
        """Results are grouped by file, each as [rest of the id, outcome, seconds, excerpt if any]."""
        data: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN_FIELDS}
        data["collection_errors"] = [asdict(error) for error in self.collection_errors]
        data["flaky"] = list(self.flaky)
        data["parts"] = self.parts
        data["impacted"] = asdict(self.impacted) if self.impacted else None
        data["coverage"] = self.coverage.to_json() if self.coverage else None
        data["results"] = list(_grouped(self.results))
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        results = (
            TestResult(path + row[0], row[1], row[2], row[3] if len(row) > 3 else "")
            for path, rows in data["results"]
            for row in rows
        )
        return cls(
            **{name: data[name] for name in _PLAIN_FIELDS},
            results=tuple(results),
            collection_errors=tuple(CollectionError(**error) for error in data["collection_errors"]),
            flaky=tuple(data["flaky"]),
            coverage=Coverage.from_json(data["coverage"]) if data.get("coverage") else None,
            impacted=Impacted(**data["impacted"]) if data.get("impacted") else None,
            parts=data.get("parts", 1),
        )


_PLAIN_FIELDS = ("framework", "status", "isolation", "exit_code", "seconds", "reason", "ended", "log")


def _grouped(results: tuple[TestResult, ...]) -> Iterator[list[Any]]:
    """Neighbours of one file share its path; the order of the run is kept."""
    current: list[Any] | None = None
    for result in results:
        path, mark, rest = result.id.partition("::")
        row: list[Any] = [mark + rest, result.outcome, result.seconds]
        row += [result.excerpt] if result.excerpt else []
        if current is not None and current[0] == path:
            current[1].append(row)
            continue
        if current is not None:
            yield current
        current = [path, [row]]
    if current is not None:
        yield current
