"""Composites: how their files are read, where sites are said to be, and what the metadata of a repository says."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from overhaul.refactors.case_check import check_case
from overhaul.refactors.declared_dependencies import (
    declared_dependencies,
    have_common_version,
    is_within,
    poetry_range,
)
from overhaul.refactors.documentation import recipes_page
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis, Case, Recipe, content_hash
from overhaul.refactors.recipes.composite.original_places import OriginalPlaces
from overhaul.refactors.recipes.composite.reading import checked_file, is_composite, text_of_file
from overhaul.refactors.registry import composite_summaries, find_recipe, recipe_ids

INNER = """\
name: inner
parameters: {old: the old place}
steps:
  - recipe: replace-import
    with: {old: "{old}", new: unittest.mock}
"""
OUTER = """\
name: outer
description: Leave {library}
parameters: {library: {default: mock}}
steps:
  - recipe: inner.yaml
    with: {old: "{library}"}
  - recipe: replace-call
    with: {pattern: "acme.wait($X)", template: "time.sleep($X)"}
"""
SHIPPED = [
    pytest.param(find_recipe(composite_id), case, id=f"{composite_id}: {case.name}")
    for composite_id in composite_summaries()
    for case in find_recipe(composite_id).cases
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A composite that has another file as a step."""
    (tmp_path / "inner.yaml").write_text(INNER)
    (tmp_path / "outer.yaml").write_text(OUTER)
    return tmp_path / "outer.yaml"


def composite(definition: str, *values: str) -> Recipe:
    return find_recipe("composite").bind({"definition": definition, "values": values})


def analysed(definition: str, files: dict[str, str]) -> Analysis:
    return composite(definition).analyse(MemoryTree(files))


@pytest.mark.parametrize(("recipe", "case"), SHIPPED)
def test_case_of_a_shipped_composite(recipe: type[Recipe], case: Case) -> None:
    result = check_case(recipe, case)
    assert result.passed, "\n".join(result.problems)


def test_every_shipped_composite_has_cases_a_summary_and_a_place_in_the_docs() -> None:
    page = recipes_page()
    for composite_id, summary in composite_summaries().items():
        recipe = find_recipe(composite_id)
        assert recipe.id == composite_id
        assert recipe.summary == summary
        assert recipe.cases
        assert recipe.cases[0].after is None
        assert f"\n### {composite_id}\n" in page
    assert max(map(len, composite_summaries().values())) <= 72  # or the titles of commits are cut
    assert not {*composite_summaries()} & {*recipe_ids()}


def test_a_file_takes_in_the_files_that_it_names(file: Path) -> None:
    recipe = composite(text_of_file(file, {}))
    found = recipe.analyse(MemoryTree({"m.py": "import mock\nimport acme\nacme.wait(mock)\n"}))
    assert recipe.title == "Leave mock"
    assert [(site.line, site.reason) for site in found.sites] == [
        (1, "step 1 (inner): step 1 (replace-import): import of mock"),
        (3, "step 2 (replace-call): calls acme.wait"),
    ]
    assert len(found.edits) == 1


def test_content_of_a_file_that_is_named_is_part_of_what_a_composite_is(file: Path) -> None:
    before = text_of_file(file, {})
    file.with_name("inner.yaml").write_text(INNER.replace("unittest.mock", "other.mock"))
    assert text_of_file(file, {}) != before


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "    with: {old: ",
            "    wiht: {old: ",
            ":6: steps.0.wiht: there is no such key. Did you mean 'with'?",
        ),
        ("pattern:", "patern:", ":7: steps.1: recipe 'replace-call' has no parameter 'patern'."),
        ('"{library}"', '"{librar}"', ":6: steps.0.with.old: there is no parameter 'librar'."),
        ("{old:", "{odl:", ":5: steps.0: the composite 'inner' has no parameter 'odl'. Did you mean 'old'?"),
        ("replace-call", "replace-calls", ":7: steps.1: recipe 'replace-calls' is unknown. Did you mean"),
        ("inner.yaml", "outer.yaml", ":5: steps.0: "),
        ("inner.yaml", "absent.yaml", ":5: steps.0: the composite "),
        ("library: {default", "library: {defualt", ":3: parameters.library.defualt: there is no such key."),
    ],
)
def test_faults_have_their_line_and_the_nearest_name(file: Path, old: str, new: str, told: str) -> None:
    file.write_text(OUTER.replace(old, new, 1))
    with pytest.raises(ParameterError) as raised:
        checked_file(file)
    assert f"{file}{told}" in str(raised.value)


def test_a_value_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(ParameterError, match="takes one value, not several"):
        composite(INNER, "old=a", "old=b")
    with pytest.raises(ParameterError, match=r"has no parameter 'odl'. Did you mean 'old'"):
        composite(INNER, "odl=a")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", True),
        ("repositories: [{path: a}]\n", False),
        ("repositores: []\n", False),
        ("gates: {}\n", False),
    ],
)
def test_a_composite_is_told_from_a_campaign(file: Path, more: str, expected: bool) -> None:
    file.write_text(OUTER + more)
    assert is_composite(file) is expected


def test_what_no_step_can_read_fails_once() -> None:
    two = INNER.replace("{old: the old place}", "{old: {default: mock}}")
    two += "  - recipe: replace-import\n    with: {old: nose, new: pytest}\n"
    found = analysed(two, {"m.py": "import mock\n", "n.py": "import mock, nose (\n"})
    assert [failure.path for failure in found.failures] == ["n.py"]
    assert [edit.path for edit in found.edits] == ["m.py"]


