"""Any LibCST `CodemodCommand`, named `module:Class`, as a recipe: with sites, preview, batches and tests like ours.

It is code of the user's own choice and runs in this process, as under `python -m libcst.tool codemod`.
Sites are the places where it changes lines; what it warns of is unresolved.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from importlib import import_module
from typing import Any, ClassVar, Literal

import libcst
from libcst.codemod import CodemodCommand, CodemodContext, SkipFile

from overhaul.refactors.errors import ParameterError, UnknownRecipe
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, Site, content_hash, parameter
from overhaul.refactors.source import Tree

SUFFIXES = (".py", ".pyi")


class LibcstCodemod(Recipe):
    """One codemod class; `load_codemod` makes a subclass for it with its arguments as parameters."""

    independent_edits = True
    command: ClassVar[type[CodemodCommand]]
    actions: ClassVar[Mapping[str, argparse.Action]]

    def analyse(self, tree: Tree) -> Analysis:
        sites: list[Site] = []
        edits: list[Edit] = []
        failures: list[Failure] = []
        paths = [path for path in tree.paths() if path.endswith(SUFFIXES)]
        for path in paths:
            try:
                old = tree.read(path)
                new, warnings = self._transform(path, old)
            except Exception as error:
                failures.append(
                    Failure(path, f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
                )
                continue
            changed = list(self._changed(path, old, new)) if new != old else []
            sites += changed
            sites += [Site(path, 1, 1, self.id, "unresolved", warning) for warning in warnings]
            if changed:
                edits.append(Edit(path, content_hash(old), new, len(changed)))
        sites.sort(key=lambda site: (site.path, site.line))
        return Analysis(self.id, self.parameter_values, len(paths), sites, edits, failures)

    def _transform(self, path: str, old: bytes) -> tuple[bytes, list[str]]:
        context = CodemodContext(filename=path)
        command = self.command(context, **self._arguments())
        module = libcst.parse_module(old)
        try:
            return command.transform_module(module).bytes, list(context.warnings)
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
