"""The module that is left under the old name, for code outside the tree.

It puts the moved module itself into `sys.modules` under the old name, so that both names mean one object: the same
classes, private names too, and a patch or an assignment through one is seen through the other. `from new import *`
alone would copy the public names only; it is there for type checkers, which do not follow `sys.modules`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Edit
from overhaul.refactors.relocation.relocation import Relocation

Alias = Literal["no", "yes", "warn"]
ALIAS_HELP = (
    "leave a module under the old name that is the same module: no, yes, or warn with a DeprecationWarning"
)


def refuse_alias(relocation: Relocation, alias: Alias) -> None:
    """Raise ParameterError for a package, whose modules would be loaded a second time below the old name."""
    if alias == "no":
        return
    if relocation.location.is_package:
        raise ParameterError(
            f"'{relocation.old_name}' is a package, and an alias of one loads each of its modules a second time."
            " Leave out alias, or move its modules one by one"
        )
    if not any(path.endswith(".py") for path in relocation.location.paths):
        raise ParameterError(f"'{relocation.old_name}' is a stub only, which needs no alias. Leave out alias")


def with_alias(relocation: Relocation, edits: Sequence[Edit], alias: Alias) -> list[Edit]:
    """Return the edits with the old file replaced by the alias and the new one created instead of moved."""
    if alias == "no":
        return list(edits)
    found: list[Edit] = []
    for edit in edits:
        if edit.new_path is not None and edit.path.endswith(".py"):
            found.append(Edit(edit.new_path, None, edit.content, edit.sites))
            found.append(Edit(edit.path, edit.old_hash, _alias_module(relocation, edit.content, alias), 0))
        else:
            found.append(edit)
    return sorted(found, key=lambda edit: edit.path)


def _alias_module(relocation: Relocation, moved: bytes, alias: Alias) -> bytes:
    old, new = relocation.old_name, relocation.new_name
    lines = [f'"""Kept for compatibility: {old} is {new} now."""', "", "import sys"]
    if alias == "warn":
        lines.append("import warnings")
    lines += ["", f"from {new} import *  # noqa: F403", ""]
    if alias == "warn":
        lines.append(f'warnings.warn("{old} is {new} now", DeprecationWarning, stacklevel=2)')
    lines += [f'sys.modules[__name__] = sys.modules["{new}"]', ""]
    newline = re.search(rb"\r\n|\r|\n", moved)
    return (newline[0].decode() if newline else "\n").join(lines).encode()
