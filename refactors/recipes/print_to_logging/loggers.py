"""The logger of a file: the one that it has, or a new one below its imports."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_needs import ImportStatement, Need, local_name
from overhaul.refactors.import_text import newline
from overhaul.refactors.project import Module, Project
from overhaul.refactors.references import meanings
from overhaul.refactors.scopes import Scope


@dataclass(frozen=True, slots=True)
class Logger:
    """Its name, where it is made (a byte offset), and how the file calls `getLogger` if it is to be made."""

    name: str
    offset: int
    maker: str = ""
    needs_import: bool = False


def find_logger(project: Project, module: Module, name: str) -> Logger | Doubt:
    """Return the module's logger; a Doubt if it has none and the name for a new one is taken."""
    for bound, bindings in module.scope.bindings.items():
        above = module.bindings.parents.get(bindings[0].node)
        if len(bindings) != 1 or not isinstance(above, ast.Assign) or above not in module.source.tree.body:
            continue
        if isinstance(above.value, ast.Call) and above.targets == [bindings[0].node]:
            made = meanings(project, module, above.value.func, module.scope)
            if set(made) == {"logging.getLogger"}:
                return Logger(bound, module.source.end(above))
    is_taken = any(name in scope.bindings for scope in module.scope.subtree())
    if is_taken or name in module.bindings.names or module.bindings.star_imports:
        return Doubt(f"the file has no logger, and '{name}' may mean something else in it")
    need = Need("logging.getLogger", "logging.getLogger", ImportStatement("logging"))
    place = end_of_imports(module)
    found = local_name(module, module.scope, _line_of(module, place), need)
    if isinstance(found, Doubt):
        return found
    if found is None:
        return Logger(name, place, "logging.getLogger", needs_import=True)
    return Logger(name, place, found.text)


def reaches(logger: Logger, scope: Scope) -> bool:
    """Tell whether a scope sees the module's logger under its name."""
    owner = scope.lookup(logger.name)
    return owner is None or owner.parent is None


def end_of_imports(module: Module) -> int:
    """Return the byte offset of the line below the imports at the top, or below the docstring."""
    last: ast.stmt | None = None
    for index, each in enumerate(module.source.tree.body):
        is_docstring = index == 0 and isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        if not isinstance(each, ast.Import | ast.ImportFrom) and not is_docstring:
            break
        last = each
    if last is None:
        return 0
    starts, line = module.source.line_starts, last.end_lineno or last.lineno
    return starts[line] if line < len(starts) else len(module.source.content)


def with_logger(module: Module, logger: Logger) -> bytes:
    """Return the file with its new logger; its imports are there already."""
    place, end = end_of_imports(module), newline(module)
    before = module.source.content[:place]
    lead = end if before.endswith((b"\n", b"\r")) or not before else end * 2
    after = module.source.content[place:].lstrip(b" \t")
    gap = "" if after.startswith((b"\n", b"\r")) or not after else end
    text = f"{lead}{logger.name} = {logger.maker}(__name__){end}{gap}"
    return module.source.splice([(place, place, text)])


def _line_of(module: Module, offset: int) -> int:
    return module.source.position(offset)[0]
