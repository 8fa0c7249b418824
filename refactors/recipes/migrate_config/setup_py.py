"""setup.py: what it gives to setup(), with places and comments, and what is left of it once some of that has moved."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from overhaul.refactors.import_edits import removed_imports, without_double_blanks
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.migrate_config.expressions import Names
from overhaul.refactors.recipes.migrate_config.project_files import ProjectFiles
from overhaul.refactors.recipes.migrate_config.statements import SetupScript
from overhaul.refactors.recipes.migrate_config.values import Given
from overhaul.refactors.statement_removal import one_a_line, removed_statements
from overhaul.refactors.text import SourceText
from overhaul.refactors.unused.imports import unused_imports

_FOR_TOOLS = re.compile(r"noqa\b|type:|pragma:|pylint:|fmt:|nosec\b|-\*-|isort:", re.IGNORECASE)
_NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


@dataclass(slots=True)
class SetupFile:
    """A setup.py. `obstacle` says why nothing of it is moved, `at` where that is; there is none with a call."""

    module: Module
    call: ast.Call | None = None
    given: Mapping[str, Given] = field(default_factory=dict)
    deeds: list[ast.stmt] = field(default_factory=list)
    obstacle: str = ""
    at: ast.expr | None = None

    @property
    def source(self) -> SourceText:
        return self.module.source


def read_setup_py(project: Project, files: ProjectFiles) -> SetupFile | None:
    """Read the setup.py of a project; None if it has none that parses."""
    path = files.path("setup.py")
    module = project.module(path) if files.has("setup.py") else None
    if module is None:
        return None
    tree = module.source.tree
    script = SetupScript(files, names=Names())
    try:
        script.go_through(tree)
    except RecursionError:
        return SetupFile(module, obstacle="it is nested too deeply to be told")
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_named_setup(node.func)]
    if len(script.calls) != 1 or len(named) != 1:
        first = script.calls[0] if script.calls else (named[0] if named else None)
        count = (
            "several calls" if len(named) > 1 or len(script.calls) > 1 else "no call that is always reached"
        )
        return SetupFile(module, obstacle=f"it has {count} of setup()", at=first)
    (call,) = script.calls
    if call.args or any(each.arg is None for each in call.keywords):
        return SetupFile(module, obstacle="what setup() is given is computed", at=call)
    comments = _comments(module.source, call)
    given = {}
    for each in call.keywords:
        line, column = module.source.position(module.source.start(each))
        name = str(each.arg)
        given[name] = Given(script.arguments[name], path, line, column, comments.get(name, {}))
    return SetupFile(module, call, given, script.deeds)


def _is_named_setup(function: ast.expr) -> bool:
    return (isinstance(function, ast.Name) and function.id == "setup") or (
        isinstance(function, ast.Attribute) and function.attr == "setup"
    )


Comments = dict[int, tuple[str, ...]]


def _tokens(source: SourceText) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(source.text).readline))


def _spans(source: SourceText, call: ast.Call) -> Iterator[tuple[ast.keyword, list[tokenize.TokenInfo]]]:
    """Yield each keyword with its tokens: from the end of the one before to its comma, and a comment after that."""
    tokens = _tokens(source)
    opening = _opening(source, tokens, call)
    waiting = list(call.keywords)
    depth, span, is_over = 0, list[tokenize.TokenInfo](), False
    for index in range(opening + 1, len(tokens)):
        token = tokens[index]
        if is_over and not (token.type == tokenize.COMMENT and token.start[0] == span[-1].end[0]):
            yield waiting.pop(0), span
            span, is_over = [], False
            if not waiting:
                return
        span.append(token)
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if depth < 0:
                if waiting:
                    yield waiting.pop(0), span[:-1]
                return
            is_over = is_over or (depth == 0 and token.string == ",")


def _opening(source: SourceText, tokens: list[tokenize.TokenInfo], call: ast.Call) -> int:
    """Return which token opens the call's parentheses."""
    line, column = source.position(source.end(call.func))
    return next(
        index
        for index, token in enumerate(tokens)
        if token.string == "(" and (token.start[0], token.start[1] + 1) >= (line, column)
    )


def _comments(source: SourceText, call: ast.Call) -> dict[str, Comments]:
    """Return the comments of each keyword: of a list literal's elements, and those of all of it."""
    found: dict[str, Comments] = {}
    tokens = _tokens(source)
    for keyword, span in _spans(source, call):
        noted = _noted(keyword.value, span)
        for node in ast.walk(keyword.value):
            if not isinstance(node, ast.Name):
                continue
            for statement in source.tree.body:
                if isinstance(statement, ast.Assign) and _binds(statement, node.id):
                    more = _noted(statement.value, _tokens_of(tokens, statement))
                    if node is not keyword.value and more:
                        more = {-1: tuple(text for _, texts in sorted(more.items()) for text in texts)}
                    noted = {key: more.get(key, ()) + noted.get(key, ()) for key in {*more, *noted}}
        if noted:
            found[str(keyword.arg)] = noted
    return found


