"""papermill executes the notebooks that need no server, in a process of its own, as users do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from overhaul.flows.widgets.explorer import Explorer
from overhaul.refactors.errors import RefactorError

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
RENAME = "parameters: {old: pkg.core.old_name, new: new_name}"
REPLACE = "{recipe: replace-call, parameters: {pattern: pkg.core.old_name(), template: '1'}}"
DRAFT = '''"""Changes nothing."""
from dataclasses import dataclass
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Case, Recipe

@dataclass(frozen=True)
class Parameters: ...

class LeaveAlone(Recipe):
    id = "leave-alone"
    summary = "Leave everything alone"
    Parameters = Parameters
    cases = (
        Case("holds", {}, {"a.py": "x = 1\\n"}),
        Case("<b>fails</b>", {}, {"a.py": "x = 1\\n"}, {"a.py": "x = 2\\n"}),
    )

    def analyse(self, tree):
        return self.analysis(Project(tree), [], [])
'''


def execute(notebook: str, out: Path, *parameters: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-P",
        "-m",
        "papermill",
        str(NOTEBOOKS / notebook),
        str(out),
        "--no-progress-bar",
        *parameters,
    ]
    home = {**os.environ, "OVERHAUL_HOME": str(out.parent / "home")}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=out.parent, env=home)


def outputs(notebook: Path) -> str:
    """All that the cells show, as HTML where they have some and as text where not."""
    found = []
    for cell in json.loads(notebook.read_text())["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            found += data.get("text/html") or data.get("text/plain") or output.get("text", [])
    return "".join(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package with a file whose name and text are markup."""
    package = tmp_path / "code" / "pkg"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "from pkg.core import old_name\n\nx = old_name()  # <script>alert(1)</script>\n"
    )
    (package / "core.py").write_text("def old_name():\n    return 1\n")
    (package / "<img src=x>.py").write_text("from pkg.core import old_name\n\ny = old_name()\n")
    return package.parent


@pytest.mark.parametrize("words", [RENAME, REPLACE])
def test_explore_shows_sites_graph_and_diff_and_escapes_what_is_in_the_repository(
    folder: Path, tmp_path: Path, words: str
) -> None:
    done = execute("explore.ipynb", tmp_path / "out.ipynb", "-p", "folder", str(folder), "-y", words)
    assert done.returncode == 0, done.stderr
    shown = outputs(tmp_path / "out.ipynb")
    assert "pkg/__init__.py" in shown
    assert "Import graph: " in shown
    assert 'class="diff"' in shown
    assert "&lt;img src=x&gt;.py" in shown
    assert "<img" not in shown
    assert "<script>" not in shown


def test_wrong_parameter_fails_the_notebook_and_is_named(tmp_path: Path) -> None:
    done = execute("explore.ipynb", tmp_path / "out.ipynb", "-p", "folder", "nowhere", "-y", RENAME)
    assert done.returncode != 0
    assert "folder: there is no folder nowhere" in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ("code", "rename-symbl", {"old": "a.b"}),
            "recipe 'rename-symbl' is unknown. Did you mean 'rename-symbol'",
        ),
        (
            ("code", "rename-symbol", {"old": "a.b", "new": [1]}),
            "parameter 'new' of recipe 'rename-symbol' is [1]",
        ),
        (("code", "rename-symbol", {"old": "a.b"}), "needs the parameter 'new'"),
        (("code", "rename-symbol", {"odl": "a.b"}), "no parameter 'odl'. Did you mean 'old'"),
        ((3, "rename-symbol", {}), "folder is 3; it takes text"),
        (("code", 3, {}), "recipe is 3; it takes text"),
        (("code", "rename-symbol", "old=a.b"), "parameters is 'old=a.b'; it takes names with values"),
    ],
)
def test_what_is_wrong_with_a_parameter_is_said(folder: Path, given: Any, said: str) -> None:
    where, recipe, parameters = given
    with pytest.raises(RefactorError, match=re.escape(said)):
        Explorer(str(folder) if where == "code" else where, recipe, parameters)


def test_a_changed_parameter_changes_what_is_shown_and_a_wrong_one_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERHAUL_HOME", str(folder / "home"))
    explorer = Explorer(str(folder), "rename-symbol", {"old": "pkg.core.old_name", "new": "new_name"})
    explorer.form.fields["new"].value = "newer_name"
    assert "+def newer_name():" in explorer.diff().text
    explorer.form.fields["new"].value = "no name"
    assert explorer.scan is None
    assert "no name" in explorer.summary().text


def test_a_recipe_written_in_a_cell_is_checked_and_exported_with_a_test_that_passes(tmp_path: Path) -> None:
    done = execute("author_recipe.ipynb", tmp_path / "out.ipynb", "-p", "export_to", str(tmp_path / "made"))
    assert done.returncode == 0, done.stderr
    assert "5 of 5 cases hold" in outputs(tmp_path / "out.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "made")]
    tested = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "5 passed" in tested.stdout, tested.stdout


def test_a_recipe_whose_cases_fail_shows_why_and_is_not_exported(tmp_path: Path) -> None:
    (tmp_path / "draft.py").write_text(DRAFT)
    words = ["-p", "recipe_file", str(tmp_path / "draft.py"), "-p", "export_to", str(tmp_path / "made")]
    done = execute("author_recipe.ipynb", tmp_path / "out.ipynb", *words)
    assert "leave-alone is not ready, these cases do not hold: <b>fails</b>" in done.stderr
    shown = outputs(tmp_path / "out.ipynb")
    assert "1 of 2 cases hold" in shown
    assert "&lt;b&gt;fails&lt;/b&gt;" in shown
    assert "-x = 2" in shown
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_no_outputs_are_committed(notebook: Path) -> None:
    cells = json.loads(notebook.read_text())["cells"]
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


@pytest.mark.acceptance  # the build backend comes from the package index
def test_the_wheel_has_the_notebooks(tmp_path: Path) -> None:
    root = NOTEBOOKS.parent
    command = [
        sys.executable,
        "-m",
        "uv",
        "build",
        "--quiet",
        "--wheel",
        "--out-dir",
        str(tmp_path),
        str(root),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"overhaul/notebooks/{path.name}" for path in NOTEBOOKS.glob("*.ipynb")} <= set(names)
    assert "overhaul/flows/templates/pictures.css" in names
