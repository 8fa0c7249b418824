"""The tutorial is carried out as it stands: each command is run, each diff applied, and what is said is compared."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from overhaul.flows.recipe_draft import draft_recipe, new_recipe
from overhaul.refactors.errors import RefactorError
from overhaul.sandbox.landlock import LandlockProvider

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def said(output: str) -> list[str]:
    """Lines without a table's rules and blanks."""
    lines = [re.sub(r"\s+", " ", line).strip() for line in output.splitlines()]
    return [line for line in lines if line and not set(line) <= {"─", " "}]


@pytest.mark.skipif(bool(LandlockProvider(Path("/nonexistent")).missing()), reason="no landlock here")
def test_tutorial_does_what_it_says(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    environment = os.environ | {"OVERHAUL_HOME": str(tmp_path / "home")}
    output = ""
    for kind, text in BLOCK.findall((ROOT / "docs" / "writing-recipes.md").read_text()):
        if kind == "sh":
            for line in text.splitlines():
                words = [str(Path(sys.executable).with_name("overhaul")), *shlex.split(line)[1:]]
                done = subprocess.run(
                    words, cwd=work, env=environment, capture_output=True, text=True, check=False
                )
                assert "error" not in done.stderr, done.stderr
                output = done.stdout
        elif kind == "text":
            assert said(output) == said(text)
        elif kind == "diff":
            subprocess.run(["git", "apply", "-"], cwd=work, input=text, text=True, check=True)
        elif kind == "python":
            first, _, _ = text.partition("\n")
            (work / first.removeprefix("# ")).write_text(text)
    assert "class Shop:\n" in (work / "shop.py").read_text()


def test_new_recipe_passes_its_own_test_and_is_documented(tmp_path: Path) -> None:
    recipe, test, page = new_recipe("drop-bases", tmp_path)
    assert draft_recipe(recipe.read_text()).passed
    assert "from drop_bases import DropBases" in test.read_text()
    page.write_text(page.read_text() + "\nMy own words.\n")
    recipe.unlink()
    new_recipe("drop-bases", tmp_path)
    assert page.read_text().count("## drop-bases") == 1
    assert "My own words." in page.read_text()


@pytest.mark.parametrize("name", ["Drop", "drop", "drop_bases", "../drop-bases", "drop-"])
def test_id_of_a_new_recipe_has_its_form(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefactorError, match="verb-object"):
        new_recipe(name, tmp_path)


def test_new_recipe_replaces_no_file(tmp_path: Path) -> None:
    new_recipe("drop-bases", tmp_path)
    with pytest.raises(RefactorError, match="there already"):
        new_recipe("drop-bases", tmp_path)


def test_notebook_begins_with_the_same_recipe(tmp_path: Path) -> None:
    import json

    recipe, _, _ = new_recipe("remove-object-base", tmp_path)
    notebook = json.loads((ROOT / "notebooks" / "author_recipe.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"]]
    (cell,) = [each for each in cells if each.startswith("%%recipe draft\n")]
    assert cell.partition("\n")[2].strip() == recipe.read_text().strip()