def test_what_one_step_leaves_and_another_changes_is_changed() -> None:
    definition = """\
name: two
steps:
  - recipe: replace-call
    with: {pattern: "$X.go($Y)", template: "$X.run($Y)", receiver: acme.Other}
  - recipe: replace-call
    with: {pattern: "$X.go($Y)", template: "$X.run($Y)", unknown_receivers: replace}
"""
    found = analysed(definition, {"m.py": "def f(a):\n    a.go(1)\n"})
    assert [(site.line, site.status, site.reason[:6]) for site in found.sites] == [(2, "resolved", "step 2")]


def test_a_file_that_one_step_changes_and_another_removes_is_removed() -> None:
    definition = (
        "{name: c, steps: [{recipe: replace-pattern, with: {pattern: '\"acme\"', replacement: '\"road\"'}},"
        " {recipe: migrate-config}]}"
    )
    setup = 'from setuptools import setup\n\nsetup(name="acme", version="1")\n'
    edits = {edit.path: edit for edit in analysed(definition, {"setup.py": setup}).edits}
    assert edits["setup.py"].is_removal
    assert edits["setup.py"].old_hash == content_hash(setup.encode())
    assert b'name = "road"' in edits["pyproject.toml"].content


def test_what_a_later_step_undoes_is_no_change() -> None:
    definition = """\
name: there-and-back
steps:
  - recipe: replace-import
    with: {old: acme.a, new: acme.b}
  - recipe: replace-import
    with: {old: acme.b, new: acme.a}
"""
    found = analysed(definition, {"m.py": "from acme.a import c\n"})
    assert (list(found.edits), list(found.sites)) == ([], [])


@pytest.mark.parametrize(
    ("before", "after", "place", "original"),
    [
        ("a\nb\n", "a\nb\n", (2, 1), (2, 1)),
        ("a\nb\n", "new\na\nb\n", (3, 1), (2, 1)),
        ("a\nb\n", "new\na\nb\n", (1, 3), (1, 1)),
        ("a\nb\nc\n", "c\n", (1, 1), (3, 1)),
        ("x = old(a, b)\n", "x = brand_new(a, b)\n", (1, 18), (1, 12)),
        ("a\n\x0c\nb\n", "new\na\n\x0c\nb\n", (4, 1), (3, 1)),
        ("", "new\n", (1, 1), (1, 1)),
    ],
)
def test_places_are_those_of_the_file_as_it_was(
    before: str, after: str, place: tuple[int, int], original: tuple[int, int]
) -> None:
    assert OriginalPlaces(before.encode(), after.encode()).original(*place) == original


def test_metadata_of_every_kind_is_read() -> None:
    tree = MemoryTree(
        {
            "pyproject.toml": """\
[project]
requires-python = ">=3.9"
dependencies = ["one>=1"]
optional-dependencies = {extra = ["Two_2[x]~=2.0; python_version > '3'"]}
[dependency-groups]
dev = ["three==3", {include-group = "other"}]
[tool.poetry.dependencies]
four = {version = "^4.1", optional = true}
[tool.poetry.group.dev.dependencies]
five = "~5.1"
""",
            "setup.cfg": "[options]\ninstall_requires =\n    six>6\n    # no\n[options.extras_require]\na = seven\n",
            "setup.py": "from setuptools import setup\nsetup(install_requires=['eight<8'], extras_require=computed())\n",
            "requirements/dev.txt": "-r other.txt\nnine==9 \\\n  --hash=sha256:00  # why\n",
            "docs/notes.txt": "ten\n",
            "broken/pyproject.toml": "[project",
        }
    )
    assert {each.name: str(each.allowed) for each in declared_dependencies(tree)} == {
        "python": ">=3.9", "one": ">=1", "two-2": "~=2.0", "three": "==3", "four": "<5,>=4.1", "five": "<5.2,>=5.1",
        "six": ">6", "seven": "", "eight": "<8", "nine": "==9",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right", "common", "within"),
    [
        (">=1,<2", "<2", True, True),
        (">=1.10", "<2", True, False),
        (">=2", "<2", False, False),
        ("==2.*", "<2", False, False),
        ("", "<2", True, False),
        (">1.9,<2", "<2", True, True),
        ("==1.10.2", ">=1.10,<2", True, True),
        (">=3.9", ">=3.11", True, False),
        (">=3.11", ">=3.9", True, True),
        ("<1", ">=1", False, False),
    ],
)
def test_ranges_of_versions_are_compared(left: str, right: str, common: bool, within: bool) -> None:
    assert have_common_version(SpecifierSet(left), SpecifierSet(right)) is common
    assert is_within(SpecifierSet(left), SpecifierSet(right)) is within


@pytest.mark.parametrize(
    ("text", "expected"),
    [("^1.2", ">=1.2,<2"), ("^0.2.3", ">=0.2.3,<0.3"), ("^0", ">=0,<1"), ("~1", ">=1,<2"), ("1.2", "==1.2"),
     ("*", ""), (">=1,<2", ">=1,<2"), ("~=1.4", "~=1.4")],
)  # fmt: skip
def test_ranges_in_the_words_of_poetry_are_read(text: str, expected: str) -> None:
    assert poetry_range(text) == SpecifierSet(expected)


@pytest.mark.parametrize("composite_id", sorted(composite_summaries()))
def test_shipped_composite_is_run_by_its_name(composite_id: str) -> None:
    recipe = find_recipe(composite_id)
    assert recipe.bind({}).invocation == [composite_id]
    if "within" in recipe.bind({}).parameter_values:
        assert recipe.bind({"within": ""}).invocation == [composite_id, "-p", "within="]
