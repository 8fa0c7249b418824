"""Times the import and symbol graph: first build, second run, one file changed; against its own first build.

Usage: .venv/bin/python tests/benchmarks/graph_bench.py [FOLDER]   (without one, all of Django 5.2)
CPU seconds of the process and its children. `inside` leaves out what starting Python and importing us costs.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

TARGET = 1 / 200
_REPEATS = 5
_INSIDE = """
import gc, resource, sys
from pathlib import Path
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.index import Index
from overhaul.refactors.source import FolderTree

def spent():
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)

folder, home, commit = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "commit"
gc.disable()
before = spent()
tree = CommitTree(folder / ".git", "HEAD") if commit else FolderTree(folder)
with Index(home / "index" / "facts.sqlite") as index:
    graph = RepositoryGraph(tree, index)
    totals = len(graph.imports.edges), len(graph.calls.edges), len(graph.inheritance.edges)
if commit:
    tree.close()
print(spent() - before)
"""


@dataclass
class GraphResult:
    """CPU seconds of one way to get the graph, and their ratio to the first build in the same way."""

    work: str
    how: str
    cpu_seconds: float
    ratio: float


def measure(folder: Path) -> list[GraphResult]:
    """Time everything on a git work tree, which is left as it was."""
    found: list[GraphResult] = []
    # A mirror has got its objects as packs, by fetching.
    subprocess.run(["git", "repack", "-adq"], cwd=folder, check=True)
    with tempfile.TemporaryDirectory(prefix="overhaul-graph-") as place:
        home = Path(place)
        ways: dict[str, Callable[[], float]] = {
            "command `overhaul graph`": lambda: _command(folder, home),
            "inside, folder: imports, calls, inheritance": lambda: _inside(folder, home, "folder"),
            "inside, commit: imports, calls, inheritance": lambda: _inside(folder, home, "commit"),
        }
        for how, run in ways.items():
            for path in (home / "index").glob("*"):
                path.unlink()
            first = run()
            second = min(run() for _ in range(_REPEATS))
            found += [
                GraphResult("first build", how, first, 1),
                GraphResult("second run", how, second, second / first),
            ]
            if "commit" not in how:
                changed = _one_changed(folder, run)
                found.append(GraphResult("one file changed", how, changed, changed / first))
    return found


def _one_changed(folder: Path, run: Callable[[], float]) -> float:
    path = next(iter(sorted(folder.rglob("query.py"))), None) or next(iter(sorted(folder.rglob("*.py"))))
    content = path.read_bytes()
    try:
        path.write_bytes(content + b"\n\ndef added_by_the_benchmark():\n    return 1\n")
        return run()
    finally:
        path.write_bytes(content)


def _command(folder: Path, home: Path) -> float:
    command = [str(Path(sys.executable).with_name("overhaul")), "graph", str(folder)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command,
        env=os.environ | {"OVERHAUL_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _inside(folder: Path, home: Path, kind: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _INSIDE, str(folder), str(home), kind],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def report(results: list[GraphResult]) -> list[dict[str, object]]:
    """Print the table; return it as JSON can hold it."""
    print(f"\nimport and symbol graph; the target for a second run is {TARGET:.4f} of the first build")
    for each in results:
        print(
            f"{each.work:18}{each.how:46}{each.cpu_seconds:8.3f} CPU s  {each.ratio:.4f} (1/{1 / each.ratio:.0f})"
        )
    return [asdict(each) for each in results]


def main() -> None:
    """Measure a folder, or the corpus."""
    if len(sys.argv) > 1:
        print(json.dumps(report(measure(Path(sys.argv[1])))))
        return
    from corpus import prepare

    with tempfile.TemporaryDirectory(prefix="overhaul-bench-") as work:
        report(measure(prepare(Path(work), ["whole"])["whole"].folder))


if __name__ == "__main__":
    main()
