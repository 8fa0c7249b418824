"""Runs a campaign over many small repositories, and a plain loop that does the same work; kills it and counts.

Usage: .venv/bin/python tests/benchmarks/campaign_bench.py [--repositories N] [--test-seconds T] [--at-once K]
       [--workers W] [--kill TIMES] [--seed S] [--ledger URL] [--folder FOLDER] [--json FILE]
With workers, Prefect and the ledger are on a PostgreSQL that is started for it, else the background server is used.
Repositories are made once in the folder. Wall time is that of the whole command: run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from campaign_loop import RENAME  # noqa: E402
from campaign_world import OVERHAUL, World, copies, embedded, make_repositories, on_postgresql  # noqa: E402
from measure import run_once  # noqa: E402
from sqlalchemy import text  # noqa: E402

from overhaul.flows.ledger import Ledger  # noqa: E402
from overhaul.flows.settings import Settings  # noqa: E402
from tests.flows.repositories import git  # noqa: E402

SIZES = (10, 100)
LOOP_AT_MOST = 100
SECONDS_EACH = 3.0
BRANCHES = ("for-each-ref", "--format=%(refname:short)", "refs/heads/overhaul")


@dataclass(frozen=True)
class Row:
    """What so many repositories took. CPU is that of the command, and of the server and workers meanwhile.

    `share` is the part of the campaign's wall time that the loop does without; None where no loop was run.
    `again` is the same command once more, when there is nothing to do.
    """

    repositories: int
    wall_seconds: float
    command_cpu_seconds: float
    server_cpu_seconds: float
    workers_cpu_seconds: float
    command_mb: float
    server_mb: float
    workers_mb: float
    again_wall_seconds: float
    again_cpu_seconds: float
    loop_wall_seconds: float | None
    loop_cpu_seconds: float | None
    share: float | None


def main() -> None:
    """Measure, kill if asked to, print the tables and write the JSON. Exits with 1 if anything is there twice or not."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--repositories", type=int, default=100)
    options.add_argument(
        "--test-seconds", type=float, default=0.0, help="of CPU that each test run takes at least"
    )
    options.add_argument("--at-once", type=int, default=1)
    options.add_argument("--workers", type=int, default=0, help="on PostgreSQL, with so many workers")
    options.add_argument(
        "--kill", type=int, default=0, metavar="TIMES", help="kill -9 at so many random moments"
    )
    options.add_argument("--only-kill", action="store_true", help="measure nothing")
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    options.add_argument("--ledger", default="", metavar="URL")
    options.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir(), "overhaul-campaign-bench")
    )
    options.add_argument("--json", type=Path, default=ROOT / "artifacts" / "campaign-bench.json")
    arguments = options.parse_args()
    if arguments.workers and arguments.at_once == 1:
        arguments.at_once = arguments.workers
    arguments.made = arguments.folder / f"made-{arguments.test_seconds:g}"
    make_repositories(arguments.made, arguments.repositories, arguments.test_seconds)
    sizes = sorted({size for size in SIZES if size < arguments.repositories} | {arguments.repositories})
    rows = [] if arguments.only_kill else [measured(size, arguments) for size in sizes]
    document: dict[str, Any] = {
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "test_seconds": arguments.test_seconds,
        "at_once": arguments.at_once,
        "workers": arguments.workers,
        "rows": [asdict(row) for row in rows],
    }
    print_rows(rows)
    if arguments.kill:
        seconds = rows[-1].wall_seconds if rows else SECONDS_EACH * arguments.repositories
        document["killed"] = killed(seconds, arguments)
        print("\n" + json.dumps(document["killed"], indent=1))
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    raise SystemExit(bool(arguments.kill and document["killed"]["wrong"]))


def measured(count: int, arguments: argparse.Namespace) -> Row:
    """A campaign in a home of its own, and the loop on other copies of the same repositories."""
    print(f"measuring {count} repositories", file=sys.stderr)
    with _place(arguments) as folder, _world(folder, arguments) as world:
        repositories = copies(arguments.made, count, folder / "repositories")
        file = campaign_file(folder, arguments.at_once)
        before = {name: world.used(name) for name in world.watched}
        whole = _command(file, world)
        used = {name: world.used(name) - before[name] for name in world.watched}
        again = _command(file, world)
        if wrong := faults(repositories, world):
            raise SystemExit(f"the campaign did not end as it should: {wrong}")
    loop = _loop(count, arguments) if count <= LOOP_AT_MOST else None
    return Row(
        count, whole.wall_seconds, whole.cpu_seconds, used["server"].cpu_seconds, used["workers"].cpu_seconds,
        whole.memory_mb, used["server"].memory_mb, used["workers"].memory_mb,
        again.wall_seconds, again.cpu_seconds,
        loop.wall_seconds if loop else None, loop.cpu_seconds if loop else None,
        1 - loop.wall_seconds / whole.wall_seconds if loop else None,
    )  # fmt: skip


def killed(seconds: float, arguments: argparse.Namespace) -> dict[str, Any]:
    """Kill the command, or a process that carries out a run, so often while the campaign goes on; end it; count."""
    chance = random.Random(arguments.seed)
    moments, victims = [], []
    began = time.perf_counter()
    with _place(arguments) as folder, _world(folder, arguments) as world:
        repositories = copies(arguments.made, arguments.repositories, folder / "repositories")
        file = campaign_file(folder, arguments.at_once)
        process: subprocess.Popen[bytes] | None = None
        while len(moments) < arguments.kill:
            process = process or _begun(file, world)
            wait = chance.uniform(0.5, 2 * seconds / (arguments.kill + 1))
            try:
                process.wait(wait)
                break  # it was done before
            except subprocess.TimeoutExpired:
                victims.append(_kill_one(process, world, chance))
                moments.append(round(wait, 2))
            if victims[-1] == "command":
                process = None
        if process:
            process.wait()
        last = _command(file, world)
        memory = {f"{name}_mb": round(world.used(name).memory_mb) for name in world.watched}
        return memory | {
            "repositories": arguments.repositories,
            "wall_seconds": round(time.perf_counter() - began, 1),
            "seed": arguments.seed,
            "seconds_until_each_kill": moments,
            "victims": victims,
            "last_exit_code": last.exit_code,
            "wrong": faults(repositories, world),
        }


