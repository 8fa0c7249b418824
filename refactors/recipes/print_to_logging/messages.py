"""A print's arguments as a message with its arguments, from which logging makes the same text."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.project import Module, Project
from overhaul.refactors.references import meanings

_PIECE = re.compile(r"([\"'])((?:(?!\1)[^\\\r\n]|\\.)*)\1")


@dataclass(frozen=True, slots=True)
class Message:
    """The arguments of the logging call as they are written, and whether it is an error's stream that gets them."""

    arguments: tuple[str, ...]
    to_stderr: bool = False


def message_of(project: Project, module: Module, call: ast.Call) -> Message | Doubt:
    """Return what a print says, for a logger."""
    if any(isinstance(each, ast.Starred) for each in call.args) or any(
        not each.arg for each in call.keywords
    ):
        return Doubt("arguments are unpacked")
    if not call.args:
        return Doubt("an empty line")
    start, end = module.source.end(call.func), module.source.end(call)
    if "#" in re.sub(_PIECE, "", module.source.slice(start, end)):
        return Doubt("a comment in the call would be lost")
    keywords = {str(each.arg): each.value for each in call.keywords}
    separator = _separator(keywords)
    if isinstance(separator, Doubt):
        return separator
    stream = _stream(project, module, keywords.get("file"))
    if isinstance(stream, Doubt):
        return stream
    arguments = _arguments(module, call.args, separator)
    return arguments if isinstance(arguments, Doubt) else Message(arguments, stream == "sys.stderr")


def _separator(keywords: dict[str, ast.expr]) -> str | Doubt:
    for name, value in keywords.items():
        if name == "file":
            continue
        if not isinstance(value, ast.Constant):
            return Doubt(f"'{name}' is computed")
        if name == "end" and value.value not in ("\n", None):
            return Doubt("'end' is no line end: a record is a line")
    separator = keywords.get("sep")
    text = separator.value if isinstance(separator, ast.Constant) and separator.value is not None else " "
    if not isinstance(text, str) or not text.isprintable() or re.search(r"[\\\"'%]", text):
        return Doubt("'sep' has characters of its own meaning")
    return text


def _stream(project: Project, module: Module, file: ast.expr | None) -> str | Doubt:
    if file is None or (isinstance(file, ast.Constant) and file.value is None):
        return "sys.stdout"
    meant = set(meanings(project, module, file, module.bindings.scope_of(file)))
    if len(meant) == 1 and meant <= {"sys.stdout", "sys.stderr"}:
        return str(meant.pop())
    return Doubt("'file' is another one than sys.stdout and sys.stderr")


def _arguments(module: Module, values: list[ast.expr], separator: str) -> tuple[str, ...] | Doubt:
    """Return the message and what it shows, as they are written."""
    if len(values) == 1:
        return _alone(module, values[0])
    pieces: list[str | None] = []
    quote = '"'
    for value in values:
        body = _body(module, value)
        pieces.append(None if body is None else body[1])
        if body is not None and quote == '"' and all(each is None for each in pieces[:-1]):
            quote = body[0]
    shown = [value for value, piece in zip(values, pieces, strict=True) if piece is None]
    texts = [_requoted(piece, quote) if piece is not None else "%s" for piece in pieces]
    if any(text is None for text in texts):
        return Doubt("the texts are in quotes of both kinds")
    if shown:
        texts = [
            text if piece is None else str(text).replace("%", "%%")
            for text, piece in zip(texts, pieces, strict=True)
        ]
    message = f"{quote}{separator.join(map(str, texts))}{quote}"
    wanted = separator.join(
        str(value.value).replace("%", "%%") if piece is not None and isinstance(value, ast.Constant) and shown
        else str(value.value) if piece is not None and isinstance(value, ast.Constant)
        else "%s"
        for value, piece in zip(values, pieces, strict=True)
    )  # fmt: skip
    if ast.literal_eval(message) != wanted:
        return Doubt("the texts cannot be joined as they are written")
    return (message, *(_written(module, value) for value in shown))


def _alone(module: Module, value: ast.expr) -> tuple[str, ...]:
    """Return the message of one argument: a text as it is, the operator's arguments lazily, anything else by `%s`."""
    text = _written(module, value)
    if isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return (text,)
    is_percent = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mod)
    if is_percent and isinstance(value.left, ast.Constant) and isinstance(value.left.value, str):  # type: ignore[attr-defined]
        right = value.right  # type: ignore[attr-defined]
        if not isinstance(right, ast.Tuple):
            return (text,)
        if right.elts and not any(isinstance(each, ast.Starred) for each in right.elts):
            message = _written(module, value.left)  # type: ignore[attr-defined]
            return (message, *(_written(module, each) for each in right.elts))
        return (text,)
    is_format = (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in ("format", "join")
    )
    if is_format and isinstance(value.func.value, ast.Constant) and isinstance(value.func.value.value, str):  # type: ignore[attr-defined]
        return (text,)
    return ('"%s"', text)


def _body(module: Module, value: ast.expr) -> tuple[str, str] | None:
    """Return the quote and the inside of a text that is written in the plainest way; None for others."""
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return None
    match = _PIECE.fullmatch(_written(module, value))
    return (match[1], match[2]) if match else None


def _requoted(body: str, quote: str) -> str | None:
    """Return the inside of a literal as it can stand in other quotes; None if it has both."""
    if re.search(rf"(?<!\\){quote}", body):
        return None
    return body


def _written(module: Module, value: ast.expr) -> str:
    text = module.source.slice(module.source.start(value), module.source.end(value))
    return f"({text})" if isinstance(value, ast.NamedExpr | ast.Yield | ast.YieldFrom) else text
