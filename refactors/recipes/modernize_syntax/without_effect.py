"""What every Python 3 does anyway: `u` before texts, `from __future__ import print_function` and its like."""

from __future__ import annotations

import ast

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_edits import named_elsewhere
from overhaul.refactors.recipes.modernize_syntax.literal_pieces import pieces_of
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile

# `annotations` and `barry_as_FLUFL` change what a file means.
_MANDATORY = frozenset(
    {
        "absolute_import", "division", "generator_stop", "generators", "nested_scopes", "print_function",
        "unicode_literals", "with_statement",
    }
)  # fmt: skip


def unicode_prefixes(file: ModernFile) -> None:
    """Leave out the `u` of texts."""
    for node in file.nodes(ast.Constant):
        if not isinstance(node.value, str) or _starts_in_string(file, node):
            continue
        pieces = pieces_of(file, node)
        if isinstance(pieces, Doubt):
            continue
        for piece in pieces:
            if piece.prefix in ("u", "U"):
                file.change(piece.start, piece.start + 1, "")
                file.note(piece.start, "resolved", "every text is one of Unicode")


def _starts_in_string(file: ModernFile, node: ast.Constant) -> bool:
    """Whether a text is part of an f-string, or of an annotation in quotes, where it has no place of its own."""
    if file.in_formatted_string(node):
        return True
    start = file.source.start(node)
    return file.between(start, start + 1) not in ("u", "U", "'", '"')


def future_imports(file: ModernFile) -> None:
    """Leave out what is imported from `__future__` and holds in every Python 3."""
    for statement in file.nodes(ast.ImportFrom):
        if statement.module != "__future__" or statement.level:
            continue
        for alias in statement.names:
            if alias.name not in _MANDATORY:
                continue
            bound = alias.asname or alias.name
            if _is_used(file, bound) or named_elsewhere(file.project, {(file.module.name, bound)}):
                file.leave(alias, f"the name '{bound}' is used")
            else:
                file.rewrite.taken.setdefault(statement, {})[alias] = None
                file.resolve(alias, "holds in every Python 3")


def _is_used(file: ModernFile, name: str) -> bool:
    """Whether the file uses the name that the import binds, or may list it."""
    return bool(file.module.bindings.names.get(name)) or name in {
        text.value for text, _ in file.module.bindings.strings
    }
