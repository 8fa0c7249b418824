"""What a draft has to be, and when it does what a change did."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from overhaul.refactors.distillation.draft import read_draft
from overhaul.refactors.distillation.reproduction import Reproduction, hunks, reproduction

SAME = {"name": "same", "before": "a = 1\n", "after": "a = 1\n"}
OTHER = {"name": "other", "before": "a = 1\n", "after": "a = 2\n"}
BEFORE = {"a.py": b"x = 1\ny = 2\nz = 3\n", "b.py": b"x = 1\n"}
AFTER = {"a.py": b"x = 10\ny = 2\nz = 30\n", "README.md": b"new\n", "gone.py": None}


def compared(made: Mapping[str, bytes], formatted: Mapping[str, bytes] | None = None) -> Reproduction:
    return reproduction(BEFORE, AFTER, made, lambda _: formatted or {})


@pytest.mark.parametrize(
    ("made", "formatted", "status", "problem"),
    [
        ({}, {}, "untouched", ""),
        ({"a.py": AFTER["a.py"]}, {}, "exact", ""),
        ({"a.py": b"x=10\ny = 2\nz = 30\n"}, {"a.py": AFTER["a.py"]}, "formatted", ""),
        ({"a.py": b"x = 10\ny = 2\nz = 3\n"}, {}, "partly", ""),
        ({"a.py": b"x = 10\ny = 20\nz = 30\n"}, {}, "partly", "a.py is not as the change left it"),
        ({"a.py": AFTER["a.py"], "b.py": b"x = 10\n"}, {}, "exact", "b.py is edited, which the change left"),
    ],
)
def test_recipe_is_held_against_each_line_of_the_change(
    made: dict[str, bytes], formatted: dict[str, bytes], status: str, problem: str
) -> None:
    found = compared(made, formatted)
    assert found.files == {"a.py": status, "README.md": "out of reach", "gone.py": "out of reach"}
    assert bool(found.problems) == bool(problem)
    assert problem in "\n".join(found.problems)
    assert found.missing == (["a.py"] if status in {"partly", "untouched"} else [])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("{", "Invalid JSON"),
        ({"source": "x = 1"}, "cases"),
        ({"source": "x = 1", "cases": [SAME, SAME]}, "one that is changed and one that stays"),
        ({"source": "def", "cases": [SAME, OTHER]}, "source is not valid Python"),
        ({"source": "x = '\ud800'", "cases": [SAME, OTHER]}, "Invalid JSON"),
        ({"source": "x = 1", "cases": [SAME, {**OTHER, "after": "a ="}]}, "case 'other': after"),
    ],
)
def test_draft_that_is_none_says_why(given: object, why: str) -> None:
    arguments = given if isinstance(given, str) else json.dumps(given)
    with pytest.raises(ValueError, match=why):
        read_draft(arguments)


def test_identity_of_a_draft_is_that_of_its_source_and_cases() -> None:
    one = read_draft(json.dumps({"source": "x = 1\n", "cases": [SAME, OTHER]}))
    assert one.sha256 == read_draft(json.dumps({"cases": [SAME, OTHER], "source": "x = 1\n"})).sha256
    assert one.sha256 != read_draft(json.dumps({"source": "x = 1\n", "cases": [OTHER, SAME]})).sha256


def test_lines_that_are_all_alike_are_one_difference() -> None:
    before, after = b"\n" * 2_000, b"\n" * 1_500
    assert [(each.start, each.end) for each in hunks(before, after)] == [(0, 2_000)]
    assert [(each.start, each.end) for each in hunks(b"a\nb\nc\n", b"a\nc\n")] == [(1, 2)]
