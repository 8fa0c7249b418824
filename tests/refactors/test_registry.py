"""Recipes are found by id, and imported only then."""

import subprocess
import sys

import pytest

from overhaul.refactors.errors import UnknownRecipe
from overhaul.refactors.registry import find_recipe, recipe_ids, recipe_summaries


def test_misspelt_recipe_names_the_nearest():
    with pytest.raises(UnknownRecipe) as raised:
        find_recipe("rename-symbl")
    message = str(raised.value)
    assert message.startswith("recipe 'rename-symbl' is unknown. Did you mean 'rename-symbol'")
    assert message.endswith("? List them with: overhaul recipes")


@pytest.mark.parametrize("recipe_id", recipe_ids())
def test_id_file_and_class_agree(recipe_id):
    recipe = find_recipe(recipe_id)
    assert recipe.id == recipe_id
    assert recipe_id.replace("-", "_") in recipe.__module__.split(".")
    assert recipe_summaries()[recipe_id] == recipe.summary
    assert "\n" not in recipe.summary


@pytest.mark.parametrize("recipe_id", recipe_ids())
def test_a_recipe_can_be_imported_first(recipe_id):
    program = f"from overhaul.refactors.registry import find_recipe; find_recipe({recipe_id!r})"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_importing_the_registry_imports_no_recipe_and_nothing_heavy():
    program = (
        "import sys, overhaul.refactors.registry, overhaul.refactors.source; print('\\n'.join(sys.modules))"
    )
    names = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"libcst", "pydantic", "rich", "prefect", "docker", "click"}
    assert not heavy.intersection(names)
    assert not [name for name in names if name.startswith("overhaul.refactors.recipes.")]


def test_importing_the_recipes_imports_nothing_heavy():
    program = (
        "import sys; from overhaul.refactors.registry import recipe_summaries; recipe_summaries();"
        "print('\\n'.join(sys.modules))"
    )
    names = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"libcst", "pydantic", "rich", "prefect", "docker", "click"}.intersection(names)
