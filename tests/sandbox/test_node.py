"""Node projects: Node and npm's packages in every tier, and each test of `npm test` told by its runner."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.choose import load
from overhaul.sandbox.docker import DockerProvider
from overhaul.sandbox.environment import detect
from overhaul.sandbox.node_project import read_node
from overhaul.sandbox.node_tests import merged, with_node_tests
from overhaul.sandbox.process import ProcessProvider
from overhaul.sandbox.provider import Command, Environment, Provider
from overhaul.sandbox.testing import TestReport, TestResult, run_tests
from tests.sandbox.conftest import PROVIDERS, write_tree

Tree = Callable[[Mapping[str, str]], Path]


def package(test: str = "node --test", **more: object) -> str:
    return json.dumps({"name": "sample", "version": "1.0.0", "scripts": {"test": test}, **more})


# The runners' own tests below are for the tier `process`.
ISOLATED = [each for each in PROVIDERS if each != "process"]
INTEGRITY = "sha512-Wu1VHeILBK8KAWJUAiSZQX94GmOE45Rg6/538fKwiloUu21KncEkYGPqob2oSZ5mUT73vLGrHQjKw3KMPwfDzg=="
LOCKED = {
    # The lock is older than what ^6 || ^7 would give today.
    "package.json": package(dependencies={"is-number": "^6.0.0 || ^7.0.0"}),
    "package-lock.json": json.dumps(
        {
            "name": "sample",
            "version": "1.0.0",
            "lockfileVersion": 3,
            "packages": {
                "": {"name": "sample", "version": "1.0.0", "dependencies": {"is-number": "^6.0.0 || ^7.0.0"}},
                "node_modules/is-number": {"version": "6.0.0", "integrity": INTEGRITY},
            },
        }
    ),
    "test/sample.test.js": """
const { test, describe, it } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
test('locked version', () => assert.equal(require('is-number/package.json').version, '6.0.0'));
test('the mark is not in the environment', () => assert.equal(process.env.OVERHAUL_MARK, undefined));
describe('own files', () => {
  it('are those of the tree', () => assert.match(__filename, /\\/tree\\/test\\/sample.test.js$/));
  it('may be kept beside the packages', () => fs.writeFileSync('node_modules/.cached', ''));
  it.skip('later', () => {});
});
""",
    "tests/test_sample.py": "import unittest\nclass Sample(unittest.TestCase):\n    def test_it(self): pass\n",
}


@pytest.mark.parametrize("name", ISOLATED)
def test_mixed_repository_has_nodes_locked_packages_and_both_results(
    name: str, request: pytest.FixtureRequest, tree: Tree, tmp_path: Path
):
    if name == "docker":
        request.getfixturevalue("docker_engine")
    provider, source = load(name, tmp_path / "home"), tree(LOCKED)
    plan = detect(source)
    assert {"package.json", "package-lock.json"} <= set(plan.inputs)
    environment = provider.prepare(plan, source, tmp_path / "setup.log")
    try:
        report = run_tests(provider, environment, source, log=tmp_path / "tests.log")
        report = with_node_tests(report, provider, environment, source)
        assert "pass 4" in Path(report.log).read_text()
        assert (report.framework, report.status) == ("unittest, node", "passed"), report
        assert [(each.id.partition("::")[2] or each.id, each.outcome) for each in report.results] == [
            ("test_sample.Sample.test_it", "passed"),
            ("locked version", "passed"),
            ("the mark is not in the environment", "passed"),
            ("own files > are those of the tree", "passed"),
            ("own files > may be kept beside the packages", "passed"),
            ("own files > later", "skipped"),
        ]
        with provider.open(source, environment, {}) as workspace:
            spoil = workspace.run(Command(["sh", "-c", "echo x >>node_modules/is-number/index.js"]))
        assert provider.name == "process" or spoil.exit_code != 0
    finally:
        if isinstance(provider, DockerProvider):
            provider.remove(environment.fingerprint)


@pytest.fixture(scope="session")
def runners(tmp_path_factory: pytest.TempPathFactory) -> tuple[Provider, Environment]:
    """One environment with the runners that tell of each test, which takes the registry a while: for all workers."""
    own = tmp_path_factory.getbasetemp()
    home = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "runners"
    needs = {"jest": "^30.0.0", "mocha": "^11.0.0", "vitest": "^3.0.0"}
    source = write_tree(own / "runners-source", {"package.json": package(devDependencies=needs)})
    provider = ProcessProvider(home)
    return provider, provider.prepare(detect(source), source, own / "setup.log")


@pytest.fixture
def npm_test(runners: tuple[Provider, Environment], tree: Tree, tmp_path: Path) -> Callable[..., TestReport]:
    """Run a script with files beside it."""

    def run(script: str, files: Mapping[str, str], rerun: int = 0) -> TestReport:
        source = tree({"package.json": package(script), **files})
        log = tmp_path / "tests.log"
        return run_tests(*runners, source, log=log, rerun_failures=rerun, framework="node")

    return run


def outcomes(report: TestReport) -> dict[str, str]:
    return {each.id: each.outcome for each in report.results}


# One passes, one fails, one is skipped, two have one name, and none of them sees the mark.
FOUR = """
describe('group', () => {
  it('passes', () => { if (process.env.OVERHAUL_MARK) throw new Error('seen'); });
  it('fails', () => { throw new Error('told why'); });
  it.skip('waits', () => {});
});
it('twice', () => {});
it('twice', () => {});
"""
RUNS = {
    "jest": ("jest", {"a.test.js": FOUR}),
    "jest after another program": ("true && CI=1 jest --ci && echo done", {"a.test.js": FOUR}),
    "mocha": ("mocha --reporter dot a.test.js", {"a.test.js": FOUR}),
    "vitest": ("vitest", {"a.test.js": "import { describe, it } from 'vitest';" + FOUR}),
    "node": ("node --test", {"a.test.js": "const { describe, it } = require('node:test');" + FOUR}),
    "node with a reporter of its own": (
        "node --test --test-reporter=dot",
        {"a.test.js": "const { describe, it } = require('node:test');" + FOUR},
    ),
}


@pytest.mark.parametrize("runner", RUNS)
def test_runner_tells_of_each_test(runner: str, npm_test: Callable[..., TestReport]):
    report = npm_test(*RUNS[runner])
    assert outcomes(report) == {
        "a.test.js::group > passes": "passed",
        "a.test.js::group > fails": "failed",
        "a.test.js::group > waits": "skipped",
        "a.test.js::twice": "passed",
        "a.test.js::twice #2": "passed",
    }
    assert (report.framework, report.status, report.exit_code, report.ended) == ("node", "failed", 1, True)
    assert "told why" in report.failures[0].excerpt


@pytest.mark.parametrize("runner", ["jest", "mocha", "vitest", "node"])
def test_file_that_cannot_be_loaded_breaks_the_run(runner: str, npm_test: Callable[..., TestReport]):
    script, _ = RUNS[runner]
    report = npm_test(script, {"a.test.js": "import './nothing.js';"})
    assert report.status == "broken", report


@pytest.mark.parametrize("runner", ["jest", "mocha"])
def test_run_that_a_test_ends_proves_nothing_whatever_its_exit_code(
    runner: str, npm_test: Callable[..., TestReport]
):
    report = npm_test(
        RUNS[runner][0], {"a.test.js": "it('leaves', () => process.exit(0)); it('is lost', () => {});"}
    )
    assert (report.status, report.exit_code) == ("broken", 0), report


def test_script_of_an_unknown_runner_has_its_exit_code_as_the_one_result(npm_test: Callable[..., TestReport]):
    assert outcomes(npm_test("node check.js", {"check.js": "console.log('fine')"})) == {"npm test": "passed"}
    report = npm_test("node check.js", {"check.js": "console.log('told why'); process.exitCode = 3"})
    assert (outcomes(report), report.status, report.exit_code) == ({"npm test": "failed"}, "failed", 3)
    assert "told why" in report.failures[0].excerpt
    assert npm_test("exit 1", {}).status == "failed"


def test_failure_that_passes_when_all_is_run_again_is_flaky(npm_test: Callable[..., TestReport]):
    code = """
