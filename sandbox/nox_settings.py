"""What a nox session installs and runs, read from noxfile.py by its syntax: the file is never executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from overhaul.sandbox.nox_values import UNKNOWN, value_of
from overhaul.sandbox.tox_commands import StatedCommand
from overhaul.sandbox.tox_settings import ToxSettings

SOURCE = "noxfile.py"
PREFERRED = re.compile(r"^(?:unit_?)?(?:py)?tests?(?:_unit)?$|^unit$|^unittests?$")
DEEPEST_CALL = 3
_GROUP_OPTIONS = {"--group": "groups", "--with": "groups", "-G": "groups", "--only-group": "groups"}
_EXTRA_OPTIONS = {"--extra": "extras", "--extras": "extras", "-E": "extras"}
_VALUED = frozenset({"-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--python", "-p"})


@dataclass(slots=True)
class NoxSession:
    """What one session's function says; `left_out` is what its syntax does not tell."""

    name: str
    dependencies: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    commands: list[StatedCommand] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "."
    left_out: list[str] = field(default_factory=list)

    def settings(self) -> ToxSettings:
        """What it installs, in the form that tox's has."""
        notes = tuple(dict.fromkeys(f"{SOURCE}: {line}" for line in self.left_out))
        dependencies, extras, groups = (
            tuple(dict.fromkeys(each)) for each in (self.dependencies, self.extras, self.groups)
        )
        return ToxSettings(SOURCE, dependencies, extras, groups, notes)


