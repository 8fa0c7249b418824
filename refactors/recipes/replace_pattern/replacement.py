"""The replacement's text at one place: the code that the metavariables stand for is taken over as it is written."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError, did_you_mean
from overhaul.refactors.fitting import ATOMS, fitted
from overhaul.refactors.indentation import (
    indent_of,
    indent_unit,
    lines_in_strings,
    newline_of,
    reindented,
    shares_line,
)
from overhaul.refactors.nested_edits import NestedEdits
from overhaul.refactors.project import Module
from overhaul.refactors.quoted import string_around
from overhaul.refactors.recipes.replace_call.captured_text import CallText
from overhaul.refactors.recipes.replace_call.evaluation import binds_names, order_doubt
from overhaul.refactors.recipes.replace_call.metavariables import (
    REST,
    Argument,
    metavariable,
    parse_statements_with_metavariables,
    shown,
    with_identifiers,
)
from overhaul.refactors.recipes.replace_call.template import CallTemplate, Piece, parse_template, rest_splice
from overhaul.refactors.recipes.replace_pattern.searching import Found
from overhaul.refactors.recipes.replace_pattern.structure import Pattern
from overhaul.refactors.text import Splice, splice

_TAKES_ANY = (ast.Assign, ast.AnnAssign, ast.Return, ast.Expr, ast.keyword, ast.Call, ast.If, ast.While)
Names = Mapping[str, str]


@dataclass(frozen=True)
class Replacement:
    """What is put in place of the pattern: an expression, or statements in `lines`, indented by steps."""

    template: CallTemplate | None
    statements: ast.Module | None
    lines: Sequence[str]

    @cached_property
    def names(self) -> list[str]:
        """The dotted names that it takes from around it."""
        return list(dict.fromkeys(text for _, text in self._named))

    @property
    def tree(self) -> ast.AST:
        found = self.template.tree if self.template else self.statements
        return found or ast.Module([], [])

    @cached_property
    def _named(self) -> list[tuple[ast.Name | ast.Attribute, str]]:
        if self.template is not None:
            return list(self.template.names())
        # A name that the statements bind themselves is theirs.
        return list(CallTemplate("", self.tree).names())  # type: ignore[arg-type]

    def splices(self, line: int, names: Names) -> Iterator[Splice]:
        """Give the splices of one line of statements (from 1) that put in how a file calls a name."""
        for node, text in self._named:
            if node.lineno == line and text in names:
                yield node.col_offset, node.end_col_offset or 0, names[text]


def parse_replacement(text: str, pattern: Pattern) -> Replacement:
    """Read the replacement for a pattern. Raises ParameterError."""
    if pattern.is_expression:
        template = parse_template(text, pattern.one, pattern.rest)
        if binds_names(template.tree):
            raise ParameterError(
                "the replacement has a lambda or comprehension, whose names may be those of the code."
            )
        return Replacement(template, None, ())
    tree = parse_statements_with_metavariables(text, "replacement")
    readable = with_identifiers(text)
    if lines_in_strings(readable):
        raise ParameterError("the replacement has a string of several lines; write it with \\n.")
    for node in ast.walk(tree):
        for many, known in ((False, pattern.one), (True, pattern.rest)):
            name = metavariable(node, REST) if many else metavariable(node)
            if name is not None and isinstance(node, ast.Name) and name not in known:
                used, have = shown(name, many=many), [shown(each, many=many) for each in sorted(known)]
                raise ParameterError(
                    f"the replacement uses {used}, which the pattern has not.{did_you_mean(used, have)}"
                )
    if not tree.body:
        raise ParameterError("the replacement is empty; write pass, or what is to be reported.")
    return Replacement(None, tree, readable.splitlines())


class Writer:
    """Writes replacements into one file. Inner places come before those around them."""

    def __init__(self, module: Module, replacement: Replacement) -> None:
        self.module = module
        self.source = module.source
        self.replacement = replacement
        self.edits = NestedEdits(module.source)

    def write(self, found: Found, names: Names) -> Doubt | None:
        """Replace a place, or say why it stays."""
        if self._loses_comment(found):
            return Doubt("a comment would be lost")
        text = self._expression(found, names) if self.replacement.template else self._statements(found, names)
        if isinstance(text, Doubt):
            return text
        self.edits.add(found.start, found.end, text)
        return None

    def _expression(self, found: Found, names: Names) -> str | Doubt:
        node, template = found.nodes[0], self.replacement.template
        if template is None or not isinstance(node, ast.expr):
            return Doubt("it is no expression")
        doubt = order_doubt(template.tree, found.captures) or self._place_doubt(node, template.tree)
        if doubt is not None:
            return doubt
        one = {name: self._piece(each) for name, each in found.captures.one.items()}
        rest = {name: self._rest(each) for name, each in found.captures.rest.items()}
        text = template.fill(one, rest, names)
        return text if isinstance(text, Doubt) else fitted(self.module, node, (found.start, found.end), text)

    def _place_doubt(self, node: ast.expr, template: ast.expr) -> Doubt | None:
        above = self.module.bindings.parents.get(node)
        if not isinstance(getattr(node, "ctx", None), ast.Load | None):
            return Doubt("it is assigned or deleted here")
        if isinstance(above, ast.pattern):
            return Doubt("it is part of a match statement's pattern")
        if above is not None and (inside := string_around(self.module.bindings, above)) is not None:
            return Doubt(inside[1].reason.replace("the call", "it"))
        if isinstance(above, ast.Expr) and isinstance(template, ast.Constant):
            return Doubt("a constant alone may become a docstring")
        if any(isinstance(each, ast.Await) for each in ast.walk(template)) and not self._may_await(node):
            return Doubt("the replacement awaits, and this is not directly in a coroutine")
        return None

    def _may_await(self, node: ast.expr) -> bool:
        return isinstance(self.module.bindings.scope_of(node).node, ast.AsyncFunctionDef)

    def _piece(self, node: ast.expr) -> Piece:
        start, end = self.source.start(node), self.source.end(node)
        plain = self.edits.rendered(start, end)
        is_atom = plain == self.source.slice(start, end) and isinstance(node, ATOMS)
        return Piece(plain, f"({plain})", is_atom or isinstance(node, ast.Constant))

    def _rest(self, nodes: Sequence[Argument]) -> str:
        if not nodes:
            return ""
        above = self.module.bindings.parents.get(nodes[0])
        if isinstance(above, ast.Call):
            return CallText(self.source, above, self.edits.rendered).rest(nodes)
        pieces = [self._piece(each) for each in nodes if isinstance(each, ast.expr)]
        return ", ".join(each.plain if each.is_atom else each.enclosed for each in pieces)

    def _statements(self, found: Found, names: Names) -> str | Doubt:
        lines = self.replacement.lines
        if self._is_elif(found.nodes[0]):
            return Doubt("it is an elif, which is part of another statement")
        shared = any(isinstance(each, ast.stmt) and shares_line(self.module, each) for each in found.nodes)
        if shared and (len(lines) > 1 or len(found.nodes) > 1):
            return Doubt("it shares its line with other statements")
        line = self.source.position(found.start)[0]
        base = "" if shared else indent_of(self.source, line)
        step, unit = indent_unit(self.module), _step_of(lines)
        written: list[str] = []
        for number, text in enumerate(lines, 1):
            depth = (len(text) - len(text.lstrip(" "))) // unit
            indent = base + step * depth
            body = self._line(found, number, text, indent, names)
            if isinstance(body, Doubt):
                return body
            written.append(body.strip(" ") and indent + body.lstrip(" "))
        return newline_of(self.source).join(written)[len(base) :]

    def _line(self, found: Found, number: int, text: str, indent: str, names: Names) -> str | Doubt:
        """Return one line of the replacement with everything put in, without its indentation."""
        content = text.encode()
        splices: list[Splice] = list(self.replacement.splices(number, names))
        for node, above in _with_parents(self.replacement.tree):
            if getattr(node, "lineno", None) != number:
                continue
            if isinstance(node, ast.Starred) and (many := metavariable(node, REST)) is not None:
                if isinstance(above, ast.Expr):
                    return self._block(found.captures.blocks.get(many, ()), indent)
                text_of_rest = self._rest(found.captures.rest.get(many, ()))
                if isinstance(above, ast.Call) and many in found.captures.blocks:
                    keywords = self._keywords(found.captures.blocks[many])
                    if isinstance(keywords, Doubt):
                        return keywords
                    text_of_rest = keywords
                splices.append(rest_splice(content, node, text_of_rest))
            elif isinstance(node, ast.Name) and (name := metavariable(node)) is not None:
                piece = self._piece(found.captures.one[name])
                shape = piece.plain if piece.is_atom or isinstance(above, _TAKES_ANY) else piece.enclosed
                splices.append((node.col_offset, node.end_col_offset or 0, shape))
        return splice(content, splices, "utf-8").decode()

    def _block(self, block: Sequence[ast.stmt], indent: str) -> str | Doubt:
        if not block:
            return "pass"
        start, end = self.source.start(block[0]), self.source.end(block[-1])
        if self._is_elif(block[0]):
            return Doubt("a block is an elif, which is part of another statement")
        if getattr(block[0], "decorator_list", []) or shares_line(self.module, block[0]):
            return Doubt("a block begins with a decorator or shares its line, and is not moved")
        old = indent_of(self.source, block[0].lineno)
        text = self.edits.rendered(start, end)
        inside = lines_in_strings(old + text)
        if inside is None:
            return Doubt("the lines of a block cannot be told from its strings")
        lines = re.split(r"\r\n|\r|\n", text)
        moved = reindented(lines, {0, *(line - 1 for line in inside)}, old, indent)
        return newline_of(self.source).join(moved)

    def _is_elif(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.If):
            return False
        start = self.source.start(node)
        return self.source.content[start : start + 4] == b"elif"

    def _keywords(self, block: Sequence[ast.stmt]) -> str | Doubt:
        """Return assignments as the keywords of a call."""
        start, end = self.source.start(block[0]), self.source.end(block[-1])
        if any(start <= place < end for place in self._comments):
            return Doubt("a comment would be lost")
        written: dict[str, str] = {}
        for each in block:
            target = each.targets[0] if isinstance(each, ast.Assign) and len(each.targets) == 1 else None
            if isinstance(each, ast.AnnAssign):
                target = each.target
            value = each.value if isinstance(each, ast.Assign | ast.AnnAssign) else None
            if not isinstance(target, ast.Name) or value is None or target.id in written:
                return Doubt("something else than assignments to names cannot become keywords")
            if any(isinstance(node, ast.Name) and node.id in written for node in ast.walk(value)):
                return Doubt("an assignment reads what another one assigns")
            piece = self._piece(value)
            written[target.id] = piece.plain if piece.is_atom or "\n" not in piece.plain else piece.enclosed
        return ", ".join(f"{name}={text}" for name, text in written.items())

    def _loses_comment(self, found: Found) -> bool:
        start, end = found.start, found.end
        if b"#" not in self.source.content[start:end]:
            return False
        kept = [(self.source.start(each), self.source.end(each)) for each in found.captures.nodes()]
        kept += [
            (self.source.start(block[0]), self.source.end(block[-1]))
            for block in found.captures.blocks.values()
        ]
        return any(
            start <= place < end and not any(low <= place < high for low, high in kept)
            for place in self._comments
        )

    @cached_property
    def _comments(self) -> list[int]:
        """The offsets of the file's comments."""
        text = self.source.content.decode(self.source.encoding)
        tokens = tokenize.generate_tokens(io.StringIO(text, newline="").readline)
        places = (token.start for token in tokens if token.type == tokenize.COMMENT)
        return [
            offset
            for line, column in places
            if (offset := self.source.offset_of_character(line, column + 1)) is not None
        ]


def _step_of(lines: Collection[str]) -> int:
    """Return how many spaces the replacement is indented by."""
    depths = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    return min((depth for depth in depths if depth), default=4)


def _with_parents(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    for node in ast.walk(tree):
        yield from ((child, node) for child in ast.iter_child_nodes(node))
