"""Which test framework a repository uses, told from its files."""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from overhaul.sandbox.django_tests import find_django
from overhaul.sandbox.layout import read_toml, table

Framework = Literal["pytest", "unittest", "django", "node", "none"]

SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".tox", ".nox", ".venv", "venv", "node_modules", "build", "dist", "__pycache__", ".eggs"}
)
_TEST_FILE = re.compile(r"^(test_.*|.*_tests?|tests?)\.py$")
# A function at the left margin is pytest's; a method belongs to whichever framework its file imports.
_PYTEST_SIGN = re.compile(rb"^(?:import pytest|from pytest\b|(?:async )?def test_)", re.MULTILINE)
_UNITTEST_SIGN = re.compile(rb"^\s*(?:import unittest|from unittest\b)", re.MULTILINE)
_TEST_METHOD = re.compile(rb"^\s+(?:async )?def test", re.MULTILINE)


def detect_framework(folder: Path) -> Framework:
    """Python's: pytest wherever something speaks for it (it runs unittest's cases too), then Django, unittest, none."""
    if _has_pytest_settings(folder):
        return "pytest"
    found: Framework = "none"
    for path in _test_files(folder):
        content = path.read_bytes()
        if path.name == "conftest.py" or _PYTEST_SIGN.search(content):
            return "pytest"
        if _TEST_METHOD.search(content):
            if found == "none" and find_django(folder, SKIPPED_FOLDERS):
                found = "django"
            if found != "django":
                if not _UNITTEST_SIGN.search(content):
                    return "pytest"
                found = "unittest"
    return found


def _has_pytest_settings(folder: Path) -> bool:
    tool = table(read_toml(folder / "pyproject.toml"), "tool")
    if "pytest" in tool or (folder / "pytest.ini").is_file() or (folder / ".pytest.ini").is_file():
        return True
    return any(
        _has_section(folder / name, section)
        for name, section in (("setup.cfg", "tool:pytest"), ("tox.ini", "pytest"))
    )


def _has_section(path: Path, section: str) -> bool:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return False
    return parser.has_section(section)


def _test_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in sorted(names):
            if name == "conftest.py" or _TEST_FILE.match(name):
                yield Path(place, name)
