"""A module of the tree by name, and whether a new name is free in it."""

from __future__ import annotations

from overhaul.refactors.errors import NameTaken, ParameterError
from overhaul.refactors.import_needs import is_builtin
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project, exported_strings
from overhaul.refactors.symbols.target import ModuleTarget, find_target


def find_module(inference: Inference, name: str) -> Module:
    """Return the source file of a module. Raises ParameterError for a stub, a namespace, or another symbol."""
    target = find_target(inference, name)
    modules = inference.project.modules_at(target.location) if isinstance(target, ModuleTarget) else []
    if len(modules) != 1 or modules[0].path.endswith(".pyi"):
        raise ParameterError(
            f"'{name}' is no module with one source file and no stub. Name one that there is"
        )
    return modules[0]


def refuse_taken_in_module(project: Project, module: Module, name: str) -> None:
    """Raise NameTaken if a module, or one that star imports it, has or uses a name for something else."""
    taken = module.scope.bindings.get(name)
    if taken:
        raise _taken(module, taken[0].node, name, "the module binds it")
    for use, scope in module.bindings.names.get(name, ()):
        if scope.lookup(name, use) is None:
            raise _taken(module, use, name, "the module uses it for a builtin or a star import")
    location = project.table.at(module.key)
    if location is not None and project.submodule(location, name) is not None:
        raise NameTaken(
            f"'{name}' is taken: the package {module.name} has a module of that name. Choose another name"
        )
    if name.startswith("_") or (
        exported_strings(module) and not any(each.value == name for each in exported_strings(module))
    ):
        return
    for path in project.tree.containing([name], (".py", ".pyi")):
        other = project.module(path)
        for statement, _ in other.bindings.star_imports if other is not None else ():
            source = project.import_source(other, statement) if other is not None else None
            if other is not None and isinstance(source, Location) and source.key == module.key:
                for use, scope in other.bindings.names.get(name, ()):
                    if scope.lookup(name, use) in (None, other.scope):
                        raise _taken(
                            other, use, name, f"its star import of {module.name} would bring the function"
                        )


def _taken(module: Module, node: object, name: str, why: str) -> NameTaken:
    line = getattr(node, "lineno", 1)
    hint = " (a builtin)" if is_builtin(name) else ""
    return NameTaken(f"'{name}'{hint} is taken at {module.path}:{line}: {why}. Choose another name")
