"""Names that the code computes: `getattr(x, f"get_{kind}")`, `import_module("acme." + name)`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from overhaul.refactors.annotations import last_name
from overhaul.refactors.computed_imports import computed_imports
from overhaul.refactors.computed_text import may_give
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.values import FunctionValue, Values

_READERS = ("getattr", "setattr", "hasattr", "delattr")
_GETTERS = ("attrgetter", "methodcaller")


def computed_calls(module: Module) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Yield the calls that read or set an attribute by a name which is no constant, with the name's expression."""
    for reader in (*_READERS, *_GETTERS):
        for use, _ in [*module.bindings.names.get(reader, ()), *module.bindings.attributes.get(reader, ())]:
            call = module.bindings.parents.get(use)
            index = 0 if reader in _GETTERS else 1
            if isinstance(call, ast.Call) and call.func is use and len(call.args) > index:
                name = call.args[index]
                if not isinstance(name, ast.Constant):
                    yield call, name


def gives_computed_names(module: Module) -> bool:
    """Tell whether a file reads attributes by names that may come from its strings."""
    return any(True for _ in computed_calls(module))


def reads_by_name(inference: Inference, module: Module, call: ast.Call, index: int) -> bool:
    """Tell whether a call hands its argument to a function of the tree that reads an attribute by it."""
    for value in inference.values(module, call.func):
        if not isinstance(value, FunctionValue):
            continue
        definition = value.definition
        positional = [*definition.node.args.posonlyargs, *definition.node.args.args]
        place = index + (value.receiver is not None)
        if place < len(positional):
            name = positional[place].arg
            scope = definition.module.bindings.scopes[definition.node]
            for _, expression in computed_calls(definition.module):
                if isinstance(expression, ast.Name) and expression.id == name:
                    bindings = definition.module.bindings
                    if bindings.scope_of(expression).lookup(name, expression) is scope:
                        return True
    return False


def report_computed(inference: Inference, findings: Findings, means: Callable[[Values], bool | None]) -> None:
    """Report each computed name that may be the symbol's, on an object that has the symbol."""
    for module in list(inference.project.parsed):
        for call, name in computed_calls(module):
            if last_name(call.func) not in _READERS or not may_give(module, name, findings.old):
                continue
            if means(inference.values(module, call.args[0])) is True:
                findings.leave_at(
                    module,
                    module.source.start(name),
                    f"{last_name(call.func)} of a computed name on an object that has '{findings.old}'",
                )


def report_computed_imports(findings: Findings, location: Location) -> None:
    """Report each import of a computed name that may be a module's."""
    for module, name, found in computed_imports(findings.project, location):
        reason = f"imports a module by a computed name, which may be '{found}'"
        findings.leave_at(module, module.source.start(name), reason)