def _noted(value: ast.expr, span: list[tokenize.TokenInfo]) -> Comments:
    elements = value.elts if isinstance(value, ast.List | ast.Tuple) else []
    ends = [each.end_lineno or each.lineno for each in elements]
    found: dict[int, list[str]] = {}
    for token in span:
        text = token.string.lstrip("#").strip() if token.type == tokenize.COMMENT else ""
        if text and not _FOR_TOOLS.match(text):
            line = token.start[0]
            index = next((number for number, end in enumerate(ends) if line <= end), -1)
            found.setdefault(index if line >= value.lineno else -1, []).append(text)
    return {index: tuple(texts) for index, texts in found.items()}


def _binds(statement: ast.Assign, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in statement.targets)


def _tokens_of(tokens: list[tokenize.TokenInfo], statement: ast.stmt) -> list[tokenize.TokenInfo]:
    """Return the tokens of a statement, with the comments right above it and behind it."""
    noted = {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    alone = noted - {token.start[0] for token in tokens if token.type not in _NO_CODE}
    first = statement.lineno
    while first - 1 in alone:
        first -= 1
    return [token for token in tokens if first <= token.start[0] <= (statement.end_lineno or first)]


def without_arguments(file: SetupFile, moved: Collection[str]) -> bytes:
    """Return the file with these keywords of its call taken out."""
    assert file.call is not None  # noqa: S101 - it has been read
    source = file.source
    spans = list(_spans(source, file.call))
    if all(keyword.arg in moved for keyword, _ in spans):
        tokens = _tokens(source)
        start = _offset(source, *_after(tokens[_opening(source, tokens, file.call)]))
        return source.splice([(start, source.end(file.call) - 1, "")])
    runs: list[list[tokenize.TokenInfo]] = []
    was_moved = False
    for keyword, span in spans:
        is_moved = keyword.arg in moved
        if is_moved and was_moved:
            runs[-1] += span
        elif is_moved:
            runs.append(list(span))
        was_moved = is_moved
    return source.splice([_removal(source, run, was_moved and run is runs[-1]) for run in runs])


def _removal(source: SourceText, span: list[tokenize.TokenInfo], is_last: bool) -> tuple[int, int, str]:
    code = [token for token in span if token.type not in _NO_CODE]
    noted = [token for token in span if token.type == tokenize.COMMENT]
    first = min([code[0], *noted], key=lambda token: token.start)
    last = max([code[-1], *noted], key=lambda token: token.end)
    start, end = _offset(source, *_before(first)), _offset(source, *_after(last))
    content = source.content
    line_start = source.line_starts[first.start[0] - 1]
    while end < len(content) and content[end : end + 1] in (b" ", b"\t"):
        end += 1
    if not content[line_start:start].strip():
        if content[end : end + 2] == b"\r\n":
            return line_start, end + 2, ""
        if content[end : end + 1] in (b"\n", b"\r"):
            return line_start, end + 1, ""
    elif is_last:
        start -= len(content[:start]) - len(content[:start].rstrip(b" \t,"))
    return start, end, ""


def _before(token: tokenize.TokenInfo) -> tuple[int, int]:
    return token.start[0], token.start[1] + 1


def _after(token: tokenize.TokenInfo) -> tuple[int, int]:
    return token.end[0], token.end[1] + 1


def _offset(source: SourceText, line: int, column: int) -> int:
    found = source.offset_of_character(line, column)
    assert found is not None  # noqa: S101 - a token's place
    return found


def tidied(path: str, content: bytes, before: Module) -> bytes:
    """Return what is left of a setup.py without what only served what has moved: imports, functions, constants."""
    while True:
        project = Project(MemoryTree({path: content}))
        module = project.module(path)
        if module is None:
            return content
        once_used = {node.id for node in ast.walk(before.source.tree) if _is_read(node)}
        going = one_a_line(module, _unserving(module, once_used))
        imports = [each for each in unused_imports(module) if each.name in once_used]
        if going:
            content = module.source.splice(removed_statements(module, going))
        elif imports:
            splices = removed_imports(module, imports)
            content = module.source.splice(without_double_blanks(content, splices))
        else:
            return content


def _unserving(module: Module, once_used: Collection[str]) -> Iterator[ast.stmt]:
    """Yield top-level statements that only bind names which nothing uses, and something used before."""
    reads = [{node.id for node in ast.walk(each) if _is_read(node)} for each in module.source.tree.body]
    for index, statement in enumerate(module.source.tree.body):
        names = _only_binds(statement)
        used = set[str]().union(*reads[:index], *reads[index + 1 :])
        if names & set(once_used) and not names & used:
            yield statement


def _is_read(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def _only_binds(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds, if all else that it does is to read files; else nothing."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return set() if statement.decorator_list else {statement.name}
    if not isinstance(statement, ast.Assign | ast.With):
        return set()
    if any(isinstance(node, ast.Call) and not _only_reads(node.func) for node in ast.walk(statement)):
        return set()
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _only_reads(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {
        "open", "read", "readlines", "join", "dirname", "abspath", "realpath", "strip", "split", "splitlines",
        "read_text", "Path", "resolve", "search", "match", "compile", "group", "find_packages", "format", "decode",
    }  # fmt: skip
