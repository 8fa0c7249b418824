"""Abstract classes come from collections.abc: not from collections (gone in 3.10), not from typing (PEP 585)."""

from __future__ import annotations

import ast

from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile
from overhaul.refactors.recipes.modernize_syntax.type_positions import RUNTIME_USES, position_of
from overhaul.refactors.recipes.replace_import.imports import FileImports
from overhaul.refactors.recipes.replace_import.replacement import Replacement

_SHARED = [
    "AsyncGenerator",
    "AsyncIterable",
    "AsyncIterator",
    "Awaitable",
    "Callable",
    "Collection",
    "Container",
    "Coroutine",
    "Generator",
    "Hashable",
    "ItemsView",
    "Iterable",
    "Iterator",
    "KeysView",
    "Mapping",
    "MappingView",
    "MutableMapping",
    "MutableSequence",
    "MutableSet",
    "Reversible",
    "Sequence",
    "Sized",
    "ValuesView",
]
_FROM_TYPING = {name: f"collections.abc.{name}" for name in _SHARED} | {
    "AbstractSet": "collections.abc.Set",
    "AsyncContextManager": "contextlib.AbstractAsyncContextManager",
    "ContextManager": "contextlib.AbstractContextManager",
    "Match": "re.Match",
    "Pattern": "re.Pattern",
}
_FROM_COLLECTIONS = [*_SHARED, "ByteString", "Set"]


def collections_abc(file: ModernFile) -> None:
    """Import from collections.abc what collections had."""
    text = file.source.content
    for name in _FROM_COLLECTIONS:
        if name.encode() in text:
            _replace(file, f"collections.{name}", f"collections.abc.{name}")


def typing_imports(file: ModernFile) -> None:
    """Import from collections.abc, contextlib and re what typing has as well, where all its uses are types."""
    text = file.source.content
    for name, place in _FROM_TYPING.items():
        if name.encode() in text and (name != "Callable" or file.options.target >= (3, 10)):
            uses = [node for node, _ in file.reads([f"typing.{name}"])]
            doubts = [(each, doubt) for each in uses if (doubt := _doubt(file, each))]
            for each, doubt in doubts:
                file.leave(each, doubt)
            if uses and not doubts:
                _replace(file, f"typing.{name}", place)


def _replace(file: ModernFile, old: str, new: str) -> None:
    file.rewrite.symbol = file.rule
    FileImports(file.project, file.rewrite, Replacement(old, new), collapse=False).follow()
    for node, _ in file.reads([old]):
        if (file.source.start(node), file.source.end(node)) in file.rewrite.splices:
            file.consume(node)


def _doubt(file: ModernFile, node: ast.Name | ast.Attribute) -> str:
    """Say why a use needs typing's own, or nothing."""
    position = position_of(file, node)
    if position.kind in ("base", "value", "comment"):
        return RUNTIME_USES[position.kind]
    above = file.parent(node)
    if file.options.target < (3, 11) and not file.is_stub and isinstance(above, ast.Subscript):
        for each in ast.walk(above.slice):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                return "a name in quotes inside: before Python 3.11 such parameters stay text (bpo-41370)"
    return ""
