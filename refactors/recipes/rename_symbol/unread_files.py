"""Files that hold Python but are not read as such yet: notebooks and Cython. The name in them is reported."""

from __future__ import annotations

import re

from overhaul.refactors.recipes.rename_symbol.findings import Findings

_KINDS = {".ipynb": "notebook", ".pyx": "Cython file", ".pxd": "Cython file"}


def report_unread_files(findings: Findings) -> None:
    """Report each line of a notebook or Cython file that has the name."""
    word = re.compile(rf"(?<!\w){re.escape(findings.old)}(?!\w)")
    for path in findings.project.tree.containing([findings.old], tuple(_KINDS)):
        try:
            text = findings.project.tree.read(path).decode("utf-8", "replace")
        except OSError:
            findings.leave_in(path, 0, 1, 1, "cannot be read")
            continue
        kind = next(name for suffix, name in _KINDS.items() if path.endswith(suffix))
        for number, line in enumerate(text.split("\n"), 1):
            match = word.search(line)
            if match:
                findings.leave_in(
                    path, number, number, match.start() + 1, f"{kind}: the name is not edited in it"
                )
