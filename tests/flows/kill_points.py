"""Where an agent is killed in tests, and the program in which it is: it forks one agent for each line that it reads.

A line is JSON: `folder` (what the agent keeps), `base_url`, and the point or null. An agent ends itself with SIGKILL, as
kill -9 does, or is killed by others who read its process id in `folder`. The program answers with how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from overhaul.flows import testing
from overhaul.flows.agent_workspace import GitWorkspace
from overhaul.flows.kept_steps import KeptSteps
from overhaul.flows.mcp_tools import approved_tools
from overhaul.flows.mirror import Author, Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.settings import Settings
from overhaul.refactors.agent.limits import Limits
from overhaul.refactors.agent.loop import Agent
from overhaul.refactors.agent.model import OpenAIModel, Provider
from overhaul.refactors.agent.permissions import Rights, Wish
from overhaul.refactors.agent.tools import BUILT_IN, Toolbox

PID = "pid"


@dataclass(frozen=True)
class Point:
    """`when`: `asks` (the server kills as question number `key` comes), `inside` (the tool's own work kills), `does` (its
    work is done, the tool has not returned), `keeps` (before the step `key` is kept) or `kept` (right after that).
    """

    when: str
    key: str = ""


def kill_me() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class KillingSteps:
    """Keeps steps in files, and kills at one of them."""

    def __init__(self, folder: Path, point: Point) -> None:
        self.kept, self.point = KeptSteps(folder), point

    def __call__(self, key: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        def done() -> dict[str, Any]:
            value = work()
            if self.point == Point("keeps", key):
                kill_me()
            return value

        value = self.kept(key, done)
        if self.point == Point("kept", key):
            kill_me()
        return value


class KillingWorkspace(GitWorkspace):
    """Kills once the work of a method is done."""

    point = Point("")

    def _does(self, method: str) -> None:
        if self.point == Point("does", method):
            kill_me()

    def read(self, path: str) -> bytes | None:
        found = super().read(path)
        self._does("read")
        return found

    def write(self, contents: Any) -> None:
        super().write(contents)
        self._does("write")

    def run(self, command: str, timeout_seconds: float) -> Any:
        outcome = super().run(command, timeout_seconds)
        self._does(command.split()[0])
        return outcome

    def symbols(self, name: str) -> str:
        found = super().symbols(name)
        self._does("symbols")
        return found

    def run_tests(self) -> str:
        found = super().run_tests()
        self._does("run_tests")
        return found


class Nobody:
    def grants(self, wish: Wish) -> bool:
        return False


@dataclass(frozen=True)
class Bench:
    """What all agents start from: a repository, its environment and how its tests went."""

    checkout: testing.Checkout
    baseline: Any

    @classmethod
    def of(cls, source: str, folder: Path) -> Bench:
        mirror = Mirror.of(source, Settings.from_environment().mirrors)
        base = mirror.fetch(None).commit
        options = RunOptions(sandbox="process", python=sys.executable)
        environment = testing.prepare_environment(mirror, base, options, folder)
        checkout = testing.Checkout(source, base, environment, (), ())
        return cls(checkout, testing.test_commit(checkout, testing.Testing("base", 60.0), folder, None))

    def work(self, folder: Path, base_url: str, point: Point) -> dict[str, Any]:
        """Let an agent work in a folder until it is done; on what is kept there, if something is."""
        author = Author("A", "a@localhost", 1_700_000_000)
        model = OpenAIModel(Provider(base_url, "key", 20.0), "scripted", "responses", lambda _: None)
        with (
            KillingWorkspace(self.checkout, author, folder, self.baseline) as workspace,
            approved_tools(Settings.from_environment()) as tools,
        ):
            workspace.point = point
            box = Toolbox(workspace, Rights(), Nobody(), BUILT_IN | tools)
            made = Agent(model, box, Limits(), KillingSteps(folder / "steps", point), time.monotonic)
            state = made.run(made.begin("Do it."))
            log = workspace.read("log.txt")
            return {"status": state.status, "message": state.message, "log": (log or b"").decode()}


def main() -> None:
    folder = Path(sys.argv[2])
    bench = Bench.of(sys.argv[1], folder)
    bench.work(folder, sys.argv[3], Point(""))  # what is loaded by now, no fork has to load
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        folder = Path(wanted["folder"])
        folder.mkdir(parents=True, exist_ok=True)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                (folder / PID).write_text(str(os.getpid()))
                point = Point(**wanted["point"]) if wanted["point"] else Point("")
                result = bench.work(folder, wanted["base_url"], point)
                (folder / "result.json").write_text(json.dumps(result))
                code = 0
            except BaseException:
                traceback.print_exc()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        (folder / PID).unlink()
        print(json.dumps({"ended": os.waitstatus_to_exitcode(status)}), flush=True)


def line_for(folder: Path, base_url: str, point: Point | None) -> str:
    """What the program reads."""
    return json.dumps(
        {"folder": str(folder), "base_url": base_url, "point": asdict(point) if point else None}
    )


if __name__ == "__main__":
    main()
