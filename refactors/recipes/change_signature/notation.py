"""The notation of the changes: `add timeout: float = 1.0 keyword-only call 5`, `remove retries`, `reorder a, b`."""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from overhaul.refactors.errors import ParameterError, did_you_mean


@dataclass(frozen=True, slots=True)
class Add:
    """A new parameter. `place` is one of first, last, before, after, at, keyword-only; None for the usual one.

    `anchor` is the name or number that goes with it. `value` is what callers get, None to rely on the default.
    """

    name: str
    annotation: str | None
    default: str | None
    place: str | None
    anchor: str | None
    value: str | None


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a parameter, `*args` or `**kwargs` (named with its stars)."""

    name: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a parameter another name."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Reorder:
    """Put the named parameters in this order into the places that they have together."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeywordOnly:
    """Take these by keyword only."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Default:
    """Give a parameter a default, or another one."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class InlineDefault:
    """Write the default into the calls that rely on it, and remove it from the definition unless it is kept."""

    name: str
    keep: bool


@dataclass(frozen=True, slots=True)
class NormalizeCalls:
    """Pass by position what can be, and order the keywords as the parameters are."""


Change: TypeAlias = Add | Remove | Rename | Reorder | KeywordOnly | Default | InlineDefault | NormalizeCalls

FORMS: Mapping[str, str] = {
    "add": "add NAME[: ANNOTATION][ = DEFAULT] [first|last|before NAME|after NAME|at NUMBER|keyword-only]"
    " [call VALUE]",
    "remove": "remove NAME (or *NAME, **NAME)",
    "rename": "rename OLD NEW",
    "reorder": "reorder NAME, NAME, ...",
    "keyword-only": "keyword-only NAME, ...",
    "default": "default NAME = VALUE",
    "inline-default": "inline-default NAME [keep]",
    "normalize-calls": "normalize-calls",
}
_PLACES = ("first", "last", "before", "after", "at", "keyword", "call")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def parse_changes(texts: Sequence[str]) -> list[Change]:
    """Read the changes in order. Raises ParameterError that shows the form which was meant."""
    if not texts:
        raise ParameterError(f"change-signature needs a change: {'; '.join(FORMS.values())}")
    return [_parse(text) for text in texts]


def _parse(text: str) -> Change:
    verb, _, rest = text.strip().partition(" ")
    reader = _READERS.get(verb)
    if reader is None:
        known = "; ".join(FORMS.values())
        raise ParameterError(
            f"the change {text!r} begins with no known word.{did_you_mean(verb, FORMS)} Known are: {known}"
        )
    try:
        return reader(rest.strip())
    except _Unreadable as error:
        raise ParameterError(f"the change {text!r} cannot be read: {error}. Write: {FORMS[verb]}") from None


class _Unreadable(Exception):
    """A change is not written in its form; the message says what is wrong."""


def _name(text: str, stars: bool = False) -> str:
    bare = text.strip()
    plain = bare.lstrip("*") if stars and len(bare) - len(bare.lstrip("*")) <= 2 else bare
    if not plain.isidentifier() or keyword.iskeyword(plain):
        raise _Unreadable(f"{bare!r} is no name of a parameter" if bare else "a name is missing")
    return bare


def _names(text: str) -> tuple[str, ...]:
    names = tuple(_name(each) for each in text.rstrip(" ,").split(","))
    if len(set(names)) < len(names):
        raise _Unreadable("a name is there twice")
    return names


def _expression(text: str, what: str) -> str:
    text = text.strip()
    try:
        parsed = ast.parse(f"({text})", mode="eval").body
        is_one = "\n" not in text and bool(text) and ast.parse(f"f({text})", mode="eval").body is not None
    except (SyntaxError, ValueError):
        is_one, parsed = False, ast.Constant(None)
    if is_one and isinstance(parsed, ast.Tuple) and not text.startswith("("):
        is_one = False
    if not is_one:
        raise _Unreadable(f"{text!r} is no expression for {what}")
    return f"({text})" if isinstance(parsed, ast.NamedExpr) else text


def _rename(text: str) -> Rename:
    words = text.split()
    if len(words) != 2:
        raise _Unreadable("it takes two names")
    return Rename(_name(words[0]), _name(words[1]))


def _reorder(text: str) -> Reorder:
    names = _names(text)
    if len(names) < 2:
        raise _Unreadable("it takes at least two names")
    return Reorder(names)


