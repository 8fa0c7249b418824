"""Notebooks, Cython, and what does not parse: files that are not read as Python. The name in them is reported."""

from __future__ import annotations

from collections.abc import Collection

from overhaul.refactors.links import link_sites
from overhaul.refactors.project import PYTHON_SUFFIXES
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.text_search import any_of
from overhaul.refactors.text import lines_with

_KINDS = {".ipynb": "notebook", ".pyx": "Cython file", ".pxd": "Cython file"}


def report_unread_files(findings: Findings) -> None:
    """Report each line that has the name in such a file, and the links behind which it may stand."""
    _report_lines(findings, [findings.old])
    report_unparsed_files(findings)
    report_links(findings)


def report_unread_keywords(findings: Findings, functions: Collection[str]) -> None:
    """Report each line of such a file that seems to call one of the functions with the keyword."""
    after = rf"[ \t]*\(.*{any_of([findings.old])}[ \t]*=(?!=)"
    _report_lines(findings, functions, after)
    report_unparsed_files(findings, functions, after)


def report_unparsed_files(findings: Findings, words: Collection[str] = (), after: str = "") -> None:
    """Report each line that has the name, or these words, in a Python file that failed to parse."""
    for path, failure in findings.project.failures.items():
        if path.endswith(PYTHON_SUFFIXES):
            reason = f"the name stands in a file that {failure.error}"
            _report(findings, path, (words or [findings.old], after), reason)


def report_links(findings: Findings) -> None:
    """Report the links behind which the name may stand, and those to a file that moves."""
    for link in findings.project.tree.links():
        if link.leads == "inside" and any(f"{path}/".startswith(f"{link.place}/") for path in findings.moves):
            findings.leave_in(link.path, 0, 1, 1, f"{link.describes}, which moves: the link has to follow")
    for site in link_sites(findings.project, [findings.old], findings.symbol):
        findings.leave_in(site.path, 1, site.line, site.column, site.reason)


def _report_lines(findings: Findings, words: Collection[str], after: str = "") -> None:
    for path in findings.project.tree.containing([findings.old], tuple(_KINDS)):
        kind = next(name for suffix, name in _KINDS.items() if path.endswith(suffix))
        _report(findings, path, (words, after), f"{kind}: the name is not edited in it")


def _report(findings: Findings, path: str, what: tuple[Collection[str], str], reason: str) -> None:
    try:
        content = findings.project.tree.read(path)
    except OSError:
        findings.leave_in(path, 0, 1, 1, "cannot be read")
        return
    for line, column in lines_with(content, *what):
        findings.leave_in(path, line, line, column, reason)
