"""Checks a recipe's cases: exact text, reported places, valid output, and nothing to do the second time."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from overhaul.refactors.code_frame import code_frame
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis, Case, Recipe, content_hash

Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went. `problems` says in a sentence each what is not as the case states; none if it holds."""

    name: str
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def check_cases(recipe: type[Recipe]) -> list[CaseResult]:
    """Check every case of a recipe; an exception is a problem of its case."""
    return [check_case(recipe, case) for case in recipe.cases]


def check_case(recipe: type[Recipe], case: Case) -> CaseResult:
    """Run a recipe over the files of a case, twice, and compare."""
    try:
        return CaseResult(case.name, tuple(_problems(recipe, case)))
    except (
        Exception
    ) as error:  # a recipe may be half written: whatever it raises is what its author wants to read
        return CaseResult(case.name, (code_frame(error, [recipe.analyse.__code__.co_filename]),))


def applied(files: Mapping[str, bytes], analysis: Analysis) -> Files:
    """The files as they are after the edits of an analysis."""
    result = dict(files)
    for edit in analysis.edits:
        result.pop(edit.path, None)
    return result | {
        edit.new_path or edit.path: edit.content for edit in analysis.edits if not edit.is_removal
    }


def _problems(recipe: type[Recipe], case: Case) -> Iterator[str]:
    before = _as_bytes(case.before)
    if case.raises is not None:
        yield from _refusal(recipe, case, before)
        return
    analysis = recipe.bind(case.parameters).analyse(MemoryTree(before))
    after = applied(before, analysis)
    expected = {path: text for path, text in before.items() if path in after} | _as_bytes(case.after or {})
    yield from _differences(expected, after)
    going = sorted(edit.path for edit in analysis.edits if edit.is_removal)
    if going != sorted(case.removed):
        yield f"{', '.join(going) or 'no file'} is removed, and {', '.join(case.removed) or 'none'} is to be"
    if case.after is None and analysis.edits:
        yield "nothing may change, and there are edits"
    reported = {f"{site.path}:{site.line}" for site in analysis.sites if site.status == "unresolved"}
    for place in sorted(set(case.unresolved) - reported):
        yield f"{place} is not reported as unresolved"
    yield from _shape(before, analysis)
    yield from (
        f"{path} does not parse any more"
        for path, content in after.items()
        if path.endswith(".py") and not _parses(content) and _parses(before.get(path, b""))
    )
    try:
        again = recipe.bind(case.parameters).analyse(MemoryTree(after))
    except RefactorError:
        return
    if applied(after, again) != after:
        yield "the second run changes something again"


def _refusal(recipe: type[Recipe], case: Case, before: Files) -> Iterator[str]:
    wanted = case.raises or Exception
    try:
        recipe.bind(case.parameters).analyse(MemoryTree(before))
    except wanted as error:
        if not str(error):
            yield f"{wanted.__name__} has no message"
    else:
        yield f"{wanted.__name__} is not raised"


def _differences(expected: Files, after: Files) -> Iterator[str]:
    for path in sorted({*expected, *after}):
        if path not in after or path not in expected:
            yield f"{path} is {'missing' if path not in after else 'there, and should not be'}"
        elif expected[path] != after[path]:
            wanted, got = _lines(expected[path]), _lines(after[path])
            difference = "\n".join(
                unified_diff(wanted, got, "as the case wants it", "as it became", lineterm="")
            )
            yield f"{path} is not as the case wants it:\n{difference}"


def _shape(before: Files, analysis: Analysis) -> Iterator[str]:
    places = [(site.path, site.line, site.column) for site in analysis.sites]
    if places != sorted(places):
        yield "the sites are not in order (make the result with `self.analysis`)"
    for site in analysis.sites:
        if not site.reason:
            yield f"the site {site.path}:{site.line} has no reason"
    paths = [edit.path for edit in analysis.edits]
    if paths != sorted(set(paths)):
        yield "the edits are not in order, or a file has two"
    if sum(edit.sites for edit in analysis.edits) != analysis.resolved:
        yield f"the edits count {sum(edit.sites for edit in analysis.edits)} sites; {analysis.resolved} are resolved"
    for edit in analysis.edits:
        if edit.is_new and edit.path in before:
            yield f"{edit.path} is created, and is there already"
        elif not edit.is_new and content_hash(before.get(edit.path, b"")) != edit.old_hash:
            yield f"the edit of {edit.path} has another file's hash"


def _parses(content: bytes) -> bool:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError):
        return False
    return True


def _as_bytes(files: Mapping[str, str]) -> Files:
    return {path: text.encode() for path, text in files.items()}


def _lines(content: bytes) -> Sequence[str]:
    return content.decode(errors="replace").split("\n")
