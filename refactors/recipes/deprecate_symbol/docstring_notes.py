"""The `.. deprecated::` lines of a docstring: behind its first paragraph, as numpydoc has it and Sphinx reads it."""

from __future__ import annotations

import ast
import inspect
import re

from overhaul.refactors.indentation import indent_of, newline_of
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.deprecate_symbol.notice import Notice
from overhaul.refactors.text import Splice

_PARAGRAPH_END = re.compile(r"(?:[ \t]*(?>\r\n|\r|\n)){2,}")
_LITERAL = re.compile(r"""([rRuU]?)('''|\"\"\"|'|")(.*)\2""", re.DOTALL)


def has_note(constant: ast.Constant) -> bool:
    """Whether a docstring says already that its owner is deprecated."""
    return re.search(r"\.\.\s+deprecated\b", str(constant.value)) is not None


def docstring_splice(module: Module, constant: ast.Constant, notice: Notice) -> Splice | None:
    """Return the splice that puts the lines into a docstring; None where it is not written in a way that allows it."""
    source = module.source
    match = _LITERAL.fullmatch(source.slice(source.start(constant), source.end(constant)))
    if match is None:
        return None
    prefix, quote, inner = match.groups()
    if quote in inner:  # escaped, or several strings side by side
        return None
    place, end, text = _insertion(inner, notice, indent_of(source, constant.lineno), newline_of(source))
    if len(quote) == 1:
        if '"' in inner or "\\" in inner:
            return None
        quote = '"""'
    whole = f"{prefix}{quote}{inner[:place]}{text}{inner[end:]}{quote}"
    if not _is_shown(whole, notice):
        return None
    if "\n" not in inner and "\r" not in inner:
        return source.start(constant), source.end(constant), whole
    start = source.start(constant) + len(prefix) + len(quote)
    before, replaced = inner[:place].encode(source.encoding), inner[place:end].encode(source.encoding)
    return start + len(before), start + len(before) + len(replaced), text


def _insertion(inner: str, notice: Notice, indent: str, line_end: str) -> tuple[int, int, str]:
    """Return which characters of a docstring become what: behind the first paragraph, or at the end.

    At the end where what follows is deeper, as it would become part of the note.
    """
    note = "".join(f"{line_end}{indent}{each}" for each in notice.directive)
    first = re.search(r"[^\s\\]", inner)
    blank = _PARAGRAPH_END.search(inner, first.start() if first else 0)
    if blank is not None:
        following = re.compile(r"[ \t]*").match(inner, blank.end())
        depth = following[0] if following else ""
        is_deeper = depth.startswith((f"{indent} ", f"{indent}\t"))
        has_more = bool(inner[blank.end() :].strip())
        if has_more and not is_deeper and not inner[: blank.start()].rstrip().endswith("::"):
            return blank.start(), blank.start(), f"{line_end}{note}"
    end = len(inner.rstrip())
    return end, len(inner), f"{line_end}{note}{line_end}{indent}"


def _is_shown(text: str, notice: Notice) -> bool:
    """Whether the new docstring reads as it should, whatever backslashes the old one has."""
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return False
    shown = inspect.cleandoc(value).splitlines()
    wanted = notice.directive
    return any(
        shown[index : index + len(wanted)] == wanted and not shown[index - 1].strip()
        for index in range(1, len(shown))
    )
