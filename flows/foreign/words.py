"""RECIPE as people write it: an id, `command: LINE`, or a file with an ast-grep rule or a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from overhaul.flows.foreign.sources import absolute, is_recipe_file
from overhaul.refactors.errors import ParameterError

RULE_SUFFIXES = (".yml", ".yaml")
COMMAND = "command:"
LARGEST_FILE = 1 << 20
# As in ast-grep's own rule files; a campaign and a list of recipes have other keys.
_RULE_KEYS = {"rule", "language"}


def foreign_recipe(
    word: str, values: Mapping[str, Any], folder: Path | None = None
) -> tuple[str, dict[str, Any]] | None:
    """A recipe's id and parameters for a word that is none of ours; `folder` is what a file's path is relative to."""
    if word.startswith(COMMAND):
        return "command", {**values, "line": word.removeprefix(COMMAND).strip()}
    if is_rule_file(word, folder):
        path = (folder or Path()) / word
        return "ast-grep", {**values, "name": word, "rules": path.read_text(encoding="utf-8")}
    if is_recipe_file(word):
        return absolute(word, folder), dict(values)
    return None


def is_rule_file(word: str, folder: Path | None = None) -> bool:
    """Whether a word names a file with ast-grep rules, by its keys."""
    if not word.endswith(RULE_SUFFIXES):
        return False
    path = (folder or Path()) / word
    try:
        if path.stat().st_size > LARGEST_FILE:
            return False
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    if not all(key in text for key in _RULE_KEYS):
        return False
    from overhaul.flows.foreign.ast_grep import read_rules

    try:
        return bool(read_rules(text))
    except ParameterError:
        return False
