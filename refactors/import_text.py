"""New import statements as text, in order.

The order is isort's and ruff's default: future, standard library, others, the tree's own, relative;
in each section `import x` before `from x import y`, unless the file mixes them.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Sequence

from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.project import Module, Project

LONGEST_LINE = 88
_FUTURE, _STANDARD, _OTHER, _OWN, _RELATIVE = range(5)


def import_text(statements: Sequence[ImportStatement], line_end: str) -> str:
    """Return statements that import from one module as one, in parentheses where it would be too long."""
    first = statements[0]
    if first.name is None:
        return line_end.join(str(each) for each in statements)
    names = [
        written_name(each) for each in sorted(set(statements), key=lambda each: name_order(each.name or ""))
    ]
    text = f"from {first.module} import {', '.join(names)}"
    if len(text) <= LONGEST_LINE or len(names) == 1:
        return text
    return line_end.join([f"from {first.module} import (", *(f"    {each}," for each in names), ")"])


def imports_one_a_line(module: Module) -> bool:
    """Tell whether a file imports each name by a statement of its own, as isort's force_single_line makes it."""
    froms = [each for each, _ in module.bindings.imports if isinstance(each, ast.ImportFrom)]
    sources = [
        (each.level, each.module) for each in froms if module.bindings.parents[each] is module.source.tree
    ]
    return len(set(sources)) < len(sources) and all(len(each.names) == 1 for each in froms)


def import_block(
    project: Project, module: Module, statements: Iterable[ImportStatement], one_a_line: bool = False
) -> str:
    """Return the imports of a file that has none yet, in order, with a blank line between sections."""
    line_end = newline(module)
    grouped: dict[str, list[ImportStatement]] = {}
    for statement in sorted(set(statements), key=lambda each: import_order(project, module, each)):
        is_alone = one_a_line or statement.name is None
        grouped.setdefault(str(statement) if is_alone else f"from {statement.module}", []).append(statement)
    text, section = "", None
    for together in grouped.values():
        current = sort_key(project, module, together[0])[0]
        text += line_end if section not in (None, current) else ""
        text += import_text(together, line_end) + line_end
        section = current
    return text


def import_order(
    project: Project, module: Module, statement: ImportStatement
) -> tuple[tuple[int, int, str], tuple[int, str], str]:
    """Return what new imports are sorted by."""
    return sort_key(project, module, statement), name_order(statement.name or ""), str(statement)


def written_name(statement: ImportStatement) -> str:
    """Return `name` or `name as alias`."""
    return f"{statement.name} as {statement.alias}" if statement.alias else statement.name or ""


def newline(module: Module) -> str:
    """Return the line end that a file uses first."""
    found = re.search(rb"\r\n|\r|\n", module.source.content)
    return found[0].decode() if found else "\n"


def section_of(project: Project, module: Module, written: str) -> int:
    """Return the section of the imports that a module's name belongs to: a number, in order."""
    name = written.lstrip(".")
    return section_at(project, module, name, len(written) - len(name))


def section_at(project: Project, module: Module, name: str, level: int) -> int:
    """Return the section of a module's name, imported with some dots before it."""
    if level:
        return _RELATIVE
    top = name.partition(".")[0]
    if top == "__future__":
        return _FUTURE
    if top in sys.stdlib_module_names:
        return _STANDARD
    return _OWN if project.table.locate(top, module.path) is not None else _OTHER


def sort_key(project: Project, module: Module, statement: ImportStatement) -> tuple[int, int, str]:
    """Return the section of a new import, its kind and its module: the order of statements."""
    section = section_of(project, module, statement.module)
    return section, int(statement.name is not None), statement.module.lstrip(".").lower()


def name_order(name: str) -> tuple[int, str]:
    """isort's order of names: constants, classes, the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name
