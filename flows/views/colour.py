"""Lines of code as HTML: coloured by the kind of file, with the words that differ marked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from html import escape
from pathlib import PurePosixPath

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

# Lexers by the file's name. A short list on purpose: a lexer's expressions run over what a repository holds.
_BY_SUFFIX = {
    ".py": "python", ".pyi": "python", ".pyx": "cython", ".ipynb": "json", ".json": "json", ".toml": "toml",
    ".yaml": "yaml", ".yml": "yaml", ".md": "markdown", ".rst": "rst", ".cfg": "ini", ".ini": "ini",
    ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".tsx": "typescript",
    ".html": "html", ".css": "css", ".sh": "bash", ".sql": "sql", ".c": "c", ".h": "c", ".rs": "rust", ".go": "go",
}  # fmt: skip
_BY_NAME = {"Dockerfile": "docker", "Makefile": "make", "setup.cfg": "ini", "tox.ini": "ini"}
_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "c"), (String, "s"), (Number, "n"), (Keyword, "k"), (Operator.Word, "k"), (Name.Function, "f"),
    (Name.Class, "f"), (Name.Decorator, "f"), (Name.Tag, "k"), (Name.Attribute, "f"),
)  # fmt: skip
# Longer ones are shown plain: whoever has lines like these does not read them, and a lexer may take very long.
COLOURED_LINE, COLOURED_TEXT = 500, 200_000
_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)
COMPARED_WORDS = 200

Span = tuple[int, int]


def coloured(path: str, lines: Sequence[str]) -> list[list[tuple[str, str]]]:
    """Return for each line its parts as (class, text); the class is "" for plain text."""
    plain = [[("", line)] for line in lines]
    name = _lexer_name(path)
    if (
        name is None
        or sum(map(len, lines)) > COLOURED_TEXT
        or any(len(each) > COLOURED_LINE for each in lines)
    ):
        return plain
    found: list[list[tuple[str, str]]] = [[]]
    for kind, text in _lexer(name).get_tokens("\n".join(lines)):
        css = _class_of(kind)
        for number, part in enumerate(text.split("\n")):
            if number:
                found.append([])
            if part:
                found[-1].append((css, part))
    as_given = ["".join(text for _, text in parts) for parts in found]
    return found if as_given == list(lines) else plain


def changed_words(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Where two lines differ, in words; nothing where they have too little in common for marks to help."""
    if old == new or max(len(old), len(new)) > COLOURED_LINE:
        return [], []
    before, after = _WORD.findall(old), _WORD.findall(new)
    first = _common(before, after)
    last = _common(before[first:][::-1], after[first:][::-1])
    left, right = before[first : len(before) - last], after[first : len(after) - last]
    if len(left) + len(right) > COMPARED_WORDS:
        return [], []
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    kept = sum(len("".join(left[i:j])) for tag, i, j, _, _ in blocks if tag == "equal")
    kept += len("".join([*before[:first], *before[len(before) - last :]]).strip())
    if kept * 3 < max(len(old.strip()), len(new.strip())):
        return [], []
    changed = [block for block in blocks if block[0] != "equal"]
    return (
        _spans(before, [(first + i, first + j) for _, i, j, _, _ in changed]),
        _spans(after, [(first + i, first + j) for _, _, _, i, j in changed]),
    )


def to_html(parts: Sequence[tuple[str, str]], marked: Sequence[Span]) -> str:
    """A coloured line with its marked words, escaped."""
    edges = sorted({edge for span in marked for edge in span})
    starts, ends = {start for start, _ in marked}, {end for _, end in marked}
    written: list[str] = []
    position = 0
    for css, text in parts:
        for piece in _cut(text, position, edges):
            written += ["</mark>"] if position in ends else []
            written += ["<mark>"] if position in starts else []
            written.append(f'<span class="{css}">{escape(piece)}</span>' if css else escape(piece))
            position += len(piece)
    written += ["</mark>"] if position in ends else []
    return "".join(written)


def _lexer_name(path: str) -> str | None:
    name = PurePosixPath(path)
    return _BY_NAME.get(name.name) or _BY_SUFFIX.get(name.suffix.lower())


@cache
def _lexer(name: str) -> Lexer:
    lexer: Lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    return lexer


@cache
def _class_of(kind: _TokenType) -> str:
    return next((css for family, css in _CLASSES if kind[: len(family)] == family), "")


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words are the same at the beginning of both."""
    count = 0
    for before, after in zip(left, right, strict=False):
        if before != after:
            break
        count += 1
    return count


def _spans(words: Sequence[str], ranges: Sequence[tuple[int, int]]) -> list[Span]:
    """Ranges of words as ranges of characters; empty ones are nothing to mark, neighbours are one."""
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return [(offsets[i], offsets[j]) for i, j in ranges if i < j]


def _cut(text: str, position: int, edges: Sequence[int]) -> Iterator[str]:
    """Cut a part that begins at `position` of its line where marks begin or end."""
    start = position
    for edge in edges[bisect_right(edges, position) :]:
        if edge >= position + len(text):
            break
        yield text[start - position : edge - position]
        start = edge
    yield text[start - position :]
