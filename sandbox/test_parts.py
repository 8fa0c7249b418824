"""A test run in several parts, side by side, each in a workspace of its own.

A part shows less than the whole: parts that do not add up, or in which anything is different from base, do not count.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial

from overhaul.sandbox.comparison import compare
from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.provider import Limits, Outcome
from overhaul.sandbox.report import TestReport
from overhaul.sandbox.test_record import Heard, Progress, report_of, with_findings
from overhaul.sandbox.test_run import LONGEST_VARIABLE, CappedWriter, TestRequest, TestRun

# What is not worth the workspaces: a short run, and one that would hardly be shorter in parts.
LONG_RUN_SECONDS = 20.0
SAVED_AT_LEAST = 0.2
COPIED_AT_ONCE = 1 << 20

Ended = tuple[Heard, Outcome]


@dataclass(frozen=True, slots=True)
class Split:
    """The wish for a run in `parts` parts.

    `base` is the run in one piece that tells how long files take and what fails anyway; `renamed` is as in `compare`.
    A base that took less than `longer_than_seconds` is not split.
    """

    parts: int
    base: TestReport
    renamed: Mapping[str, str] = field(default_factory=dict)
    longer_than_seconds: float = LONG_RUN_SECONDS


def run_in_parts(request: TestRequest, split: Split, writer: CappedWriter) -> TestReport | None:
    """The report of all parts together, or None if the tests are to run in one piece; the log says why."""
    isolates = request.provider.isolates and request.tests.framework == "pytest"
    assigned = parts_of_files(split) if isolates else {}
    if not assigned:
        return None
    request = replace(request, limits=shared(request.limits, split.parts))
    with ExitStack() as stack:
        logs = [
            stack.enter_context(tempfile.TemporaryFile(dir=request.log.parent)) for _ in range(split.parts)
        ]
        try:
            report = _run(request, split, assigned, [CappedWriter(each.write) for each in logs])
        except SandboxLost as error:
            report = str(error)
        for part, file in enumerate(logs, 1):
            writer(f"\n# overhaul: part {part} of {split.parts}\n".encode())
            file.seek(0)
            while chunk := file.read(COPIED_AT_ONCE):
                writer(chunk)
    if isinstance(report, TestReport):
        return report
    why = " ".join(request.redactor.text(report).split())
    writer(f"\n# overhaul: the parts do not count ({why}); all tests in one piece\n".encode())
    return None


def _run(
    request: TestRequest, split: Split, assigned: Mapping[str, int], writers: Sequence[CappedWriter]
) -> TestReport | str:
    """The report, or why there is none. Raises SandboxLost if a workspace was lost."""
    report = partial(report_of, "pytest", request.provider.name, log=request.log, redactor=request.redactor)
    with ExitStack() as stack:
        runs = [
            stack.enter_context(request.opened(writer, _variable(assigned, part, split)))
            for part, writer in enumerate(writers)
        ]
        started = time.monotonic()
        ended = _side_by_side(runs, request.on_progress)
        heard, outcome = _together(ended, split.base, time.monotonic() - started)
        parts, whole = [report(*each) for each in ended], report(heard, outcome)
        if why_not := _why_not(split, parts, whole, ended):
            return why_not
        flaky = set[str]()
        for run, part_report in zip(runs, parts, strict=True):
            flaky |= run.again(part_report, request.rerun_failures)
    changed, *others = (run.changed for run in runs)
    for other in others:
        changed.add(other)
    return replace(with_findings(whole, heard, flaky, changed.coverage()), parts=split.parts)


def parts_of_files(split: Split) -> dict[str, int]:
    """The part of each test file of base, those that took longest first; none if a run in parts is not worth it."""
    base = split.base
    if base.framework != "pytest" or not base.complete or base.seconds <= split.longer_than_seconds:
        return {}
    seconds: defaultdict[str, float] = defaultdict(float)
    for result in base.results:
        seconds[_file_of(result.id)] += result.seconds
    loads = [(0.0, 0)] * split.parts
    assigned = {}
    for path in sorted(seconds, key=lambda path: (-seconds[path], path)):
        part = loads.index(min(loads))
        loads[part] = loads[part][0] + seconds[path], loads[part][1] + 1
        assigned[path] = part
    saved = sum(seconds.values()) - max(loads)[0]
    return assigned if saved >= SAVED_AT_LEAST * base.seconds else {}


def shared(limits: Limits, parts: int) -> Limits:
    """The limits of one part: all of them together use what one run may."""
    return replace(
        limits,
        memory_bytes=limits.memory_bytes // parts,
        processes=limits.processes // parts,
        disk_bytes=limits.disk_bytes // parts,
        files=limits.files // parts,
    )


def _variable(assigned: Mapping[str, int], part: int, split: Split) -> str:
    """What the reporter is told; files that do not fit, the quickest ones, go by their names."""
    left, files = LONGEST_VARIABLE - 100, dict[str, int]()
    for path, place in assigned.items():
        left -= len(json.dumps({path: place})) + 2
        if left < 0:
            break
        files[path] = place
    return json.dumps({"part": part, "parts": split.parts, "files": files})


def _side_by_side(runs: Sequence[TestRun], on_progress: Progress | None) -> list[Ended]:
    """Run all parts at once. Raises SandboxLost as soon as one does not come to its own end."""
    progress = _Progress(len(runs), on_progress)
    with ThreadPoolExecutor(len(runs), "overhaul-part") as pool:
        try:
            started = [
                pool.submit(copy_context().run, run.once, (), partial(progress, part))
                for part, run in enumerate(runs)
            ]
            for each in as_completed(started):
                _, outcome = each.result()
                if outcome.status != "exited":
                    raise SandboxLost(f"part {started.index(each) + 1}: {outcome.status}")
        except BaseException:
            # The pool waits for the other parts: nothing of them will count.
            for run in runs:
                run.workspace.close()
            raise
    return [each.result() for each in started]


class _Progress:
    """Adds up what the parts tell, from when all have collected."""

    def __init__(self, parts: int, on_progress: Progress | None) -> None:
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._told: list[tuple[int, int, int] | None] = [None] * parts

    def __call__(self, part: int, done: int, total: int | None, first: int) -> None:
        with self._lock:
            self._told[part] = None if total is None else (done, total, first)
            told = [each for each in self._told if each is not None]
            if self._on_progress and len(told) == len(self._told):
                self._on_progress(*(sum(numbers) for numbers in zip(*told, strict=True)))


def _together(ended: Sequence[Ended], base: TestReport, seconds: float) -> Ended:
    """What one run would have said, in the order of base's files; its exit code is the worst."""
    places = {path: place for place, path in enumerate(dict.fromkeys(_file_of(r.id) for r in base.results))}

    def place(id_: str) -> tuple[int, str]:
        path = _file_of(id_)
        return places.get(path, len(places)), path

    heard = Heard(None, lambda _: None)
    results = {id_: result for each, _ in ended for id_, result in each.results.items()}
    heard.results = {id_: results[id_] for id_ in sorted(results, key=place)}
    heard.total = sum(each.total or 0 for each, _ in ended)
    heard.first = set[str]().union(*(each.first for each, _ in ended))
    heard.first_files = sum(each.first_files for each, _ in ended)
    heard.end = max(each.end or 0 for each, _ in ended)
    return heard, Outcome("exited", heard.end, b"", 0, seconds)


def _why_not(split: Split, parts: Sequence[TestReport], whole: TestReport, ended: Sequence[Ended]) -> str:
    """Why the parts prove nothing, or "" if the whole run would have come to the same."""
    for part, each in enumerate(parts, 1):
        if each.status not in ("passed", "failed") or (each.status == "failed" and not each.failures):
            return f"part {part}: {each.reason or each.status}"
    if any(heard.of_all_parts != len(whole.results) for heard, _ in ended):
        return "together they are not all of the tests"
    comparison = compare(split.base, whole, split.renamed)
    different = [failure.id for failure in comparison.new_failures] + list(comparison.fixed)
    return f"not as at base: {different[0]}" if different else ""


def _file_of(id_: str) -> str:
    return id_.partition("::")[0]
