"""papermill executes every notebook, in a process of its own, as users do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
RENAME = "parameters: {old: pkg.core.old_name, new: new_name}"
REPLACE = "{recipe: replace-call, parameters: {pattern: pkg.core.old_name(), template: '1'}}"


def execute(notebook: str, out: Path, *parameters: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "papermill", str(NOTEBOOKS / notebook), str(out), "--no-progress-bar", *parameters]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=out.parent)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("from pkg.core import old_name\n\nx = old_name()\n")
    (tmp_path / "pkg" / "core.py").write_text("def old_name():\n    return 1\n")
    return tmp_path


@pytest.mark.parametrize("words", [RENAME, REPLACE])
def test_explore_shows_sites_and_diff(folder: Path, tmp_path: Path, words: str) -> None:
    done = execute("explore.ipynb", tmp_path / "out.ipynb", "-p", "folder", str(folder), "-y", words)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out.ipynb").read_text()
    assert "pkg/__init__.py" in text
    assert "old_name" in text


def test_wrong_parameter_is_named(tmp_path: Path) -> None:
    done = execute("explore.ipynb", tmp_path / "out.ipynb", "-p", "folder", str(tmp_path / "nowhere"), "-y", RENAME)
    assert done.returncode != 0
    assert "there is no folder" in done.stderr


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_no_outputs_are_committed(notebook: Path) -> None:
    cells = json.loads(notebook.read_text())["cells"]
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []
