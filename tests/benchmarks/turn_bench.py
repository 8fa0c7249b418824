"""How long a turn takes in which nothing is done: between a model's answer and the next question, by the model's clock.

Usage: .venv/bin/python tests/benchmarks/turn_bench.py [--turns N] [--rounds R] [--json FILE]
One script of `update_plan` calls is answered to the Codex CLI, to a whole `overhaul run` (each answer and call kept as a
step, by server and mirror) and to the agent's loop alone, in turn, so that what else the machine does meets all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from overhaul.refactors.agent.limits import Limits  # noqa: E402
from overhaul.refactors.agent.loop import Agent  # noqa: E402
from overhaul.refactors.agent.model import OpenAIModel  # noqa: E402
from overhaul.refactors.agent.permissions import Rights  # noqa: E402
from overhaul.refactors.agent.provider import Provider  # noqa: E402
from overhaul.refactors.agent.tools import Toolbox  # noqa: E402
from tests.acceptance.conftest import CODEX  # noqa: E402
from tests.flows.repositories import make_repository  # noqa: E402
from tests.refactors.agent.folder_workspace import FolderWorkspace  # noqa: E402
from tests.refactors.agent.model_server import ModelServer, Say, serving  # noqa: E402
from tests.refactors.agent.test_loop import Answers, Memory  # noqa: E402

OVERHAUL = Path(sys.executable).with_name("overhaul")
TASK = "# Keep a todo list\n\nNothing else.\n"
FILES = {
    "shop.py": "price = 1\n",
    "test_shop.py": "def test_price():\n    import shop\n    assert shop.price\n",
}
Client = Callable[[str, Path], None]


def script(turns: int) -> list[Say]:
    """Each turn has another step, so that nobody takes it for a circle; in the end all are done."""
    plans = [[{"step": f"step {number}", "status": "completed"}] for number in range(turns)]
    return [Say("", (("update_plan", json.dumps({"plan": plan})),)) for plan in plans] + [Say("Done.")]


def gaps(server: ModelServer) -> list[float]:
    """Seconds from each answer to the question after it."""
    return [later - before for before, later in zip(server.answered, server.arrived[1:], strict=False)]


def codex(program: Path) -> Client:
    def run(base_url: str, folder: Path) -> None:
        make_repository(folder / "repository", FILES)
        home = program.parents[2] / "home"
        home.mkdir(exist_ok=True)
        provider = (
            f'{{name = "scripted", base_url = "{base_url}", wire_api = "responses", env_key = "SCRIPT_KEY",'
            " request_max_retries = 0, stream_max_retries = 0}"
        )
        command = [
            str(program), "exec", "-m", "gpt-5.5", "-s", "danger-full-access", "-C", str(folder / "repository"),
            "-c", 'model_provider = "scripted"', "-c", f"model_providers.scripted = {provider}", TASK,
        ]  # fmt: skip
        _run(command, {"CODEX_HOME": str(home), "SCRIPT_KEY": "key"})

    return run


def whole_run(home: Path) -> Client:
    def run(base_url: str, folder: Path) -> None:
        repository = make_repository(folder / "repository", {**FILES, "unique.txt": str(folder)})
        (folder / "todo.md").write_text(TASK)
        command = [
            str(OVERHAUL),
            "run",
            str(folder / "todo.md"),
            str(repository),
            "--yes",
            "--budget",
            "steps=500",
        ]
        command += ["--sandbox", "process", "--python", sys.executable]
        model = {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "key", "OVERHAUL_MODEL": "scripted"}
        _run(command, {**model, "OVERHAUL_WIRE": "responses", "OVERHAUL_HOME": str(home)})

    return run


def loop_alone(base_url: str, folder: Path) -> None:
    workspace = FolderWorkspace(folder, FILES)
    model = OpenAIModel(Provider(base_url, "key"), "scripted", "responses")
    toolbox = Toolbox(workspace, Rights(), Answers())
    made = Agent(model, toolbox, Limits(steps=500), Memory(), time.monotonic, cache_key="thread")
    state = made.run(made.begin(TASK))
    assert state.status == "done", state.message


def _run(command: list[str], more: dict[str, str]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        command, env=environment | more, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")


def installed_codex() -> Path:
    folder = (
        Path(os.environ.get("OVERHAUL_TEST_SOURCES") or platformdirs.user_cache_path("overhaul-tests"))
        / "codex"
    )
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("needs npm, which installs the Codex CLI: apt-get install npm")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--no-save", "--prefix", str(folder), CODEX],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "node_modules/.bin/codex"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        home = Path(top) / "home"
        clients: dict[str, Client] = {
            "Codex CLI": codex(installed_codex()),
            "overhaul run": whole_run(home),
            "overhaul's loop": loop_alone,
        }
        seconds: dict[str, list[float]] = {name: [] for name in clients}
        try:
            for number in range(given.rounds):
                for name, client in clients.items():
                    with serving(*script(given.turns)) as server:
                        client(server.base_url, Path(top) / f"{number} {name}")
                        assert len(server.requests) == given.turns + 1, (
                            f"{name}: {len(server.requests)} requests"
                        )
                        seconds[name] += gaps(server)
        finally:
            _run([str(OVERHAUL), "serve", "--stop"], {"OVERHAUL_HOME": str(home)})
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    print(
        f"{given.rounds} rounds of {given.turns} turns, {CODEX}, {platform.platform()}, load {os.getloadavg()[0]:.1f}"
    )
    for name, median in medians.items():
        quarters = statistics.quantiles(seconds[name], n=4)
        print(
            f"{name:<16} {median * 1000:8.1f} ms ({quarters[0] * 1000:.1f} to {quarters[2] * 1000:.1f}),"
            f" {median / medians['Codex CLI']:.2f} of the Codex CLI"
        )
    if given.json:
        given.json.write_text(
            json.dumps({"milliseconds": {name: median * 1000 for name, median in medians.items()}})
        )


if __name__ == "__main__":
    main()
