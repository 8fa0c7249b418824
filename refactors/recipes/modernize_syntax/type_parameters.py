"""PEP 695's `type X = ...` and `class A[T]`: reported, since both make other objects when the program runs."""

from __future__ import annotations

import ast

from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile


def type_parameters(file: ModernFile) -> None:
    """Report type aliases and generic classes that Python 3.12 has statements for."""
    if file.options.target < (3, 12):
        return
    for alias in file.nodes(ast.AnnAssign):
        if file.meaning(alias.annotation) in ("typing.TypeAlias", "typing_extensions.TypeAlias"):
            file.leave(
                alias,
                "could be a type statement, whose value is a TypeAliasType: no class, and evaluated later",
            )
    for node in file.nodes(ast.ClassDef):
        for base in node.bases:
            if isinstance(base, ast.Subscript) and file.meaning(base.value) == "typing.Generic":
                file.leave(
                    base, "could have type parameters of its own, if nothing else uses its type variables"
                )
