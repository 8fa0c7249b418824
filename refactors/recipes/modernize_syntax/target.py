"""The oldest Python that a project supports, from its own metadata."""

from __future__ import annotations

import ast
import configparser
import tomllib

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from overhaul.refactors.annotations import last_name
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.source import Tree

Version = tuple[int, int]
OLDEST, NEWEST = (3, 9), (3, 14)
_HINT = "Say which Python the code must run on, for example: -p target=3.10"


def read_target(text: str, tree: Tree) -> Version:
    """Return the version that the parameter names, or the oldest that the project allows. Raises ParameterError."""
    if text:
        return _parsed(text)
    declared = _declared(tree)
    if declared is None:
        raise ParameterError(
            "no requires-python is in the project's pyproject.toml, setup.cfg or setup.py. " + _HINT
        )
    place, specifier = declared
    oldest = _oldest(specifier)
    if oldest is None:
        raise ParameterError(f"{place} says requires-python = {specifier!r}, which names no Python. {_HINT}")
    if oldest < OLDEST:
        raise ParameterError(
            f"{place} allows Python {oldest[0]}.{oldest[1]}, and this recipe begins with 3.9. {_HINT}"
        )
    return min(oldest, NEWEST)


def _parsed(text: str) -> Version:
    known = {f"3.{minor}": (3, minor) for minor in range(OLDEST[1], NEWEST[1] + 1)}
    if text not in known:
        raise ParameterError(f"target {text!r} is none of {', '.join(known)}")
    return known[text]


def _oldest(specifier: str) -> Version | None:
    try:
        allowed = SpecifierSet(specifier)
    except InvalidSpecifier:
        return None
    if not specifier.strip() or any(allowed.contains(each) for each in ("2.6.99", "2.7.18")):
        return (2, 7)
    for minor in range(50):
        if any(allowed.contains(f"3.{minor}.{patch}") for patch in (0, 1, 2, 3, 99)):
            return (3, minor)
    return None


def _declared(tree: Tree) -> tuple[str, str] | None:
    """Return the file at the top of the tree that says which Pythons are allowed, and what it says."""
    for path, read in (("pyproject.toml", _pyproject), ("setup.cfg", _configuration), ("setup.py", _script)):
        try:
            found = read(tree.read(path).decode("utf-8", "replace"))
        except OSError:
            continue
        if found is not None:
            return path, found
    return None


def _pyproject(text: str) -> str | None:
    try:
        project = tomllib.loads(text).get("project", {})
    except tomllib.TOMLDecodeError:
        return None
    found = project.get("requires-python") if isinstance(project, dict) else None
    return found if isinstance(found, str) else None


def _configuration(text: str) -> str | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
        return parser.get("options", "python_requires", fallback=None)
    except configparser.Error:
        return None


def _script(text: str) -> str | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = [
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and last_name(node.func) == "setup"
        for keyword in node.keywords
        if keyword.arg == "python_requires" and isinstance(keyword.value, ast.Constant)
    ]
    return found[0] if len(found) == 1 and isinstance(found[0], str) else None
