"""Samples whose lines say what a rename must do to them."""

import re
from collections.abc import Mapping

from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.recipes.rename_symbol import RenameSymbol

_MARK = re.compile(r"(?:#|\.\.) (renamed|kept|reported|noted)$")


def check(files: Mapping[str, str | bytes], old: str, new: str = "new", **options: str) -> Analysis:
    """Rename and compare every line with what it says of itself.

    A line ends in `# renamed`, `# kept` (neither changed nor reported), `# reported` (not changed) or `# noted`
    (changed and reported). A line without a mark is renamed if it has the old name as a word, else kept; the
    name is the last part of `old`.
    """
    analysis = RenameSymbol.bind({"old": old, "new": new, **options}).analyse(MemoryTree(files))
    reported = {(site.path, site.line) for site in analysis.sites if site.status == "unresolved"}
    after = {edit.path: edit.content for edit in analysis.edits}
    name = analysis_name(analysis)
    found: list[str] = []
    expected: list[str] = []
    for path, content in files.items():
        before = text_of(content)
        lines = zip(before.splitlines(), text_of(after.get(path, content)).splitlines(), strict=True)
        for number, (line, result) in enumerate(lines, start=1):
            if "\ufffd" in line and path not in after:
                continue
            mark = _MARK.search(line)
            expected.append(f"{path}:{number} {mark[1] if mark else unmarked(line, name)}: {line}")
            found.append(f"{path}:{number} {judged(line != result, (path, number) in reported)}: {line}")
    assert found == expected
    return analysis


def text_of(content: str | bytes) -> str:
    return content if isinstance(content, str) else content.decode("utf-8", "replace")


def analysis_name(analysis: Analysis) -> str:
    return next(iter(analysis.renamed), "")


def unmarked(line: str, name: str) -> str:
    return "renamed" if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line) else "kept"


def judged(changed: bool, reported: bool) -> str:
    if changed:
        return "noted" if reported else "renamed"
    return "reported" if reported else "kept"
