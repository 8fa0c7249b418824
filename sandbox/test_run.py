"""The commands of one test run in one workspace, and what becomes of their output."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from overhaul.sandbox.coverage import ChangedLines
from overhaul.sandbox.layout import import_roots
from overhaul.sandbox.provider import Command, Environment, Limits, Outcome, Provider, Workspace
from overhaul.sandbox.records import RecordParser
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.report import TestReport
from overhaul.sandbox.test_command import TestCommand
from overhaul.sandbox.test_record import Heard, Progress, take_exit_code

LOG_BYTES = 64 << 20
# Every test of a broken tree fails: that is no flakiness, and their ids would not fit an environment variable.
RERUN_AT_MOST = 200
# Linux takes 128 KiB in one variable.
LONGEST_VARIABLE = 100_000


@dataclass(frozen=True, slots=True)
class TestRequest:
    """Which tests are to run, and where; the fields are those of `run_tests`."""

    __test__: ClassVar[bool] = False

    provider: Provider
    environment: Environment
    source: Path
    beside: Mapping[str, Path]
    tests: TestCommand
    limits: Limits
    redactor: Redactor
    first: Sequence[str]
    only: Sequence[str]
    changed_lines: Mapping[str, Sequence[int]]
    log: Path
    rerun_failures: int
    on_progress: Progress | None

    @contextmanager
    def opened(self, output: CappedWriter, part: str = "") -> Iterator[TestRun]:
        """A workspace for it; `part` tells the reporter which of the files are left out. Raises SandboxLost."""
        with self.provider.open(self.source, self.environment, self.beside) as workspace:
            chosen = {
                "OVERHAUL_FIRST": _files(self.first, workspace.root),
                "OVERHAUL_FILES": _files(self.only, workspace.root),
                "OVERHAUL_PART": part,
            }
            yield TestRun(
                workspace,
                self.tests.placed(workspace.root),
                python_path(workspace, self.source, self.beside),
                self.limits,
                self.redactor,
                output,
                chosen,
                ChangedLines(self.source, self.changed_lines),
            )


def _files(paths: Sequence[str], root: str) -> str:
    """Paths of the tree as a variable for the reporters; of too many, those at the end are left out."""
    kept: list[str] = []
    left = LONGEST_VARIABLE
    for path in dict.fromkeys(paths):
        left -= len(json.dumps(f"{root}/{path}")) + 2
        if left < 0:
            break
        kept.append(f"{root}/{path}")
    return json.dumps(kept) if kept else ""


def python_path(workspace: Workspace, source: Path, beside: Mapping[str, Path]) -> str:
    """Our reporters, the repository's own code, then that of its neighbours: all before site-packages."""
    places = [f"{workspace.tools}/reporters"]
    places += [f"{workspace.root}/{root}" if root != "." else workspace.root for root in import_roots(source)]
    for name, folder in beside.items():
        above = f"{workspace.root.rpartition('/')[0]}/beside/{name}"
        places += [f"{above}/{root}" if root != "." else above for root in import_roots(folder)]
    return ":".join(places)


@dataclass(frozen=True, slots=True)
class TestRun:
    """The commands of one workspace's tests."""

    __test__: ClassVar[bool] = False

    workspace: Workspace
    tests: TestCommand
    python_path: str
    limits: Limits
    redactor: Redactor
    log: CappedWriter
    selection: Mapping[str, str]
    changed: ChangedLines

    def once(self, only: Sequence[str], on_progress: Progress | None) -> tuple[Heard, Outcome]:
        mark = secrets.token_hex(16)
        heard = Heard(on_progress, lambda record: self.changed.take(self.workspace.root, record))
        stream = self.redactor.stream(self.log)

        def keep(output: bytes) -> None:
            if not self.log.is_full:  # looking for secrets is slow
                stream.add(output)

        parser = RecordParser(mark, heard.take, keep)
        stated = self.tests.variables
        path = ":".join(filter(None, (self.python_path, stated.get("PYTHONPATH"))))
        chosen = {name: text for name, text in self.selection.items() if text}
        variables = {**stated, **chosen, "PYTHONPATH": path, "OVERHAUL_MARK": mark}
        if only:
            variables["OVERHAUL_ONLY"] = json.dumps(list(only))
        elif lines := self.changed.variable(self.workspace.root, LONGEST_VARIABLE):
            variables["OVERHAUL_LINES"] = lines
        command = Command(self._arguments(), variables, self.tests.folder, self.limits)
        outcome = self.workspace.run(command, parser.add)
        parser.flush()
        stream.flush()
        # Where the tree was is another place in each run; two runs that end alike are to say the same.
        outcome = replace(outcome, output=outcome.output.replace(self.workspace.root.encode(), b"."))
        if self.tests.framework == "node" and not (heard.running or heard.results or heard.end is not None):
            take_exit_code(heard, outcome)
        return heard, outcome

    def again(self, report: TestReport, times: int) -> set[str]:
        """The failures that pass when they are run again, alone, in the same workspace."""
        failing = [result.id for result in report.failures]
        flaky: set[str] = set()
        for _ in range(times if report.status == "failed" and len(failing) <= RERUN_AT_MOST else 0):
            if not failing:
                break
            self.log(f"\n# overhaul: {len(failing)} failures are run again, alone\n".encode())
            heard, _ = self.once(failing, None)
            # A second run that breaks proves nothing, not even for the tests that passed in it.
            if heard.end is None or heard.errors or heard.is_full:
                break
            passed = {
                id_ for id_ in failing if id_ in heard.results and heard.results[id_].outcome == "passed"
            }
            flaky |= passed
            failing = [id_ for id_ in failing if id_ not in passed]
        return flaky

    def _arguments(self) -> list[str]:
        if self.tests.framework in ("unittest", "django", "node"):
            runner = f"{self.workspace.tools}/reporters/overhaul_{self.tests.framework}_runner.py"
            return ["{python}", runner, *self.tests.arguments]
        # The repository's own options may stop at the first failure; a comparison needs all results.
        options = ["--color=no", "--maxfail=0", "--continue-on-collection-errors"]
        plugin = ("-m", "pytest", "-p", "overhaul_pytest_reporter")
        return ["{python}", *plugin, *self.tests.arguments, *options]


class CappedWriter:
    """Writes up to a limit, then says once that it stops."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._left = LOG_BYTES

    @property
    def is_full(self) -> bool:
        return self._left <= 0

    def __call__(self, data: bytes) -> None:
        if self._left <= 0:
            return
        self._write(data[: self._left])
        self._left -= len(data)
        if self._left <= 0:
            self._write(f"\n# overhaul: the log stops here, at {LOG_BYTES >> 20} MiB\n".encode())
