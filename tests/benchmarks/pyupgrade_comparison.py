"""What modernize-syntax, pyupgrade and ruff each make of the same 500 real files, line by line.

Usage: .venv/bin/python tests/benchmarks/pyupgrade_comparison.py [--show CLASS] [--page docs/pyupgrade.md]
The files are chosen by a fixed seed: of the running Python's standard library, of the packages installed here, and
of source distributions of fixed versions. None of their code is run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice
from pathlib import Path

from corpus import cache_folder

from overhaul.refactors.case_check import applied
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Site
from overhaul.refactors.registry import find_recipe

TARGET = "3.10"
SEED = 500
LARGEST = 200_000
PARTS = {"standard library": 200, "installed packages": 150, "source distributions": 150}
SOURCES = ("boltons==26.2.0", "docutils==0.21.2", "SQLAlchemy==1.4.54", "voluptuous==0.16.0")
RUFF_RULES = "UP,C401,C402,C403,C404,C405"
EXPLANATIONS = Path(__file__).parent / "pyupgrade_explanations.json"
Lines = dict[int, str]  # what becomes of each changed line of a file, by its number from 1


@dataclass
class Outcome:
    """One file before and after each tool; `codes` are ruff's by line, `sites` ours."""

    path: str
    base: bytes
    after: dict[str, bytes] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)

    @cached_property
    def changes(self) -> dict[str, Lines]:
        """The changed lines of each tool."""
        return {tool: changed_lines(self.base, content) for tool, content in self.after.items()}


def changed_lines(base: bytes, after: bytes) -> Lines:
    """Return the new text of each line that is not as it was; of several that became one, the first has it."""
    old, new = (content.decode("utf-8", "replace").split("\n") for content in (base, after))
    found: Lines = {}
    if old == new:
        return found
    for kind, low, high, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        same_length = high - low == end - start
        for index in range(low, high):
            found[index + 1] = new[start + index - low] if same_length else "\n".join(new[start:end])
    return found


def main() -> None:
    """Compare, print the tables, write the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--show", default="", help="print the lines of each class that has this word")
    options.add_argument("--page", type=Path, default=Path("docs/pyupgrade.md"))
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="pyupgrade-comparison-") as work:
        outcomes = list(compare(Path(work)))
    classes = classified(outcomes)
    if arguments.show:
        for name, places in sorted(classes.items()):
            if arguments.show in name:
                print(f"== {name}: {len(places)}", *places[:40], sep="\n")
        return
    page = report(outcomes, classes)
    arguments.page.write_text(page, encoding="utf-8")
    print(page)


def compare(work: Path) -> Iterator[Outcome]:
    """Yield the outcome of every file."""
    for number, (root, paths) in enumerate(chosen_files(work).items()):
        base = {path: (root / path).read_bytes() for path in paths}
        outcomes = {path: Outcome(path, content) for path, content in base.items()}
        folder = work / f"part-{number}"
        for tool, run in (("pyupgrade", run_pyupgrade), ("ruff", run_ruff)):
            for path, content in base.items():
                place = folder / tool / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            run(folder / tool, outcomes)
            for path, outcome in outcomes.items():
                outcome.after[tool] = (folder / tool / path).read_bytes()
        analysis = find_recipe("modernize-syntax").bind({"target": TARGET}).analyse(MemoryTree(base))
        after = applied(base, analysis)
        for path, outcome in outcomes.items():
            outcome.after["overhaul"] = after[path]
        for site in analysis.sites:
            outcomes[site.path].sites.append(site)
        yield from outcomes.values()


def chosen_files(work: Path) -> Mapping[Path, list[str]]:
    """Return 500 paths by the folder that they are in."""
    library = Path(sysconfig.get_path("stdlib"))
    packages = Path(sysconfig.get_path("purelib"))
    sources = work / "sources"
    for requirement in SOURCES:
        unpack(requirement, sources)
    found = {}
    for (name, count), root in zip(PARTS.items(), (library, packages, sources), strict=True):
        paths = sorted(python_files(root))
        random.Random(SEED).shuffle(paths)
        usable = (path for path in paths if parses(root / path))
        found[root] = sorted(islice(usable, count))
        if len(found[root]) < count:
            raise SystemExit(f"{root} has only {len(found[root])} of {count} files for: {name}")
    return found


def python_files(root: Path) -> Iterator[str]:
    """Yield the paths of a folder's Python files; the packages that are installed below the library are not its own."""
    for folder, folders, names in os.walk(root):
        folders[:] = [each for each in folders if each not in ("site-packages", "__pycache__")]
        yield from (Path(folder, each).relative_to(root).as_posix() for each in names if each.endswith(".py"))


def parses(path: Path) -> bool:
    """Tell whether a file is Python that all three tools can read, and neither nearly empty nor huge."""
    if not 200 < path.stat().st_size < LARGEST:
        return False
    try:
        compile(path.read_text("utf-8"), "file.py", "exec", dont_inherit=True, flags=0x400)  # only the tree
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def unpack(requirement: str, sources: Path) -> None:
    """Put the Python files of a source distribution into a folder; pip fetches it once."""
    archives = cache_folder() / "sources"
    name, _, version = requirement.partition("==")
    pattern = f"{name}-{version}.tar.gz"
    if not any(path.name.lower() == pattern.lower() for path in archives.glob("*.tar.gz")):
        command = [f"{sys.base_prefix}/bin/python3", "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--no-binary", ":all:", "--dest", str(archives), requirement], check=True)
    (archive,) = [path for path in archives.glob("*.tar.gz") if path.name.lower() == pattern.lower()]
    with tarfile.open(archive) as packed:
        packed.extractall(sources, [each for each in packed if each.name.endswith(".py")], filter="data")


