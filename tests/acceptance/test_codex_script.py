"""One script of a model answered to the real Codex CLI and to our agent: the scripted server is faithful if both do the
same with it, and what each says in every turn before the task can be compared.
"""

from __future__ import annotations

import json
import os
import subprocess
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from overhaul.refactors.agent.limits import Limits
from overhaul.refactors.agent.loop import Agent
from overhaul.refactors.agent.model import OpenAIModel
from overhaul.refactors.agent.permissions import Rights
from overhaul.refactors.agent.provider import Provider
from overhaul.refactors.agent.tools import Toolbox
from tests.refactors.agent.folder_workspace import FolderWorkspace
from tests.refactors.agent.model_server import Say, Step, serving
from tests.refactors.agent.test_loop import Answers, Memory

pytestmark = pytest.mark.acceptance

TASK = "Make the price 2."
BEFORE, AFTER = "price = 1\n", "price = 2\n"
PATCH = "*** Begin Patch\n*** Update File: shop.py\n@@\n-price = 1\n+price = 2\n*** End Patch\n"
SCRIPT: tuple[Step, ...] = (
    Say("I look.", (("no_such_tool", "{}"),), reasoning="sealed"),
    Say("I edit.", (("apply_patch!", PATCH),)),
    Say("Done."),
)


@pytest.fixture
def asked_by_codex(codex: Path, tmp_path: Path) -> list[Any]:
    """The bodies of Codex's requests; it has done what the script says."""
    folder = _repository(tmp_path / "codex")
    home = codex.parents[2] / "home"  # not in a temporary folder, which it refuses
    home.mkdir(exist_ok=True)
    with serving(*SCRIPT) as server:
        provider = (
            f'{{name = "scripted", base_url = "{server.base_url}", wire_api = "responses", env_key = "SCRIPT_KEY",'
            " request_max_retries = 0, stream_max_retries = 0}"
        )
        command = [
            str(codex), "exec", "-m", "gpt-5.5", "-s", "danger-full-access", "-C", str(folder),
            "-c", 'model_provider = "scripted"', "-c", f"model_providers.scripted = {provider}", TASK,
        ]  # fmt: skip
        done = subprocess.run(
            command,
            env=os.environ | {"CODEX_HOME": str(home), "SCRIPT_KEY": "key"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "Done."), done.stderr[-2000:]
    assert (folder / "shop.py").read_text() == AFTER
    return server.bodies


@pytest.fixture
def asked_by_us(tmp_path: Path) -> list[Any]:
    """The bodies of our requests, likewise."""
    workspace = FolderWorkspace(tmp_path / "ours", {"shop.py": BEFORE})
    ticks = count()
    with serving(*SCRIPT) as server:
        model = OpenAIModel(Provider(server.base_url, "key"), "gpt-5.5", "responses")
        toolbox = Toolbox(workspace, Rights(), Answers())
        made = Agent(model, toolbox, Limits(), Memory(), lambda: float(next(ticks)), cache_key="thread")
        state = made.run(made.begin(TASK))
    assert (state.status, state.message) == ("done", "Done.")
    assert workspace.read("shop.py") == AFTER.encode()
    return server.bodies


def test_codex_and_our_agent_do_the_same_with_one_script(
    asked_by_codex: list[Any], asked_by_us: list[Any]
) -> None:
    for bodies in (asked_by_codex, asked_by_us):
        kinds = [row["type"] for row in bodies[-1]["input"] if row["type"] != "message"]
        assert kinds == [
            "reasoning", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output",
        ]  # fmt: skip
        assert (
            next(row for row in bodies[-1]["input"] if row["type"] == "reasoning")["encrypted_content"]
            == "sealed"
        )
        for earlier, later in pairwise(bodies):
            assert later["tools"] == earlier["tools"]
            assert later["input"][: len(earlier["input"])] == earlier["input"]
    both = [{**body[0]} for body in (asked_by_codex, asked_by_us)]
    for name in ("tool_choice", "parallel_tool_calls", "store", "include", "stream"):
        assert both[0][name] == both[1][name], name


def test_what_is_said_in_every_turn_is_a_quarter_of_codexs(
    asked_by_codex: list[Any], asked_by_us: list[Any]
) -> None:
    codex, ours = (fixed_prompt(bodies[0]) for bodies in (asked_by_codex, asked_by_us))
    print(f"fixed prompt: Codex {codex:,} characters, ours {ours:,} ({ours / codex:.1%})")
    assert ours <= codex / 4


def fixed_prompt(body: Any) -> int:
    """Characters of what stands before the task: instructions, tools, and whatever else the client tells the model."""
    told = [row for row in body["input"] if TASK not in json.dumps(row)]
    return (
        len(body.get("instructions", ""))
        + len(json.dumps(body["tools"]))
        + len(json.dumps(told) if told else "")
    )


def _repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / "shop.py").write_text(BEFORE)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder
