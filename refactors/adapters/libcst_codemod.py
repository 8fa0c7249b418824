"""Any LibCST `CodemodCommand`, named `module:Class`, as a recipe: with sites, preview, batches and tests like ours.

It is code of the user's own choice and runs in this process, as under `python -m libcst.tool codemod`.
Sites are the places where it changes lines; what it warns of is unresolved.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import inspect
import traceback
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Literal

import libcst
from libcst import CSTTransformer
from libcst.codemod import Codemod, CodemodCommand, CodemodContext, SkipFile, VisitorBasedCodemodCommand

from overhaul.refactors.adapters.codemod_reach import (
    Reach,
    decorated_methods,
    is_stock,
    is_undecorated,
    reach_of,
)
from overhaul.refactors.adapters.codemod_statements import (
    NeedsModule,
    StatementContext,
    transform_statements,
)
from overhaul.refactors.errors import ParameterError, UnknownRecipe
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, Site, content_hash, parameter
from overhaul.refactors.source import Tree

SUFFIXES = (".py", ".pyi")


class LibcstCodemod(Recipe):
    """One codemod class; `load_codemod` makes a subclass for it with its arguments as parameters."""

    independent_edits = True
    is_remembered = False  # a codemod's code is not ours to tell when it has changed
    caveat = "What this codemod edits is its own: overhaul proves nothing about it."
    command: ClassVar[type[CodemodCommand]]
    actions: ClassVar[Mapping[str, argparse.Action]]

    def analyse(self, tree: Tree) -> Analysis:
        sites: list[Site] = []
        edits: list[Edit] = []
        failures: list[Failure] = []
        reach = self._reach()
        paths = _candidates(tree, reach)
        for path in paths:
            try:
                old = tree.read(path)
                new, warnings = self._transform(path, old, reach)
            except Exception as error:
                failures.append(Failure(path, _said(error, inspect.getfile(self.command))))
                continue
            changed = list(self._changed(path, old, new)) if new != old else []
            sites += changed
            sites += [Site(path, 1, 1, self.id, "unresolved", warning) for warning in warnings]
            if changed:
                edits.append(Edit(path, content_hash(old), new, len(changed)))
        sites.sort(key=lambda site: (site.path, site.line))
        return Analysis(self.id, self.parameter_values, len(paths), sites, edits, failures)

    def _reach(self) -> Reach | None:
        try:
            return reach_of(self.command(CodemodContext(), **self._arguments()))
        except Exception:
            return None  # each file's failure tells what is wrong with the codemod

    def _transform(self, path: str, old: bytes, reach: Reach | None) -> tuple[bytes, list[str]]:
        if reach is not None and not reach.may_be_in(old):
            return old, []
        command = _without_detours(self.command)
        if reach is not None and issubclass(command, VisitorBasedCodemodCommand):
            statements = StatementContext(filename=path)
            # What goes wrong with statements alone is tried again with the module, and reported if it does there.
            with contextlib.suppress(NeedsModule, Exception):
                visitor = command(statements, **self._arguments())
                new = transform_statements(visitor, statements, reach, path, old)
                return new, list(statements.warnings)
        context = CodemodContext(filename=path)
        whole = command(context, **self._arguments())
        module = libcst.parse_module(old)
        try:
            return whole.transform_module(module).bytes, list(context.warnings)
        except SkipFile:
            return old, list(context.warnings)

    def _changed(self, path: str, old: bytes, new: bytes) -> Iterator[Site]:
        before, after = old.splitlines(), new.splitlines()
        for kind, start, _, _, _ in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if kind != "equal":
                line = min(start, max(len(before) - 1, 0)) + 1
                yield Site(path, line, 1, self.id, "resolved", "changed by the codemod")

    def _arguments(self) -> dict[str, Any]:
        values = {}
        for name, text in self.parameter_values.items():
            action = self.actions[name]
            values[name] = text
            if isinstance(text, str) and callable(action.type):
                try:
                    values[name] = action.type(text)
                except (TypeError, ValueError, argparse.ArgumentTypeError) as error:
                    raise ParameterError(f"parameter '{name}' of {self.id} is {text!r}: {error}") from error
        return values


def _said(error: Exception, file: str) -> str:
    """What went wrong in a codemod, with the place in its own file."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    place = f" ({Path(file).name}:{own[-1].lineno} in {own[-1].name}: {own[-1].line})" if own else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}{place}"


