"""`overhaul bench`: patches graded by real tests, and a scripted model over real HTTP that must not see them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from overhaul.flows.bench_grading import outcome_of, outcomes_of
from overhaul.flows.command_line.main import main
from overhaul.flows.runs import overview
from overhaul.flows.settings import Settings
from overhaul.sandbox.report import TestReport, TestResult
from tests.flows.repositories import commit_files, git, make_repository
from tests.flows.test_agent_runs import at_home, model, patch, shell
from tests.refactors.agent.model_server import Refuse, Say

__all__ = ["at_home"]

HERE = ["--sandbox", "process", "--python", sys.executable]
TIER = "landlock"
SECRET = "the_hidden_name"
TEST = "import shop\n\n\ndef test_price():\n    assert shop.price(1) == 2\n"
HIDDEN = f"\n\ndef test_{SECRET}():\n    assert shop.price(-1) == 0  # {SECRET}\n"
FIXED = "def price(x):\n    return max(x, 0) + (x > 0)  # gold\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository whose second commit is the fix, with its test."""
    first = {
        "shop.py": "def price(x):\n    return x + 2 - 1 if x >= 0 else x\n",
        "test_shop.py": TEST,
        "unique.txt": str(tmp_path),
    }
    repository = make_repository(tmp_path / "shop", first)
    git(repository, "tag", "base")
    commit_files(repository, {"shop.py": FIXED, "test_shop.py": TEST + HIDDEN}, f"the fix {SECRET}")
    return repository


def line(shop: Path, **more: Any) -> dict[str, Any]:
    return {
        "instance_id": "acme__shop-1", "repo": "acme/shop", "base_commit": git(shop, "rev-parse", "base"),
        "problem_statement": "A price is never below zero.",
        "patch": git(shop, "diff", "base", "main", "--", "shop.py"),
        "test_patch": git(shop, "diff", "base", "main", "--", "test_shop.py"),
        "FAIL_TO_PASS": json.dumps([f"test_shop.py::test_{SECRET}"]),
        "PASS_TO_PASS": ["test_shop.py::test_price"],
        **more,
    }  # fmt: skip


def by_recipe(shop: Path, check: str = "python -c 'from shop import cost'") -> dict[str, Any]:
    return {
        "instance_id": "rename", "repo": str(shop), "base_commit": git(shop, "rev-parse", "base"),
        "recipe": "rename-symbol", "parameters": {"old": "shop.price", "new": "cost"}, "check": check,
    }  # fmt: skip


