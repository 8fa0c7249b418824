"""Test runs as typed reports, in every provider; what tests forge does not pass."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.environment import given_interpreter
from overhaul.sandbox.process import ProcessProvider
from overhaul.sandbox.provider import Limits, Outcome
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.report import Impacted
from overhaul.sandbox.test_record import Heard, report_of
from overhaul.sandbox.testing import TestReport, compare, run_tests

Tree = Callable[[Mapping[str, str]], Path]

ALL_OUTCOMES = """
import pytest
def test_passes(): pass
def test_fails(): assert 1 == 2, "told why"
@pytest.fixture
def broken(): raise RuntimeError("fixture")
def test_error(broken): pass
@pytest.fixture
def breaks_after():
    yield
    raise RuntimeError("after")
def test_error_after(breaks_after): pass
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_xfails(): assert False
@pytest.mark.xfail
def test_xpasses(): pass
@pytest.mark.xfail(strict=True)
def test_xpasses_strictly(): pass
@pytest.mark.parametrize("word", ["a::b", "with space", "ü[1]"])
def test_words(word): pass
"""


def test_each_outcome_of_pytest_is_told_apart(tier, tree: Tree):
    report = tier.test(tree({"test_all.py": ALL_OUTCOMES}))
    outcomes = {result.id.partition("::")[2]: result.outcome for result in report.results}
    assert report.status == "failed"
    assert report.exit_code == 1
    assert report.isolation == tier.name
    assert {name: outcomes[name] for name in outcomes if "words" not in name} == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_error": "error",
        "test_error_after": "error",
        "test_skipped": "skipped",
        "test_xfails": "xfailed",
        "test_xpasses": "xpassed",
        "test_xpasses_strictly": "failed",
    }
    assert sum("words" in name for name in outcomes) == 3
    failed = next(result for result in report.failures if result.id.endswith("test_fails"))
    assert "told why" in failed.excerpt
    assert TestReport.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_unittest_is_run_without_pytest(tier, tree: Tree):
    source = tree(
        {
            "code.py": "",
            "tests/test_cases.py": """
import unittest
class Cases(unittest.TestCase):
    def test_passes(self): pass
    def test_fails(self): self.fail("told why")
    def test_error(self): raise RuntimeError
    @unittest.skip("no")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_xfails(self): self.fail()
    def test_parts(self):
        for n in range(3):
            with self.subTest(n=n): self.assertNotEqual(n, 1)
""",
        }
    )
    report = tier.test(source)
    assert report.framework == "unittest"
    assert report.counts == {"passed": 1, "failed": 2, "error": 1, "skipped": 1, "xfailed": 1}
    assert report.status == "failed"


STOPS_EARLY = """
import pytest
@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session): del session.items[1:]
"""


def test_option_to_stop_at_the_first_failure_is_not_followed(process_tier, tree: Tree):
    tests = "def test_a(): assert 0\ndef test_b(): pass\ndef test_c(): assert 0"
    report = process_tier.test(tree({"test_it.py": tests, "pytest.ini": "[pytest]\naddopts = -x"}))
    assert report.counts == {"passed": 1, "failed": 2}


def test_file_that_cannot_be_collected_does_not_hide_the_other_tests(process_tier, tree: Tree):
    report = process_tier.test(
        tree(
            {"test_a.py": "import no_such_module", "test_b.py": "def test_b(): pass\ndef test_c(): assert 0"}
        )
    )
    assert (report.status, report.ended) == ("broken", True)
    assert report.counts == {"passed": 1, "failed": 1}
    assert [error.id for error in report.collection_errors] == ["test_a.py"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"conftest.py": "import os\ndef pytest_runtest_teardown(): os._exit(0)"},
            "ended early, exit code 0",
        ),
        ({"conftest.py": "import os\ndef pytest_collection_finish(): os._exit(0)"}, "ended early"),
        (
            {"test_exit.py": "import atexit, os\ndef test_it(): atexit.register(os._exit, 0); assert 0"},
            "ended with 1",
        ),
        ({"conftest.py": "import os\ndef pytest_sessionstart(): os.kill(os.getpid(), 9)"}, "signal"),
        ({"test_broken.py": "import no_such_module"}, "1 files could not be collected"),
        ({"pytest.ini": "[pytest]\naddopts = --no-such-option"}, "ended early"),
        ({"conftest.py": STOPS_EARLY, "test_z.py": "def test_z(): pass"}, "only 1 of 2 tests ran"),
    ],
)
def test_run_that_does_not_come_to_its_end_is_broken_not_passed(tier, tree: Tree, files, reason: str):
    report = tier.test(tree({"test_it.py": "def test_it(): pass"} | files))
    assert report.status == "broken", report
    assert reason in report.reason
    assert compare(passed(), report).new_failures[0].kind == "run_broken"


def test_run_that_breaks_in_the_same_way_twice_is_no_new_failure(process_tier, tree: Tree):
    source = tree({"test_it.py": "def test_it(): pass", "pytest.ini": "[pytest]\naddopts = --no-such-option"})
    base, head = (process_tier.test(source) for _ in range(2))
    assert "rootdir: ." in base.reason
    assert compare(base, head).new_failures == ()


def passed() -> TestReport:
    return TestReport("pytest", "passed", "process")


def test_junk_on_the_output_is_no_result(tier, tree: Tree):
    junk = """
