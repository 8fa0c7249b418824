"""Test runs in parts, side by side: what they come to is what a run in one piece comes to, or they do not count."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from overhaul.sandbox.environment import detect
from overhaul.sandbox.landlock import LandlockProvider
from overhaul.sandbox.provider import Limits
from overhaul.sandbox.report import Impacted, TestReport, TestResult
from overhaul.sandbox.test_parts import Split, parts_of_files, shared
from overhaul.sandbox.testing import run_tests
from tests.sandbox.conftest import Tier, write_tree

Tree = Callable[[Mapping[str, str]], Path]

TESTS = """
import pytest
from code_of_ours import used
@pytest.mark.parametrize("n", range(3))
def test_{0}(n): assert used(n) == n + 1
@pytest.mark.skip
def test_skipped(): pass
"""
FILES = {
    "src/code_of_ours.py": "def used(n):\n    return n + 1\n\n\ndef unused():\n    return 2\n",
    **{f"tests/test_{name}.py": TESTS.format(name) for name in "abcde"},
    "tests/test_fails.py": "def test_fails(): assert 0",
}
# It passes only after the other file's test, which ends up in the other part.
DEPENDENT = {
    "test_a.py": "import sys\ndef test_a(): sys.seen = True",
    "test_b.py": "import sys\ndef test_b(): assert getattr(sys, 'seen', False)",
}

# As pytest-cov does where too few lines were covered.
FAILS_WITHOUT_A_FAILURE = """
import os, pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtestloop(session):
    yield
    session.testsfailed += "OVERHAUL_PART" in os.environ
