"""What the cases of replace-pattern cannot show: bytes, broken files, titles."""

import pytest

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipes.replace_pattern import ReplacePattern

IS_NONE = {"pattern": "$X == None", "replacement": "$X is None"}
TWICE = {"pattern": "$X.append($A)\n$X.append($B)", "replacement": "for each in $A, $B:\n    $X.append(each)"}


def edited(source: bytes, **parameters: object) -> bytes:
    (edit,) = ReplacePattern.bind(parameters).analyse(MemoryTree({"a.py": source})).edits
    return edit.content


def test_latin_1_file_keeps_its_bytes() -> None:
    source = "# coding: latin-1\nx = 'é' == None  # à\n".encode("latin-1")
    assert edited(source, **IS_NONE) == "# coding: latin-1\nx = 'é' is None  # à\n".encode("latin-1")


def test_statements_take_the_line_ends_and_the_indentation_of_the_file() -> None:
    source = b"if x:\r\n\tb.append('''\r\n1''')\r\n\tb.append(2)\r\n"
    assert edited(source, **TWICE) == (b"if x:\r\n\tfor each in '''\r\n1''', 2:\r\n\t\tb.append(each)\r\n")


def test_what_the_encoding_has_not_is_no_edit() -> None:
    files = {"a.py": "# coding: latin-1\nx = f(1)\n".encode("latin-1")}
    found = ReplacePattern.bind(
        {"pattern": "f($X)", "replacement": "g($X, '€')", "imports": ["from acme import g"]}
    )
    analysis = found.analyse(MemoryTree(files))
    assert (list(analysis.edits), len(analysis.failures), analysis.unresolved) == ([], 1, 1)


def test_a_file_that_does_not_parse_is_a_failure() -> None:
    analysis = ReplacePattern.bind(IS_NONE).analyse(MemoryTree({"a.py": "x == None\n", "b.py": "x == (\n"}))
    assert [edit.path for edit in analysis.edits] == ["a.py"]
    assert [failure.path for failure in analysis.failures] == ["b.py"]


def test_titles_say_what_becomes_of_the_code() -> None:
    assert ReplacePattern.bind(IS_NONE).title == "Replace $X == None by $X is None"
    assert ReplacePattern.bind({"pattern": "f()\ng()", "report": "why"}).title == "Report f()"


def test_a_misspelt_kind_names_the_nearest() -> None:
    recipe = ReplacePattern.bind({**IS_NONE, "where": ["$X is sting"]})
    with pytest.raises(ParameterError, match=r"no kind 'sting'\. Did you mean 'string'"):
        recipe.analyse(MemoryTree({}))
