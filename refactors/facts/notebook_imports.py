"""The imports of a notebook's code cells; nothing else of a notebook is in the index."""

from __future__ import annotations

import ast
import json
from typing import Any

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.facts.import_facts import import_facts
from overhaul.refactors.facts.record import FileFacts, ImportFact
from overhaul.refactors.recipe import Failure
from overhaul.refactors.text import parse_source

_NOT_PYTHON = ("%", "!", "?")


def notebook_imports(content: bytes) -> FileFacts:
    """Return facts with imports only; their lines count within the cell. A cell in another language is left out."""
    try:
        notebook = json.loads(content)
        cells = [_source(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        return FileFacts.of_failure(f"is no notebook that can be read: {type(error).__name__}")
    found: list[ImportFact] = []
    unread = 0
    for text in cells:
        if text.startswith("%%"):
            continue
        source = parse_source("cell", _without_magics(text).encode("utf-8", "replace"))
        if isinstance(source, Failure):
            unread += 1
        elif any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(source.tree)):
            found += import_facts(ModuleBindings(source))
    if unread:
        return FileFacts.of_failure(f"{unread} of its {len(cells)} code cells do not parse")
    return FileFacts(found, (), (), None, True, (), {}, {}, (), ())


def _source(cell: Any) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _without_magics(text: str) -> str:
    """Blank the lines that are the notebook's own commands: `%matplotlib inline`, `!pip install x`, `name?`."""
    lines = []
    for line in text.split("\n"):
        stripped = line.strip()
        is_magic = stripped.startswith(_NOT_PYTHON) or (stripped.endswith("?") and "#" not in stripped)
        indent = line[: len(line) - len(line.lstrip())]
        lines.append(f"{indent}pass" if is_magic else line)
    return "\n".join(lines)
