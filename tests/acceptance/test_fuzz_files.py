"""Ten thousand real files: no recipe crashes, every output parses, and no byte changes outside a site.

On each file a rename and its way back, a call replacement, and one more recipe, chosen by the file's checksum.
A reasoned refusal is no fault. Of the largest files only some are taken: they would cost most of the time.
"""

from __future__ import annotations

import ast
import os
import random
import sysconfig
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from overhaul.refactors.analysis import analyse
from overhaul.refactors.errors import NameTaken, RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.registry import find_recipe
from overhaul.refactors.text import LINE_END
from tests.acceptance.fuzz_choices import NEW, PATH, Choice, Chooser

pytestmark = pytest.mark.acceptance

FILES = 10_000
_ONE_LARGE_FILE_IN = 16
# They put whole functions and classes elsewhere, with the comments around them.
_MOVING = frozenset(
    {"extract-function", "inline-symbol", "method-to-function", "function-to-method", "move-symbol"}
)


def real_files() -> list[Path]:
    """The standard library and every installed package of this environment, the smallest first."""
    library = Path(sysconfig.get_path("stdlib"))
    # Packages in there are another environment's.
    found = [path for path in library.rglob("*.py") if "site-packages" not in path.parts]
    for folder in {sysconfig.get_path(name) for name in ("purelib", "platlib")}:
        found += Path(folder).rglob("*.py")
    return sorted({path for path in found if path.is_file()}, key=lambda path: (path.stat().st_size, path))


def chosen_files() -> list[Path]:
    """The 10,000 smallest, and some of the others, in an order that spreads the work."""
    files = real_files()
    assert len(files) >= FILES, (
        f"only {len(files)} files are here, of {FILES}; install the project with its extras"
    )
    chosen = files[:FILES] + [
        path for path in files[FILES:] if not zlib.crc32(path.name.encode()) % _ONE_LARGE_FILE_IN
    ]
    random.Random(0).shuffle(chosen)
    return chosen


def fuzz(path: str) -> tuple[list[str], list[str], dict[str, float]]:
    """Return what became of a file, by recipe, what is wrong with it, and the seconds that each recipe took."""
    content = Path(path).read_bytes()
    tree = _parsed(content)
    if tree is None:
        return _on_unreadable(path, content)
    chooser = Chooser(content, tree, random.Random(zlib.crc32(content)))
    outcomes: list[str] = []
    wrong: list[str] = []
    seconds: dict[str, float] = {}
    for choice in (chooser.rename(), chooser.replace_call(), chooser.another()):
        if choice is None:
            continue
        started = time.process_time()
        try:
            outcome, faults = _tried(content, tree, choice)
        except Exception as error:
            outcome, faults = "crash", [f"{type(error).__name__}: {error}"]
        outcomes.append(f"{choice.recipe}: {outcome}")
        wrong += [f"{path}: {choice}: {fault}" for fault in faults]
        seconds[choice.recipe] = seconds.get(choice.recipe, 0) + time.process_time() - started
    return outcomes, wrong, seconds


def _on_unreadable(path: str, content: bytes) -> tuple[list[str], list[str], dict[str, float]]:
    analysis = run(Choice("rename-symbol", {"old": f"{PATH}:1:1", "new": NEW}), content)
    is_reported = [failure.path for failure in analysis.failures] == [PATH] and not analysis.edits
    return ["does not parse"], [] if is_reported else [f"{path}: is not reported"], {}


def _tried(content: bytes, tree: ast.Module, choice: Choice) -> tuple[str, list[str]]:
    try:
        analysis = run(choice, content)
    except RefactorError as refusal:
        return "refused", [] if len(str(refusal)) > 10 else ["a refusal without a reason"]
    faults = list(_faults(content, tree, choice, analysis))
    if choice.recipe == "rename-symbol":
        faults += _faults_of_rename(content, analysis)
        if analysis.edits and not analysis.unresolved and not faults:
            return _way_back(content, choice, analysis)
    if not analysis.edits:
        return "reported" if analysis.sites or analysis.failures else "nothing", faults
    return "edited", faults


def run(choice: Choice, content: bytes) -> Analysis:
    tree = MemoryTree({PATH: content, **choice.beside})
    return analyse(find_recipe(choice.recipe).bind(choice.parameters), tree)


