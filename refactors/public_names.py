"""What a module offers to others: its public names and the parameters of its functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Names = dict[str, int]


def public_names(source: bytes, is_package: bool = True) -> Names | None:
    """Return public names (`function`, `Class.method`, `function(parameter)`) with their lines.

    What is imported is public in a package's `__init__` only. Names bound inside `if` and `try` at the top count as
    well; names that star imports bring do not.
    None if the source does not parse.
    """
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return dict(_names(module.body, "", is_package))


def is_public_module(path: str) -> bool:
    """Whether users of a project may import from this file: no test, example, tool or private module."""
    *folders, name = path.removesuffix(".py").split("/")
    if not path.endswith(".py") or is_test_path(path):
        return False
    if {"docs", "examples", "scripts", "tools", "migrations"}.intersection(folders) or name in (
        "setup",
        "conftest",
    ):
        return False
    return name == "__init__" or not any(part.startswith("_") for part in (*folders, name))


def is_test_path(path: str) -> bool:
    """Whether this file belongs to the tests."""
    *folders, name = path.split("/")
    return bool({"test", "tests", "testing"}.intersection(folders)) or (
        name == "conftest.py"
        or (name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py")))
    )


def _names(body: list[ast.stmt], prefix: str, is_package: bool) -> Iterator[tuple[str, int]]:
    for statement in body:
        for name, line in _bound(statement, is_package):
            if not name.startswith("_"):
                yield prefix + name, line
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and not statement.name.startswith(
            "_"
        ):
            yield from _parameters(statement, prefix)
        elif isinstance(statement, ast.ClassDef) and not statement.name.startswith("_"):
            yield from _names(statement.body, f"{prefix}{statement.name}.", is_package)
        elif isinstance(statement, ast.If | ast.Try | ast.With):
            for field in ("body", "orelse", "finalbody"):
                yield from _names(getattr(statement, field, []), prefix, is_package)
            for handler in getattr(statement, "handlers", []):
                yield from _names(handler.body, prefix, is_package)


def _bound(statement: ast.stmt, is_package: bool) -> Iterator[tuple[str, int]]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name, statement.lineno
        case ast.Import() | ast.ImportFrom():
            for alias in statement.names:
                # `import x as x` offers x to others (PEP 484); any other import is the module's own business.
                if is_package or alias.asname == alias.name:
                    yield alias.asname or alias.name.partition(".")[0], statement.lineno
        case ast.Assign() | ast.AnnAssign():
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                for node in ast.walk(target):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        yield node.id, node.lineno


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str) -> Iterator[tuple[str, int]]:
    arguments = function.args
    for each in (*arguments.args, *arguments.kwonlyargs):
        if not each.arg.startswith("_"):
            yield f"{prefix}{function.name}({each.arg})", each.lineno