const { test } = require('node:test');
const fs = require('node:fs');
test('flaky', () => { if (!fs.existsSync('seen')) { fs.writeFileSync('seen', ''); throw new Error('first'); } });
"""
    report = npm_test("node --test", {"a.test.js": code}, rerun=1)
    assert (report.status, report.flaky) == ("passed", ("a.test.js::flaky",))


@pytest.mark.parametrize(
    ("files", "more", "expected"),
    [
        ({}, {}, ""),
        ({".nvmrc": "v20.11.0\n"}, {"engines": {"node": "18"}}, "20"),
        ({".nvmrc": "lts/*\n"}, {"engines": {"node": "18.x"}}, "18"),
        ({".node-version": "22"}, {}, "22"),
        ({".tool-versions": "python 3.11\nnodejs 20.1.0\n"}, {}, "20"),
        ({}, {"engines": {"node": ">=18"}}, ""),
        ({}, {"engines": {"node": "^18.0.0 || ^20.0.0"}}, "20"),
        ({}, {"engines": {"node": ">=16 <21"}}, "20"),
    ],
)
def test_version_of_node_is_the_one_that_the_repository_names(
    tree: Tree, files: dict[str, str], more: dict[str, object], expected: str
):
    found = read_node(tree({"package.json": package(**more), **files}))
    assert found is not None
    assert found.node == expected


def test_package_without_tests_has_its_packages_and_no_test_run(tree: Tree):
    plan = detect(
        tree({"package.json": package('echo "Error: no test specified" && exit 1'), "yarn.lock": ""})
    )
    assert plan.framework == "none"
    assert [step.required for step in plan.steps if step.name == "npm"] == [False]
    assert any("yarn.lock: of Yarn 2 or later" in reason for reason in plan.reasons)
    assert detect(tree({"package.json": package()})).framework == "node"


def test_report_of_both_is_as_bad_as_the_worse_of_them():
    bad = TestReport("pytest", "broken", "landlock", exit_code=2, reason="told why", ended=False)
    good = TestReport("node", "passed", "landlock", exit_code=0, results=(TestResult("a", "passed", 0.1),))
    for reports in ([bad, good], [good, bad]):
        both = merged(reports)
        assert (both.status, both.exit_code, both.ended, both.reason) == (
            "broken",
            2,
            False,
            "pytest: told why",
        )
        assert both.counts == {"passed": 1}
    assert merged([TestReport("none", "no_tests", "landlock"), good]) == good


def test_packages_of_workspaces_decide_about_the_environment(tree: Tree):
    files = {
        "package.json": package(workspaces=["packages/*", "../outside", "a/**b", "/etc", 3]),
        "packages/a/package.json": "{}",
    }
    assert "packages/a/package.json" in detect(tree(files)).inputs
