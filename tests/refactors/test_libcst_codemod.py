"""LibCST's own codemods as recipes."""

import pytest

from overhaul.refactors.errors import ParameterError, UnknownRecipe
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import describe_type, parameter_types
from overhaul.refactors.registry import find_recipe

FORMAT = "libcst.codemod.commands.convert_format_to_fstring:ConvertFormatStringCommand"
RENAME = "libcst.codemod.commands.rename:RenameCommand"


def test_codemod_gives_sites_edits_and_failures() -> None:
    tree = MemoryTree(
        {"a.py": "x = 1\ny = '{}'.format(x)\n", "b.py": "x = 1\n", "c.py": "def (:\n", "d.txt": "x"}
    )
    analysis = find_recipe(FORMAT).bind({}).analyse(tree)
    assert [(site.path, site.line, site.status) for site in analysis.sites] == [("a.py", 2, "resolved")]
    assert [(edit.path, edit.content) for edit in analysis.edits] == [("a.py", b"x = 1\ny = f'{x}'\n")]
    assert [failure.path for failure in analysis.failures] == ["c.py"]
    assert analysis.files_scanned == 3


def test_what_a_codemod_warns_of_is_unresolved() -> None:
    analysis = find_recipe(FORMAT).bind({}).analyse(MemoryTree({"a.py": "z = '{x}'.format(**k)\n"}))
    assert [(site.status, "field_name x" in site.reason) for site in analysis.sites] == [("unresolved", True)]
    assert analysis.edits == []


def test_arguments_are_parameters() -> None:
    recipe = find_recipe(RENAME)
    assert {name: describe_type(kind) for name, kind in parameter_types(recipe).items()} == {
        "old_name": "text", "new_name": "text",
    }  # fmt: skip
    tree = MemoryTree({"a.py": "from os import getcwd\n\ngetcwd()\n"})
    bound = recipe.bind({"old_name": "os.getcwd", "new_name": "os.getcwdb"})
    assert bound.analyse(tree).edits[0].content == b"from os import getcwdb\n\ngetcwdb()\n"
    with pytest.raises(ParameterError, match="needs the parameter 'old_name', 'new_name'"):
        recipe.bind({})


@pytest.mark.parametrize("name", ["nowhere.at.all:Thing", "json:loads", "json:Missing", ":", "a b:C"])
def test_what_is_no_codemod_is_said_to_be_none(name: str) -> None:
    with pytest.raises(UnknownRecipe):
        find_recipe(name)