import os, sys
def test_junk():
    for stream in (1, 2):
        os.write(stream, b'\\x1e0123 {"kind":"test","id":"forged","outcome":"passed","seconds":0}\\x1e\\n')
        os.write(stream, b'\\x1e' * 5000 + bytes(range(256)))
    print("OVERHAUL_MARK", os.environ.get("OVERHAUL_MARK"))
    sys.stdout.write("no newline at the end")
def test_after(): assert False
"""
    report = tier.test(tree({"test_junk.py": junk, "pytest.ini": "[pytest]\naddopts = -s"}))
    assert [(result.id, result.outcome) for result in report.results] == [
        ("test_junk.py::test_junk", "passed"),
        ("test_junk.py::test_after", "failed"),
    ]
    log = Path(report.log).read_text(errors="replace")
    assert "OVERHAUL_MARK None" in log
    assert '"kind":"end"' not in log


def test_deleted_and_skipped_tests_are_told_at_head(process_tier, tree: Tree):
    base = process_tier.test(tree({"test_it.py": "def test_a(): pass\ndef test_b(): pass"}))
    head = process_tier.test(tree({"test_it.py": "def test_a(): pass"}))
    assert [(f.id, f.kind) for f in compare(base, head).new_failures] == [
        ("test_it.py::test_b", "disappeared")
    ]


def test_module_named_like_one_of_ours_is_the_repositorys(process_tier, tree: Tree):
    files = {f"{name}.py": "NAME = 'theirs'" for name in ("supervisor", "overlay_built", "set_project_apart")}
    code = "import supervisor, overlay_built\ndef test_it(): assert supervisor.NAME == overlay_built.NAME == 'theirs'"
    assert process_tier.test(tree({**files, "tests/test_it.py": code})).status == "passed"


def test_failure_that_passes_when_it_is_run_again_is_flaky(process_tier, tree: Tree):
    flaky = """
import os
def test_flaky():
    if not os.path.exists("seen"):
        open("seen", "w").close()
        raise AssertionError("first time")