def read_nox(folder: Path, is_test: Callable[[StatedCommand], bool]) -> NoxSession | None:
    """The session that runs the tests: one that is named so, or else the first that does."""
    try:
        module = ast.parse((folder / SOURCE).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    constants: dict[str, Any] = {}
    for node in module.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            _assign(node, constants, "")
    sessions = []
    for function in functions.values():
        if any(_is_session(decorator) for decorator in function.decorator_list) and function.args.args:
            reader = _Reader(NoxSession(_name(function)), functions, constants)
            reader.read(function, dict(constants))
            sessions.append(reader.session)
    with_tests = [each for each in sessions if any(is_test(command) for command in each.commands)]
    return min(with_tests, key=lambda each: not PREFERRED.match(each.name), default=None)


def _is_session(decorator: ast.expr) -> bool:
    words = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return words == "session" or words.endswith(".session")


def _name(function: ast.FunctionDef) -> str:
    for decorator in function.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else []:
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return function.name


def _assign(node: ast.Assign | ast.AnnAssign, scope: dict[str, Any], session: str) -> None:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if isinstance(target, ast.Name) and node.value is not None:
        scope[target.id] = value_of(node.value, scope, session)


class _Reader:
    """Follows one session's statements in order."""

    def __init__(
        self, session: NoxSession, functions: dict[str, ast.FunctionDef], constants: dict[str, Any]
    ) -> None:
        self.session = session
        self._functions = functions
        self._constants = constants
        self._scope: dict[str, Any] = {}
        self._session_name = ""
        self._depth = 0

    def read(self, function: ast.FunctionDef, scope: dict[str, Any]) -> None:
        """Read a function whose first parameter is the session."""
        before = self._scope, self._session_name
        self._scope, self._session_name = scope, function.args.args[0].arg
        self._depth += 1
        self._block(function.body, certain=True)
        self._depth -= 1
        self._scope, self._session_name = before

    def _block(self, statements: Sequence[ast.stmt], certain: bool) -> None:
        for node in statements:
            if isinstance(node, ast.Return):
                break
            self._statement(node, certain)

    def _statement(self, node: ast.stmt, certain: bool) -> None:
        if isinstance(node, ast.If):
            test = self._value(node.test)
            if test is UNKNOWN:
                self._block(node.body, False)
                self._block(node.orelse, False)
            else:
                self._block(node.body if test else node.orelse, certain)
        elif isinstance(node, ast.With):
            for item in node.items:
                if isinstance(item.context_expr, ast.Call):
                    self._call(item.context_expr, certain)
            self._block(node.body, certain)
        elif isinstance(node, ast.Try):
            self._block([*node.body, *node.finalbody], certain)
        elif isinstance(node, ast.For):
            self._block(node.body, False)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self._call(node.value, certain)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            self._assignment(node, certain)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self._extend(node.target.id, self._value(node.value))

    def _assignment(self, node: ast.Assign | ast.AnnAssign, certain: bool) -> None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Subscript) and self._is_session(target.value, "env"):
            self._set({self._value(target.slice): self._value(node.value) if node.value else UNKNOWN})
        elif isinstance(node.value, ast.Call) and self._is_session(node.value.func, None):
            self._call(node.value, certain)
        else:
            _assign(node, self._scope, self._session_name)

    def _value(self, node: ast.expr) -> Any:
        return value_of(node, self._scope, self._session_name)

    def _is_session(self, node: ast.expr, attribute: str | None) -> bool:
        """Whether this is `session.attribute` (any, without one)."""
        of_session = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if not of_session or node.value.id != self._session_name:  # type: ignore[attr-defined]
            return False
        return attribute is None or node.attr == attribute  # type: ignore[attr-defined]

    def _call(self, call: ast.Call, certain: bool) -> None:
        function = call.func
        if isinstance(function, ast.Name):
            self._follow(function.id, call)
        elif isinstance(function, ast.Attribute) and self._is_session(function, None):
            words = self._value(ast.List(elts=call.args, ctx=ast.Load()))
            self._of_session(function.attr, words, call, certain)
        elif isinstance(function, ast.Attribute) and self._is_session(function.value, "env"):
            if function.attr == "update" and call.args:
                self._set(self._value(call.args[0]))
        elif isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            value = self._value(call.args[0]) if len(call.args) == 1 else UNKNOWN
            if function.attr in ("extend", "append"):
                self._extend(function.value.id, [value] if function.attr == "append" else value)

    def _follow(self, name: str, call: ast.Call) -> None:
        """Read a function of the noxfile that gets the session."""
        function = self._functions.get(name)
        gets_session = call.args and ast.unparse(call.args[0]) == self._session_name
        if function is None or not gets_session or self._depth >= DEEPEST_CALL or not function.args.args:
            return
        scope = dict(self._constants)
        names = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
        defaults = [*function.args.defaults, *(each for each in function.args.kw_defaults if each)]
        for argument, default in zip(reversed(names), reversed(defaults), strict=False):
            scope[argument] = value_of(default, self._constants, "")
        for argument, node in zip(names, call.args, strict=False):
            scope[argument] = self._value(node)
        scope |= {word.arg: self._value(word.value) for word in call.keywords if word.arg}
        self.read(function, scope)

    def _extend(self, name: str, more: Any) -> None:
        known = self._scope.get(name)
        if isinstance(known, list):
            self._scope[name] = [*known, *more] if isinstance(more, list) else UNKNOWN

    def _set(self, variables: Any) -> None:
        for name, text in variables.items() if isinstance(variables, dict) else []:
            if isinstance(name, str) and isinstance(text, str):
                self.session.variables[name] = text
            elif isinstance(name, str):
                self.session.left_out.append(f"the value of {name} in session.env is not told by its syntax")

    def _of_session(self, method: str, words: Any, call: ast.Call, certain: bool) -> None:
        readable = isinstance(words, list) and all(isinstance(word, str) for word in words)
        if method in ("chdir", "cd"):
            self.session.folder = words[0] if readable and words else "."
        elif method not in ("install", "run", "run_install", "run_always", "conda_install"):
            return
        elif not readable:
            self.session.left_out.append(f"{ast.unparse(call)}: not told by its syntax")
        elif method == "run":
            self._run(words, call)
        elif not certain:
            self.session.left_out.append(f"{ast.unparse(call)}: depends on a condition")
        elif method == "install":
            self._install(words)
        elif method == "conda_install":
            self.session.left_out.append(f"{ast.unparse(call)}: packages of conda")
        else:
            self._installer(words)

    def _run(self, words: list[str], call: ast.Call) -> None:
        if words[1:2] in (["sync"], ["install"]):
            self._installer(words)
            return
        given: Any = next((self._value(word.value) for word in call.keywords if word.arg == "env"), {})
        added = {
            name: text
            for name, text in (given.items() if isinstance(given, dict) else ())
            if isinstance(name, str) and isinstance(text, str)
        }
        variables = {**self.session.variables, **added}
        self.session.commands.append(StatedCommand(tuple(words), SOURCE, variables, self.session.folder))

    def _install(self, words: list[str]) -> None:
        """The requirement lines of pip's arguments; the project itself is installed anyway, its extras are noted."""
        left = list(words)
        while left:
            word = left.pop(0)
            own = re.fullmatch(r"(?:-e)?\.(?:/)?(?:\[([^\]]*)\])?", word)
            if own:
                self.session.extras += [name.strip() for name in (own[1] or "").split(",") if name.strip()]
            elif word in ("-r", "--requirement", "-c", "--constraint") and left:
                self.session.dependencies.append(f"{word} {left.pop(0)}")
            elif re.match(r"-[rc]\S|--(?:requirement|constraint)=", word) or not word.startswith("-"):
                self.session.dependencies.append(word)
            elif word in _VALUED and left:
                left.pop(0)

    def _installer(self, words: list[str]) -> None:
        """Groups and extras that uv, poetry or pdm are told to install."""
        for place, word in enumerate(words):
            option, _, value = word.partition("=")
            value = value or next(iter(words[place + 1 : place + 2]), "")
            kind = _GROUP_OPTIONS.get(option) or _EXTRA_OPTIONS.get(option)
            if kind and value:
                getattr(self.session, kind).extend(re.split(r"[,\s]+", value.strip()))
