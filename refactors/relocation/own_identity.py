"""What a module says of itself, and what is looked up beside it: its name, its file, its package, its resources."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.relocation import Relocation

_NAMES = {
    "__name__": "the module's own name changes with it (loggers, registries, pickles)",
    "__spec__": "the module's own name changes with it",
    "__file__": "the file's own path changes with it",
    "__package__": "the package that the module is in changes",
    "__path__": "the package's own path changes with it",
}
_RESOURCES = {
    "importlib.resources": "resources are looked up by package: check that those meant are still found",
    "pkgutil": "modules and data are looked up by package: check that those meant are still found",
    "pkg_resources": "resources are looked up by package: check that those meant are still found",
}


def report_own_identity(relocation: Relocation, findings: Findings) -> None:
    """Report each place in the moved files whose meaning the move changes although its text stays."""
    keeps_package = relocation.new_parent == relocation.old_parent and not relocation.location.is_package
    names = [name for name in _NAMES if not (keeps_package and name == "__package__")]
    for path in relocation.moves:
        module = relocation.project.module(path) if path.endswith((".py", ".pyi")) else None
        if module is None:
            continue
        for name in names:
            for node, scope in module.bindings.names.get(name, ()):
                if scope.lookup(name, node) is None and not _is_run_as_script(module, node):
                    findings.leave_at(module, module.source.start(node), f"{name}: {_NAMES[name]}")
        for statement, looked_up in _resource_imports(module) if not keeps_package else ():
            findings.leave_at(module, module.source.start(statement), f"{looked_up}: {_RESOURCES[looked_up]}")


def _is_run_as_script(module: Module, node: ast.Name) -> bool:
    """Tell whether a name is that of `if __name__ == "__main__"`."""
    above = module.bindings.parents.get(node)
    if not isinstance(above, ast.Compare):
        return False
    others = [above.left, *above.comparators]
    return any(isinstance(each, ast.Constant) and each.value == "__main__" for each in others)


def _resource_imports(module: Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    for statement, _ in module.bindings.imports:
        if isinstance(statement, ast.Import):
            written = [alias.name for alias in statement.names]
        elif statement.level:
            continue
        else:
            written = [f"{statement.module}.{alias.name}" for alias in statement.names]
        for name in written:
            for looked_up in _RESOURCES:
                if f"{name}.".startswith(f"{looked_up}."):
                    yield statement, looked_up


def report_named_tests(relocation: Relocation, findings: Findings) -> None:
    """Report the test files that are named after the module: they stay as they are."""
    names = {
        f"test_{relocation.leaf}.py",
        f"{relocation.leaf}_test.py",
        f"test_{relocation.leaf.strip('_')}.py",
    }
    for path in relocation.project.tree.paths():
        if path.rpartition("/")[2] in names and path not in relocation.moves:
            findings.leave_in(
                path, -2, 1, 1, "a test file named after the module; it keeps its name and place"
            )
