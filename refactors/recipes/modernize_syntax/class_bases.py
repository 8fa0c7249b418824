"""`class A(object):` is `class A:`."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile, is_name

_OPENING = re.compile(r"\s*\(\s*$")
_CLOSING = re.compile(r"\s*,?\s*\)")
_COMMA = re.compile(r"\s*,\s*")


def class_bases(file: ModernFile) -> None:
    """Leave out `object`, which every class has as its base."""
    for node in file.nodes(ast.ClassDef):
        if not node.bases or not is_name(node.bases[-1], "object"):
            continue
        base = node.bases[-1]
        if not file.is_builtin("object", node):
            file.leave(base, "'object' means something else here")
        elif any(isinstance(each, ast.Starred) for each in node.bases):
            file.leave(base, "the other bases are not told one by one")
        elif _remove(file, node, base):
            file.resolve(base, "object is the base of every class")
        else:
            file.leave(base, "a comment stands among the bases")


def _remove(file: ModernFile, node: ast.ClassDef, base: ast.expr) -> bool:
    source = file.source
    start, end = source.start(base), source.end(base)
    if len(node.bases) > 1:
        before = source.end(node.bases[-2])
        if not _COMMA.fullmatch(file.between(before, start)):
            return False
        file.change(before, end, "")
        return True
    if node.keywords:
        following = min(source.start(each) for each in node.keywords)
        if not _COMMA.fullmatch(file.between(end, following)):
            return False
        file.change(start, following, "")
        return True
    opening = _OPENING.search(file.between(source.start(node), start))
    closing = _CLOSING.match(file.between(end, source.start(node.body[0])))
    if opening is None or closing is None:
        return False
    file.change(start - len(opening[0]), end + len(closing[0]), "")
    return True
