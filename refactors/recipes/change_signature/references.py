"""What is done with the function where it is not called: handed over, stored, or only looked at."""

from __future__ import annotations

import ast

from overhaul.refactors.annotations import last_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.values import External

_PARTIAL = frozenset({"functools.partial"})
_LOOKED_AT = frozenset({
    "isinstance", "issubclass", "super", "cast", "TypeVar", "NewType", "type", "id", "hash", "repr", "str", "callable",
    "hasattr", "print", "raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "suppress", "len",
    "__new__", "assertIs", "assertIsNot", "assertIsInstance", "assertNotIsInstance", "get_type_hints", "fields", "vars",
    "dir",
})  # fmt: skip
_INSPECTS = frozenset({"signature", "getfullargspec", "create_autospec", "get_annotations"})
_BY_POSITION = frozenset({
    "map", "filter", "sorted", "min", "max", "sort", "reduce", "groupby", "accumulate", "takewhile", "dropwhile",
    "filterfalse", "starmap", "nlargest", "nsmallest", "sub", "subn", "iter", "cmp_to_key",
})  # fmt: skip
_OF_CLASS = frozenset({"getattr", "setattr", "delattr", "object", "update_wrapper", "wraps"})


def partial_call(inference: Inference, module: Module, node: ast.expr) -> ast.Call | None:
    """Return the `functools.partial(f, ...)` that a function is the first argument of."""
    above = module.bindings.parents.get(node)
    if not isinstance(above, ast.Call) or not above.args or above.args[0] is not node:
        return None
    values = inference.values(module, above.func)
    is_partial = bool(values) and all(isinstance(each, External) and each.name in _PARTIAL for each in values)
    return above if is_partial else None


def called_by_decorator(module: Module, node: ast.expr) -> bool:
    """Tell whether the function itself decorates something."""
    above = module.bindings.parents.get(node)
    return (
        isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node in above.decorator_list
    )


def is_harmless(module: Module, node: ast.expr, kind: str) -> bool:
    """Tell whether a use neither calls the function nor gives it to something that may."""
    above = module.bindings.parents.get(node)
    if above is None or isinstance(
        above, ast.Compare | ast.Expr | ast.Delete | ast.ExceptHandler | ast.MatchClass
    ):
        return True
    if isinstance(above, ast.Attribute):
        return not _is_called_with_arguments(module, above) or kind == "constructor"
    if isinstance(above, ast.Call):
        name = last_name(above.func)
        return name in _LOOKED_AT or (name in _OF_CLASS and above.args[:1] == [node])
    if isinstance(above, ast.Raise):
        return True
    return kind == "constructor" and _describes_type(module, node)


def _is_called_with_arguments(module: Module, attribute: ast.Attribute) -> bool:
    """Tell `f.delay(1)` from `f.cache_clear()` and `f.__name__`."""
    above = module.bindings.parents.get(attribute)
    is_call = isinstance(above, ast.Call) and above.func is attribute
    return is_call and bool(above.args or above.keywords) and not attribute.attr.startswith("__")  # type: ignore[union-attr]


def _describes_type(module: Module, node: ast.expr) -> bool:
    """Tell whether a class stands in an annotation, among bases or in a tuple for isinstance."""
    child: ast.AST = node
    above = module.bindings.parents.get(node)
    while above is not None:
        if isinstance(above, ast.arg | ast.ClassDef | ast.ExceptHandler):
            return True
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            return above.returns is child
        if isinstance(above, ast.AnnAssign):
            return above.annotation is child
        if isinstance(above, ast.Subscript | ast.Constant):
            return True
        if isinstance(above, ast.Call):
            return last_name(above.func) in _LOOKED_AT
        if not isinstance(above, ast.BinOp | ast.Tuple | ast.List):
            return False
        child, above = above, module.bindings.parents.get(above)
    return True


def is_inspected(module: Module, node: ast.expr) -> bool:
    """Tell whether something reads the function's signature itself."""
    above = module.bindings.parents.get(node)
    return isinstance(above, ast.Call) and above.func is not node and last_name(above.func) in _INSPECTS


def is_called_by_position(module: Module, node: ast.expr) -> bool:
    """Tell whether a function is handed to one of Python's own that calls it with arguments by position only."""
    above = module.bindings.parents.get(node)
    if isinstance(above, ast.keyword) and above.arg in ("key", "func", "function"):
        above = module.bindings.parents.get(above)
    return isinstance(above, ast.Call) and above.func is not node and last_name(above.func) in _BY_POSITION


def why_reported(module: Module, node: ast.expr) -> str:
    """Tell what is done with a function that is not called."""
    above = module.bindings.parents.get(node)
    if isinstance(above, ast.keyword):
        call = module.bindings.parents.get(above)
        above = call if isinstance(call, ast.Call) else above
    if isinstance(above, ast.Attribute):
        return f"'.{above.attr}' of the function gets arguments that may go to it"
    if isinstance(above, ast.Call):
        return f"it is handed to '{ast.unparse(above.func)}', which may call it with other arguments"
    if isinstance(above, ast.Return | ast.Yield):
        return "it is returned; whoever gets it may call it"
    if isinstance(above, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        return "it is stored; whoever reads it may call it"
    return "it is used as a value; whoever gets it may call it"
