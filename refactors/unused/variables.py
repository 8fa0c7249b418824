"""Variables of functions that are given values and never read."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from overhaul.refactors.annotations import last_name
from overhaul.refactors.effects import changes_nothing
from overhaul.refactors.indentation import line_text
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Binding, FunctionNode, Scope
from overhaul.refactors.text import Splice
from overhaul.refactors.unused.finding import Unused
from overhaul.refactors.unused.reflection import is_excused, is_switched_off, local_reflection, strings_with

# What lives as long as something has it: tasks, temporary folders, locks, windows.
_KEPT_ALIVE = frozenset(
    "create_task ensure_future run_coroutine_threadsafe open ref proxy finalize start patch socket connect mkdtemp"  # noqa: SIM905
    " spawn popen fdopen memoryview acquire lock".split()
)
_FRAMES = ("f_locals", "tb_frame", "gi_frame", "cr_frame", "getinnerframes", "getouterframes")
_OTHER_TARGETS = (ast.For, ast.AsyncFor, ast.Tuple, ast.List, ast.Starred, ast.comprehension)


def unused_variables(module: Module, names: Collection[str] | None = None) -> Iterator[Unused]:
    """Yield each assignment to a local variable that nothing reads; dummies (`_x`) and unpacked values are none."""
    if module.path.endswith((".pyi", ".ipynb.py")) or is_switched_off(module, "F841"):
        return
    for scope in module.scope.subtree():
        if not isinstance(scope.node, FunctionNode):
            continue
        for name, bindings in scope.bindings.items():
            if name.startswith("_") or (names is not None and name not in names):
                continue
            if all(_is_assignment(each, scope) for each in bindings) and not _is_read(module, scope, name):
                yield from _of_name(module, scope, name, bindings)


def _is_assignment(binding: Binding, scope: Scope) -> bool:
    node = binding.node
    stores = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    return binding.scope is scope and (stores or isinstance(node, ast.ExceptHandler))


def _is_read(module: Module, scope: Scope, name: str) -> bool:
    if name in scope.global_names or name in scope.nonlocal_names:
        return True
    return any(
        not isinstance(use.ctx, ast.Store) and found.lookup(name, use) is scope
        for use, found in module.bindings.names.get(name, ())
    )


def _of_name(module: Module, scope: Scope, name: str, bindings: list[Binding]) -> Iterator[Unused]:
    parents = [module.bindings.parents.get(each.node) for each in bindings]
    doubt = _name_doubt(module, scope, name)
    if any(isinstance(each, ast.AugAssign) for each in parents):
        doubt = doubt or "it is added to, which may have an effect"
    for binding, above in zip(bindings, parents, strict=True):
        if isinstance(above, (*_OTHER_TARGETS, ast.AugAssign)) or _is_excused(module, binding):
            continue
        found = _of_binding(module, scope, name, binding, above, doubt)
        if found is not None:
            yield found


def _name_doubt(module: Module, scope: Scope, name: str) -> str | None:
    reader = local_reflection(module, scope.node)
    if reader is not None:
        return f"{reader} in this function may read it by its name"
    if any(word in module.bindings.attributes for word in _FRAMES):
        return "the file looks at the variables of frames"
    first, last = scope.node.lineno, scope.node.end_lineno or 0  # type: ignore[attr-defined]
    for string in strings_with(module, name):
        text = str(string.value)
        is_own = first <= string.lineno <= last
        if text == name or (is_own and re.search(rf"[@{{]{name}\b", text)):
            return f"a string may name it (line {string.lineno})"
    return None


def _is_excused(module: Module, binding: Binding) -> bool:
    lines = {binding.line}
    if not isinstance(binding.node, ast.ExceptHandler):
        statement = module.bindings.statement_of(binding.node)
        lines |= {statement.lineno}
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            lines |= {statement.end_lineno or statement.lineno}
    return any(is_excused(line_text(module.source, each), "F841", "unused-variable") for each in lines)


def _of_binding(
    module: Module, scope: Scope, name: str, binding: Binding, above: ast.AST | None, doubt: str | None
) -> Unused | None:
    source, node = module.source, binding.node
    offset = source.offset(binding.line, binding.place[1])
    splice: Splice | None = None
    statement: ast.stmt | None = None
    proof = "unused variable"
    match above:
        case ast.Assign(targets=targets, value=value) if node in targets:
            following: ast.expr = [*targets, value][targets.index(node) + 1]
            if len(targets) > 1:
                splice = _to(module, node, following, above)
            else:
                statement, splice, doubt = _value(module, above, node, value, doubt)
        case ast.AnnAssign(target=target, value=value) if target is node:
            if value is None:
                statement = above
            else:
                statement, splice, doubt = _value(module, above, node, value, doubt)
        case ast.withitem():
            splice = _without_as(module, source.end(above.context_expr), node)
        case ast.NamedExpr():
            doubt = doubt or "it is assigned inside an expression"
        case _ if isinstance(node, ast.ExceptHandler) and node.type is not None:
            splice = _without_handler_name(module, node)
            offset = source.start(node)
        case _:
            return None
    if splice is None and statement is None:
        doubt = doubt or "a comment, or a line of its own, stands in the way"
    elif splice is not None:
        proof = (
            "unused variable; what it is given stays, for its effects"
            if isinstance(above, ast.Assign | ast.AnnAssign)
            else proof
        )
    return Unused(
        module, "variables", name, scope, node, offset, proof, doubt, statement, [splice] if splice else []
    )  # fmt: skip


def _value(
    module: Module, statement: ast.Assign | ast.AnnAssign, node: ast.AST, value: ast.expr, doubt: str | None
) -> tuple[ast.stmt | None, Splice | None, str | None]:
    """Return what goes with an assignment to one name: all of it, or all but the value."""
    if "# type:" in line_text(module.source, statement.lineno) and not re.search(
        r"#\s*type:\s*ignore", line_text(module.source, statement.lineno)
    ):
        return None, None, doubt or "a type comment stands beside it"
    has_name = any(isinstance(each, ast.Name) for each in ast.walk(value))
    reads = any(isinstance(each, ast.Attribute) for each in ast.walk(value))
    if changes_nothing(value) and not (has_name and (reads or _is_watched(module, statement))):
        return statement, None, doubt
    kept = value.value if isinstance(value, ast.Await) else value
    if isinstance(kept, ast.Yield | ast.YieldFrom):
        return None, _to(module, node, value, statement), doubt
    if not isinstance(kept, ast.Call):
        return (
            None,
            None,
            doubt or "evaluating what it is given may have an effect, and is no call that could stay",
        )
    return None, _to(module, node, value, statement), doubt or _life_doubt(module, kept)


def _is_watched(module: Module, statement: ast.stmt) -> bool:
    """Tell whether an exception of a statement is caught around it: it may be there to be raised."""
    current: ast.AST | None = statement
    while current is not None and not isinstance(current, FunctionNode | ast.Lambda | ast.ClassDef):
        if isinstance(current, ast.With | ast.AsyncWith | ast.Try):
            return True
        current = module.bindings.parents.get(current)
    return False


def _life_doubt(module: Module, call: ast.Call) -> str | None:
    """Return a doubt if the variable may be what keeps an object alive."""
    called = last_name(call.func)
    if any(word in module.bindings.names or word in module.bindings.attributes for word in ("weakref", "gc")):
        return "the file looks at when objects go, and the variable may keep one alive"
    if called[:1].isupper() or called.lstrip("_")[:1].isupper() or called in _KEPT_ALIVE:
        return "the variable may keep the new object alive"
    return "what is called is not known by name" if not called else None


def _to(module: Module, node: ast.AST, following: ast.expr, statement: ast.stmt) -> Splice | None:
    """Return the splice that takes a target away, up to what follows the `=`, a bracket included."""
    source = module.source
    start, end = source.start(node), source.start(following)  # type: ignore[arg-type]
    if isinstance(statement, ast.AnnAssign):
        start, begin = source.start(statement), source.end(statement.annotation)
    else:
        begin = source.end(node)  # type: ignore[arg-type]
    match = re.compile(rb"[\s)]*=[ \t]*(?:\\\r?\n[ \t]*)?").match(source.content, begin, end)
    return (start, match.end(), "") if match and b")" not in match[0] else None


def _without_as(module: Module, start: int, node: ast.AST) -> Splice | None:
    source = module.source
    end = source.end(node)  # type: ignore[arg-type]
    match = re.compile(rb"([ \t)]*?)[ \t]+as[ \t]+").fullmatch(source.content, start, source.start(node))  # type: ignore[arg-type]
    return (start + len(match[1]), end, "") if match else None


def _without_handler_name(module: Module, handler: ast.ExceptHandler) -> Splice | None:
    source = module.source
    assert handler.type is not None  # noqa: S101 - a name needs a type
    start = source.end(handler.type)
    match = re.compile(rb"([ \t)]*?)[ \t]+as[ \t]+\w+(?=[ \t]*:)").match(source.content, start)
    return (start + len(match[1]), match.end(), "") if match else None