def _candidates(tree: Tree, reach: Reach | None) -> list[str]:
    """Return the files in which a codemod can change something: those with one of the names that it looks for."""
    if reach is None or reach.kinds or not reach.names:
        return [path for path in tree.paths() if path.endswith(SUFFIXES)]
    return sorted(tree.containing({name for names in reach.names for name in names}, SUFFIXES))


@cache
def _without_detours(command: type[CodemodCommand]) -> type[CodemodCommand]:
    """Return the codemod without work that changes nothing for it.

    A tree from the parser has no node twice, so it need not be copied (`MetadataWrapper` says so). A class without
    decorated methods need not be asked about them at each node, and a new object need not look for them among all
    the methods that a visitor has, which takes 10 ms.
    """
    decorated = decorated_methods(command)
    constructing: list[bool] = []

    def construct(self: Any, *arguments: Any, **named: Any) -> None:
        constructing.append(True)
        try:
            command.__init__(self, *arguments, **named)
        finally:
            constructing.pop()

    def listed(self: Any) -> list[str]:
        return decorated if constructing else list(command.__dir__(self))

    @contextlib.contextmanager
    def with_metadata(self: Any, module: libcst.Module) -> Iterator[libcst.Module]:
        before = self.context.wrapper
        wrapper = libcst.MetadataWrapper(module, unsafe_skip_copy=True)
        with self.resolve(wrapper):
            self.context = dataclasses.replace(self.context, wrapper=wrapper)
            try:
                yield wrapper.module
            finally:
                self.context = dataclasses.replace(self.context, wrapper=before)

    names: dict[str, Any] = {"__module__": command.__module__, "__qualname__": command.__qualname__}
    if is_stock(command) and command.__dir__ is object.__dir__:
        names |= {"__init__": construct, "__dir__": listed}
    if command._handle_metadata_reference is Codemod._handle_metadata_reference:
        names["_handle_metadata_reference"] = with_metadata
    if is_undecorated(command):
        for name in ("on_visit", "on_leave", "on_visit_attribute", "on_leave_attribute"):
            names[name] = getattr(CSTTransformer, name)
    return type(command.__name__, (command,), names)


def load_codemod(name: str) -> type[LibcstCodemod]:
    """Make a recipe of the codemod `module:Class`. Raises UnknownRecipe."""
    module, _, class_name = name.partition(":")
    try:
        found = getattr(import_module(module), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownRecipe(
            f"there is no codemod {name}: {error}. Name it as module:Class; its module must be importable (PYTHONPATH)."
        ) from error
    if not (isinstance(found, type) and issubclass(found, CodemodCommand)):
        raise UnknownRecipe(f"{name} is no LibCST CodemodCommand.")
    parser = argparse.ArgumentParser(add_help=False)
    found.add_args(parser)
    actions = {action.dest: action for action in parser._actions if action.dest != argparse.SUPPRESS}
    fields = [_field(action) for action in actions.values()]
    parameters = dataclasses.make_dataclass("Parameters", fields, frozen=True, kw_only=True)
    summary = " ".join((found.DESCRIPTION or found.__doc__ or "a LibCST codemod").split())
    return type(
        class_name,
        (LibcstCodemod,),
        {"id": name, "summary": summary, "Parameters": parameters, "command": found, "actions": actions},
    )


def _field(action: argparse.Action) -> tuple[str, Any, Any]:
    """A codemod's argument as the field of a parameter class."""
    many = action.nargs in ("*", "+")
    kind: Any = tuple[str, ...] if many else bool if isinstance(action.default, bool) else str
    if action.choices:
        kind = Literal[tuple(action.choices)]
    if action.required and action.default is None:
        return action.dest, kind, parameter(action.help or "")
    return (
        action.dest,
        kind,
        parameter(action.help or "", default=tuple(action.default or ()) if many else action.default),
    )