Bench = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def bench(shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    """The command in this process, on lines and given patches; its exit code and results by instance."""
    monkeypatch.setenv("OVERHAUL_HOME", str(shop.parent / "home"))
    file, given = shop.parent / "some.jsonl", shop.parent / "given.jsonl"

    def run(*lines: dict[str, Any], predictions: str | dict[str, str] = "gold") -> tuple[int, dict[str, Any]]:
        file.write_text("".join(f"{json.dumps(each)}\n" for each in lines))
        if not isinstance(predictions, str):
            rows = [{"instance_id": name, "model_patch": text} for name, text in predictions.items()]
            given.write_text("".join(f"{json.dumps(each)}\n" for each in rows))
            predictions = str(given)
        words = ["bench", str(file), "--predictions", predictions, "--repositories", str(shop.parent), *HERE]
        words += ["--model-name", "m", "--output", str(shop.parent / "output"), "--json"]
        code = main(words)
        written = capsys.readouterr().out
        return code, {each["instance_id"]: each for each in json.loads(written)["results"]} if written else {}

    return run


def change(shop: Path, files: dict[str, str]) -> str:
    """A patch for the base commit."""
    git(shop, "checkout", "--quiet", "base")
    for name, text in files.items():
        (shop / name).write_text(text)
    git(shop, "add", "--all")
    made = git(shop, "diff", "--cached", "base")
    git(shop, "reset", "--quiet", "--hard", "main")
    return made


def test_patches_are_graded_by_the_hidden_tests_whatever_they_do_to_them(bench: Bench, shop: Path) -> None:
    """What is recorded stays; one instance that cannot be graded does not end the others, and is tried again."""
    odd = ["shop.py::not here", f"test_shop.py::test_{SECRET}"]
    lines = [
        line(shop),
        line(shop, instance_id="empty"),
        line(shop, instance_id="tests-bent"),
        line(shop, instance_id="breaks"),
        line(shop, instance_id="unfit"),
        line(shop, instance_id="unknown-test", FAIL_TO_PASS=odd),
        line(shop, instance_id="not-given"),
        line(shop, instance_id="lost", repo="acme/gone"),
    ]
    cheat = f"import shop\n\n\ndef test_price(): pass\n\n\ndef test_{SECRET}(): pass\n"
    gold = lines[0]["patch"]
    given = {
        "acme__shop-1": gold,
        "empty": "",
        "tests-bent": change(shop, {"test_shop.py": cheat}),
        "breaks": change(shop, {"shop.py": "def price(x):\n    return 0\n"}),
        "unfit": gold.replace("2 - 1", "3 - 2"),
        "unknown-test": gold,
        "lost": gold,
    }
    code, results = bench(*lines, predictions=given)
    assert (code, {name: each["verdict"] for name, each in results.items()}) == (
        1, {
            "acme__shop-1": "resolved", "empty": "not resolved", "tests-bent": "not resolved",
            "breaks": "not resolved", "unfit": "not resolved", "unknown-test": "not resolved",
            "not-given": "not resolved", "lost": "error",
        },
    )  # fmt: skip
    reasons = {name: each["reason"] for name, each in results.items()}
    assert reasons["empty"].startswith("the patch is empty; 1 of 1 FAIL_TO_PASS fail: test_shop.py::test_the")
    assert reasons["breaks"] == "1 of 1 PASS_TO_PASS fail: test_shop.py::test_price"
    assert reasons["unfit"].startswith("the patch does not apply: error: patch failed: shop.py:1")
    assert reasons["unknown-test"] == "1 of 2 FAIL_TO_PASS fail: shop.py::not here"
    assert "no clone of acme/gone" in reasons["lost"]
    git(shop.parent, "clone", "--quiet", str(shop), str(shop.parent / "gone"))
    code, again = bench(*lines, predictions=given)
    assert (code, again.pop("lost")["verdict"]) == (0, "resolved")
    assert again == {name: each for name, each in results.items() if name != "lost"}
    page = (shop.parent / "output" / "results.md").read_text()
    assert "`m`: 2 of 8 resolved (25.0 %), 6 not resolved, 0 errors" in page
    assert "| `the patch is empty; 1 of 1 FAIL_TO_PASS fail: " in page


def test_tests_are_found_by_the_ids_that_the_official_data_sets_have() -> None:
    results = {
        "test_a.py::test_x[a b]": "passed", "test_a.py::test_x[a c]": "skipped", "test_a.py::test_x[a d]": "failed",
        "test_a.py::test_y[a b]": "xfailed", "app.tests.Case.test_z": "passed", "test_a.py::test_skipped": "skipped",
    }  # fmt: skip
    made = tuple(TestResult(name, outcome, 0.0) for name, outcome in results.items())
    outcomes = outcomes_of(TestReport("pytest", "failed", "process", results=made))
    expected = {
        "test_a.py::test_x[a b]": True, "test_a.py::test_x[a": False, "test_a.py::test_y[a": True,
        "test_z (app.tests.Case)": True, "test_z (app.tests.Case.test_z)": True, "test_z (app.tests.Other)": False,
        "test_a.py::test_skipped": None, "test_a.py::test_gone": False,
    }  # fmt: skip
    assert {name: outcome_of(outcomes, name) for name in expected} == expected


def test_check_is_run_on_what_was_changed_and_results_of_something_else_are_not_taken(
    bench: Bench, shop: Path
) -> None:
    gold = change(shop, {"shop.py": "def cost(x):\n    return x\n"})
    two = [by_recipe(shop), {**by_recipe(shop, "echo 'no | good'; exit 3"), "instance_id": "bad"}]
    code, results = bench(*({**each, "patch": gold} for each in two))
    assert (code, results["rename"]["verdict"], results["rename"]["check"]) == (0, "resolved", 0)
    assert (results["bad"]["verdict"], results["bad"]["check"]) == ("not resolved", 3)
    assert results["bad"]["reason"] == "the check ended with 3: no | good"
    assert "no ¦ good" in (shop.parent / "output" / "results.md").read_text()
    assert bench({**two[0], "patch": gold, "check": "true"})[0] == 1


def test_model_is_asked_in_no_sandbox_that_does_not_isolate(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OVERHAUL_MODEL", "m")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    file = shop.parent / "some.jsonl"
    file.write_text(json.dumps(line(shop)))
    assert main(["bench", str(file), *HERE, "--output", str(shop.parent / "output")]) == 2
    assert "could read the hidden tests" in capsys.readouterr().err


@pytest.fixture
def in_process(
    at_home: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, Any, str]]:
    """The command in this process, with a model: its exit code, its document, and what it says."""

    def run(command: Sequence[str | Path], variables: dict[str, str]) -> tuple[int, Any, str]:
        at_home(variables)
        code = main([str(word) for word in command])
        written = capsys.readouterr()
        return code, json.loads(written.out) if written.out else None, written.err

    return run


def test_model_resolves_without_seeing_what_is_hidden_and_is_paid_once_though_killed(
    environment: dict[str, str],
    home: Settings,
    in_process: Callable[..., tuple[int, Any, str]],
    shop: Path,
    tmp_path: Path,
) -> None:
    """It looks for the tests wherever they may be, and is killed as it asks for its second answer."""
    file, output = tmp_path / "some.jsonl", tmp_path / "output"
    file.write_text(f"{json.dumps(line(shop))}\n{json.dumps(by_recipe(shop))}\n")
    places = f"{home.home} {shop} {output}"
    look = (
        f"cat {file} {output}/*/* {shop}/test_shop.py; grep -r hidden_name . {places}; git log --all -p; env"
    )
    script = [
        Say("", (shell(look), shell("cat test_shop.py"))),
        Say("", (patch("    return x + 2 - 1 if x >= 0 else x", "    return x + 1 if x >= 0 else 0"),)),
        Say("Done."),
    ]
    command = ["bench", file, "--repositories", tmp_path, "--output", output, "--sandbox", TIER, "--json"]
    with model(*script) as (server, variables):
        program = [str(Path(sys.executable).with_name("overhaul")), *map(str, command)]
        with subprocess.Popen(
            program, env=environment | variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as first:
            server.refuses = lambda _: len(server.requests) == 1 and (first.kill() or True)
            assert first.wait() == -9
        server.refuses = lambda _: False
        code, found, said = in_process(command, variables)
        assert (code, len(server.requests)) == (0, 3), said
        assert in_process(command, variables)[:2] == (0, found)
    assert len(server.requests) == 3
    fixed, renamed = found["results"]
    assert (fixed["verdict"], renamed["verdict"]) == ("resolved", "resolved"), said
    assert (fixed["spent"]["steps"], fixed["spent"]["tokens"]["output"], fixed["isolation"]) == (3, 30, TIER)
    assert renamed["spent"]["run_status"] == "published"
    seen = b"".join(body for _, body in server.requests).decode()
    assert "assert shop.price(1) == 2" in seen, "it sees the tests that are there"
    logs = "".join(each.read_text() for each in (home.run_folder(fixed["run_id"]) / "logs").iterdir())
    for hidden in ("hidden_name", "# gold", "FAIL_TO_PASS", "from shop import cost"):
        assert hidden not in (seen + logs).replace("grep -r hidden_name", "")
    prediction = json.loads((output / "all_preds.jsonl").read_text().splitlines()[0])
    assert (prediction["instance_id"], prediction["model_name_or_path"]) == ("acme__shop-1", "scripted")
    assert "+    return x + 1 if x >= 0 else 0\n" in prediction["model_patch"]
    assert git(shop, "branch", "--list") == "* main", "nothing is pushed to where it is from"
    runs = {each["run_id"] for each in overview(home, "bench:some")}
    assert runs == {fixed["run_id"], renamed["run_id"]}


@pytest.fixture
def web_search(home: Settings) -> Iterator[None]:
    """The user has a web search, which runs with a network offer."""
    home.file.write_text("[web_search]\nprovider = true\n")
    yield
    home.file.unlink()


@pytest.mark.usefixtures("web_search")
def test_model_that_is_down_is_an_error_that_the_next_command_mends(
    in_process: Callable[..., tuple[int, Any, str]], shop: Path, tmp_path: Path
) -> None:
    """Nor has it the user's web search, with which it could find the fix."""
    file = tmp_path / "some.jsonl"
    file.write_text(json.dumps(line(shop)))
    command = [
        "bench",
        file,
        "--repositories",
        tmp_path,
        "--output",
        tmp_path / "o",
        "--sandbox",
        TIER,
        "--network",
        "full",
        "--json",
    ]
    down = Refuse(401, {"error": {"message": "bad key"}})
    with model(Say("", (shell("true"),)), down, Say("I give up.")) as (server, variables):
        code, failed, said = in_process(command, variables)
        assert (code, failed["error_ids"]) == (1, ["acme__shop-1"]), said
        assert "bad key" in failed["results"][0]["reason"]
        code, found, said = in_process(command, variables)
    assert (code, len(server.requests), found["tokens"]["input"]) == (0, 3, 200), said
    assert "web_search" not in json.dumps(server.bodies)
    assert found["results"][0]["reason"].startswith("the patch is empty; 1 of 1 FAIL_TO_PASS")