def _kill_one(command: subprocess.Popen[bytes], world: World, chance: random.Random) -> str:
    engines = world.engines()
    if engines and chance.random() < 0.5:
        os.kill(chance.choice(engines), signal.SIGKILL)
        return "engine"
    command.kill()
    command.wait()
    return "command"


def faults(repositories: Sequence[Path], world: World) -> list[str]:
    """What is not as it should be: each repository published, with one branch and one pull request."""
    done = subprocess.run(
        [OVERHAUL, "status", _name(world.home.parent), "--json"],
        env=world.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    states = {each["repository"]: each for each in json.loads(done.stdout)["repositories"]}
    url = world.environment.get("OVERHAUL_LEDGER_URL") or Settings(world.home).ledger_url
    ledger = Ledger(url)
    with ledger.session() as session:
        counted = "SELECT repository, count(*) FROM local_pull_requests GROUP BY repository"
        pull_requests = dict(session.execute(text(counted)).tuples().all())
    ledger.close()
    found = []
    for each in map(str, repositories):
        branches = len(git(Path(each), *BRANCHES).splitlines())
        state = states[each]["state"] if each in states else "not there"
        if (state, branches, pull_requests.get(each, 0)) != ("published", 1, 1):
            message = states.get(each, {}).get("message", "")
            found.append(
                f"{each}: {state} {message}, {branches} branches, {pull_requests.get(each, 0)} pull requests"
            )
    return found


def campaign_file(folder: Path, at_once: int) -> Path:
    """The campaign's file: everything approved, tests in this interpreter."""
    file = folder / "campaign.yaml"
    form = {
        "name": _name(folder),
        "repositories": [{"path": "repositories/*"}],
        "environment": {"sandbox": "process", "python": sys.executable},
        "steps": [{"recipe": "rename-symbol", "with": RENAME}],
        "gates": {"plan": "auto", "publish": "auto"},
        "mode": "full",
        "rollout": {"limits": {"at_once": at_once}},
    }
    file.write_text(json.dumps(form))  # which is YAML
    return file


def _name(folder: Path) -> str:
    """A name of its own for each campaign: they may share a ledger."""
    return folder.name


def print_rows(rows: Sequence[Row]) -> None:
    """The tables: all of it, and for each repository."""
    if not rows:
        return
    print(
        f"\n{'':14}{'wall s':>9}{'loop':>9}{'share':>8}{'command MB':>12}{'server MB':>11}{'workers MB':>12}"
    )
    for row in rows:
        loop = f"{row.loop_wall_seconds:9.1f}{row.share:8.0%}" if row.loop_wall_seconds else f"{'':17}"
        print(
            f"{row.repositories:6} in all {row.wall_seconds:8.1f}{loop}"
            f"{row.command_mb:12.0f}{row.server_mb:11.0f}{row.workers_mb:12.0f}"
        )
    heads = ("wall", "command CPU", "server CPU", "workers CPU", "loop CPU", "again wall", "again CPU")
    print(f"\n{'seconds each':14}" + "".join(f"{head:>13}" for head in heads))
    for row in rows:
        values = (
            row.wall_seconds, row.command_cpu_seconds, row.server_cpu_seconds, row.workers_cpu_seconds,
            row.loop_cpu_seconds or 0.0, row.again_wall_seconds, row.again_cpu_seconds,
        )  # fmt: skip
        print(
            f"{row.repositories:6} each  " + "".join(f"{value / row.repositories:13.3f}" for value in values)
        )


@dataclass(frozen=True)
class Ran:
    """One command: `memory_mb` is the most that one of its processes held."""

    wall_seconds: float
    cpu_seconds: float
    memory_mb: float
    exit_code: int


def _command(file: Path, world: World) -> Ran:
    began = time.perf_counter()
    process = _begun(file, world)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        print((file.parent / "command.log").read_text()[-2000:], file=sys.stderr)
    wall = time.perf_counter() - began
    return Ran(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def _begun(file: Path, world: World) -> subprocess.Popen[bytes]:
    with (file.parent / "command.log").open("ab") as log:
        return subprocess.Popen(
            [OVERHAUL, "run", str(file), "--yes", "--json"], env=world.environment, cwd=file.parent,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip


def _loop(count: int, arguments: argparse.Namespace) -> Ran:
    with _place(arguments) as folder:
        repositories = copies(arguments.made, count, folder / "repositories")
        (folder / "clones").mkdir()
        script = str(Path(__file__).with_name("campaign_loop.py"))
        command = (sys.executable, script, str(folder / "clones"), *map(str, repositories))
        done = run_once(command, folder, folder / "home")
        if done.exit_code:
            raise SystemExit(f"the loop failed: {done.errors[-2000:]}")
        return Ran(done.wall_seconds, done.cpu_seconds, done.memory_mb, 0)


@contextmanager
def _place(arguments: argparse.Namespace) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="campaign-", dir=arguments.folder))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _world(folder: Path, arguments: argparse.Namespace) -> AbstractContextManager[World]:
    home = folder / "home"
    if arguments.workers:
        return on_postgresql(home, arguments.ledger, arguments.workers)
    return embedded(home, arguments.ledger)


if __name__ == "__main__":
    main()
