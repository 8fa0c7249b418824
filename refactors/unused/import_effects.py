"""Whether loading a module does more than define its names, so that an import without a use may be there for it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

from overhaul.refactors.annotations import last_name
from overhaul.refactors.effects import changes_nothing
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project
from overhaul.refactors.references import meanings

# Loading these changes how others behave: terminals, registries, patches of other modules.
_KNOWN = frozenset(
    "readline rlcompleter antigravity this encodings mpl_toolkits gevent eventlet pyximport scienceplots"  # noqa: SIM905
    " django_stubs_ext tensorflow_text matplotlib_inline backports sitecustomize usercustomize".split()
)
_DECORATORS = frozenset(
    "staticmethod classmethod property setter getter deleter abstractmethod overload final dataclass"  # noqa: SIM905
    " total_ordering runtime_checkable contextmanager asynccontextmanager lru_cache cache cached_property wraps"
    " override no_type_check unique".split()
)
_DEEPEST = 12


def import_doubt(
    project: Project, module: Module, statement: ast.Import | ast.ImportFrom, alias: ast.alias
) -> str | None:
    """Return what an import may do besides binding its name; None if that is known to be nothing."""
    if isinstance(statement, ast.Import):
        if "." in alias.name and alias.name != "os.path":
            return f"loading {alias.name} also makes it an attribute of its package, and runs its code"
        return _doubt(project, project.absolute(module, alias.name), alias.name)
    source = project.import_source(module, statement)
    if source is None:
        return "the module that it is taken from is not there"
    if _is_loaded_anyway(module, statement, alias):
        return None
    name = "." * statement.level + (statement.module or "")
    inner = project.submodule(source, alias.name) if isinstance(source, Location) else None
    loaded = inner or source
    if isinstance(loaded, Location) and _is_reached(project, module, statement, loaded):
        return None
    found = _doubt(project, source, name)
    if found is None and inner is not None:
        return _doubt(project, inner, f"{name}.{alias.name}")
    return found


def _is_reached(project: Project, module: Module, but: ast.ImportFrom, wanted: Location) -> bool:
    """Tell whether the file's other imports, of which names are used, load a module anyway."""
    pending: list[Location] = []
    for statement in module.source.tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom) and statement is not but:
            names = [each.asname or each.name.partition(".")[0] for each in statement.names]
            if any(_is_used(module, name) for name in names):
                pending += _loaded(project, module, statement)
    seen: set[str] = set()
    while pending:
        location = pending.pop()
        if location.key in seen:
            continue
        if location.key == wanted.key:
            return True
        seen.add(location.key)
        above = project.table.at(location.key.rpartition("/")[0])
        pending += [above] if above is not None and above.paths else []
        for other in project.modules_at(location):
            for statement in other.source.tree.body:
                if isinstance(statement, ast.Import | ast.ImportFrom):
                    pending += _loaded(project, other, statement)
    return False


def _is_loaded_anyway(module: Module, statement: ast.ImportFrom, alias: ast.alias) -> bool:
    """Tell whether the file itself goes on importing a name from the same module, and this one is no module."""
    if not alias.name[:1].isupper():
        return False  # may be a module of its own
    return any(
        isinstance(other, ast.ImportFrom)
        and (other.level, other.module) == (statement.level, statement.module)
        and module.bindings.parents.get(other) is module.source.tree
        and any(each.asname is None and _is_used(module, each.name) for each in other.names)
        for other, _ in module.bindings.imports
    )


def _is_used(module: Module, name: str) -> bool:
    return any(isinstance(use.ctx, ast.Load) for use, _ in module.bindings.names.get(name, ()))


def _doubt(project: Project, found: Location | str | None, name: str) -> str | None:
    if found is None:
        return "the module is not there"
    if isinstance(found, str):
        top = found.partition(".")[0]
        return f"loading {top} is known to change how other code behaves" if top in _KNOWN else None
    loud = _first_effect(project, found, set(), 0)
    return f"loading {name} runs code that may have effects ({loud})" if loud is not None else None


def _first_effect(project: Project, location: Location, seen: set[str], depth: int) -> str | None:
    """Return the place of the first statement that a module, or one that it loads, runs for its effect."""
    if location.key in seen:
        return None
    seen.add(location.key)
    if depth > _DEEPEST:
        return location.key
    for path in location.paths:
        if not path.endswith(".py"):
            continue
        module = project.module(path)
        if module is None:
            return f"{path} does not parse"
        for statement in _run(module.source.tree.body):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                for each in _loaded(project, module, statement):
                    loud = _first_effect(project, each, seen, depth + 1)
                    if loud is not None:
                        return loud
            elif not _is_quiet(project, module, statement):
                return f"{path}:{statement.lineno}"
    return None


