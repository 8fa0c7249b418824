"""A finished change of a real repository, without a flow: for what shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from overhaul.flows.analysis import analyse_commit, plan_edits
from overhaul.flows.evidence import review_run
from overhaul.flows.gate_page import Shown
from overhaul.flows.mirror import Author, Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.results import BatchResult, TestCounts
from overhaul.flows.run_context import Edited, Evidence, Run
from overhaul.refactors.registry import find_recipe
from overhaul.sandbox.comparison import compare
from overhaul.sandbox.coverage import Coverage, FileCoverage
from overhaul.sandbox.provider import Environment
from overhaul.sandbox.report import TestReport, TestResult

RUN = "0a1b2c3d-0000-4000-8000-000000000000"
AUTHOR = Author("Tester", "tester@localhost", 1_700_000_000)


def renamed(repository: Path, folder: Path, old: str = "acme.api.fetch_user", new: str = "get_user") -> Shown:
    """A rename, planned, committed and tested (one test, which passes) as a run shows it."""
    mirror = Mirror.of(str(repository), folder / "mirrors")
    base = mirror.fetch(None)
    bound = find_recipe("rename-symbol").bind({"old": old, "new": new})
    parameters = bound.parameter_values
    record = analyse_commit(mirror, base.commit, "rename-symbol", parameters)
    planned = plan_edits(mirror, base.commit, record, "rename-symbol", parameters, 30)
    commit = mirror.commit_tree(mirror.change_tree(base.commit, record.changes()), base.commit, "x", AUTHOR)
    results = (TestResult("tests/test_api.py::test_one", "passed", 0.1), TestResult("tests/test_api.py::test_two", "failed", 0.1, "E assert 1"))  # fmt: skip
    coverage = Coverage((FileCoverage(record.edits[0]["path"], {1: ()}, (2,)),), "setup.js is not Python")
    report = TestReport("pytest", "failed", "process", results=results, seconds=3)
    head = replace(report, coverage=coverage)
    comparison = compare(report, head)
    log = folder / "tests.log"
    log.write_text("two\nlines\n")
    paths = [edit["path"] for edit in record.edits]
    run = Run(
        id=RUN, repository=str(repository), recipe="rename-symbol", parameters=parameters, options=RunOptions(),
        given=bound.given_values, independent_edits=bound.independent_edits, author=AUTHOR, branch="overhaul/rename",
        title=bound.title, base=base, analysis=record, plan=planned,
        edited=Edited(commit, [BatchResult(commit, paths, TestCounts(1, 1))], head, log, comparison),
    )  # fmt: skip
    environment = Environment("process", "fingerprint", "here", "3.11", True, "", 0.0)
    evidence = Evidence(environment, report, log, head, log, comparison)
    return Shown(run, evidence, mirror, review_run(run, evidence, mirror))
