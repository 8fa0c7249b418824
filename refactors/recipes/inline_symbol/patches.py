"""Whether code of the tree gives a module's name another value from outside: `module.name = x`, a mock, a setattr."""

from __future__ import annotations

import ast

from overhaul.refactors.project import Project

# Names of the standard library that programs, test runners and context managers set.
_SET_BY_OTHERS = frozenset(
    {
        "sys.argv",
        "sys.stderr",
        "sys.stdin",
        "sys.stdout",
        "sys.path",
        "sys.modules",
        "sys.excepthook",
        "os.environ",
    }
)


def may_be_set(project: Project, name: str) -> bool:
    """Tell whether an attribute of this name is set anywhere in the tree, by its name or by a string."""
    for module in project.containing([name]):
        if any(not isinstance(node.ctx, ast.Load) for node, _ in module.bindings.attributes.get(name, ())):
            return True
        for constant, _ in module.bindings.strings:
            text = str(constant.value)
            if (text == name or text.endswith(f".{name}")) and _is_argument(
                module.bindings.parents.get(constant)
            ):
                return True
    return False


def is_set_by_others(qualified: str) -> bool:
    """Tell whether a name of the standard library is known to change while programs run."""
    return qualified in _SET_BY_OTHERS


def _is_argument(above: ast.AST | None) -> bool:
    return isinstance(above, ast.Call | ast.keyword)
