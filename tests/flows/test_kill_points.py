"""kill -9 at named points between and within an agent's calls: nothing is paid twice, no tool's effect is there twice.

A real process, sandbox, git, MCP server and model server over HTTP. What happens beyond the loop (commit, gate, publish) is
in test_agent_runs.py.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from mcp.server.mcpserver import MCPServer

from overhaul.flows.mcp_tools import approve, offers, server_of
from overhaul.flows.settings import Settings
from overhaul.refactors.agent.mcp_servers import connected
from tests.flows import kill_points
from tests.flows.kill_points import PID, Point, line_for
from tests.flows.repositories import make_repository
from tests.refactors.agent.model_server import ModelServer, Say, serving

FILES = {
    "shop.py": "def price(x):\n    return x + 1\n",
    "test_shop.py": "import shop\n\n\ndef test_price():\n    assert shop.price(1) == 2\n",
}
PATCH = "*** Begin Patch\n*** Update File: shop.py\n@@\n-    return x + 1\n+    return 1 + x\n*** End Patch\n"
PLAN = {"plan": [{"step": "swap", "status": "completed"}]}
FIRST = ("shell", json.dumps({"command": "echo 1 >> log.txt"}))
HALVES = "echo 2 >> log.txt; if [ -e {dying} ]; then kill -9 $(cat {pid}); sleep 60; fi; echo 3 >> log.txt"
CALLS = {
    "update_plan": json.dumps(PLAN),
    "read": '{"path": "shop.py"}',
    "shell": "",  # HALVES
    "apply_patch!": PATCH,
    "search": '{"pattern": "price"}',
    "symbols": '{"name": "shop.price"}',
    "run_tests": "{}",
    "notes__note": '{"text": "seen"}',
}
BEGUN, CALL = "begun/1/1", "call/1/1"
# What is killed while the second call of the first answer is a call of this tool.
POINTS = [
    ("read", Point("asks", "1"), "the first question is on its way"),
    ("read", Point("kept", "ask/1/0"), "the first answer is kept"),
    ("read", Point("kept", "call/1/0"), "between two calls of one answer"),
    ("read", Point("does", "read"), "within read"),
    ("read", Point("keeps", CALL), "read, not kept"),
    ("update_plan", Point("keeps", CALL), "todo list made, not kept"),
    ("update_plan", Point("kept", CALL), "todo list kept"),
    ("shell", Point("inside"), "in the middle of a command"),
    ("shell", Point("keeps", CALL), "command ended, not kept"),
    ("shell", Point("kept", CALL), "command kept"),
    ("apply_patch!", Point("does", "write"), "within a patch, files written"),
    ("apply_patch!", Point("keeps", CALL), "patched, not kept"),
    ("apply_patch!", Point("kept", CALL), "patch kept"),
    ("search", Point("does", "grep"), "within search"),
    ("search", Point("keeps", CALL), "searched, not kept"),
    ("symbols", Point("does", "symbols"), "within symbols"),
    ("symbols", Point("keeps", CALL), "symbols found, not kept"),
    ("run_tests", Point("does", "run_tests"), "within a test run"),
    ("run_tests", Point("keeps", CALL), "tests run, not kept"),
    ("notes__note", Point("kept", BEGUN), "before a tool of an MCP server is called"),
    ("notes__note", Point("inside"), "within a call of an MCP server"),
    ("notes__note", Point("keeps", CALL), "MCP server has answered, not kept"),
    ("notes__note", Point("kept", CALL), "answer of an MCP server kept"),
    ("read", Point("asks", "2"), "the last question is on its way"),
    ("read", Point("kept", "ask/2/0"), "the last answer is kept"),
]  # fmt: skip


class Notes:
    """A real MCP server over HTTP whose tool does something outside of all workspaces; it may kill who calls."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.kills: Path | None = None
        server = MCPServer("notes")

        @server.tool()
        def note(text: str) -> str:
            """Take a note."""
            self.texts.append(text)
            if self.kills:
                os.kill(int(self.kills.read_text()), signal.SIGKILL)
            return "noted"

        self.app = server.streamable_http_app()


