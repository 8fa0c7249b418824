"""Which changed lines the tests executed, and in which test."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.coverage import ChangedLines, Coverage, FileCoverage, measuring_steps, statements_of
from overhaul.sandbox.environment import detect
from overhaul.sandbox.process import ProcessProvider
from overhaul.sandbox.provider import Environment
from overhaul.sandbox.report import TestReport
from overhaul.sandbox.testing import run_tests
from tests.sandbox.conftest import write_tree

Tree = Callable[[Mapping[str, str]], Path]

CODE = '''"""Docs."""
import threading

LIMIT = 3


def used(
    n,
):
    """More docs."""
    # a comment

    total = sum(
        [n,
         n])
    if n > LIMIT:
        return -1
    try:
        return total
    finally:
        n += 1


def unused():
    return 2


def in_thread():
    done = []
    thread = threading.Thread(target=lambda: done.append(
        1))
    thread.start()
    thread.join()
    return done
'''
EVERY = list(range(1, len(CODE.splitlines()) + 1))
TESTS = """
import unittest
class A(unittest.TestCase):
    def test_one(self):
        from code_of_ours import used
        self.assertEqual(used(1), 2)
    def test_two(self):
        from code_of_ours import used, in_thread
        self.assertEqual(used(2), 4)
        self.assertEqual(in_thread(), [1])
    def test_other(self): pass
