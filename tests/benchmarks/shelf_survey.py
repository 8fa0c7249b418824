"""Run every recipe on real projects, with the projects' own tests before and after, and write docs/shelf.md.

Usage: .venv/bin/python tests/benchmarks/shelf_survey.py [RECIPE ...] [--again]
The rows are those of shelf.yaml and of the acceptance tests. A row that the page has is not run again, without --again.
What follows the line "By hand from here" on the page stays as it is.
Each recipe runs in the sandbox `landlock`; projects, environments and results of tests are kept between two surveys.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from corpus import cache_folder  # noqa: E402

from tests.acceptance.checkouts import checkout  # noqa: E402
from tests.acceptance.real_projects import REFACTORS  # noqa: E402
from tests.flows.repositories import git  # noqa: E402

PAGE = ROOT / "docs" / "shelf.md"
ROWS = Path(__file__).with_name("shelf.yaml")
OVERHAUL = str(Path(sys.executable).with_name("overhaul"))
BY_HAND = "<!-- By hand from here. -->"
COLUMNS = ("project", "parameters", "edits", "left", "tests")
INTRODUCTION = """# Recipes on real projects

<!-- Written by `make shelf`; edit tests/benchmarks/shelf.yaml instead. -->

Source distributions of the package index, each in a git repository of its own, then
`overhaul run RECIPE [-p ...] PROJECT --sandbox landlock --yes`, with `--package` for what the tests need and the
metadata does not name. *Edits* are what was proved, in so many files; *left* are the sites that were reported instead,
with the most frequent reasons; *tests* are those that pass before, and after: none passes before and fails after.
"""


@dataclass(frozen=True)
class Row:
    """One run to be made: `parameters` are written NAME=VALUE, `project` is its name and its version."""

    recipe: str
    project: str
    parameters: tuple[str, ...]
    packages: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What the page shows of it before it has run."""
        return self.recipe, self.project, ", ".join(f"`{escaped(each)}`" for each in self.parameters)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("recipes", nargs="*", metavar="RECIPE")
    options.add_argument("--again", action="store_true", help="run what the page has as well")
    arguments = options.parse_args()
    rows = [*wanted()]
    known = read_page()
    done = {row.key: known[row.key] for row in rows if row.key in known}
    faults = []
    for row in rows:
        is_known = row.key in done and not arguments.again
        if is_known or (arguments.recipes and row.recipe not in arguments.recipes):
            continue
        print(f"{row.recipe} on {row.project} ...", file=sys.stderr, flush=True)
        try:
            done[row.key] = outcome(row)
        except ValueError as fault:
            faults.append(f"{row.recipe} on {row.project}: {fault}")
            print(f"    {fault}", file=sys.stderr, flush=True)
        write_page(done)
    raise SystemExit("\n".join(faults) or 0)


def wanted() -> Iterator[Row]:
    """All rows, those of the acceptance tests among them."""
    document = yaml.safe_load(ROWS.read_text(encoding="utf-8"))
    for recipe, uses in document["recipes"].items():
        for use in uses:
            parameters = tuple(f"{name}={value}" for name, value in use.get("with", {}).items())
            for project in use["projects"]:
                yield Row(recipe, project, parameters, tuple(document["packages"].get(project, ())))
    for each in REFACTORS:
        project = each.project
        yield Row(each.recipe, f"{project.name} {project.version}", each.parameters, project.packages)


def outcome(row: Row) -> tuple[str, str, str]:
    """Run it; return its edits, what is left and its tests as the page shows them; ValueError if it is no success."""
    folder = cache_folder() / "shelf"
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    source = checkout(*row.project.split(" "), folder / "sources", folder / "projects")
    git(source, "checkout", "--quiet", "--force", "main")
    given = [word for each in row.parameters for word in ("-p", each)]
    packages = [word for each in row.packages for word in ("--package", each)]
    words = ["run", row.recipe, *given, *packages, "--sandbox", "landlock", "--yes"]
    (run,) = command(folder, *words, str(source))["runs"]
    tests = run["tests"]
    if run["status"] != "published" or not tests["base"] or tests["new_failures"]:
        raise ValueError(f"{run['status']}, tests {tests['base']} -> {tests['head']}: {run['message']}")
    sites = command(folder, "scan", row.recipe, *given, str(source))["sites"]
    left = [site for site in sites if site["status"] == "unresolved"]
    files = run["edits"]
    edits = f"{len(sites) - len(left)} in {files} file{'s' * (files != 1)}"
    return edits, reasons(left), f"{tests['base']} -> {tests['head']}"


def command(folder: Path, *words: str) -> Mapping[str, Any]:
    """The JSON that a command prints; ValueError with its error if it prints none."""
    environment = os.environ | {"OVERHAUL_HOME": str(folder / "home")}
    done = subprocess.run(
        [OVERHAUL, *words, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    try:
        document: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise ValueError(done.stderr.strip()[-500:]) from None
    return document


def reasons(left: list[Mapping[str, Any]]) -> str:
    """The number of sites, and why: the two most frequent reasons, without the names in them."""
    if not left:
        return "0"
    counted = Counter(re.sub(r"'[^']*'|`[^`]*`", "...", site["reason"]) for site in left)
    words = "; ".join(f"{count} {escaped(reason)}" for reason, count in counted.most_common(2))
    return f"{len(left)}: {words}"


def escaped(value: str) -> str:
    return " ".join(value.replace("|", "&#124;").split())


def read_page() -> dict[tuple[str, str, str], tuple[str, str, str]]:
    """What the page has, by recipe, project and parameters."""
    found, recipe = {}, ""
    for line in PAGE.read_text(encoding="utf-8").partition(BY_HAND)[0].splitlines():
        if line.startswith("## "):
            recipe = line[3:].strip("`")
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == len(COLUMNS) and cells[0] not in ("project", "---"):
            project, parameters, edits, left, tests = cells
            found[recipe, project, parameters] = (edits, left, tests)
    return found


def write_page(done: Mapping[tuple[str, str, str], tuple[str, str, str]]) -> None:
    by_hand = PAGE.read_text(encoding="utf-8").partition(BY_HAND)
    lines = [INTRODUCTION]
    for recipe, group in groupby(sorted(done.items()), lambda item: item[0][0]):
        lines += [f"## `{recipe}`", "", "| " + " | ".join(COLUMNS) + " |", "|---|---|---|---|---|"]
        for (_, project, parameters), cells in group:
            lines.append("| " + " | ".join((project, parameters, *cells)) + " |")
        lines.append("")
    PAGE.write_text("\n".join([*lines, ""]) + "".join(by_hand[1:]), encoding="utf-8")


if __name__ == "__main__":
    main()
