"""Whether a patch resolves an instance: its hidden tests and its check, run in the sandbox as SWE-bench does it.

The judging tree is the base commit with the patch, and on top the test patch; the environment is the base commit's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from overhaul.flows.bench_instances import Instance
from overhaul.flows.bench_patches import graded_tree
from overhaul.flows.errors import PatchRefused
from overhaul.flows.mirror import Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.progress import tell
from overhaul.flows.settings import Settings
from overhaul.flows.testing import Checkout, prepare_environment
from overhaul.sandbox.node_tests import with_node_tests
from overhaul.sandbox.provider import Command, Limits
from overhaul.sandbox.report import TestReport
from overhaul.sandbox.test_run import python_path
from overhaul.sandbox.testing import run_tests

SHOWN_TESTS = 3
SHOWN_OUTPUT = 200
# What SWE-bench counts as passed.
_PASSED = frozenset({"passed", "xfailed"})
_WORST_FIRST: tuple[bool | None, ...] = (False, None, True)
# `test_name (package.module.Class)`, as Django's runner prints it and the official data sets have it.
_UNITTEST = re.compile(r"(\w+) \(([\w.]+)\)")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many tests of a list are as they should be, of how many."""

    good: int
    total: int

    def __str__(self) -> str:
        return f"{self.good}/{self.total}"


@dataclass(frozen=True, slots=True)
class Grade:
    """`reason` says why it is not resolved. `check` is the command's exit code, None if it did not exit by itself."""

    resolved: bool
    reason: str
    fail_to_pass: Counted
    pass_to_pass: Counted
    check: int | None = None
    isolation: str = ""
    log: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where an instance is judged: its repository, whose one commit is the base, and the folder for logs and trees."""

    repository: str
    options: RunOptions
    folder: Path

    @property
    def mirror(self) -> Mirror:
        return Mirror.of(self.repository, Settings.from_environment().mirrors)


def grade(instance: Instance, bench: Bench, patch: str) -> Grade:
    """Judge a patch. Raises BenchError, RepositoryError and SandboxError for what is no fault of the patch."""
    nothing = Counted(0, len(instance.fail_to_pass)), Counted(0, len(instance.pass_to_pass))
    try:
        checkout = judged_checkout(bench, patch, instance.test_patch)
    except PatchRefused as error:
        return Grade(False, f"the patch does not apply: {on_one_line(str(error))}", *nothing)
    reasons: list[str] = []
    counts = nothing
    log = ""
    if instance.fail_to_pass or instance.pass_to_pass:
        report = test_tree(checkout, bench, (*instance.fail_to_pass, *instance.pass_to_pass))
        outcomes = outcomes_of(report)
        counts = _counted(outcomes, instance, reasons)
        log = report.log
        if reasons and report.reason:
            reasons.append(report.reason)
    code = None
    if instance.check:
        code, why = _check(checkout, bench, instance.check)
        reasons += [why] if why else []
    if reasons and not patch.strip():
        reasons.insert(0, "the patch is empty")
    return Grade(
        not reasons, on_one_line("; ".join(reasons)), *counts, code, checkout.environment.provider, log
    )


def judged_checkout(bench: Bench, patch: str, test_patch: str) -> Checkout:
    """The tree that is judged, in the environment of the base commit. Raises PatchRefused, SandboxError."""
    tell("grading")
    mirror = bench.mirror
    base = mirror.fetch(None).commit
    tree = graded_tree(mirror, base, patch, test_patch)
    environment = prepare_environment(mirror, base, bench.options, bench.folder)
    return Checkout(bench.repository, tree, environment, (), bench.options.network)


def test_tree(checkout: Checkout, bench: Bench, tests: Sequence[str]) -> TestReport:
    """Run the files that these tests are in, or all tests where their ids do not tell."""
    with checkout.exported(bench.folder / "trees" / "graded") as (folder, _):
        files = _files_of(tests, folder)
        limits = Limits(wall_seconds=bench.options.test_timeout)
        tell("running the tests")
        report = run_tests(
            checkout.provider, checkout.environment, folder, log=bench.folder / "logs" / "graded.log", limits=limits,
            only=files, on_progress=lambda done, total, _: tell("running the tests", done, total),
        )  # fmt: skip
        if files:
            return report
        return with_node_tests(report, checkout.provider, checkout.environment, folder, limits=limits)


def _files_of(tests: Iterable[str], folder: Path) -> list[str]:
    """The test files that ids of pytest name; none if one of them names none."""
    paths = dict.fromkeys(each.partition("::")[0] if "::" in each else "" for each in tests)
    there = [path for path in paths if path and (folder / path).is_file()]
    return there if "" not in paths else []


def outcomes_of(report: TestReport) -> Mapping[str, bool | None]:
    """Whether each test has passed, by its id and by how SWE-bench has it; None for one that was skipped."""
    found: dict[str, bool | None] = {}
    for result in report.results:
        passed = True if result.outcome in _PASSED else False if result.failing else None
        for name in {result.id, result.id.split(" ", 1)[0]}:  # its logs are cut at the first blank
            found[name] = min(found.get(name, True), passed, key=_WORST_FIRST.index)
    return found


def outcome_of(outcomes: Mapping[str, bool | None], test: str) -> bool | None:
    """How a test of an instance went; one that did not run has failed."""
    if test not in outcomes and (match := _UNITTEST.fullmatch(test)):
        name, place = match.groups()
        test = place if place.endswith(f".{name}") else f"{place}.{name}"
    return outcomes.get(test, False)


def _counted(
    outcomes: Mapping[str, bool | None], instance: Instance, reasons: list[str]
) -> tuple[Counted, Counted]:
    """All of the first list have to pass, none of the second may fail; `reasons` get what is otherwise."""
    counts = []
    lists = (("FAIL_TO_PASS", instance.fail_to_pass), ("PASS_TO_PASS", instance.pass_to_pass))
    for name, tests in lists:
        may_skip = name == "PASS_TO_PASS"
        bad = [
            each for each in tests if not ((got := outcome_of(outcomes, each)) or (got is None and may_skip))
        ]
        if bad:
            more = ", ..." if len(bad) > SHOWN_TESTS else ""
            reasons.append(f"{len(bad)} of {len(tests)} {name} fail: {', '.join(bad[:SHOWN_TESTS])}{more}")
        counts.append(Counted(len(tests) - len(bad), len(tests)))
    return counts[0], counts[1]


def _check(checkout: Checkout, bench: Bench, command: str) -> tuple[int | None, str]:
    """Run the check where the tests run, with their imports; return its exit code and why it does not hold."""
    tell("running the check")
    limits = Limits(wall_seconds=bench.options.test_timeout)
    with (
        checkout.exported(bench.folder / "trees" / "checked") as (folder, _),
        checkout.provider.open(folder, checkout.environment, {}) as workspace,
    ):
        variables = {"PYTHONPATH": python_path(workspace, folder, {})}
        outcome = workspace.run(Command(("/bin/sh", "-c", command), variables, limits=limits))
    if outcome.exit_code == 0:
        return 0, ""
    last = outcome.output.decode(errors="replace").strip().rpartition("\n")[2][:SHOWN_OUTPUT]
    how = (
        f"with {outcome.exit_code}"
        if outcome.status == "exited"
        else f"by {outcome.status.replace('_', ' ')}"
    )
    return outcome.exit_code, f"the check ended {how}{f': {last}' if last else ''}"