"""
FILES = {"src/code_of_ours.py": CODE, "tests/test_code.py": TESTS}


@pytest.mark.parametrize("framework", ["pytest", "unittest"])
def test_changed_lines_are_told_with_the_tests_that_execute_them(tier, tree: Tree, framework: str):
    report = tier.test(
        tree(FILES), framework=framework, changed_lines={"src/code_of_ours.py": EVERY, "README": [1]}
    )
    assert report.coverage is not None
    assert report.coverage.reason == ""
    (file,) = report.coverage.files
    tests = {line: sorted(test[-3:] for test in ids) for line, ids in file.executed.items()}
    assert (file.path, file.missed) == ("src/code_of_ours.py", (17, 25))
    assert {line for line, ids in tests.items() if ids == ["one"]} == {2, 4, 7, 8, 9, 24, 28}  # it imports
    assert {line for line, ids in tests.items() if ids == ["one", "two"]} == {13, 14, 15, 16, 18, 19, 21}
    assert {line for line, ids in tests.items() if ids == ["two"]} == {29, 30, 31, 32, 33, 34}
    assert (report.coverage.executed, report.coverage.changed) == (20, 22)
    assert report.coverage.missed == ("src/code_of_ours.py:17", "src/code_of_ours.py:25")
    assert TestReport.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_lines_that_run_outside_of_tests_belong_to_none(process_tier, tree: Tree):
    files = FILES | {"tests/test_code.py": "import code_of_ours\ndef test_it(): pass\n"}
    report = process_tier.test(tree(files), changed_lines={"src/code_of_ours.py": [4, 13]})
    assert report.coverage == Coverage((FileCoverage("src/code_of_ours.py", {4: ()}, (13,)),))


def test_changed_test_files_are_measured_too(process_tier, tree: Tree):
    test = "import pytest\n@pytest.mark.skip\ndef test_a():\n    assert 1\ndef test_b():\n    assert 1\n"
    report = process_tier.test(tree({"test_it.py": test}), changed_lines={"test_it.py": [2, 4, 6]})
    assert report.coverage == Coverage(
        (FileCoverage("test_it.py", {2: (), 6: ("test_it.py::test_b",)}, (4,)),)
    )


@pytest.fixture(scope="module")
def with_plugins(tmp_path_factory: pytest.TempPathFactory) -> tuple[ProcessProvider, Environment]:
    """An environment with pytest-cov and xdist in it."""
    home = tmp_path_factory.mktemp("home")
    source = write_tree(
        home / "source", {"requirements.txt": "pytest\npytest-cov\npytest-xdist\n", "test_it.py": TESTS}
    )
    provider = ProcessProvider(home)
    return provider, provider.prepare(detect(source), source, home / "setup.log")


def test_coverage_of_the_project_itself_gives_way(with_plugins, tree: Tree, tmp_path: Path):
    ini = "[pytest]\naddopts = --cov=code_of_ours --cov-fail-under=100 --cov-report=xml\nfilterwarnings = error\n"
    source = tree(FILES | {"pytest.ini": ini})
    lines = {"src/code_of_ours.py": [13, 25]}
    report = run_tests(*with_plugins, source, log=tmp_path / "log", changed_lines=lines)
    tracer = measuring_steps(python_of(with_plugins[1]))
    assert (report.status, report.exit_code) == (("passed", 0) if tracer else ("failed", 1)), report
    assert report.coverage is not None
    assert (report.coverage.executed, report.coverage.missed) == (1, ("src/code_of_ours.py:25",))
    unmeasured = run_tests(*with_plugins, source, log=tmp_path / "log")
    assert unmeasured.status == "failed", "the project's own threshold"


def test_lines_that_run_in_workers_of_xdist_are_told(with_plugins, tree: Tree, tmp_path: Path):
    source = tree(FILES | {"pytest.ini": "[pytest]\naddopts = -n 2\n"})
    report = run_tests(
        *with_plugins, source, log=tmp_path / "log", changed_lines={"src/code_of_ours.py": [13, 25]}
    )
    assert report.coverage is not None
    (file,) = report.coverage.files
    assert sorted(test[-3:] for test in file.executed[13]) == ["one", "two"]
    assert file.missed == (25,)


def test_nothing_is_said_where_nothing_was_asked_or_no_code_changed(process_tier, tree: Tree):
    source = tree(FILES)
    assert process_tier.test(source).coverage is None
    assert (
        process_tier.test(source, changed_lines={"src/code_of_ours.py": [1, 5, 11], "gone.py": [1]}).coverage
        is None
    )


def test_tracer_of_a_test_is_told_instead_of_lines_that_it_hid(process_tier, tree: Tree):
    test = "import sys, code_of_ours\ndef test_it(): sys.settrace(lambda *words: None)\n"
    report = process_tier.test(
        tree(FILES | {"tests/test_code.py": test}), changed_lines={"src/code_of_ours.py": [25]}
    )
    if measuring_steps(python_of(process_tier.environment)):
        assert report.coverage == Coverage(reason="a test put another tracer in the place of ours")
    else:
        assert report.coverage == Coverage((FileCoverage("src/code_of_ours.py", {}, (25,)),))


def python_of(environment: Environment) -> str:
    return ".".join(environment.python_version.split(".")[:2])


def test_run_that_breaks_off_says_nothing_of_lines(process_tier, tree: Tree):
    test = "import os, code_of_ours\ndef test_it(): os._exit(0)\n"
    report = process_tier.test(
        tree(FILES | {"tests/test_code.py": test}), changed_lines={"src/code_of_ours.py": [25]}
    )
    assert report.coverage == Coverage(reason="the test run did not come to its end")


def test_a_file_that_cannot_be_parsed_or_told_of_is_named(tree: Tree):
    deep = {"a2.py": "-" * 100_000 + "1", "a3.py": "x = " + " + ".join(["1"] * 50_000)}
    source = tree({"a.py": "print 1\n", "b.py": "x = 1\n", "c.py": "x = 1\n", **deep})
    changed = ChangedLines(source, {name: [1] for name in ("a.py", "a2.py", "a3.py", "b.py", "c.py")})
    assert json.loads(changed.variable("/tree", 30)) == {"/tree/b.py": [[1, 1]]}
    changed.take("/tree", {"kind": "code", "id": "/tree/b.py", "lines": [1]})
    changed.take("/tree", {"kind": "measured", "reason": ""})
    assert changed.coverage() == Coverage(
        (FileCoverage("b.py", {}, (1,)),), "those of a.py, a2.py, a3.py, c.py"
    )


def test_lines_that_nobody_asked_for_are_not_kept(tree: Tree):
    changed = ChangedLines(tree({"a.py": "x = 1\ny = 2\n"}), {"a.py": [1]})
    for number in range(1, 100):
        with contextlib.suppress(KeyError):  # what the parser of records takes for output
            changed.take("/tree", {"kind": "line", "id": f"/tree/{number}.py", "line": 1, "tests": []})
        changed.take("/tree", {"kind": "line", "id": "/tree/a.py", "line": number, "tests": ["test"]})
        changed.take("/tree", {"kind": "code", "id": "/tree/a.py", "lines": [number]})
    assert changed._executed == {"a.py": {1: ["test"]}}
    assert changed._code == {"a.py": {1}}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 1\n\n# no\n", {1: (1, 1)}),
        ("'docs'\nf(\n  1,\n)\n", {2: (2, 4), 3: (2, 4), 4: (2, 4)}),
        ("@d\n@e\ndef f(): return 1\n", {1: (1, 2), 2: (1, 2), 3: (3, 3)}),
        ("if a:\n  b\nelse:\n  c\n", {1: (1, 1), 2: (2, 2), 4: (4, 4)}),
        (
            "try:\n  a\nexcept (\n  B,\n):\n  pass\n",
            {1: (1, 1), 2: (2, 2), 3: (3, 5), 4: (3, 5), 5: (3, 5), 6: (6, 6)},
        ),
        ("match a:\n  case 1:\n    b\n", {1: (1, 1), 2: (2, 2), 3: (3, 3)}),
    ],
)
def test_line_belongs_to_the_innermost_statement(code: str, expected: dict[int, tuple[int, int]]):
    assert statements_of(code.encode(), range(1, 20)) == expected