def _parsed(content: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(content)
    except (SyntaxError, ValueError):
        return None


def _faults(content: bytes, tree: ast.Module, choice: Choice, analysis: Analysis) -> Iterator[str]:
    for edit in analysis.edits:
        if _parsed(edit.content) is None:
            yield f"{edit.path} does not parse when edited"
    for site in analysis.sites:
        if not site.reason or site.line < 1 or site.column < 1:
            yield f"bad site {site}"
    if sum(edit.sites for edit in analysis.edits) != analysis.resolved:
        yield f"{analysis.resolved} resolved sites, but the edits count {[edit.sites for edit in analysis.edits]}"
    new = {edit.path: edit.content for edit in analysis.edits}.get(PATH)
    new_tree = _parsed(new) if new is not None else None
    if new is not None and new_tree is not None and choice.recipe != "rename-symbol":
        sites = [site.line for site in analysis.sites if site.path == PATH and site.status == "resolved"]
        kept = _kept(content, tree, _allowed_lines(content, tree, sites, choice))
        stray = _stray_edit(kept, new, new_tree, choice.recipe in _MOVING)
        if stray is not None:
            yield stray


def _allowed_lines(content: bytes, tree: ast.Module, sites: Sequence[int], choice: Choice) -> set[int]:
    """Return the lines of the innermost statements with a site; of what moves, with the comments around it."""
    lines = _lines(content)
    wanted = set(sites)
    if "lines" in choice.parameters:
        first, _, last = choice.parameters["lines"].rpartition(":")[2].partition("-")
        wanted.update(range(int(first), int(last) + 1))
    allowed = set(wanted)
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        span = _span(node)
        body = getattr(node, "body", None)
        own = range(span.start, body[0].lineno) if isinstance(body, list) and body else span
        if choice.recipe in _MOVING and (wanted.intersection(own) or _goes_along(node, choice)):
            is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            allowed.update(_with_comments(span if is_definition else own, lines))
        elif wanted.intersection(own):
            allowed.update(own)
    return allowed


def _goes_along(node: ast.stmt, choice: Choice) -> bool:
    """Tell whether a statement is another part of the symbol that moves: an overload, or `Class.attribute = ...`."""
    name = choice.parameters.get("symbol", "").rpartition(".")[2]
    if isinstance(node, ast.Assign) and choice.recipe == "move-symbol":
        return ast.unparse(node.targets[0]).startswith(f"{name}.")
    return choice.recipe == "move-symbol" and getattr(node, "name", "") == name


def _with_comments(span: range, lines: Sequence[bytes]) -> range:
    first, last = span.start, span.stop - 1
    while first > 1 and lines[first - 2].lstrip()[:1] in (b"", b"#"):
        first -= 1
    while last < len(lines) and lines[last].lstrip()[:1] in (b"", b"#"):
        last += 1
    return range(first, last + 1)


def _span(node: ast.stmt) -> range:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    return range(first, (node.end_lineno or first) + 1)


def _lines(content: bytes) -> list[bytes]:
    return LINE_END.sub(b"\n", content).split(b"\n")


def _kept(content: bytes, tree: ast.Module, but: set[int]) -> list[list[bytes]]:
    """Return the runs of lines between those that may change, without imports, blank lines and `pass`."""
    imports = {
        n for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for n in _span(node)
    }
    runs: list[list[bytes]] = [[]]
    for number, line in enumerate(_lines(content), 1):
        if number in but:
            runs.append([])
        elif line.strip() not in (b"", b"pass") and number not in imports:
            runs[-1].append(line)
    return [run for run in runs if run]


def _stray_edit(old: list[list[bytes]], new: bytes, new_tree: ast.Module, is_moving: bool) -> str | None:
    """Tell what line has not been kept: every run is there in order, in one piece unless code was put in between."""
    after = [line for run in _kept(new, new_tree, set()) for line in run]
    place = 0
    for run in [[line] for each in old for line in each] if is_moving else old:
        found = next((n for n in range(place, len(after)) if after[n : n + len(run)] == run), None)
        if found is None:
            return f"changes code outside of its sites, at or after: {run[0][:80]!r}"
        place = found + len(run)
    return None


def _faults_of_rename(content: bytes, analysis: Analysis) -> Iterator[str]:
    for edit in analysis.edits:
        old, new = next(iter(analysis.renamed)).encode(), NEW.encode()
        if edit.content.count(new) != edit.sites:
            yield f"{edit.content.count(new)} new names at {edit.sites} sites"
        back = edit.content.replace(new, old)
        if back != content and back.replace(b" as " + old, b"") != content.replace(b" as " + old, b""):
            yield "bytes outside the sites changed"


def _way_back(content: bytes, choice: Choice, analysis: Analysis) -> tuple[str, list[str]]:
    """Rename the new name back where it was found, which names before it on the line may have moved."""
    old = next(iter(analysis.renamed))
    line, column = map(int, choice.parameters["old"].split(":")[1:])
    before = sum(site.line == line and site.column < column for site in analysis.sites)
    place = f"{PATH}:{line}:{column + before * (len(NEW) - len(old))}"
    (edit,) = analysis.edits
    try:
        back = run(Choice("rename-symbol", {"old": place, "new": old}), edit.content)
    except NameTaken:  # `codec = codec` in a class: that it was like this before is no proof
        return "edited, and not back", []
    except RefactorError as refusal:
        return "edited", [f"no way back: {refusal}"]
    result = {each.path: each.content for each in back.edits}.get(PATH)
    is_same = result == content or b" as " + NEW.encode() in edit.content
    return "edited, and back", [] if is_same else ["the way back leads elsewhere"]


def test_ten_thousand_real_files() -> None:
    files = chosen_files()
    outcomes: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    wrong: list[str] = []
    with ProcessPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for outcome, faults, times in pool.map(fuzz, map(str, files), chunksize=25):
            outcomes.update(outcome)
            seconds.update(times)
            wrong += faults
    print(f"\n{len(files)} files, {len(wrong)} faults")
    for name, count in sorted(outcomes.items()):
        print(f"  {name}: {count}")
    print(
        "  seconds of processor time: "
        + ", ".join(f"{name} {spent:.0f}" for name, spent in sorted(seconds.items()))
    )
    assert not wrong, "\n".join(wrong[:50])
    assert outcomes["rename-symbol: edited, and back"] > len(files) / 2
    assert outcomes["rename-symbol: edited, and not back"] < len(files) / 100
    assert _all_edit(outcomes)


def _all_edit(outcomes: Mapping[str, int]) -> bool:
    recipes = {name.partition(":")[0] for name in outcomes if ":" in name}
    edited = {name.partition(":")[0] for name in outcomes if ": edited" in name}
    return len(recipes) == 9 and edited == recipes
