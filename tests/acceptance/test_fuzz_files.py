"""Ten thousand real files: no recipe crashes, every output parses, and no byte changes outside a site."""

from __future__ import annotations

import ast
import os
import random
import sysconfig
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from overhaul.refactors.analysis import analyse
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.registry import find_recipe
from tests.refactors.memory_tree import MemoryTree

pytestmark = pytest.mark.acceptance

NEW = "renamed_by_fuzzing"
FILES = 10_000
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.arg, ast.Name)


def real_files() -> list[Path]:
    """The standard library and every installed package of this environment."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}
    found = {path for folder in folders for path in Path(folder).rglob("*.py") if path.is_file()}
    return sorted(found)


def fuzz(path: str) -> tuple[str, list[str]]:
    """Return what became of a file, and what is wrong with it."""
    content = Path(path).read_bytes()
    seed = zlib.crc32(content)
    place = _place(content, random.Random(seed))
    wrong: list[str] = []
    outcome = "no name"
    if place is not None:
        outcome = "renamed"
        try:
            analysis = run("rename-symbol", {"old": place, "new": NEW}, content)
        except RefactorError:
            outcome = "refused"
        except Exception as error:
            wrong.append(f"rename-symbol {place}: {type(error).__name__}: {error}")
        else:
            wrong += [f"rename-symbol {place}: {each}" for each in _faults_of_rename(content, analysis)]
    try:
        calls = {"pattern": "isinstance($A, $B)", "template": "issubclass(type($A), $B)"}
        analysis = run("replace-call", calls, content)
        wrong += [f"replace-call: {each}" for each in _faults(content, analysis)]
    except Exception as error:
        wrong.append(f"replace-call: {type(error).__name__}: {error}")
    return outcome, [f"{path}: {each}" for each in wrong]


def run(recipe: str, parameters: dict[str, str], content: bytes) -> Analysis:
    return analyse(find_recipe(recipe).bind(parameters), MemoryTree({"fuzzed.py": content}))


def _place(content: bytes, random_: random.Random) -> str | None:
    """Return the place of some name of the file, as an editor would show it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return "fuzzed.py:1:1"
    nodes = [node for node in ast.walk(tree) if isinstance(node, _DEFINITIONS)]
    if not nodes:
        return None
    node = random_.choice(nodes)
    lines = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    line = lines[node.lineno - 1] if node.lineno <= len(lines) else ""
    start = len(line.encode()[: node.col_offset].decode("utf-8", "replace"))
    name = getattr(node, "name", None)
    column = line.find(f" {name}", start) + 1 if name else start
    return f"fuzzed.py:{node.lineno}:{column + 1}"


def _faults(content: bytes, analysis: Analysis) -> Iterator[str]:
    for edit in analysis.edits:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(edit.content)
        except SyntaxError as error:
            yield f"the output does not parse: {error}"
    for site in analysis.sites:
        if not site.reason or site.line < 1 or site.column < 1:
            yield f"bad site {site}"
    if not analysis.edits and analysis.resolved:
        yield "sites without an edit"


def _faults_of_rename(content: bytes, analysis: Analysis) -> Iterator[str]:
    yield from _faults(content, analysis)
    for edit in analysis.edits:
        old = next(iter(analysis.renamed)).encode()
        new = NEW.encode()
        if edit.content.count(new) != edit.sites:
            yield f"{edit.content.count(new)} new names at {edit.sites} sites"
        back = edit.content.replace(new, old)
        if back != content and back.replace(b" as " + old, b"") != content.replace(b" as " + old, b""):
            yield "bytes outside the sites changed"


def test_ten_thousand_real_files() -> None:
    files = real_files()
    assert len(files) >= FILES, f"{len(files)} files are here; install the project's extras"
    random.Random(0).shuffle(files)  # large packages are spread over the workers
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    with ProcessPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for outcome, faults in pool.map(fuzz, map(str, files), chunksize=50):
            outcomes[outcome] += 1
            wrong += faults
    print(f"{len(files)} files: {dict(outcomes)}, {len(wrong)} faults")
    assert not wrong, "\n".join(wrong[:50])
    assert outcomes["renamed"] > len(files) / 2
