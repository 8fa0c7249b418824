"""Whether a print is what a program or a test says to who runs it."""

from __future__ import annotations

import ast
from collections.abc import Collection

from overhaul.refactors.annotations import decorator_names
from overhaul.refactors.project import Module
from overhaul.refactors.public_names import is_test_path
from overhaul.refactors.scopes import FunctionNode

_SCRIPTS = frozenset({"setup.py", "__main__.py", "conftest.py", "noxfile.py", "manage.py", "conf.py"})
_SCRIPT_FOLDERS = frozenset(
    {"bench", "benchmark", "benchmarks", "bin", "doc", "docs", "example", "examples", "scripts", "tools"}
)
_COMMANDS = frozenset(
    {"argument", "callback", "command", "group", "option", "pass_context", "result_callback"}
)


def output_of_file(path: str) -> str:
    """Say why everything that a file prints is output for a person, or nothing."""
    *folders, name = path.split("/")
    if is_test_path(path):
        return "in a test"
    if name in _SCRIPTS or _SCRIPT_FOLDERS.intersection(folders):
        return "in a script"
    return ""


def output_of_place(module: Module, node: ast.AST, called: Collection[str]) -> str:
    """Say why one print is output for a person, or nothing; `called` are the functions that the main block calls."""
    above = module.bindings.parents.get(node)
    while above is not None:
        if isinstance(above, ast.If) and is_main_block(above):
            return "in the main block"
        if isinstance(above, FunctionNode):
            if decorator_names(above) & _COMMANDS:
                return f"in the command '{above.name}'"
            if above.name in called or above.name == "main":
                return f"in '{above.name}', which is run as a program"
        above = module.bindings.parents.get(above)
    return ""


def called_by_main(module: Module) -> frozenset[str]:
    """Return the functions of a module that its main block calls, and those that these call by their names."""
    functions = {node.name: node for node, scope in module.bindings.functions if scope is module.scope}
    pending: list[ast.AST] = [
        each for each in module.source.tree.body if isinstance(each, ast.If) and is_main_block(each)
    ]
    found: set[str] = set()
    while pending:
        for node in ast.walk(pending.pop()):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name in functions and name not in found:
                found.add(name)
                pending.append(functions[name])
    return frozenset(found)


def is_main_block(node: ast.If) -> bool:
    """Tell whether this is `if __name__ == "__main__":`, either way round."""
    if not isinstance(node.test, ast.Compare):
        return False
    names = {each.id for each in ast.walk(node.test) if isinstance(each, ast.Name)}
    texts = {each.value for each in ast.walk(node.test) if isinstance(each, ast.Constant)}
    return names == {"__name__"} and texts == {"__main__"}
