"""What stays behind in the old module: nothing, a re-export, or a module `__getattr__` that warns."""

from __future__ import annotations

from typing import Literal

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_places import from_import
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.move_symbol.importers import Move

Alias = Literal["no", "yes", "warn"]

_GETATTR = """

def __getattr__(name: str) -> object:
    if name == "{name}":
        import warnings

        {statement}

        warnings.warn(
            "{old}.{name} is deprecated; it is {new}.{name} now",
            DeprecationWarning,
            stacklevel=2,
        )
        return {name}
    raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
"""


def warning_alias(project: Project, module: Module, move: Move, relative: bool) -> str:
    """Return the module `__getattr__` that gives the symbol and warns, to go at the end of the old module (PEP 562).

    Raises ParameterError if the module has one already.
    """
    for name in ("__getattr__", "__dir__"):
        if name in module.scope.bindings:
            line = module.scope.bindings[name][0].line
            raise ParameterError(
                f"{module.path}:{line} defines {name} already; add '{move.name}' to it by hand, or take -p alias=yes"
            )
    statement = from_import(project, module.path, move.new, move.name, relative)
    indent = module_indent(module)
    text = _GETATTR.format(name=move.name, statement=statement, old=move.old.name, new=move.new.name)
    return text.replace("    ", indent)


def module_indent(module: Module) -> str:
    """Return what a file indents its blocks with."""
    for line in module.source.text.splitlines():
        stripped = line.lstrip(" \t")
        if stripped and not stripped.startswith("#") and line != stripped:
            return "\t" if line.startswith("\t") else "    "
    return "    "