def _default(text: str) -> Default:
    name, equals, value = text.partition("=")
    if not equals:
        raise _Unreadable("the '=' is missing")
    return Default(_name(name), _expression(value, "a default"))


def _inline_default(text: str) -> InlineDefault:
    name, _, option = text.partition(" ")
    if option.strip() not in ("", "keep"):
        raise _Unreadable(f"{option.strip()!r} is not 'keep'")
    return InlineDefault(_name(name), bool(option))


def _normalize_calls(text: str) -> NormalizeCalls:
    if text:
        raise _Unreadable("it takes nothing")
    return NormalizeCalls()


def _add(text: str) -> Add:
    parts = _parts(text)
    declared = parts.pop("", "")
    value = _expression(parts.pop("call"), "the callers") if "call" in parts else None
    if len(parts) > 1:
        raise _Unreadable(f"it has the places {' and '.join(parts)}")
    place, anchor = next(iter(parts.items()), (None, ""))
    if place == "keyword":
        if anchor.replace(" ", "") != "-only":
            raise _Unreadable(f"'keyword{anchor}' is not 'keyword-only'")
        place, anchor = "keyword-only", ""
    if place in ("before", "after"):
        _name(anchor)
    elif place == "at":
        if not anchor.strip().isdecimal() or int(anchor) < 1:
            raise _Unreadable("'at' takes a number from 1 on, counted without self")
    elif anchor.strip():
        raise _Unreadable(f"nothing follows '{place}', but there is {anchor.strip()!r}")
    name, annotation, default = _declaration(declared)
    return Add(name, annotation, default, place, anchor.strip() or None, value)


def _declaration(text: str) -> tuple[str, str | None, str | None]:
    """Split `NAME: ANNOTATION = DEFAULT`."""
    colon = equals = None
    for token, depth in _tokens(text):
        if depth == 0 and token.type == tokenize.OP:
            if token.string == ":" and colon is None and equals is None:
                colon = token.start[1]
            elif token.string == "=" and equals is None:
                equals = token.start[1]
    end = len(text) if equals is None else equals
    name = _name(text[: end if colon is None else colon])
    annotation = _expression(text[colon + 1 : end], "an annotation") if colon is not None else None
    default = _expression(text[equals + 1 :], "a default") if equals is not None else None
    return name, annotation, default


def _parts(text: str) -> dict[str, str]:
    """Split at the words of places and at `call`: where an expression has ended, such a word is none of its own."""
    marks: list[tuple[str, int, int]] = [("", 0, 0)]
    has_ended = False
    for token, depth in _tokens(text):
        if depth == 0 and has_ended and token.type == tokenize.NAME and token.string in _PLACES:
            marks.append((token.string, token.start[1], token.end[1]))
            has_ended = token.string in ("first", "last", "keyword")
            continue
        is_word = token.type == tokenize.NAME and not keyword.iskeyword(token.string)
        constant = token.string in ("None", "True", "False", ")", "]", "}", "...")
        has_ended = is_word or constant or token.type in (tokenize.NUMBER, tokenize.STRING)
        has_ended = has_ended or token.type == getattr(tokenize, "FSTRING_END", -1)
    ends = [start for _, start, _ in marks[1:]] + [len(text)]
    parts: dict[str, str] = {}
    for (word, _, after), end in zip(marks, ends, strict=True):
        if word in parts:
            raise _Unreadable(f"'{word}' is there twice")
        parts[word] = text[after:end]
    return parts


def _tokens(text: str) -> list[tuple[tokenize.TokenInfo, int]]:
    """Return the tokens of one line, each with the number of brackets around it."""
    found, depth = [], 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            depth -= token.string in _CLOSING and token.type == tokenize.OP
            if token.type not in (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER):
                found.append((token, depth))
            depth += token.string in _OPENING and token.type == tokenize.OP
    except (tokenize.TokenError, SyntaxError):
        raise _Unreadable("its brackets or strings do not end") from None
    return found


_READERS: Mapping[str, Callable[[str], Change]] = {
    "add": _add,
    "remove": lambda text: Remove(_name(text, stars=True)),
    "rename": _rename,
    "reorder": _reorder,
    "keyword-only": lambda text: KeywordOnly(_names(text)),
    "default": _default,
    "inline-default": _inline_default,
    "normalize-calls": _normalize_calls,
}
