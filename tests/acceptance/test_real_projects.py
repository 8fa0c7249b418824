"""Refactors of real projects by `overhaul run`, with the projects' own tests as the judge."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from overhaul.refactors.registry import recipe_ids
from overhaul.sandbox.choose import availability
from tests.acceptance.conftest import Checkout
from tests.acceptance.judges import Commits, check, check_again, options
from tests.acceptance.real_projects import CORE, REFACTORS, Refactor
from tests.flows.conftest import Done, Overhaul
from tests.flows.repositories import git

pytestmark = pytest.mark.acceptance


@dataclass
class Runs:
    """The chosen refactors, run ahead of the tests that look at them.

    Those of a project run one after the other, so that all have the environment and the test results of the base
    that the first of them has made.
    """

    overhaul: Overhaul
    checkout: Checkout
    started: dict[Refactor, Future[tuple[Path, Done]]] = field(default_factory=dict)

    def start(self, pool: ThreadPoolExecutor, refactors: Sequence[Refactor]) -> None:
        self.started = {refactor: Future() for refactor in refactors}
        for _, group in groupby(refactors, lambda refactor: refactor.project):
            pool.submit(self._run_all, list(group))

    def _run_all(self, refactors: Sequence[Refactor]) -> None:
        for refactor in refactors:
            try:
                self.started[refactor].set_result(self._run(refactor))
            except BaseException as error:
                self.started[refactor].set_exception(error)

    def _run(self, refactor: Refactor) -> tuple[Path, Done]:
        project = refactor.project
        source = self.checkout(project.name, project.version)
        packages = [word for package in project.packages for word in ("--package", package)]
        words = [refactor.recipe, *options(refactor), *packages, "--sandbox", sandbox(), "--yes", "--json"]
        return source, self.overhaul("run", *words, source)


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest, overhaul: Overhaul, checkout: Checkout) -> Iterator[Runs]:
    """The runs of all refactors that this session has chosen."""
    parameters = (getattr(item, "callspec", None) for item in request.session.items)
    chosen = [each.params["refactor"] for each in parameters if each and "refactor" in each.params]
    runs = Runs(overhaul, checkout)
    pool = ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1))
    runs.start(pool, chosen)
    yield runs
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def score() -> list[tuple[str, ...]]:
    """A row for each refactor that is as expected."""
    return []


@pytest.mark.parametrize("refactor", REFACTORS, ids=lambda refactor: refactor.id)
def test_refactor_ends_with_the_same_tests_passing(
    refactor: Refactor, runs: Runs, overhaul: Overhaul, score: list[tuple[str, ...]], tmp_path: Path
) -> None:
    source, done = runs.started[refactor].result()
    (run,) = done.json["runs"]
    assert (done.exit_code, run["status"]) == (0, "published"), run["message"] + done.stderr
    assert run["tests"]["base"] == run["tests"]["head"] >= refactor.project.tests
    assert run["tests"]["new_failures"] == 0
    assert git(source, "rev-parse", run["branch"]) == run["head"]
    assert Path(run["pull_request"].removeprefix("file://")).exists()
    sites = scanned(refactor, overhaul, source)
    commits = Commits(source, run["head"])
    check(refactor, commits, sites)
    assert run["unresolved"] == sum(site["status"] == "unresolved" for site in sites)
    check_again(refactor, commits, overhaul, tmp_path / "again")
    counts = (str(refactor.sites), str(run["unresolved"]), str(len(commits.changed)))
    tests = f"{run['tests']['base']} = {run['tests']['head']}"
    score.append((refactor.id, *counts, tests))


def test_every_project_and_every_recipe_is_well_covered(
    score: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{'refactor':90}{'sites':>6}{'unresolved':>12}{'files':>7}{'tests':>14}")
        for name, sites, unresolved, files, tests in score:
            print(f"{name:90}{sites:>6}{unresolved:>12}{files:>7}{tests:>14}")
    by_project = {
        project: list(group) for project, group in groupby(REFACTORS, lambda refactor: refactor.project.name)
    }
    assert len(by_project) >= 12
    assert sum(map(len, by_project.values())) == len({refactor.id for refactor in REFACTORS})
    for project, refactors in by_project.items():
        assert len(refactors) >= 5, project
        assert len({refactor.recipe for refactor in refactors}) >= 3, project
    uses = Counter(refactor.recipe for refactor in REFACTORS)
    fewest = {recipe: 4 if recipe in CORE else 1 for recipe in recipe_ids()}
    assert {recipe: uses[recipe] for recipe in recipe_ids() if uses[recipe] < fewest[recipe]} == {}


def scanned(refactor: Refactor, overhaul: Overhaul, source: Path) -> list[dict[str, Any]]:
    """Return the sites of a scan of the base."""
    done = overhaul("scan", refactor.recipe, *options(refactor), "--json", source)
    assert done.exit_code == 0, done.stderr
    sites: list[dict[str, Any]] = done.json["sites"]
    return sites


def sandbox() -> str:
    """Docker where there is one; the acceptance tests run in CI, which has it."""
    docker = next(tier for tier in availability(Path()) if tier.name == "docker")
    return "docker" if docker.missing is None else "process"
