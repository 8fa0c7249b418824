"""Names that a changed file uses and nothing binds: not the file, not a builtin, not a star import."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator

from overhaul.refactors.project import Module
from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.trees import Trees, expects_failure, places_text

# Python gives every module or function some names; tools give them to their scripts, and gettext gives `_` to all.
_GIVEN = frozenset(
    "__file__ __name__ __doc__ __path__ __builtins__ __spec__ __loader__ __package__ __annotations__ __debug__"  # noqa: SIM905
    " __class__ __qualname__ __module__ __dict__ __cached__ _ WindowsError reveal_type reveal_locals".split()
)
_BINDS_UNSEEN = frozenset({"exec", "globals", "locals", "vars", "eval"})


def undefined_names(trees: Trees) -> Iterator[Finding]:
    """Yield a finding for each name that the change leaves without a meaning, at a line that it changes."""
    for path, old, module in trees.changed_modules():
        before = set(_undefined(old)) if old is not None else set()
        for name, nodes in _undefined(module).items():
            if name in before:  # something that is not seen here gives it
                continue
            if old is None and not _is_ordinary(module):
                continue
            places = sorted({(path, node.lineno) for node in nodes})
            cite = next(filter(None, (trees.lines.cite(path, line, line) for _, line in places)), None)
            if cite is None and old is not None:
                lines = [binding.line for binding in old.scope.bindings.get(name, ())]
                cites = (trees.lines.cite_removal(old.path, line) for line in lines)
                cite = next(filter(None, cites), None)
            if cite is not None:
                yield Finding(
                    f"`{name}` is used but nothing defines it",
                    f"`{name}` is used at {places_text(places)}; nothing in the file binds it: NameError.",
                    1, cite.path, cite.first_line, cite.last_line, side=cite.side, proved_by="rule",
                    proof=f"no scope around the use binds `{name}`",
                )  # fmt: skip


def _undefined(module: Module) -> dict[str, list[ast.Name]]:
    bindings = module.bindings
    if bindings.star_imports or _BINDS_UNSEEN.intersection(bindings.names):
        return {}
    found: dict[str, list[ast.Name]] = defaultdict(list)
    for name, uses in bindings.names.items():
        if name in _GIVEN or hasattr(builtins, name):
            continue
        for node, scope in uses:
            if not isinstance(node.ctx, ast.Load) or scope.lookup(name, node) is not None:
                continue
            if not _is_annotation(module, node) and not expects_failure(module, node):
                found[name].append(node)
    return found


def _is_ordinary(module: Module) -> bool:
    """Whether a new file is a module that is imported: a tool's script may be given names."""
    return module.is_package or any(True for _ in module.bindings.imports)


def _is_annotation(module: Module, node: ast.AST) -> bool:
    """Whether a name stands in an annotation or a string, which may never be evaluated."""
    child, above = node, module.bindings.parents.get(node)
    while above is not None and not isinstance(above, ast.Module):
        if isinstance(above, ast.Constant) or getattr(above, "annotation", None) is child:
            return True
        if getattr(above, "returns", None) is child:
            return True
        child, above = above, module.bindings.parents.get(above)
    return above is None  # of a type comment