def run_pyupgrade(folder: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Run pyupgrade in place until it changes nothing: one fix may make another possible."""
    tool = Path(sys.executable).parent / "pyupgrade"
    if not tool.exists():
        raise SystemExit("pyupgrade is missing; install the bench extra, as `make compare-pyupgrade` does")
    version = f"--py{TARGET.replace('.', '')}-plus"
    due = {path: outcome.base for path, outcome in outcomes.items()}
    while due:
        names = [str(folder / path) for path in due]
        command = [str(tool), version, "--exit-zero-even-if-changed", *names]
        subprocess.run(command, check=True, capture_output=True)
        now = {path: (folder / path).read_bytes() for path in due}
        due = {path: content for path, content in now.items() if content != due[path]}


def run_ruff(folder: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Note what ruff finds, then let it fix that in place."""
    tool = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    version = f"py{TARGET.replace('.', '')}"
    command = [
        tool,
        "check",
        "--isolated",
        "--quiet",
        "--exit-zero",
        "--no-cache",
        "--target-version",
        version,
    ]
    command += ["--select", RUFF_RULES, "--unsafe-fixes"]
    found = subprocess.run(
        [*command, "--output-format", "json", "."], cwd=folder, capture_output=True, check=True
    )
    for each in json.loads(found.stdout):
        outcome = outcomes[Path(each["filename"]).resolve().relative_to(folder.resolve()).as_posix()]
        for line in range(each["location"]["row"], each["end_location"]["row"] + 1):
            outcome.codes.setdefault(line, each["code"])
    subprocess.run([*command, "--fix", "."], cwd=folder, capture_output=True, check=True)


def classified(outcomes: list[Outcome]) -> dict[str, list[str]]:
    """Return every changed line by its class, as `path:line: text`."""
    classes: dict[str, list[str]] = defaultdict(list)
    for outcome in outcomes:
        text = outcome.base.decode("utf-8", "replace").split("\n")
        both, ours = (outcome.changes["pyupgrade"], outcome.changes["ruff"]), outcome.changes["overhaul"]
        for line in sorted({*both[0], *both[1], *ours}):
            name = class_of(outcome, line)
            new = ours.get(line) or both[1].get(line) or both[0].get(line, "")
            classes[name].append(f"{outcome.path}:{line}: {text[line - 1].strip()}  ->  {new.strip()[:150]}")
    return classes


def class_of(outcome: Outcome, line: int) -> str:
    """Name who changes a line and, where we do not, what we say about it."""
    pyupgrade, ruff, ours = (outcome.changes[each] for each in ("pyupgrade", "ruff", "overhaul"))
    who = {
        (True, True): "both"
        if squeezed(pyupgrade.get(line)) == squeezed(ruff.get(line))
        else "both, in two ways",
        (True, False): "only pyupgrade",
        (False, True): "only ruff",
        (False, False): "only overhaul",
    }[line in pyupgrade, line in ruff]
    here = [site for site in outcome.sites if site.line == line]
    if line in ours:
        same = squeezed(ours[line]) in (squeezed(ruff.get(line)), squeezed(pyupgrade.get(line)))
        rules = sorted({site.symbol for site in here if site.status == "resolved"}) or [
            "imports, or inside a statement"
        ]
        return f"{who} | {'same' if same else 'otherwise'} | {', '.join(rules)}"
    reasons = [site for site in near(outcome, line) if site.status == "unresolved"]
    if reasons:
        return f"{who} | reported | {reasons[0].symbol}: {generalised(reasons[0].reason)}"
    return f"{who} | nothing | {outcome.codes.get(line, 'no rule of ruff')}"


def near(outcome: Outcome, line: int) -> list[Site]:
    """Return our sites on a line, or on the nearest one above within a statement of some lines."""
    for distance in range(8):
        found = [site for site in outcome.sites if site.line == line - distance]
        if found:
            return found
    return []


def squeezed(text: str | None) -> str | None:
    """Return a line without what only formatting makes of it: spaces, quotes, conversions that change nothing."""
    return None if text is None else re.sub(r"[\s\"'()]+", "", text)


def generalised(reason: str) -> str:
    """Return a reason without the names of its place."""
    return re.sub(r"'[^']*'", "'...'", reason.partition(";")[0])


def report(outcomes: list[Outcome], classes: Mapping[str, list[str]]) -> str:
    """Return the page as Markdown."""
    counts = Counter({name: len(places) for name, places in classes.items()})
    lines = Counter[str]()
    files = Counter[str]()
    for outcome in outcomes:
        for tool, changes in outcome.changes.items():
            lines[tool] += len(changes)
            files[tool] += bool(changes)
    explained = json.loads(EXPLANATIONS.read_text("utf-8"))
    text = [*explained["introduction"], "", "```sh", "make compare-pyupgrade", "```", ""]
    text += [f"| tool | files changed, of {len(outcomes)} | lines changed |", "|---|---|---|"]
    text += [f"| {tool} | {files[tool]} | {lines[tool]} |" for tool in ("overhaul", "pyupgrade", "ruff")]
    for who, title in explained["sections"].items():
        found = [
            (name.split(" | ", 2), count)
            for name, count in counts.most_common()
            if name.startswith(f"{who} | ")
        ]
        if not found:
            continue
        text += ["", f"## {title}", "", "| what we do | why | lines | explanation |", "|---|---|---|---|"]
        for (_, what, why), count in found:
            note = next(
                (
                    note
                    for word, note in explained["classes"].items()
                    if re.search(word, f"{who} | {what} | {why}")
                ),
                "",
            )
            text.append(f"| {what} | {why.replace('|', '&#124;')} | {count} | {note} |")
    return "\n".join(text) + "\n"


if __name__ == "__main__":
    main()
