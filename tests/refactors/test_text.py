"""Files as bytes, text and tree: positions, encodings, splices."""

import ast

import pytest

from overhaul.refactors.recipe import Failure
from overhaul.refactors.text import SourceText, parse_source


def parsed(content: bytes) -> SourceText:
    source = parse_source("a.py", content)
    assert isinstance(source, SourceText)
    return source


def name(source: SourceText, wanted: str) -> ast.Name:
    return next(node for node in ast.walk(source.tree) if isinstance(node, ast.Name) and node.id == wanted)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfx = 1\r\ny = x\r\n",
        b"x = 1\ry = x\r\n\x0c\nz = x\n",
        "# -*- coding: latin-1 -*-\ns = 'é'; y = x\n".encode("latin-1"),
        "s = 'ü€😀'; y = x\n".encode(),
        "# coding: shift_jis\ns = 'ソ表'; y = x\n".encode("shift_jis"),
    ],
)
def test_a_splice_changes_only_its_own_bytes(content: bytes) -> None:
    source = parsed(content)
    node = name(source, "x")
    start, end = source.start(node), source.end(node)
    assert content[start:end] == b"x"
    assert source.splice([(start, end, "new")]) == content[:start] + b"new" + content[end:]


def test_columns_are_counted_in_characters() -> None:
    source = parsed("s = 'ü€😀'; y = x\n".encode())
    assert source.position(source.start(name(source, "x"))) == (1, 16)
    assert source.offset_of_character(1, 16) == source.start(name(source, "x"))


def test_overlapping_splices_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        parsed(b"abc = 1\n").splice([(0, 3, "x"), (2, 4, "y")])


@pytest.mark.parametrize(
    "content",
    [
        b"def (\n",
        b"a\x00b\n",
        b"\xff = 1\n",
        b"# coding: nonsense\n",
        b"x = " + b"(" * 5000,
        b"-" * 100000 + b"1",
    ],
)
def test_what_is_not_python_is_a_failure(content: bytes) -> None:
    failure = parse_source("a.py", content)
    assert isinstance(failure, Failure)
    assert failure.path == "a.py"
    assert failure.error


def test_an_invalid_escape_warns_nobody() -> None:
    assert parsed(b's = "\\d"\n').text == 's = "\\d"\n'