def _run(block: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run when a module is loaded, those of its branches one by one."""
    for statement in block:
        match statement:
            case ast.If(test=test) if last_name(test) == "TYPE_CHECKING":
                yield from _run(statement.orelse)
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                yield from _run(statement.orelse)
            case ast.If():
                yield from _run([*statement.body, *statement.orelse])
            case ast.Try():
                yield from _run([*statement.body, *statement.orelse, *statement.finalbody])
                for handler in statement.handlers:
                    yield from _run(handler.body)
            case _:
                yield statement


def _loaded(project: Project, module: Module, statement: ast.Import | ast.ImportFrom) -> Iterator[Location]:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            found = project.absolute(module, alias.name)
            if isinstance(found, Location):
                yield found
        return
    source = project.import_source(module, statement)
    if isinstance(source, Location):
        yield source
        for alias in statement.names:
            inner = project.submodule(source, alias.name)
            if inner is not None:
                yield inner


def _is_quiet(project: Project, module: Module, statement: ast.stmt) -> bool:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _has_plain_decorators(statement.decorator_list)
        case ast.ClassDef():
            return _is_plain_class(project, module, statement)
        case ast.Assign(targets=targets, value=value):
            return all(isinstance(each, ast.Name | ast.Tuple) for each in targets) and _is_plain(
                project, module, value
            )
        case ast.AnnAssign(target=ast.Name(), value=value):
            return value is None or _is_plain(project, module, value)
        case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Raise() | ast.Assert() | ast.Delete():
            return True
    return hasattr(ast, "TypeAlias") and isinstance(statement, ast.TypeAlias)


def _is_plain(project: Project, module: Module, value: ast.expr) -> bool:
    """Tell whether a value is made of constants, names and what the standard library makes."""
    if changes_nothing(value):
        return True
    if isinstance(value, ast.Call):
        return _is_standard(project, module, value.func) and all(
            _is_plain(project, module, each)
            for each in [*value.args, *(keyword.value for keyword in value.keywords)]
        )
    if isinstance(value, ast.Lambda | ast.JoinedStr | ast.Constant):
        return True
    parts = [each for each in ast.iter_child_nodes(value) if isinstance(each, ast.expr)]
    return isinstance(
        value,
        ast.BinOp
        | ast.BoolOp
        | ast.Compare
        | ast.Dict
        | ast.Set
        | ast.List
        | ast.Tuple
        | ast.Subscript
        | ast.UnaryOp
        | ast.IfExp,
    ) and all(_is_plain(project, module, each) for each in parts)


def _is_standard(project: Project, module: Module, function: ast.expr) -> bool:
    found = meanings(project, module, function, module.scope)
    return bool(found) and all(
        each is not None
        and each.partition(".")[0] in {*sys.stdlib_module_names, "builtins"}
        and each.partition(".")[0] not in ("atexit", "signal", "codecs", "copyreg", "mimetypes", "warnings")
        and (not each.startswith("sys.") or each.startswith(("sys.platform.", "sys.version", "sys.get")))
        and each
        not in ("builtins.exec", "builtins.eval", "builtins.setattr", "builtins.__import__", "builtins.print")
        for each in found
    )


def _has_plain_decorators(decorators: Iterable[ast.expr]) -> bool:
    return all(
        last_name(each.func if isinstance(each, ast.Call) else each) in _DECORATORS for each in decorators
    )


def _is_plain_class(project: Project, module: Module, node: ast.ClassDef) -> bool:
    """Tell whether a class is made without anybody taking note of it: no metaclass, no base that may register it."""
    if node.keywords or not _has_plain_decorators(node.decorator_list):
        return False
    for base in node.bases:
        base = base.value if isinstance(base, ast.Subscript) else base
        if _is_standard(project, module, base):
            continue
        found = [
            each
            for name in meanings(project, module, base, module.scope)
            for each in _classes(project, module, name)
        ]
        if not found or not all(
            not any(getattr(each, "name", "") == "__init_subclass__" for each in owner.body)
            and (owner is node or _is_plain_class(project, home, owner))
            for home, owner in found
        ):
            return False
    return all(
        not isinstance(each, ast.Expr) or isinstance(each.value, ast.Constant) for each in _run(node.body)
    ) and all(
        _is_plain(project, module, each.value) for each in _run(node.body) if isinstance(each, ast.Assign)
    )


def _classes(project: Project, module: Module, name: str | None) -> Iterator[tuple[Module, ast.ClassDef]]:
    above, _, leaf = (name or "").rpartition(".")
    location = project.table.locate(above, module.path) if above else None
    homes = project.modules_at(location) if location is not None else [module] if name == leaf else []
    for home in homes:
        for binding in home.scope.bindings.get(leaf, ()):
            if isinstance(binding.node, ast.ClassDef):
                yield home, binding.node
