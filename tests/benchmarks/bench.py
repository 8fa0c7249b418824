"""Times overhaul against LibCST's own command, rope, ast-grep and ripgrep on the same work, in one run.

Usage: .venv/bin/python tests/benchmarks/bench.py [--quick] [--only WORD] [--json FILE] [--page FILE]
CPU seconds count (of the tool and all its children), since they are steady on a busy machine.
Each run begins with the files as committed; the result of each tool is compared with that of `overhaul apply`.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from contenders import OVERHAUL, SCAN, Contender, contenders
from corpus import Corpus, changed_files, changed_lines, prepare
from graph_bench import measure as measure_graph
from graph_bench import report as report_graph
from growth import measure_growth
from measure import Run, run_once
from report import print_report, write_page
from targets import outcomes


@dataclass
class Result:
    """The best of some runs: seconds, megabytes, and what they changed."""

    task: str
    tool: str
    corpus: str
    cpu_seconds: float
    wall_seconds: float
    memory_mb: float
    files: int
    lines: int
    exit_code: int
    same_as_overhaul: str = ""
    cpu_ratio: float | None = None


def main() -> None:
    """Run everything, print the tables, write the JSON and the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="leave out what takes a minute and more")
    options.add_argument(
        "--only", default="", help="tasks, tools and corpora with this word; no page is written"
    )
    options.add_argument("--json", type=Path, default=Path("artifacts/bench.json"))
    options.add_argument("--page", type=Path, default=Path("docs/speed.md"))
    arguments = options.parse_args()
    chosen = [
        each
        for each in contenders()
        if not (arguments.quick and each.is_slow)
        and arguments.only in f"{each.task}, {each.tool}, {each.corpus}"
    ]
    with tempfile.TemporaryDirectory(prefix="overhaul-bench-") as folder:
        work = Path(folder)
        corpora = prepare(work, dict.fromkeys(each.corpus for each in chosen))
        results, contents = [], {}
        for contender in chosen:
            print(
                f"{contender.task}: {contender.tool}, {corpora[contender.corpus].name} ...", file=sys.stderr
            )
            result, changed = run(contender, corpora[contender.corpus])
            print(f"  {result.cpu_seconds:.2f} CPU s, {result.memory_mb:.0f} MB", file=sys.stderr)
            results.append(result)
            contents[contender.task, contender.tool, contender.corpus] = changed
        compare(results, contents)
        graphs = measure_graph(corpora["whole"].restore()) if "whole" in corpora else []
        sizes = {
            name: {"name": corpus.name, **dict(zip(("files", "lines"), corpus.size, strict=True))}
            for name, corpus in corpora.items()
        }
        growth = {} if arguments.only else measure_growth(work, 1 if arguments.quick else 3)
    document = {
        "machine": {"python": platform.python_version(), "system": platform.platform()},
        "corpora": sizes,
        "results": [asdict(result) for result in results],
        "targets": _target_rows(results),
        "growth": {name: [asdict(point) for point in points] for name, points in growth.items()},
    }
    print_report(document)
    document["graphs"] = report_graph(graphs)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {arguments.json}; a ratio is the tool's CPU time over that of `{OVERHAUL}`")
    if not arguments.only and not arguments.quick:
        write_page(document, arguments.page)
        print(f"the page is {arguments.page}")


def run(contender: Contender, corpus: Corpus) -> tuple[Result, dict[str, bytes]]:
    """Run one tool as often as it is worth, and return its best time and what it changed."""
    runs: list[Run] = []
    home = Path(tempfile.mkdtemp(prefix="overhaul-warm-")) if contender.warm_up else None
    if contender.warm_up:
        corpus.restore()
        time.sleep(3)  # what has just been written is not remembered
        run_once(contender.warm_up, corpus.folder, home)
    for _ in range(contender.repeats):
        folder = corpus.restore()
        runs.append(run_once(contender.command, folder, home))
        if runs[-1].exit_code not in (0, 1) or (runs[-1].exit_code and "overhaul" not in contender.tool):
            print(runs[-1].errors[-1500:], file=sys.stderr)
    if home is not None:
        shutil.rmtree(home)
    best = min(runs, key=lambda each: each.cpu_seconds)
    changed = changed_files(corpus.folder)
    return Result(
        contender.task,
        contender.tool,
        contender.corpus,
        best.cpu_seconds,
        min(each.wall_seconds for each in runs),
        max(each.memory_mb for each in runs),
        len(changed),
        changed_lines(corpus.folder),
        best.exit_code,
    ), changed


def compare(results: list[Result], contents: dict[tuple[str, str, str], dict[str, bytes]]) -> None:
    """Note for each tool how its time and its result relate to those of `overhaul apply` at the same task."""
    mine = {(each.task, each.corpus): each for each in results if each.tool == OVERHAUL}
    for result in results:
        own = mine.get((result.task, result.corpus))
        if own is None:
            continue
        result.cpu_ratio = result.cpu_seconds / own.cpu_seconds
        ours = contents[result.task, OVERHAUL, result.corpus]
        theirs = contents[result.task, result.tool, result.corpus]
        differing = [path for path in {*ours, *theirs} if ours.get(path) != theirs.get(path)]
        if result.tool == SCAN:
            result.same_as_overhaul = "it writes nothing"
        elif not theirs and ours:
            result.same_as_overhaul = f"it changed nothing (exit code {result.exit_code})"
        else:
            result.same_as_overhaul = "yes" if not differing else f"{len(differing)} files differ"


def _target_rows(results: list[Result]) -> list[dict[str, object]]:
    measured = {
        (each.task, each.tool, each.corpus): {
            "CPU seconds": each.cpu_seconds,
            "MB": each.memory_mb,
        }
        for each in results
    }
    return [
        {
            "work": each.target.work,
            "measure": each.target.measure,
            "limit": each.target.limit,
            "measured": each.measured,
            "is_met": each.is_met,
        }
        for each in outcomes(measured)
    ]


if __name__ == "__main__":
    main()
