"""The loop against a scripted model over real HTTP: how it ends, what it keeps, and that nothing is done twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from overhaul.refactors.agent.conversation import ToolResult
from overhaul.refactors.agent.limits import Limits, Price
from overhaul.refactors.agent.loop import Agent, State
from overhaul.refactors.agent.model import OpenAIModel, Provider, Wire
from overhaul.refactors.agent.permissions import Rights, Wish
from overhaul.refactors.agent.tools import Toolbox
from tests.refactors.agent.folder_workspace import FolderWorkspace
from tests.refactors.agent.model_server import ModelServer, Refuse, Say, Step, serving

PATCH = "*** Begin Patch\n*** Update File: shop.py\n@@\n-price = 1\n+price = 2\n*** End Patch\n"
FILES = {
    "shop.py": "price = 1\n",
    "tests/test_shop.py": "import shop\n",
    ".github/workflows/ci.yml": "on: push\n",
}


class Answers:
    """A person who grants the kinds that are named, and remembers what was asked."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        self.asked: list[Wish] = []

    def grants(self, wish: Wish) -> bool:
        self.asked.append(wish)
        return wish.kind in self.kinds


class Memory:
    """Remembers steps as a durable flow does; `kill_at` ends the process, as it were, after so many pieces of work."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.done: list[str] = []
        self.kill_after_work: int | None = None
        self.kill_before_keeping: int | None = None

    def __call__(self, key: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if key not in self.kept:
            value = work()
            self.done.append(key)
            if self.kill_before_keeping == len(self.done):
                raise Killed
            self.kept[key] = json.dumps(value)
            if self.kill_after_work == len(self.done):
                raise Killed
        return json.loads(self.kept[key])


class Killed(BaseException):
    """The process ended here."""


@contextmanager
def agent(
    folder: Path,
    *steps: Step,
    wire: Wire = "responses",
    limits: Limits | None = None,
    rights: Rights | None = None,
    grants: Answers | None = None,
    memory: Memory | None = None,
) -> Iterator[tuple[Agent, ModelServer, FolderWorkspace]]:
    workspace = FolderWorkspace(folder, FILES)
    with serving(*steps) as server:
        ticks = count()
        yield (
            Agent(
                OpenAIModel(Provider(server.base_url, "key", 20.0), "scripted", wire, lambda _: None),
                Toolbox(workspace, rights or Rights(), grants or Answers()),
                limits or Limits(),
                memory or Memory(),
                clock=lambda: float(next(ticks)),
                cache_key="thread",
            ),
            server,
            workspace,
        )


def run(made: Agent) -> State:
    return made.run(made.begin("Make the price 2."))


def outputs(state: State) -> list[str]:
    return [item.output for item in state.items if isinstance(item, ToolResult)]


@pytest.mark.parametrize("wire", ["responses", "chat"])
def test_patch_is_applied_and_the_run_is_done(tmp_path: Path, wire: Wire) -> None:
    call = ("apply_patch!", PATCH) if wire == "responses" else ("apply_patch", json.dumps({"patch": PATCH}))
    with agent(tmp_path, Say("I edit.", (call,)), Say("Done."), wire=wire) as (made, _, workspace):
        state = run(made)
    assert (state.status, state.message, state.steps) == ("done", "Done.", 2)
    assert workspace.read("shop.py") == b"price = 2\n"
    assert state.usage.total == 220


def test_mistakes_are_answered_and_the_run_goes_on(tmp_path: Path) -> None:
    steps = [
        Say("", (("shel", '{"command": "ls"}'),)),
        Say("", (("shell", "{not json"),)),
        Say("", (("shell", '{"comand": "ls"}'),)),
        Say("", (("shell", '{"command": 7}'),)),
        Say("", (("apply_patch!", PATCH.replace("price = 1", "prize = 1")),)),
        Say("", (("read", '{"path": "shop.pi"}'),)),
    ]
    limits = Limits(steps=6)
    with agent(tmp_path, *steps, limits=limits) as (made, _, workspace):
        state = run(made)
    said = outputs(state)
    assert all(each.startswith("error: ") for each in said)
    for words, each in zip(
        ["Did you mean 'shell'", "no JSON", "needs 'command'", "type string", "shop.py", "Did you mean 'shop.py'"], said, strict=True
    ):  # fmt: skip
        assert words in each
    assert (state.status, workspace.read("shop.py")) == ("steps", b"price = 1\n")


def test_search_read_and_shell_answer_in_text(tmp_path: Path) -> None:
    calls = (
        ("search", '{"pattern": "price *="}'), ("read", '{"path": "shop.py"}'), ("shell", '{"command": "exit 3"}'),
        ("symbols", '{"name": "nowhere"}'),
    )  # fmt: skip
    with agent(tmp_path, Say("", calls), Say("Done.")) as (made, _, _workspace):
        said = outputs(run(made))
    assert said[0] == "shop.py:1:price = 1"
    assert said[1].endswith("    1 price = 1")
    assert (said[2], said[3]) == ("[exit code 3]", "error: nothing here is called nowhere")


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([("shell", '{"command": "ls"}')] * 4, "the same call gave the same result 3 times"),
        ([("shell", '{"command": "ls"}'), ("shell", '{"command": "pwd"}')] * 4, "two calls alternate"),
        ([("read", json.dumps({"path": f"{n}"})) for n in range(7)], "6 calls in a row were errors"),
    ],
)
def test_going_in_circles_is_noticed(tmp_path: Path, calls: list[tuple[str, str]], words: str) -> None:
    with agent(tmp_path, *(Say("", (call,)) for call in calls)) as (made, _, _workspace):
        state = run(made)
    assert state.status == "stuck"
    assert words in state.message


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        (Limits(steps=1), "steps"),
        (Limits(seconds=2.0), "time"),
        (Limits(tokens=150), "tokens"),
        (Limits(dollars=0.0001, price=Price(1.0, 0.1, 2.0)), "money"),
    ],
)
def test_each_limit_ends_the_run_and_keeps_its_work(tmp_path: Path, limits: Limits, status: str) -> None:
    calls = [
        Say("", (("apply_patch!", PATCH),)),
        *[Say("", (("shell", f'{{"command": "echo {n}"}}'),)) for n in range(9)],
    ]
    with agent(tmp_path, *calls, limits=limits) as (made, _, workspace):
        state = run(made)
    assert state.status == status
    assert workspace.read("shop.py") == b"price = 2\n"


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("echo x >> .github/workflows/ci.yml", "CI files"),
        ("echo x > pyproject.toml", "dependencies"),
        ("rm tests/test_shop.py", "deleted tests"),
        ("echo x > other.py", "outside the plan"),
    ],
)
def test_sensitive_effects_are_taken_back_unless_a_person_grants_them(
    tmp_path: Path, command: str, kind: str
) -> None:
    rights = Rights(planned=frozenset({"shop.py", "pyproject.toml", "tests/test_shop.py"}))
    call = Say("", (("shell", json.dumps({"command": command})),))
    for granted in (False, True):
        answers = Answers(*([kind] if granted else []))
        (tmp_path / str(granted)).mkdir()
        with agent(tmp_path / str(granted), call, Say("Done."), rights=rights, grants=answers) as (
            made,
            _,
            workspace,
        ):
            before = workspace.tree
            state = run(made)
        assert [wish.kind for wish in answers.asked] == [kind]
        assert (workspace.tree != before) is granted
        assert (f"not allowed ({kind})" in outputs(state)[0]) is not granted


def test_read_only_mode_offers_nothing_that_changes_files(tmp_path: Path) -> None:
    call = Say("", (("shell", '{"command": "touch x"}'),))
    with agent(tmp_path, call, Say("Done."), rights=Rights("read-only")) as (made, server, workspace):
        state = run(made)
    assert "there is no tool 'shell'" in outputs(state)[0]
    assert workspace.commands == []
    assert [tool["name"] for tool in server.bodies[0]["tools"]] == [
        "read",
        "search",
        "symbols",
        "view_image",
        "run_tests",
        "update_plan",
    ]


def test_plan_is_kept_outside_and_asked_about_once(tmp_path: Path) -> None:
    plan = {"plan": [{"step": "edit", "status": "completed"}, {"step": "test", "status": "pending"}]}
    steps = [Say("", (("update_plan", json.dumps(plan)),)), Say("Done."), Say("No tests here.")]
    with agent(tmp_path, *steps) as (made, server, _):
        state = run(made)
    assert (state.status, state.message) == ("done", "No tests here.")
    assert [each.status for each in state.todos] == ["completed", "pending"]
    assert "[ ] test" in server.bodies[2]["input"][-1]["content"][0]["text"]


def test_full_context_is_shortened_and_the_task_stays(tmp_path: Path) -> None:
    full = Refuse(400, {"error": {"code": "context_length_exceeded", "message": "too long"}})
    looks = [Say("", (("shell", f'{{"command": "echo {n}; seq 1 4000"}}'),)) for n in range(12)]
    with agent(tmp_path, *looks, full, Say("Done.")) as (made, server, _):
        state = run(made)
    assert (state.status, state.compactions) == ("done", 1)
    assert len(server.requests[-1][1]) < len(server.requests[-2][1]) / 2
    assert server.bodies[-1]["input"][0]["content"][0]["text"] == "Make the price 2."


def test_task_that_is_too_long_ends_with_the_reason(tmp_path: Path) -> None:
    full = Refuse(400, {"error": {"code": "context_length_exceeded", "message": "too long"}})
    with agent(tmp_path, full, full, full) as (made, _, _workspace):
        state = run(made)
    assert (state.status, state.message) == ("model failed", "the task alone is longer than the model takes.")


def test_failing_model_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    with agent(tmp_path, Refuse(401, {"error": {"message": "bad key"}})) as (made, _, _workspace):
        state = run(made)
    assert state.status == "model failed"
    assert "Set OPENAI_API_KEY" in state.message


ADD = [
    Say("", (("shell", '{"command": "echo 1 >> log.txt"}'), ("shell", '{"command": "echo 2 >> log.txt"}'))),
    Say("", (("shell", '{"command": "echo 3 >> log.txt"}'),)),
    Say("Done."),
]


@pytest.mark.parametrize("where", ["kill_after_work", "kill_before_keeping"])
@pytest.mark.parametrize("point", range(1, 7))
def test_run_killed_anywhere_goes_on_without_paying_or_acting_twice(
    tmp_path: Path, where: str, point: int
) -> None:
    memory = Memory()
    setattr(memory, where, point)
    # A call whose answer was lost before it could be kept is the only one that is paid for again.
    lost = [ADD[{1: 0, 4: 1, 6: 2}[point]]] if where == "kill_before_keeping" and point in {1, 4, 6} else []
    script = list(ADD)
    if lost:
        script.insert({1: 0, 4: 1, 6: 2}[point], lost[0])
    with agent(tmp_path, *script, memory=memory) as (made, server, workspace):
        begin = made.begin("Make the price 2.")
        with pytest.raises(Killed):
            made.run(begin)
        workspace.write({"stray.txt": b"left by the killed attempt"})
        setattr(memory, where, None)
        state = made.run(State.from_json(json.loads(json.dumps(begin.to_json()))))
    assert state.status == "done"
    assert (workspace.read("log.txt"), workspace.read("stray.txt")) == (b"1\n2\n3\n", None)
    assert len(server.requests) == 3 + len(lost)


def test_half_characters_are_a_mistake_like_others(tmp_path: Path) -> None:
    calls = (("shell", '{"command": "echo \\ud800"}'), ("shell", '{"command": "echo ok"}'))
    with agent(tmp_path, Say("", calls), Say("Done.")) as (made, _, _workspace):
        said = outputs(run(made))
    assert said[0].startswith("error: the arguments of shell hold half a character")
    assert said[1].startswith("ok")


def test_word_of_a_person_ends_what_looked_like_a_circle(tmp_path: Path) -> None:
    look = Say("", (("shell", '{"command": "ls"}'),))
    with agent(tmp_path, look, look, look, look, Say("Done.")) as (made, _, _workspace):
        stuck = run(made)
        state = made.run(stuck.told("Look once more."))
    assert (stuck.status, state.status, state.message) == ("stuck", "done", "Done.")
