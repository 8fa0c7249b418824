"""Tests that findings carry, run in the sandbox before and after the change: what passes and then fails is proof."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from overhaul.flows.kept_steps import KeptSteps
from overhaul.flows.mirror import FileChange
from overhaul.flows.options import RunOptions
from overhaul.flows.progress import tell
from overhaul.flows.review_target import REVIEWER, ReviewTarget
from overhaul.flows.testing import Checkout, log_path, prepare_environment
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.public_names import is_test_path
from overhaul.refactors.review import Finding
from overhaul.sandbox.errors import SandboxError
from overhaul.sandbox.provider import Limits
from overhaul.sandbox.report import TestReport
from overhaul.sandbox.testing import run_tests

NAME = "test_overhaul_review_{}.py"
NOT_ASKED = "not proved: its test was not run (--no-prove)"


@dataclass(frozen=True, slots=True)
class Proving:
    """Where the tests of findings run: the options of a run, and the folder for logs and trees."""

    options: RunOptions
    folder: Path


def prove(findings: Sequence[Finding], target: ReviewTarget, proving: Proving | None) -> list[Finding]:
    """Return the findings with what their tests have shown. All tests run at once, two times."""
    carried = [number for number, finding in enumerate(findings) if finding.test]
    proved = [
        replace(each, proof="not proved: no test") if not each.test and not each.proved_by else each
        for each in findings
    ]
    if not carried:
        return proved
    if proving is None:
        reports: tuple[TestReport, TestReport] | str = NOT_ASKED
    else:
        paths = test_paths(
            target.mirror.text("ls-tree", "-r", "--name-only", target.head).split("\n"), len(carried)
        )
        contents = dict(zip(paths, (findings[number].test for number in carried), strict=True))
        reports = _reports(contents, target, proving)
    for place, number in enumerate(carried):
        if isinstance(reports, str):
            proved[number] = replace(proved[number], proof=reports)
        else:
            proved[number] = judge(proved[number], paths[place], *reports)
    return proved


def test_paths(paths: Sequence[str], count: int) -> list[str]:
    """Where the tests are put: names of our own, in the folder that has the most tests already."""
    folders = Counter(
        path.rpartition("/")[0]
        for path in paths
        if is_test_path(path) and path.rpartition("/")[2].startswith("test_") and path.endswith(".py")
    )
    folder = min(folders, key=lambda each: (-folders[each], each), default="")
    prefix = f"{folder}/" if folder else ""
    names = (f"{prefix}{NAME.format(number)}" for number in range(1, count + len(paths) + 1))
    known = set(paths)
    return [name for name in names if name not in known][:count]


def judge(finding: Finding, path: str, base: TestReport, head: TestReport) -> Finding:
    """Say what a finding's test has shown."""
    before = [each for each in base.results if path in each.id]
    broken = next((each.excerpt for each in base.collection_errors if path in each.id), "")
    failed = next((each for each in before if each.outcome != "passed"), None)
    if broken or failed is not None or not before:
        excerpt = broken or (failed.excerpt if failed else "") or base.reason
        return replace(finding, proof=f"not proved: its test does not pass at base{_why(excerpt)}")
    if any(path in each for each in (*base.flaky, *head.flaky)):
        return replace(finding, proof="not proved: its test passes and fails without a change")
    errors = [(each.id, each.excerpt) for each in head.collection_errors if path in each.id]
    failures = errors or [(each.id, each.excerpt) for each in head.failures if path in each.id]
    if failures:
        name, excerpt = failures[0]
        name = name.removeprefix(path).strip(":") or path
        shown = f"its test passes at base and fails at head: {name}{_why(excerpt)}"
        return replace(finding, proof=shown, proved_by="test", confidence_score=1.0)
    if not any(path in each.id for each in head.results):
        return replace(
            finding, proof=f"not proved: its test did not run at head{_why(head.reason or head.status)}"
        )
    return replace(finding, proof="not proved: its test passes at head as well")


def _why(excerpt: str) -> str:
    lines = [line.strip() for line in excerpt.strip().splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith("E ")] or lines[-1:]
    return f" ({telling[0].removeprefix('E').strip()[:200]})" if telling else ""


def _reports(
    contents: dict[str, str], target: ReviewTarget, proving: Proving
) -> tuple[TestReport, TestReport] | str:
    """The reports at base and at head, or why there are none. What has run for the same commits is not run again."""
    what = [target.base, target.head, contents, proving.options.model_dump(mode="json")]
    steps = KeptSteps(proving.folder / "proofs")
    try:
        kept = steps(json.dumps(what, sort_keys=True), lambda: _run_both(contents, target, proving))
    except (SandboxError, RefactorError) as error:
        return f"not proved: its test could not be run: {error}"
    return TestReport.from_json(kept["base"]), TestReport.from_json(kept["head"])


def _run_both(contents: dict[str, str], target: ReviewTarget, proving: Proving) -> dict[str, Any]:
    mirror, options, folder = target.mirror, proving.options, proving.folder
    environment = prepare_environment(mirror, target.base, options, folder)
    blobs = mirror.write_blobs([content.encode("utf-8", "replace") for content in contents.values()])
    added = [FileChange(path, blob) for path, blob in zip(contents, blobs, strict=True)]
    found: dict[str, Any] = {}
    for side, start in (("base", target.base), ("head", target.head)):
        tell(f"running the tests of the findings at {side}")
        commit = mirror.commit_tree(mirror.change_tree(start, added), start, f"tests at {side}", REVIEWER)
        checkout = Checkout(target.repository, commit, environment, (), options.network)
        with checkout.exported(folder / "trees" / f"proof-{side}") as (tree, beside):
            found[side] = run_tests(
                checkout.provider, environment, tree, log=log_path(folder, f"proof at {side}"), beside=beside,
                limits=Limits(wall_seconds=options.test_timeout), only=list(contents),
            ).to_json()  # fmt: skip
    return found