"""


@pytest.fixture
def landlock_tier(make_environment, tmp_path: Path) -> Tier:
    """The cheapest that isolates, for what no provider decides."""
    return Tier(*make_environment("landlock"), tmp_path)


def as_if_long(base: TestReport) -> TestReport:
    """The report with durations for which parts are worth it: each test took a second."""
    results = tuple(replace(result, seconds=1.0) for result in base.results)
    return replace(base, results=results, seconds=float(len(results)))


def split(base: TestReport, parts: int = 2) -> Split:
    return Split(parts, as_if_long(base), longer_than_seconds=0)


def outcomes(report: TestReport) -> Sequence[tuple[str, str]]:
    return [(result.id, result.outcome) for result in report.results]


def log_of(report: TestReport) -> str:
    return Path(report.log).read_text(errors="replace")


def test_parts_come_to_what_one_piece_comes_to(isolating: Tier, tree: Tree):
    source = tree(FILES)
    lines = {"src/code_of_ours.py": range(1, 7), "tests/test_e.py": [5]}
    first = ["tests/test_e.py", "tests/test_a.py"]
    base = isolating.test(source)
    whole = isolating.test(source, first=first, changed_lines=lines)
    told: list[tuple[int, int | None, int]] = []
    report = isolating.test(
        source, first=first, changed_lines=lines, split=split(base), on_progress=lambda *n: told.append(n)
    )
    assert (report.parts, whole.parts, report.status, report.exit_code) == (2, 1, "failed", 1), log_of(report)
    assert outcomes(report) == outcomes(base)
    assert sorted(outcomes(report)) == sorted(outcomes(whole))
    assert report.impacted == whole.impacted == Impacted(2, 8, 6)
    assert report.coverage is not None
    assert whole.coverage is not None
    assert (report.coverage.executed, report.coverage.missed) == (
        whole.coverage.executed,
        whole.coverage.missed,
    )
    assert {(total, first) for _, total, first in told} == {(21, 8)}
    assert told[-1] == (21, 21, 8)
    log = log_of(report)
    assert log.index("overhaul: part 1 of 2") < log.index("overhaul: part 2 of 2")
    assert TestReport.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_tests_that_depend_on_their_order_are_run_in_one_piece(isolating: Tier, tree: Tree):
    source = tree(DEPENDENT)
    base = isolating.test(source)
    report = isolating.test(source, split=split(base))
    assert (report.status, report.parts, report.flaky) == ("passed", 1, ())
    assert outcomes(report) == outcomes(base)
    assert "do not count (not as at base: test_b.py::test_b)" in log_of(report)


def test_failure_that_only_parts_mend_is_no_fix(landlock_tier: Tier, tree: Tree):
    files = DEPENDENT | {"test_b.py": "import sys\ndef test_b(): assert not hasattr(sys, 'seen')"}
    base = landlock_tier.test(tree(files), rerun_failures=0)
    report = landlock_tier.test(tree(files), split=split(base), rerun_failures=0)
    assert (report.status, report.parts, outcomes(report)) == ("failed", 1, outcomes(base))


def test_new_failure_is_that_of_one_piece(landlock_tier: Tier, tree: Tree):
    base = landlock_tier.test(tree(FILES))
    report = landlock_tier.test(
        tree(FILES | {"tests/test_b.py": "def test_b(): assert 0"}), split=split(base)
    )
    assert report.parts == 1
    assert [failure.id for failure in report.failures] == [
        "tests/test_b.py::test_b",
        "tests/test_fails.py::test_fails",
    ]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"test_a.py": "import os, signal\ndef test_a(): os.kill(os.getpid(), signal.SIGKILL)"}, "part 1: "),
        ({"test_a.py": "import os\ndef test_a(): os._exit(0)"}, "part 1: "),
        ({"test_a.py": "import no_such_module"}, "part 1: 1 files could not be collected"),
        ({"conftest.py": FAILS_WITHOUT_A_FAILURE}, "part 1: failed"),
        ({"conftest.py": "import os\nif 'OVERHAUL_PART' in os.environ: collect_ignore = ['test_a.py']"}, "part 1: no_tests"),
    ],
)  # fmt: skip
def test_part_that_breaks_does_not_count(
    landlock_tier: Tier, tree: Tree, files: Mapping[str, str], reason: str
):
    calm = {f"test_{name}.py": f"def test_{name}(): pass" for name in "ab"}
    base = landlock_tier.test(tree(calm))
    whole = landlock_tier.test(tree(calm | files))
    report = landlock_tier.test(tree(calm | files), split=split(base))
    assert (report.parts, report.status, report.reason, outcomes(report)) == (
        1, whole.status, whole.reason, outcomes(whole),
    )  # fmt: skip
    assert f"do not count ({reason}" in log_of(report)


def test_tests_that_only_one_part_collects_do_not_add_up(landlock_tier: Tier, tree: Tree):
    calm = {f"test_{name}.py": f"def test_{name}(): pass" for name in "abcd"}
    base = landlock_tier.test(tree(calm))
    hides = "import json, os\npart = json.loads(os.environ.get('OVERHAUL_PART') or '{}')\n"
    hides += "collect_ignore = ['test_d.py'] if part.get('part') == 1 else []"
    report = landlock_tier.test(tree(calm | {"conftest.py": hides}), split=split(base))
    assert (report.parts, report.status, len(report.results)) == (1, "passed", 4)
    assert "together they are not all of the tests" in log_of(report)


def test_new_file_runs_in_one_part_and_a_gone_one_is_told(landlock_tier: Tier, tree: Tree):
    base = landlock_tier.test(tree(FILES))
    new = landlock_tier.test(tree(FILES | {"tests/test_new.py": "def test_new(): pass"}), split=split(base))
    assert (new.parts, outcomes(new)) == (2, [*outcomes(base), ("tests/test_new.py::test_new", "passed")])
    fewer = {name: text for name, text in FILES.items() if "test_c" not in name}
    assert landlock_tier.test(tree(fewer), split=split(base)).parts == 1
    renamed = Split(2, as_if_long(base), {"test_c": "test_x"}, 0)
    moved = landlock_tier.test(tree(fewer | {"tests/test_x.py": TESTS.format("x")}), split=renamed)
    assert (moved.parts, len(moved.results)) == (2, len(base.results))


def test_failure_that_passes_alone_is_flaky_in_a_part_too(landlock_tier: Tier, tree: Tree):
    flaky = "import os\ndef test_a():\n    if not os.path.exists('seen'):\n        open('seen', 'w').close()\n        assert 0"
    source = tree({"test_a.py": flaky, "test_b.py": "def test_b(): pass"})
    base = landlock_tier.test(source)
    assert base.flaky == ("test_a.py::test_a",)
    report = landlock_tier.test(source, split=split(base))
    assert (report.parts, report.status, report.flaky) == (2, "passed", base.flaky)


def test_tests_that_xdist_spreads_are_run_in_one_piece(tmp_path: Path):
    files = {f"test_{name}.py": f"def test_{name}(): pass" for name in "ab"}
    files |= {"requirements.txt": "pytest\npytest-xdist\n", "pytest.ini": "[pytest]\naddopts = -n 2"}
    source = write_tree(tmp_path / "source", files)
    provider = LandlockProvider(tmp_path / "home")
    environment = provider.prepare(detect(source), source, tmp_path / "setup.log")
    base = run_tests(provider, environment, source, log=tmp_path / "log")
    report = run_tests(provider, environment, source, log=tmp_path / "log", split=split(base))
    assert (report.parts, report.status, len(report.results)) == (1, "passed", 2)
    assert "xdist spreads these tests over the cores already" in log_of(report)


@pytest.mark.docker
def test_lost_container_of_a_part_is_no_end_of_the_run(docker_tier: Tier, tree: Tree):
    from overhaul.sandbox.docker_workspace import OWNER_LABEL
    from overhaul.sandbox.owner import own_identity

    waits = "import os, time\ndef test_{0}():\n    while 'OVERHAUL_PART' in os.environ: time.sleep(0.1)"
    files = {f"test_{name}.py": f"def test_{name}(): pass" for name in "ab"}
    base = docker_tier.test(tree(files))
    source = tree({f"test_{name}.py": waits.format(name) for name in "ab"})
    client = docker_tier.provider.client()  # type: ignore[attr-defined]

    def kill_one(done: int, total: int | None, first: int) -> None:
        ours = client.containers.list(filters={"label": f"{OWNER_LABEL}={own_identity()}"})
        if len(ours) > 1:
            ours[0].kill()

    limits = Limits(wall_seconds=60)
    report = docker_tier.test(source, split=split(base), on_progress=kill_one, limits=limits)
    assert (report.parts, report.status, len(report.results)) == (1, "passed", 2), log_of(report)
    assert "do not count" in log_of(report)


def test_nothing_is_split_without_isolation(process_tier: Tier, tree: Tree):
    base = process_tier.test(tree(FILES))
    assert process_tier.test(tree(FILES), split=split(base)).parts == 1


def base_of(seconds: Mapping[str, float], whole: float) -> TestReport:
    results = tuple(TestResult(f"{path}::test_it", "passed", took) for path, took in seconds.items())
    return TestReport("pytest", "passed", "docker", results=results, seconds=whole)


def test_files_are_shared_out_by_how_long_they_took():
    took = {"a": 1.0, "b": 30.0, "c": 10.0, "d": 25.0, "e": 6.0, "f": 0.0, "g": 0.0}
    assigned = parts_of_files(Split(2, base_of(took, 75)))
    assert assigned == {"b": 0, "d": 1, "c": 1, "e": 0, "a": 1, "f": 0, "g": 0}
    assert list(assigned) == ["b", "d", "c", "e", "a", "f", "g"]
    even = parts_of_files(Split(2, base_of(dict.fromkeys("abcd", 10.0), 50)))
    assert even == {"a": 0, "b": 1, "c": 0, "d": 1}


@pytest.mark.parametrize(
    "base",
    [
        base_of({"a": 9.0, "b": 9.0}, 19),
        base_of({"a": 90.0, "b": 9.0}, 101),
        base_of({"a": 9.0, "b": 9.0}, 100),
        replace(base_of({"a": 50.0, "b": 50.0}, 100), status="broken"),
        replace(base_of({"a": 50.0, "b": 50.0}, 100), framework="unittest"),
        TestReport("pytest", "no_tests", "docker", seconds=30),
    ],
    ids=["short", "one long file", "slow to collect", "broken", "unittest", "nothing"],
)
def test_run_that_parts_would_not_make_shorter_is_not_split(base: TestReport):
    assert parts_of_files(Split(2, base)) == {}


def test_parts_share_the_limits_of_one_run():
    each = shared(Limits(wall_seconds=60), 2)
    assert (each.memory_bytes, each.processes, each.wall_seconds) == (2 << 30, 256, 60)