@pytest.fixture(scope="module")
def notes() -> Iterator[tuple[Notes, str]]:
    made = Notes()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(made.app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield made, f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        server.should_exit = True
        thread.join()


class Program:
    """The program whose forks are killed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ended(self, line: str) -> int:
        """How the agent of a line ended."""
        assert self.process.stdin is not None
        print(line, file=self.process.stdin, flush=True)
        return int(self.answer()["ended"])

    def answer(self) -> dict[str, int]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the program has ended; what it said is above"
        return dict(json.loads(line))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, notes: tuple[Notes, str]) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("killed")
    settings = Settings(folder / "home")
    settings.home.mkdir()
    settings.file.write_text(f'[mcp.notes]\nurl = "{notes[1]}"\n')
    with connected(server_of(settings, "notes")) as connection:
        approve(settings, "notes", offers(settings, connection))
    source = make_repository(folder / "shop", FILES)
    root = Path(kill_points.__file__).parents[2]
    calls = tuple((name, arguments or '{"command": "true"}') for name, arguments in CALLS.items())
    with serving(Say("", calls), Say("Done.")) as server, subprocess.Popen(
        [sys.executable, "-m", "tests.flows.kill_points", source, folder / "base", server.base_url],
        cwd=root, env=os.environ | {"OVERHAUL_HOME": str(settings.home)}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        made = Program(process)
        assert made.answer() == {"ready": True}
        yield made
        assert process.stdin is not None
        process.stdin.close()


def results_of(server: ModelServer) -> list[str]:
    """The answers of the tools, as the last question had them."""
    return [item["output"] for item in server.bodies[-1]["input"] if item["type"].endswith("_output")]


@pytest.mark.parametrize(("tool", "point"), [each[:2] for each in POINTS], ids=[each[2] for each in POINTS])
def test_agent_killed_anywhere_goes_on_and_pays_and_acts_once(
    program: Program, notes: tuple[Notes, str], tmp_path: Path, tool: str, point: Point
) -> None:
    folder, dying = tmp_path / "run", tmp_path / "dying"
    pid, notebook = folder / PID, notes[0]
    notebook.texts.clear()
    notebook.kills = pid if point.when == "inside" else None
    if point.when == "inside":
        dying.touch()
    arguments = CALLS[tool] or json.dumps({"command": HALVES.format(dying=dying, pid=pid)})

    with serving(Say("", (FIRST, (tool, arguments))), Say("Done.")) as server:

        def kills(_: object) -> bool:
            """Kill it as it asks, before it is answered."""
            if point.when == "asks" and len(server.requests) + 1 == int(point.key) and not dying.exists():
                dying.touch()
                os.kill(int(pid.read_text()), signal.SIGKILL)
                return True
            return False

        server.refuses = kills
        assert program.ended(line_for(folder, server.base_url, point)) == -signal.SIGKILL
        dying.unlink(missing_ok=True)
        notebook.kills = None
        server.refuses = lambda _: False
        assert program.ended(line_for(folder, server.base_url, None)) == 0
    result = json.loads((folder / "result.json").read_text())
    assert (result["status"], result["message"], len(server.requests)) == ("done", "Done.", 2), (
        "each is paid once"
    )
    assert result["log"] == ("1\n2\n3\n" if tool == "shell" else "1\n"), (
        "each command has had its effect once"
    )
    first, second = results_of(server)
    assert first == "[exit code 0]"
    if tool == "notes__note":
        was_called = point.key != BEGUN
        assert notebook.texts == ["seen"] * was_called, "what cannot be taken back is not done again"
        assert second == "noted" if point == Point("kept", CALL) else "this call was cut off" in second
    else:
        assert not second.startswith("error: "), second
