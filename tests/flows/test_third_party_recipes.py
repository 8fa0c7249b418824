"""Recipes that other people wrote: nothing of them runs here before the user says so, and only until they change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from overhaul.flows.foreign.sources import source_of_entry_point
from overhaul.flows.foreign.third_party import checked_cases, find_source
from overhaul.flows.foreign.trust import take_back, trust, trust_of
from overhaul.flows.recipe_draft import new_recipe
from overhaul.flows.recipe_lookup import find_recipe, is_third_party
from overhaul.flows.settings import Settings
from overhaul.refactors.analysis import analyse
from overhaul.refactors.errors import RefactorError, UnknownRecipe
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.sandbox.landlock import LandlockProvider

HERE = Path(__file__).parent
SHAPES = {"shapes.py": "class Shape(object):\n    pass\n"}
BEACON = """
import contextlib
from pathlib import Path

with contextlib.suppress(OSError):
    Path({place!r}).write_text("was here")
"""

needs_landlock = pytest.mark.skipif(
    bool(why := LandlockProvider(Path("/nonexistent")).missing()), reason=f"no landlock: {why}"
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home of the module's own."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("third-party")
        patch.setenv("OVERHAUL_HOME", str(home))
        yield Settings(home)


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    """A recipe that leaves a trace wherever it is imported."""
    file, _, _ = new_recipe("drop-bases", tmp_path / "recipes")
    file.write_text(file.read_text() + BEACON.format(place=str(tmp_path / "trace")))
    return file


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with the recipe `drop-bases` as entry point; return its folder."""
    site = tmp_path / "site"
    new_recipe("drop-bases", site / "acme_recipes")
    (site / "acme_recipes" / "__init__.py").write_text("")
    info = site / "acme_recipes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-recipes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[overhaul.recipes]\nacme-bases = acme_recipes.drop_bases:DropBases\n"
    )
    monkeypatch.syspath_prepend(str(site))
    yield site
    for name in [name for name in sys.modules if name.startswith("acme_recipes")]:
        del sys.modules[name]


@needs_landlock
def test_untrusted_recipe_runs_in_the_sandbox_only(
    settings: Settings, recipe_file: Path, tmp_path: Path
) -> None:
    recipe = find_recipe(f"{recipe_file}:DropBases")
    assert recipe.summary == "Remove `object` from the bases of classes"
    assert recipe.cases[0].name == "a class without bases"
    bound = recipe.bind({"sandbox": "landlock"})
    found = analyse(bound, MemoryTree({**SHAPES, "other.py": "class Other(object): ...\n"}))
    assert [edit.path for edit in found.edits] == ["other.py", "shapes.py"]
    assert found.edits[1].content == b"class Shape:\n    pass\n"
    kept = analyse(recipe.bind({"sandbox": "landlock", "keep": "Shape"}), MemoryTree(SHAPES))
    assert not kept.edits
    assert not (tmp_path / "trace").exists()


@needs_landlock
def test_recipe_that_breaks_in_the_sandbox_shows_where(settings: Settings, recipe_file: Path) -> None:
    recipe_file.write_text(recipe_file.read_text().replace("spans = []", "spans = missing"))
    with pytest.raises(
        RefactorError, match=r"(?s)NameError.*shapes.py.*drop_bases.py:\d+ in analyse.*> +\d+ \|"
    ):
        analyse(find_recipe(str(recipe_file)).bind({"sandbox": "landlock"}), MemoryTree(SHAPES))
    results = checked_cases(find_source(str(recipe_file)), settings, "landlock")
    assert [each.passed for each in results] == [True, False, False, False, False]


