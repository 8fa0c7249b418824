"""All that is proved of a change without a model. Each rule gives findings on lines that the change touches."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.broken_calls import broken_calls
from overhaul.refactors.reviewing.broken_imports import broken_imports
from overhaul.refactors.reviewing.broken_uses import broken_uses
from overhaul.refactors.reviewing.lost_tests import lost_tests
from overhaul.refactors.reviewing.trees import Trees
from overhaul.refactors.reviewing.undefined_names import undefined_names


def broken_syntax(trees: Trees) -> Iterator[Finding]:
    """Yield a finding for each file that was valid Python, or is new, and is not valid now."""
    for path in sorted(trees.lines.head):
        old = trees.lines.old_paths.get(path)
        if not path.endswith(".py") or (old and _error(trees.base.tree.read(old)) is not None):
            continue
        error = _error(trees.head.tree.read(path)) if path in trees.head.table.files else None
        if error is None:
            continue
        line = error.lineno or 1
        changed = trees.lines.of(path, "head")
        nearest = min(changed, key=lambda each: (abs(each - line), each), default=line)
        cite = trees.lines.cite(path, nearest, nearest) or trees.lines.cite_removal(old or path, nearest)
        if cite is not None:
            yield Finding(
                "File no longer parses", f"{path}:{line}: {error.msg}. Nothing can import this file.", 0,
                cite.path, cite.first_line, cite.last_line, side=cite.side, proved_by="rule",
                proof="Python's own parser refuses the file",
            )  # fmt: skip


RULES = (broken_syntax, broken_imports, broken_uses, undefined_names, broken_calls, lost_tests)


def proved_findings(trees: Trees) -> list[Finding]:
    """Return what every rule finds, most urgent first."""
    found = [finding for rule in RULES for finding in rule(trees)]
    return sorted(found, key=lambda each: (each.priority, each.path, each.first_line, each.title))


def _error(content: bytes) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(content)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return None
    return None
