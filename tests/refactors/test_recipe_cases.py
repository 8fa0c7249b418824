"""Every case of every recipe: exact text, reported places, valid output, and nothing to do the second time."""

import ast

import pytest

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.recipe import Analysis, Case, Recipe, content_hash
from overhaul.refactors.registry import find_recipe, recipe_ids

from .memory_tree import MemoryTree

CASES = [
    pytest.param(find_recipe(recipe_id), case, id=f"{recipe_id}: {case.name}")
    for recipe_id in recipe_ids()
    for case in find_recipe(recipe_id).cases
]


def analyse(recipe: type[Recipe], case: Case, files: dict[str, bytes]) -> Analysis:
    return recipe.bind(case.parameters).analyse(MemoryTree(files))


def applied(files: dict[str, bytes], analysis: Analysis) -> dict[str, bytes]:
    result = dict(files)
    for edit in analysis.edits:
        if edit.is_new:
            assert edit.path not in files
            continue
        assert content_hash(files[edit.path]) == edit.old_hash
        del result[edit.path]
    return result | {edit.new_path or edit.path: edit.content for edit in analysis.edits}


def as_bytes(files) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


@pytest.mark.parametrize(("recipe", "case"), CASES)
def test_case(recipe: type[Recipe], case: Case) -> None:
    before = as_bytes(case.before)
    if case.raises is not None:
        with pytest.raises(case.raises) as raised:
            analyse(recipe, case, before)
        assert str(raised.value)
        return
    analysis = analyse(recipe, case, before)
    result = applied(before, analysis)
    expected = {path: text for path, text in before.items() if path in result} | as_bytes(case.after or {})
    assert {path: text.decode() for path, text in result.items()} == {
        path: text.decode() for path, text in expected.items()
    }
    if case.after is None:
        assert not analysis.edits
    reported = {f"{site.path}:{site.line}" for site in analysis.sites if site.status == "unresolved"}
    assert set(case.unresolved) <= reported
    check_shape(analysis)
    check_syntax(before, result)
    check_second_run(recipe, case, result)


def check_shape(analysis: Analysis) -> None:
    places = [(site.path, site.line, site.column) for site in analysis.sites]
    assert places == sorted(places)
    assert all(site.reason for site in analysis.sites)
    assert [edit.path for edit in analysis.edits] == sorted({edit.path for edit in analysis.edits})
    assert sum(edit.sites for edit in analysis.edits) == analysis.resolved


def check_syntax(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    broken = {path for path, content in before.items() if path.endswith(".py") and not parses(content)}
    for path, content in after.items():
        assert not path.endswith(".py") or path in broken or parses(content), path


def parses(content: bytes) -> bool:
    try:
        ast.parse(content)
    except SyntaxError:
        return False
    return True


def check_second_run(recipe: type[Recipe], case: Case, files: dict[str, bytes]) -> None:
    try:
        again = analyse(recipe, case, files)
    except RefactorError:
        return
    assert applied(files, again) == files


def test_every_recipe_has_cases_and_begins_with_those_that_change_nothing() -> None:
    for recipe_id in recipe_ids():
        cases = [case for case in find_recipe(recipe_id).cases if case.raises is None]
        changes = [case.after is not None for case in cases]
        assert True in changes
        assert False in changes or len(cases) < len(
            find_recipe(recipe_id).cases
        )  # refused ones change nothing
        assert changes == sorted(changes), f"{recipe_id}: no-change cases come first"
