"""Times overhaul against LibCST's own command, rope and ast-grep on the same work, in one run.

Usage: .venv/bin/python tests/benchmarks/bench.py [--quick] [--json FILE]
CPU seconds count (of the tool and all its children), since they are steady on a busy machine.
Each run begins with the files as committed; the result of each tool is compared with that of `overhaul apply`.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from contenders import Contender, contenders
from corpus import Corpus, changed_files, changed_lines, prepare
from graph_bench import measure as measure_graph
from graph_bench import report as graph_report

REFERENCE = "overhaul apply"
_LONGEST_SECONDS = 1800


@dataclass
class Result:
    """The best of some runs: seconds, and what they changed."""

    task: str
    tool: str
    corpus: str
    cpu_seconds: float
    wall_seconds: float
    files: int
    lines: int
    exit_code: int
    same_as_overhaul: str = ""
    cpu_ratio: float | None = None
    wall_ratio: float | None = None


def main() -> None:
    """Run everything, print the table, write the JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="leave out what takes a minute and more")
    options.add_argument("--json", type=Path, default=Path("artifacts/bench.json"))
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="overhaul-bench-") as folder:
        work = Path(folder)
        corpora = prepare(work)
        results, contents = [], {}
        for contender in contenders(arguments.quick):
            print(
                f"{contender.task}: {contender.tool}, {corpora[contender.corpus].name} ...", file=sys.stderr
            )
            result, changed = run(contender, corpora[contender.corpus])
            results.append(result)
            contents[contender.task, contender.tool, contender.corpus] = changed
        graphs = graph_report(measure_graph(corpora["whole"].restore()))
        compare(results, contents)
        sizes = {
            name: dict(zip(("files", "lines"), corpus.size, strict=True)) for name, corpus in corpora.items()
        }
    report(results, sizes, graphs, arguments.json)


def run(contender: Contender, corpus: Corpus) -> tuple[Result, dict[str, bytes]]:
    """Run one tool as often as it is worth, and return its best time and what it changed."""
    best: Result | None = None
    changed: dict[str, bytes] = {}
    for _ in range(contender.repeats):
        folder = corpus.restore()
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            contender.command, cwd=folder, capture_output=True, check=False, timeout=_LONGEST_SECONDS
        )
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 1) or (done.returncode and not contender.tool.startswith("overhaul")):
            print(done.stderr.decode(errors="replace")[-1500:], file=sys.stderr)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        changed = changed_files(folder)
        if best is None or cpu < best.cpu_seconds:
            numbers = (cpu, wall, len(changed), changed_lines(folder), done.returncode)
            best = Result(contender.task, contender.tool, contender.corpus, *numbers)
    if best is None:
        raise ValueError("a contender runs at least once")
    return best, changed


def compare(results: list[Result], contents: dict[tuple[str, str, str], dict[str, bytes]]) -> None:
    """Note for each tool how its time and its result relate to those of `overhaul apply` at the same task."""
    for result in results:
        task = result.task.removesuffix(", scan")
        mine = next(
            each
            for each in results
            if (each.task, each.tool, each.corpus) == (task, REFERENCE, result.corpus)
        )
        result.cpu_ratio = result.cpu_seconds / mine.cpu_seconds
        result.wall_ratio = result.wall_seconds / mine.wall_seconds
        if result.task != task:
            continue
        ours = contents[task, REFERENCE, result.corpus]
        theirs = contents[result.task, result.tool, result.corpus]
        differing = [path for path in {*ours, *theirs} if ours.get(path) != theirs.get(path)]
        if not theirs:
            result.same_as_overhaul = f"it changed nothing (exit code {result.exit_code})"
        else:
            result.same_as_overhaul = "yes" if not differing else f"{len(differing)} files differ"


def report(
    results: list[Result], sizes: dict[str, dict[str, int]], graphs: list[dict[str, object]], target: Path
) -> None:
    """Print the table and write the JSON document."""
    for corpus, size in sizes.items():
        print(f"\n{corpus}: {size['files']} Python files, {size['lines']} lines")
        print(
            f"{'task':14}{'tool':16}{'CPU s':>8}{'ratio':>8}{'wall s':>8}{'ratio':>8}{'files':>7}{'lines':>7}  same result"
        )
        for each in (result for result in results if result.corpus == corpus):
            print(
                f"{each.task:14}{each.tool:16}{each.cpu_seconds:8.2f}{each.cpu_ratio or 0:8.1f}"
                f"{each.wall_seconds:8.2f}{each.wall_ratio or 0:8.1f}{each.files:7}{each.lines:7}  {each.same_as_overhaul}"
            )
    document = {
        "machine": {"python": platform.python_version(), "system": platform.platform()},
        "corpora": sizes,
        "results": [asdict(result) for result in results],
        "graphs": graphs,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {target}; a ratio is the tool's time over that of `{REFERENCE}`")


if __name__ == "__main__":
    main()
