"""Whether a `with` may swallow an exception, so that the code after it runs although its block did not end."""

from __future__ import annotations

import ast

from overhaul.refactors.annotations import last_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.values import ClassDefinition, External, Instance

# Managers whose `__exit__` never returns a true value.
_HARMLESS = frozenset(
    {
        "builtins.open",
        "io.open",
        "gzip.open",
        "threading.Lock",
        "threading.RLock",
        "tempfile.TemporaryDirectory",
        "tempfile.NamedTemporaryFile",
        "tempfile.TemporaryFile",
        "zipfile.ZipFile",
        "tarfile.open",
        "contextlib.closing",
        "contextlib.nullcontext",
        "contextlib.redirect_stdout",
        "contextlib.redirect_stderr",
        "concurrent.futures.ThreadPoolExecutor",
        "concurrent.futures.ProcessPoolExecutor",
        "socket.socket",
        "urllib.request.urlopen",
        "warnings.catch_warnings",
        "asyncio.Lock",
        "asyncio.Semaphore",
    }
)


def may_suppress(inference: Inference, module: Module, item: ast.withitem) -> bool:
    """Tell whether the manager of a `with` may swallow exceptions: yes if its kind is not known."""
    expression = item.context_expr
    values = list(inference.values(module, expression))
    if isinstance(expression, ast.Call):
        called = inference.values(module, expression.func)
        if called and all(isinstance(each, External) and each.name in _HARMLESS for each in called):
            return False
        if isinstance(expression.func, ast.Attribute) and last_name(expression.func) == "open":
            return False  # a path's or an archive's own
    return not values or not all(
        isinstance(value, Instance)
        and (
            value.of in _HARMLESS if isinstance(value.of, str) else _passes_exceptions_on(inference, value.of)
        )
        for value in values
    )


def _passes_exceptions_on(inference: Inference, definition: ClassDefinition) -> bool:
    owner = inference.hierarchy.provider(definition, "__exit__")
    bindings = owner.scope.bindings.get("__exit__", []) if owner is not None else []
    return bool(bindings) and all(
        isinstance(binding.node, ast.FunctionDef)
        and not any(
            isinstance(node, ast.Return)
            and node.value is not None
            and not (isinstance(node.value, ast.Constant) and not node.value.value)
            for node in ast.walk(binding.node)
        )
        for binding in bindings
    )