def test_fails(): assert False
def test_passes(): pass
"""
    report = process_tier.test(tree({"test_flaky.py": flaky}))
    assert report.flaky == ("test_flaky.py::test_flaky",)
    assert report.counts == {"passed": 2, "failed": 1}
    assert report.status == "failed"
    once = process_tier.test(tree({"test_flaky.py": flaky}), rerun_failures=0)
    assert once.flaky == ()


def test_run_past_its_time_is_timed_out_and_names_the_test(tier, tree: Tree):
    source = tree({"test_it.py": "import time\ndef test_a(): pass\ndef test_hangs(): time.sleep(60)"})
    report = tier.test(source, limits=Limits(wall_seconds=2))
    assert report.status == "timed_out"
    assert "test_it.py::test_hangs" in report.reason
    assert report.counts == {"passed": 1}


def test_no_tests_is_a_status(process_tier, tree: Tree):
    assert process_tier.test(tree({"code.py": "x = 1"})).status == "no_tests"
    assert process_tier.test(tree({"pytest.ini": "[pytest]"})).status == "no_tests"


def test_progress_is_told(tier, tree: Tree):
    told: list[tuple[int, int | None, int]] = []
    tier.test(
        tree({"test_it.py": "def test_a(): pass\ndef test_b(): pass"}), on_progress=lambda *x: told.append(x)
    )
    assert told == [(0, 2, 0), (1, 2, 0), (2, 2, 0)]


CASES = "import unittest\nclass A(unittest.TestCase):\n    def test_{0}(self): pass\n    def test_{0}2(self): pass\n"


@pytest.mark.parametrize("framework", ["pytest", "unittest"])
def test_impacted_tests_run_first_and_are_told_of(process_tier, tree: Tree, framework: str):
    files = {f"tests/test_{name}.py": CASES.format(name) for name in "abc"}
    told: list[tuple[int, int | None, int]] = []
    report = process_tier.test(
        tree(files), framework=framework, first=["tests/test_c.py", "tests/test_b.py", "no/test_such.py"],
        on_progress=lambda *words: told.append(words),
    )  # fmt: skip
    names = [result.id.replace(".", ":").rpartition(":")[2] for result in report.results]
    assert names == ["test_c", "test_c2", "test_b", "test_b2", "test_a", "test_a2"]
    assert (report.impacted, told[0], told[-1]) == (Impacted(2, 4, 4), (0, 6, 4), (6, 6, 4))
    assert TestReport.from_json(report.to_json()) == report
    unordered = process_tier.test(tree(files), framework=framework)
    assert ({r.id for r in unordered.results}, unordered.impacted) == ({r.id for r in report.results}, None)


@pytest.mark.parametrize("framework", ["pytest", "unittest"])
def test_chosen_files_alone_are_run(process_tier, tree: Tree, framework: str):
    files = {f"tests/test_{name}.py": CASES.format(name) for name in "abc"}
    report = process_tier.test(tree(files), framework=framework, only=["tests/test_b.py"])
    assert (report.status, len(report.results)) == ("passed", 2)
    assert all("test_b" in result.id for result in report.results)
    files |= {"tests/test_b.py": "import unittest, no_such_module\n"}
    assert process_tier.test(tree(files), framework=framework, only=["tests/test_b.py"]).status == "broken"


def test_repository_beside_is_imported_before_any_installed_one(tier, tree: Tree):
    library = tree(
        {"src/pluggable/__init__.py": "NAME = 'sibling'", "src/iniconfig/__init__.py": "NAME = 'sibling'"}
    )
    code = "import pluggable, iniconfig\ndef test_it(): assert pluggable.NAME == 'sibling' == iniconfig.NAME"
    report = tier.test(tree({"tests/test_it.py": code}), beside={"library": library})
    # pytest itself needs iniconfig, which is now the sibling's: a broken run, but of the right module.
    assert "iniconfig" in report.reason or report.status == "passed"
    library = tree({"src/pluggable/__init__.py": "NAME = 'sibling'"})
    code = "import pluggable\ndef test_it(): assert '/beside/library/src/' in pluggable.__file__"
    assert tier.test(tree({"tests/test_it.py": code}), beside={"library": library}).status == "passed"


def test_secret_of_the_host_is_not_in_log_or_excerpt(
    process_tier, tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SERVICE_TOKEN", "canary-token-55")
    report = process_tier.test(tree({"test_it.py": "def test_it(): assert 'canary-' + 'token-55' == ''"}))
    assert "canary-token" not in Path(report.log).read_text() + report.failures[0].excerpt
    assert "[redacted]" in report.failures[0].excerpt


def test_settings_of_the_repository_stay_in_place(process_tier, tree: Tree):
    settings = "[tool.pytest.ini_options]\naddopts = '-p no:cacheprovider --strict-markers'\nfilterwarnings = ['error']\n"
    report = process_tier.test(
        tree({"pyproject.toml": settings, "test_it.py": "import warnings\ndef test_it(): warnings.warn('x')"})
    )
    assert report.counts == {"failed": 1}


def test_tests_spread_by_xdist_are_all_reported(tree: Tree, tmp_path: Path):
    pytest.importorskip("xdist")
    code = "import pytest\n@pytest.mark.parametrize('n', range(20))\ndef test_n(n): assert n != 7"
    source = tree({"test_it.py": code, "pytest.ini": "[pytest]\naddopts = -n 2"})
    provider = ProcessProvider(tmp_path / "home")
    environment = provider.prepare(given_interpreter(sys.executable), source, tmp_path / "setup.log")
    report = run_tests(provider, environment, source, log=tmp_path / "log", first=["test_it.py"])
    assert report.counts == {"passed": 19, "failed": 1}, report
    assert (report.status, report.impacted) == ("failed", Impacted(1, 20, 19))


def test_failure_that_is_skipped_when_it_runs_alone_has_not_passed(process_tier, tree):
    code = """
import pytest
seen = []
def test_login(): seen.append(1)
def test_cart():
    if not seen: pytest.skip("needs test_login")
    assert 1 == 2
"""
    report = process_tier.test(tree({"test_shop.py": code}))
    assert (report.status, report.flaky) == ("failed", ())


def test_results_without_end_are_not_kept_and_break_the_run(tmp_path):
    heard, long = Heard(None, lambda _: None), "x" * 8000
    for number in range(10_000):
        heard.take({"kind": "test", "id": f"{number}{long}", "outcome": "passed", "seconds": 0})
    heard.take({"kind": "end", "exit_code": 0})
    outcome = Outcome("exited", 0, b"", 0, 1.0)
    report = report_of("pytest", "process", heard, outcome, tmp_path / "log", Redactor({}))
    assert (report.status, report.reason) == ("broken", "the tests told more than 64 MiB of results")
    assert sum(len(result.id) for result in report.results) <= 64 << 20
