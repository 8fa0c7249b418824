"""Notebooks, Cython, and what does not parse: files that are not read as Python. The name in them is reported."""

from __future__ import annotations

import re

from overhaul.refactors.project import PYTHON_SUFFIXES
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.text import lines_with

_KINDS = {".ipynb": "notebook", ".pyx": "Cython file", ".pxd": "Cython file"}


def report_unread_files(findings: Findings) -> None:
    """Report each line that has the name in a notebook, a Cython file, or one that failed to parse."""
    tree = findings.project.tree
    for path in tree.containing([findings.old], tuple(_KINDS)):
        kind = next(name for suffix, name in _KINDS.items() if path.endswith(suffix))
        _report(findings, path, f"{kind}: the name is not edited in it")
    for path, failure in findings.project.failures.items():
        if path.endswith(PYTHON_SUFFIXES):
            _report(findings, path, f"the name stands in a file that {failure.error}")


def _report(findings: Findings, path: str, reason: str) -> None:
    try:
        content = findings.project.tree.read(path)
    except OSError:
        findings.leave_in(path, 0, 1, 1, "cannot be read")
        return
    for line, column in lines_with(content, rf"(?<!\w){re.escape(findings.old)}(?!\w)"):
        findings.leave_in(path, line, line, column, reason)
