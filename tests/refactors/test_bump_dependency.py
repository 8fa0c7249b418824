"""What becomes of constraints, against packaging's own reading of them; and where strings stand in TOML."""

from __future__ import annotations

import configparser
import tomllib
from itertools import product

import pytest
from packaging.specifiers import SpecifierSet

from overhaul.refactors.declared_dependencies import declared_dependencies, is_within
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.recipes.bump_dependency.bumping import bumped
from overhaul.refactors.recipes.bump_dependency.constraint import are_same, read_constraint, read_wanted
from overhaul.refactors.recipes.bump_dependency.pyproject import literal_span
from overhaul.refactors.registry import find_recipe

WRITTEN = ["", ">=1", ">1,<3", "<2", "<=2.1", "!=2.1", ">=1,!=1.5", "~=1.4", "~=2.0", "~=2.1.0", "==2.*", "==2.0.*",
           "==1.5", "==2.1,!=3", ">=2.5", ">=1,<2.1.1,!=2.0", " >= 1 , < 4 ", ">=0.3,<0.4"]  # fmt: skip
POETRY = [
    "*",
    "^1.4",
    "^2",
    "^2.0.1",
    "~2",
    "~2.1",
    "~2.0",
    "2.*",
    "2.0",
    "=1.5",
    "^0.3",
    "^0.0.3",
    ">=1,<3",
    "~=2.0",
]
VERSIONS = ["2.1", "2.1.3", "2", "2.1rc1", "0.3.1", "0.0.3"]
RANGES = [">=2,<3", ">=2.1", "~=2.1", "==2.*", ">=2,!=2.1"]
POETRY_OR_NOT = [*((text, False) for text in WRITTEN), *((text, True) for text in POETRY)]


@pytest.mark.parametrize("how", ["raise", "pin", "replace"])
def test_a_new_constraint_allows_what_was_wanted_and_a_second_time_there_is_nothing_to_do(how: str) -> None:
    goals = VERSIONS if how == "pin" else [*VERSIONS, *RANGES]
    changed = 0
    for (text, is_poetry), goal in product(POETRY_OR_NOT, goals):
        constraint, wanted = read_constraint(text, is_poetry), read_wanted(goal, how)
        new = bumped(constraint, wanted, how)
        if not isinstance(new, str):
            continue
        changed += 1
        allowed = constraint.range_of([new])
        assert is_within(allowed, wanted.allowed), (text, goal, new)
        assert wanted.version is None or allowed.contains(wanted.version, prereleases=True), (text, goal, new)
        assert bumped(read_constraint(new, is_poetry), wanted, how) is None, (text, goal, new)
    assert changed > 50


def test_a_raised_constraint_allows_nothing_that_it_did_not_allow_unless_it_was_a_pin() -> None:
    for (text, is_poetry), goal in product(POETRY_OR_NOT, VERSIONS):
        constraint, wanted = read_constraint(text, is_poetry), read_wanted(goal, "raise")
        new = bumped(constraint, wanted, "raise")
        if not isinstance(new, str) or constraint.pin is not None:
            continue
        allowed = constraint.range_of([new])
        assert are_same(allowed, SpecifierSet(f"{constraint.allowed},>={goal}".lstrip(","))), (
            text,
            goal,
            new,
        )


def test_the_place_of_a_string_is_found_in_any_form_of_toml() -> None:
    text = (
        '# "mark"\r\na.b = ["x", \'mark\', # "mark"\r\n  """mark""",]\r\n[t]\nx = { y = "mark" , z = 1 }\n'
        '[[u]]\nv = 1\n[[u]]\nv = "mark"  # mark\n[t.w]\n"d.e" = "mark"\n'
    )
    for keys in [("a", "b", 1), ("a", "b", 2), ("t", "x", "y"), ("t", "w", "d.e"), ("u", 1, "v")]:
        span = literal_span(text, keys, "mark")
        assert span is not None
        value = tomllib.loads(f"{text[: span[0]]}other{text[span[1] :]}")
        for key in keys:
            value = value[key]
        assert value == "other"
    interrupted = (
        '[[u]]\nv = 1\n[t]\nw = "mark"\n[[u]]\nv = 2\n'  # tomlkit puts the tables into another order
    )
    assert literal_span(interrupted, ("t", "w"), "mark") is None
    assert literal_span('a = "m\\u0061rk"\n', ("a",), "mark") is None
    assert literal_span('a = "mark"\n', ("b", "c"), "mark") is None


def _bumped(files: dict[str, str], **parameters: str) -> tuple[Analysis, dict[str, bytes]]:
    given = {"name": "requests", "to": "2.1", **parameters}
    analysis = find_recipe("bump-dependency").bind(given).analyse(MemoryTree(files))
    return analysis, {edit.path: edit.content for edit in analysis.edits}


def test_edited_metadata_is_read_as_asking_for_the_new_versions() -> None:
    cases = [case for case in find_recipe("bump-dependency").cases if case.after]
    for case in cases:
        for path, text in (case.after or {}).items():
            if path.endswith(".toml"):
                tomllib.loads(text)
            elif path.endswith(".cfg"):
                configparser.RawConfigParser().read_string(text)
    _, edited = _bumped(
        {
            "pyproject.toml": '[project]\nname = "acme"\ndependencies = ["requests>=1,<3"]\n',
            "setup.cfg": "[options]\ninstall_requires =\n    requests\n",
            "setup.py": "from setuptools import setup\nsetup(install_requires=['requests>1'])\n",
            "test-requirements.txt": "requests[socks]==1.0  # pinned\n",
        }
    )
    declared = declared_dependencies(MemoryTree(edited))
    assert {each.path: str(each.allowed) for each in declared} == {
        "pyproject.toml": "<3,>=2.1",
        "setup.cfg": ">=2.1",
        "setup.py": ">=2.1",
        "test-requirements.txt": "==2.1",
    }


def test_files_that_cannot_be_read_are_failures() -> None:
    analysis, edited = _bumped(
        {
            "pyproject.toml": "[project\nrequests",
            "setup.cfg": "[options]\ninstall_requires = requests\n[bad\n",
            "setup.py": "requests(",
            "a/pyproject.toml": "[broken, and of no concern",
        }
    )
    assert [failure.path for failure in analysis.failures] == ["pyproject.toml", "setup.cfg", "setup.py"]
    assert not edited


def test_a_lock_file_names_the_command_that_makes_it_again() -> None:
    analysis, _ = _bumped({"uv.lock": '[[package]]\nname = "requests"\nversion = "1.5"\n'})
    assert [site.reason for site in analysis.sites] == [
        "a lock file; it is made again by: uv lock --upgrade-package requests"
    ]
