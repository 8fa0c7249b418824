"""A setup.py gone through statement by statement: what setup() is given, and what else the file does.

Nothing is run. What is not understood makes the names that it touches unknown, and is told as doing something.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from overhaul.refactors.recipes.migrate_config.expressions import MOST_ITEMS, SETUP, Evaluator, Names
from overhaul.refactors.recipes.migrate_config.values import (
    Derived,
    Mystery,
    OpenFile,
    Reference,
    Unknown,
    is_flat,
    mystery_in,
)

_MOST_STEPS = 20_000
_DEEPEST = 8
_GROWING = frozenset({"append", "extend", "insert", "update", "setdefault"})
_BUILDERS = frozenset({"setuptools", "distutils", "pkg_resources"})


class _Left(Exception):
    """A loop is left, or goes on with its next turn."""

    def __init__(self, ends: bool) -> None:
        super().__init__()
        self.ends = ends


class _Returned(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


@dataclass(frozen=True, slots=True)
class LocalFunction:
    """A function that the file defines."""

    node: ast.FunctionDef


@dataclass(slots=True)
class SetupScript(Evaluator):
    """A setup.py. `calls` are those of setup(); `deeds` the statements beside them that do something."""

    names: Names = field(default_factory=Names)
    calls: list[ast.Call] = field(default_factory=list)
    arguments: dict[str, Any] = field(default_factory=dict)
    deeds: list[ast.stmt] = field(default_factory=list)
    _steps: int = 0
    _depth: int = 0

    def go_through(self, tree: ast.Module) -> None:
        for statement in tree.body:
            self._top(statement)

    def _top(self, statement: ast.stmt) -> None:
        """Take a statement that is always reached."""
        if isinstance(statement, ast.If):
            try:
                block = statement.body if self.truth(statement.test, self.names) else statement.orelse
            except Unknown:
                self._give_up(statement)
                return
            for each in block:
                self._top(each)
            return
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and self._is_setup(call):
            self.calls.append(call)
            self._take_arguments(call)
            return
        try:
            self._take(statement, self.names)
        except (Unknown, _Returned) as error:
            self._give_up(statement, str(error))

    def _is_setup(self, call: ast.Call) -> bool:
        try:
            function = self.value(call.func, self.names)
        except Unknown:
            return False
        return isinstance(function, Reference) and function.name in SETUP

    def _take_arguments(self, call: ast.Call) -> None:
        for each in call.keywords:
            if each.arg is not None:
                try:
                    self.arguments[each.arg] = self.value(each.value, self.names)
                except Unknown as error:
                    self.arguments[each.arg] = Mystery(str(error))

    def _give_up(self, statement: ast.stmt, why: str = "it is computed") -> None:
        """Forget what a statement may have changed. It does something if it may do more than bind names."""
        for node in self._reached(statement):
            bound = [node.id] if isinstance(node, ast.Name) else []
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                bound = [node.name]
            elif isinstance(node, ast.Import | ast.ImportFrom):
                bound = [(each.asname or each.name).partition(".")[0] for each in node.names]
            for name in bound:
                self._forget(name, node, why)
        if _does_something(statement):
            self.deeds.append(statement)

    def _reached(self, statement: ast.stmt) -> Iterator[ast.AST]:
        """Yield the nodes of a statement, and of the file's own functions that it names."""
        waiting: list[ast.AST] = [statement]
        seen: set[ast.AST] = set()
        while waiting:
            for node in ast.walk(waiting.pop()):
                yield node
                known = self.names.values.get(node.id) if isinstance(node, ast.Name) else None
                if isinstance(known, LocalFunction) and known.node not in seen:
                    seen.add(known.node)
                    waiting.append(known.node)

    def _forget(self, name: str, node: ast.AST, why: str) -> None:
        is_bound = not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load)
        known = self.names.values.get(name)
        if is_bound:
            self.names.values[name] = Mystery(why)
        # Whoever else has this very list has it changed, too.
        elif isinstance(known, list):
            known.append(Mystery(why))
        elif isinstance(known, dict):
            known[""] = Mystery(why)

    def _take(self, statement: ast.stmt, names: Names) -> None:
        """Take a statement that is understood. Raises Unknown."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise Unknown("it takes too long to tell")
        method = getattr(self, f"_take_{type(statement).__name__.lower()}", None)
        if method is None:
            raise Unknown("it is computed")
        method(statement, names)

    def _take_all(self, statements: Sequence[ast.stmt], names: Names) -> None:
        for each in statements:
            self._take(each, names)

    def _take_pass(self, statement: ast.Pass, names: Names) -> None:
        """A statement that does nothing."""

    def _take_import(self, statement: ast.Import, names: Names) -> None:
        for each in statement.names:
            bound = each.asname or each.name.partition(".")[0]
            names.values[bound] = Reference(each.name if each.asname else bound)

    def _take_importfrom(self, statement: ast.ImportFrom, names: Names) -> None:
        if statement.level or any(each.name == "*" for each in statement.names):
            raise Unknown("it comes by a star import")
        for each in statement.names:
            if statement.module != "__future__":
                found = self.imported(str(statement.module), each.name)
                names.values[each.asname or each.name] = found

    def _take_functiondef(self, statement: ast.FunctionDef, names: Names) -> None:
        if statement.decorator_list:
            raise Unknown("it is decorated")
        names.values[statement.name] = LocalFunction(statement)

    def _take_classdef(self, statement: ast.ClassDef, names: Names) -> None:
        if statement.decorator_list:
            raise Unknown("it is decorated")
        names.values[statement.name] = Mystery("it is a class")

    def _take_assign(self, statement: ast.Assign, names: Names) -> None:
        value = self.value(statement.value, names)
        for target in statement.targets:
            self._bind(target, value, names)

    def _take_annassign(self, statement: ast.AnnAssign, names: Names) -> None:
        if statement.value is not None:
            self._bind(statement.target, self.value(statement.value, names), names)

    def _take_augassign(self, statement: ast.AugAssign, names: Names) -> None:
        if not isinstance(statement.op, ast.Add) or not isinstance(statement.target, ast.Name):
            raise Unknown("it is computed")
        known = names.get(statement.target.id)
        added = self.value(statement.value, names)
        if isinstance(known, list) and isinstance(added, list | tuple) and not mystery_in(added):
            if len(known) + len(added) > MOST_ITEMS or not is_flat(added):
                raise Unknown("it takes too much to tell")
            known += added
            return
        if isinstance(known, Mystery):
            raise Unknown(known.why)
        sum_of = ast.BinOp(ast.Name(statement.target.id, ast.Load()), ast.Add(), statement.value)
        names.values[statement.target.id] = self.value(sum_of, names)

    def _bind(self, target: ast.expr, value: Any, names: Names) -> None:
        if isinstance(target, ast.Name):
            names.values[target.id] = value
            return
        if isinstance(target, ast.Tuple) and isinstance(value, tuple) and len(target.elts) == len(value):
            for each, one in zip(target.elts, value, strict=True):
                self._bind(each, one, names)
            return
        if isinstance(target, ast.Subscript):
            owner, key = self.value(target.value, names), self.value(target.slice, names)
            if isinstance(owner, dict) and isinstance(key, str) and is_flat(value):
                owner[key] = value
                return
        raise Unknown("it is computed")

    def _take_expr(self, statement: ast.Expr, names: Names) -> None:
        call = statement.value
        if isinstance(call, ast.Constant):
            return
        if not isinstance(call, ast.Call):
            raise Unknown("it is computed")
        if isinstance(call.func, ast.Attribute) and call.func.attr in _GROWING:
            owner = self.value(call.func.value, names)
            if isinstance(owner, Reference) and owner.name == "sys.path":
                self.are_paths_changed = True
                return
            self._grow(owner, call, names)
            return
        if isinstance(call.func, ast.Name) and call.func.id == "exec" and not call.keywords:
            self._execute(call, names)
            return
        self.value(call, names)

    def _grow(self, owner: Any, call: ast.Call, names: Names) -> None:
        arguments = [self.value(each, names) for each in call.args]
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if call.keywords or len(arguments) != 1 or mystery_in(arguments):
            raise Unknown("it is computed")
        if not isinstance(owner, list | dict):
            raise Unknown("it is computed")
        (added,) = arguments
        are_flat = all(map(is_flat, added.values())) if isinstance(added, dict) else is_flat(added)
        if len(owner) > MOST_ITEMS or not are_flat:
            raise Unknown("it takes too much to tell")
        if isinstance(owner, list) and name == "append" and not isinstance(added, list | tuple | dict):
            owner.append(added)
        elif isinstance(owner, list) and name == "extend" and isinstance(added, list | tuple):
            owner.extend(added)
        elif isinstance(owner, dict) and name == "update" and isinstance(added, dict):
            owner.update(added)
        else:
            raise Unknown("it is computed")

    def _execute(self, call: ast.Call, names: Names) -> None:
        """Take `exec(text of a file, a dictionary)`, which gives the dictionary, or the file, that one's constants."""
        text, *others = (self.value(each, names) for each in call.args)
        (file,) = getattr(text, "files", ()) or ("",)
        into = others[0] if others else names.values
        is_whole = bool(file) and str(text) == str(self.files.text(file))
        if not isinstance(into, dict) or len(others) > 1 or not is_whole or (names.outer and not others):
            raise Unknown("what is executed is not told")
        for name, value in self.files.constants(file).items():
            into[name] = Derived.of(value, [file])

    def _take_with(self, statement: ast.With, names: Names) -> None:
        for each in statement.items:
            opened = self.value(each.context_expr, names)
            if not isinstance(opened, OpenFile):
                raise Unknown("it is computed")
            if each.optional_vars is not None:
                self._bind(each.optional_vars, opened, names)
        self._take_all(statement.body, names)

    def _take_if(self, statement: ast.If, names: Names) -> None:
        holds = self.truth(statement.test, names)
        self._take_all(statement.body if holds else statement.orelse, names)

    def _take_for(self, statement: ast.For, names: Names) -> None:
        if statement.orelse:
            raise Unknown("it is computed")
        for each in self._iterable(self.value(statement.iter, names)):
            self._bind(statement.target, each, names)
            try:
                self._take_all(statement.body, names)
            except _Left as left:
                if left.ends:
                    return

    def _take_break(self, statement: ast.Break, names: Names) -> None:  # noqa: ARG002
        raise _Left(ends=True)

    def _take_continue(self, statement: ast.Continue, names: Names) -> None:  # noqa: ARG002
        raise _Left(ends=False)

    def _take_try(self, statement: ast.Try, names: Names) -> None:
        """Take a body that goes through: what it opens is there, and what it imports, wherever it is built."""
        for node in ast.walk(ast.Module(statement.body, [])):
            if isinstance(node, ast.Import):
                modules = [each.name for each in node.names]
            else:
                modules = [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                top = module.partition(".")[0]
                if top not in _BUILDERS and top not in sys.stdlib_module_names:
                    raise Unknown(f"whether {top} can be imported is not told")
        self._take_all(statement.body, names)
        self._take_all(statement.orelse, names)
        self._take_all(statement.finalbody, names)

    def _take_return(self, statement: ast.Return, names: Names) -> None:
        raise _Returned(None if statement.value is None else self.value(statement.value, names))

    def called(self, function: Any, node: ast.Call, names: Names) -> Any:
        """Return what a function of the file gives: its statements are gone through. Raises Unknown."""
        if not isinstance(function, LocalFunction) or self._depth >= _DEEPEST:
            raise Unknown("it is computed")
        inner = Names(self._bound(function.node.args, node, names), self.names)
        self._depth += 1
        try:
            self._take_all(function.node.body, inner)
        except _Returned as returned:
            return returned.value
        finally:
            self._depth -= 1
        return None

    def _bound(self, parameters: ast.arguments, node: ast.Call, names: Names) -> dict[str, Any]:
        arguments, options = self._given(node, names)
        known = [*parameters.posonlyargs, *parameters.args]
        count = len(known) - len(parameters.defaults)
        bound = {
            each.arg: self.value(default, self.names)
            for each, default in [
                *zip(known[count:], parameters.defaults, strict=True),
                *zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True),
            ]
            if default is not None
        }
        bound |= {each.arg: value for each, value in zip(known, arguments, strict=False)}
        rest = arguments[len(known) :]
        if parameters.vararg is not None:
            bound[parameters.vararg.arg] = tuple(rest)
        elif rest:
            raise Unknown("it is computed")
        bound |= options
        wanted = {each.arg for each in [*known, *parameters.kwonlyargs]}
        if not wanted <= set(bound) or (parameters.kwarg is None and set(options) - wanted):
            raise Unknown("it is computed")
        if parameters.kwarg is not None:
            bound[parameters.kwarg.arg] = {key: options[key] for key in set(options) - wanted}
        return bound


def _does_something(statement: ast.stmt) -> bool:
    """Tell whether a statement that is not understood may do more than to bind names."""
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
        return bool(getattr(statement, "decorator_list", ()))
    return any(
        isinstance(node, _DOING)
        or (isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store))
        for node in _running(statement)
    )


_DOING = (ast.Call, ast.Raise, ast.Assert, ast.Delete, ast.While, ast.AsyncWith)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is run of a statement: not the bodies of the functions that it defines."""
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return
    for each in ast.iter_child_nodes(node):
        yield from _running(each)
