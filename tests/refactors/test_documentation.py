"""The page about recipes is what the recipes say."""

import subprocess
import sys
from pathlib import Path

from overhaul.refactors.documentation import recipes_page
from overhaul.refactors.registry import find_recipe, recipe_ids

PAGE = Path(__file__).parents[2] / "docs/recipes.md"


def test_committed_page_is_what_the_generator_writes():
    assert PAGE.read_text(encoding="utf-8") == recipes_page(), (
        "run: python -m overhaul.refactors.documentation"
    )


def test_page_names_every_recipe_and_case():
    page = recipes_page()
    for recipe_id in recipe_ids():
        assert f"\n## {recipe_id}\n" in page
        for case in find_recipe(recipe_id).cases:
            assert f"**{case.name[:1].upper()}{case.name[1:]}**" in page


def test_every_recipe_says_what_it_proves_what_it_reports_and_what_is_out_of_reach():
    page = recipes_page()
    for recipe_id in recipe_ids():
        recipe = find_recipe(recipe_id)
        for sentences in (recipe.proves, recipe.reports, recipe.out_of_reach):
            assert sentences, recipe_id
            assert all(
                f" {each.replace('|', chr(92) + '|').replace('<', '&lt;')} |" in page for each in sentences
            )


def test_generator_writes_the_file_that_is_named(tmp_path):
    target = tmp_path / "page.md"
    subprocess.run([sys.executable, "-m", "overhaul.refactors.documentation", str(target)], check=True)
    assert target.read_text(encoding="utf-8") == recipes_page()
