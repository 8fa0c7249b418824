"""How long a line may be in a project, from the settings of its formatter or linter."""

from __future__ import annotations

import re

from overhaul.refactors.modules import join, parent
from overhaul.refactors.project import Module, Project

USUAL = 88
_FILES = ("ruff.toml", ".ruff.toml", "pyproject.toml", "setup.cfg", "tox.ini", ".flake8")
_SETTING = re.compile(rb"^\s*(?:line[-_]length|max[-_]line[-_]length)\s*=\s*(\d+)", re.MULTILINE)


def longest_line(project: Project, module: Module) -> int:
    """Return the number of columns of the nearest setting above a file, or black's."""
    folder = parent(module.path)
    while True:
        for name in _FILES:
            try:
                match = _SETTING.search(project.tree.read(join(folder, name)))
            except OSError:
                continue
            if match:
                return int(match[1])
        if not folder:
            return USUAL
        folder = parent(folder)
