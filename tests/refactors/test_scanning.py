"""`overhaul.refactors.scan`: what a notebook or a script sees of a folder."""

from pathlib import Path

import pytest

from overhaul.refactors import scan
from overhaul.refactors.errors import ParameterError, UnknownRecipe


def hostile_folder(folder: Path) -> Path:
    (folder / "<b>x").mkdir()
    (folder / "m.py").write_text("def old(): ...\n")
    (folder / "<b>x" / "n\u202egpj.py").write_text("from m import old\n\nold()\n")
    return folder


def test_scan_gives_sites_and_the_diff_and_writes_nothing(tmp_path: Path) -> None:
    found = scan("rename-symbol", hostile_folder(tmp_path), old="m.old", new="new")
    assert "3 sites proved in 2 files, 0 unresolved" in repr(found)
    assert b"+def new(): ..." in found.diff
    assert (tmp_path / "m.py").read_text() == "def old(): ...\n"


def test_names_of_files_are_shown_as_they_are(tmp_path: Path) -> None:
    shown = scan("rename-symbol", hostile_folder(tmp_path), old="m.old", new="new")._repr_html_()
    assert "&lt;b&gt;x/n\\u202egpj.py:1:15" in shown
    assert "<b>" not in shown


def test_wrong_recipe_folder_and_parameter_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownRecipe, match="rename-symbl"):
        scan("rename-symbl", tmp_path)
    with pytest.raises(ParameterError, match=r"there is no folder .*nowhere"):
        scan("rename-symbol", tmp_path / "nowhere", old="m.old", new="new")
    with pytest.raises(ParameterError, match=r"parameter 'new' .* is 3; it takes text"):
        scan("rename-symbol", tmp_path, old="m.old", new=3)