def test_trusted_recipe_runs_here_until_its_file_changes(
    settings: Settings, recipe_file: Path, tmp_path: Path
) -> None:
    word = f"{recipe_file}:DropBases"
    trust(settings, find_source(word))
    recipe = find_recipe(word).bind({})
    assert (tmp_path / "trace").read_text() == "was here"
    assert analyse(recipe, MemoryTree(SHAPES)).edits[0].content == b"class Shape:\n    pass\n"
    recipe_file.write_text(recipe_file.read_text() + "# changed\n")
    assert trust_of(settings, find_source(word)) is None


def test_run_does_not_go_on_with_another_recipe_than_it_began_with(
    settings: Settings, recipe_file: Path
) -> None:
    trust(settings, find_source(str(recipe_file)))
    values = find_recipe(str(recipe_file)).bind({}).parameter_values
    recipe_file.write_text(recipe_file.read_text() + "# changed\n")
    trust(settings, find_source(str(recipe_file)))
    with pytest.raises(RefactorError, match="not the recipe any more"):
        analyse(find_recipe(str(recipe_file)).bind(values), MemoryTree(SHAPES))


def test_trust_can_be_taken_back(settings: Settings, recipe_file: Path) -> None:
    source = find_source(str(recipe_file))
    trust(settings, source)
    assert take_back(settings, source)
    assert trust_of(settings, source) is None
    assert not take_back(settings, source)


def test_entry_point_is_found_without_being_imported(settings: Settings, package: Path) -> None:
    assert is_third_party("acme-bases")
    source = source_of_entry_point("acme-bases")
    assert source.path == package / "acme_recipes" / "drop_bases.py"
    assert not [name for name in sys.modules if name.startswith("acme_recipes")]
    (package / "acme_recipes" / "__init__.py").write_text("# any file of the package counts\n")
    assert source_of_entry_point("acme-bases").sha256 != source.sha256


def test_trusted_entry_point_is_imported(settings: Settings, package: Path) -> None:
    trust(settings, source_of_entry_point("acme-bases"))
    found = analyse(find_recipe("acme-bases").bind({}), MemoryTree(SHAPES))
    assert (found.recipe, len(found.edits)) == ("acme-bases", 1)


@needs_landlock
def test_untrusted_entry_point_runs_in_the_sandbox(settings: Settings, package: Path) -> None:
    found = analyse(find_recipe("acme-bases").bind({"sandbox": "landlock"}), MemoryTree(SHAPES))
    assert len(found.edits) == 1
    assert not [name for name in sys.modules if name.startswith("acme_recipes")]


def test_file_that_is_no_recipe_says_so(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("x = 1\n")
    trust(settings, find_source(str(tmp_path / "empty.py")))
    with pytest.raises(UnknownRecipe, match="the recipes there are: none"):
        find_recipe(str(tmp_path / "empty.py"))
    with pytest.raises(UnknownRecipe, match="cannot be read"):
        find_recipe(str(tmp_path / "none.py"))


@pytest.mark.parametrize(
    "answer",
    [
        '{"analysis": {"files_scanned": 1, "sites": [], "edits": [{"path": "../a.py", "old_hash": null, "content": "", "sites": 0, "new_path": null}], "failures": [], "renamed": {}}}',
        '{"analysis": {"files_scanned": 1, "sites": [], "edits": [{"path": "shapes.py", "old_hash": "00", "content": "", "sites": 0, "new_path": null}], "failures": [], "renamed": {}}}',
        "not json",
    ],
)
@needs_landlock
def test_dishonest_answer_is_refused(settings: Settings, recipe_file: Path, answer: str) -> None:
    recipe = find_recipe(str(recipe_file))
    recipe_file.write_text(
        recipe_file.read_text().replace(
            "        project, sites, edits",
            f"        import os; os.write(1, b'\\n' + {answer.encode()!r} + b'\\n'); os._exit(0)\n        project, sites, edits",
        )
    )
    recipe = find_recipe(str(recipe_file))
    with pytest.raises(RefactorError, match=r"Nothing is taken|is none"):
        analyse(recipe.bind({"sandbox": "landlock"}), MemoryTree(SHAPES))
