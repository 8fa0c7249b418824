"""The agent's workspace on a real repository, in a real sandbox, with a scripted model over real HTTP."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from overhaul.flows import testing
from overhaul.flows.agent_workspace import GitWorkspace
from overhaul.flows.mirror import Author, Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.settings import Settings
from overhaul.refactors.agent.limits import Limits
from overhaul.refactors.agent.loop import Agent
from overhaul.refactors.agent.model import OpenAIModel, Provider
from overhaul.refactors.agent.permissions import Rights, Wish
from overhaul.refactors.agent.tools import Toolbox
from tests.flows.repositories import make_repository
from tests.refactors.agent.model_server import Say, serving

FILES = {
    "shop/__init__.py": "", "shop/prices.py": "def price(x):\n    return x + 1\n",
    "shop/till.py": "from shop.prices import price\n\n\ndef pay(x):\n    return price(x)\n",
    "tests/test_till.py": "from shop.till import pay\n\n\ndef test_pay():\n    assert pay(1) == 2\n",
    "conftest.py": "", ".gitignore": "*.log\n",
}  # fmt: skip


class Nobody:
    """Nobody is there to grant anything."""

    def grants(self, wish: Wish) -> bool:
        del wish
        return False


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitWorkspace]:
    monkeypatch.setenv("OVERHAUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SHOP_API_TOKEN", "hunter2hunter2hunter2")
    source = str(make_repository(tmp_path / "shop", FILES))
    mirror = Mirror.of(source, Settings.from_environment().mirrors)
    base = mirror.fetch(None)
    options = RunOptions(sandbox="process", python=sys.executable)
    run_folder = tmp_path / "run"
    environment = testing.prepare_environment(mirror, base.commit, options, run_folder)
    checkout = testing.Checkout(source, base.commit, environment, (), ())
    baseline = testing.test_commit(checkout, testing.Testing("base", 60.0), run_folder, None)
    with GitWorkspace(checkout, Author("A", "a@localhost", 1_700_000_000), run_folder, baseline) as made:
        yield made


def test_command_changes_the_tree_and_ignored_files_stay_behind(workspace: GitWorkspace) -> None:
    before = workspace.tree
    outcome = workspace.run("sed -i 's/+ 1/+ 2/' shop/prices.py; touch new.py x.log; rm conftest.py", 60)
    assert outcome.exit_code == 0
    assert workspace.read("shop/prices.py") == b"def price(x):\n    return x + 2\n"
    assert workspace.changed_since(before) == [
        ("conftest.py", True),
        ("new.py", False),
        ("shop/prices.py", False),
    ]
    workspace.go_to(before)
    assert workspace.run("cat shop/prices.py; ls", 60).output.count("x + 1") == 1
    assert workspace.tree == before


def test_commands_follow_each_other_in_one_workspace(workspace: GitWorkspace) -> None:
    workspace.run("echo one > a.txt", 60)
    workspace.write({"b.txt": b"two\n"})
    assert workspace.run("cat a.txt b.txt", 60).output.split() == ["one", "two"]
    assert "timed out" in workspace.run("sleep 30", 0.5).reason


def test_tests_tell_what_fails_only_now(workspace: GitWorkspace) -> None:
    assert workspace.run_tests() == "1 passed\nno new failures."
    workspace.write({"shop/prices.py": b"def price(x):\n    return x\n"})
    said = workspace.run_tests()
    assert said.startswith("1 failed\nnew failure: tests/test_till.py::test_pay\n")
    assert "assert 1 == 2" in said


def test_symbols_tell_who_calls_and_imports(workspace: GitWorkspace) -> None:
    said = workspace.symbols("price")
    assert "function shop.prices.price: shop/prices.py" in said
    assert "called by shop.till.pay (shop/till.py:5)" in said
    assert "imported by shop.till (shop/till.py:1)" in workspace.symbols("shop.prices")
    with pytest.raises(ValueError, match=r"Did you mean 'shop\.prices"):
        workspace.symbols("shop.price")


def test_secrets_of_this_machine_do_not_reach_the_model(workspace: GitWorkspace) -> None:
    assert "hunter2" not in workspace.run("echo hunter2hunter2hunter2", 60).output


def test_model_breaks_a_test_sees_it_and_repairs_it(workspace: GitWorkspace) -> None:
    def patch(old: str, new: str) -> tuple[str, str]:
        lines = f"@@\n def price(x):\n-    return {old}\n+    return {new}\n"
        return "apply_patch!", f"*** Begin Patch\n*** Update File: shop/prices.py\n{lines}*** End Patch\n"

    script = [
        Say("", (patch("x + 1", "x"), ("run_tests", "{}"))),
        Say("", (patch("x", "1 + x"), ("run_tests", "{}"))),
        Say("price adds in the other order now."),
    ]
    with serving(*script) as server:
        made = Agent(
            OpenAIModel(Provider(server.base_url, "key"), "scripted", "responses"),
            Toolbox(workspace, Rights(planned=frozenset({"shop/prices.py"})), Nobody()),
            Limits(),
            steps=lambda _, work: work(),
            clock=time.monotonic,
        )
        state = made.run(made.begin("Swap the operands of price."))
    assert (state.status, state.steps) == ("done", 3)
    assert "new failure: tests/test_till.py::test_pay" in json.dumps(server.bodies[1])
    assert "no new failures." in json.dumps(server.bodies[2])
    assert workspace.read("shop/prices.py") == b"def price(x):\n    return 1 + x\n"
