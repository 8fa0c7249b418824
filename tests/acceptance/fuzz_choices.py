"""What to do to a file, chosen from its own syntax tree: parameters of a recipe that should find something in it."""

from __future__ import annotations

import ast
import builtins
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

PATH = "fuzzed.py"
NEW = "renamed_by_fuzzing"
OTHER = "other_by_fuzzing"
T = TypeVar("T")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Choice:
    """A recipe with its parameters, and the files that it needs beside the one that is fuzzed."""

    recipe: str
    parameters: Mapping[str, str]
    beside: Mapping[str, bytes] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.recipe} {dict(self.parameters)}"


class Chooser:
    """Chooses by a random generator; `lines` are the file's, as Python counts them."""

    def __init__(self, content: bytes, tree: ast.Module, chance: random.Random) -> None:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.tree = tree
        self.chance = chance
        self.nodes = list(ast.walk(tree))
        self.functions = [node for node in self.nodes if isinstance(node, _FUNCTIONS)]

    def rename(self) -> Choice | None:
        """Return a rename of a class, function, parameter or variable."""
        kinds = (*_FUNCTIONS, ast.ClassDef, ast.arg, ast.Name)
        node = self._one(node for node in self.nodes if isinstance(node, kinds))
        return Choice("rename-symbol", {"old": self._place(node), "new": NEW}) if node is not None else None

    def replace_call(self) -> Choice | None:
        """Return a replacement of the calls of a function that the file calls."""
        dotted = [_dotted(node.func) for node in self.nodes if isinstance(node, ast.Call)]
        callee = self._one(name for each in dotted if each and (name := self._qualified(each)))
        if callee is None:
            return None
        parameters = {
            "pattern": f"{callee}($$$ALL)",
            "template": f"{OTHER}.run($$$ALL)",
            "imports": f"import {OTHER}",
        }
        return Choice("replace-call", parameters)

    def another(self) -> Choice | None:
        """Return one of the other recipes, the first in a random order that the file has something for."""
        kinds: list[Callable[[], Choice | None]] = [
            self._signature,
            self._extraction,
            self._inlining,
            self._method,
            self._function,
            self._import,
            self._move,
        ]
        self.chance.shuffle(kinds)
        return next((choice for kind in kinds if (choice := kind()) is not None), None)

    def _signature(self) -> Choice | None:
        function = self._one(self.functions)
        if function is None:
            return None
        arguments = function.args
        names = [each.arg for each in [*arguments.args, *arguments.kwonlyargs]]
        changes = [
            "add fuzzed = None",
            "add fuzzed first call None",
            "add fuzzed keyword-only call 0",
            "normalize-calls",
        ]
        if names:
            name = self.chance.choice(names)
            changes += [
                f"remove {name}",
                f"rename {name} {NEW}",
                f"keyword-only {name}",
                f"default {name} = None",
            ]
        if len(names) > 1:
            changes.append("reorder {}, {}".format(*self.chance.sample(names, 2)))
        return Choice(
            "change-signature", {"function": self._place(function), "change": self.chance.choice(changes)}
        )

    def _extraction(self) -> Choice | None:
        function = self._one(self.functions)
        if function is None:
            return None
        blocks = [getattr(node, "body", None) for node in ast.walk(function)]
        block = self.chance.choice([each for each in blocks if isinstance(each, list)])
        first = self.chance.randrange(len(block))
        last = min(len(block) - 1, first + self.chance.randrange(3))
        lines = f"{PATH}:{block[first].lineno}-{block[last].end_lineno}"
        return Choice("extract-function", {"name": NEW, "lines": lines})

    def _inlining(self) -> Choice | None:
        """Take a variable that is assigned once, or a function of one statement."""
        names = [node for node in self.nodes if isinstance(node, ast.Name)]
        stored = Counter(node.id for node in names if isinstance(node.ctx, ast.Store))
        loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        once = [
            node
            for node in names
            if isinstance(node.ctx, ast.Store) and stored[node.id] == 1 and node.id in loaded
        ]
        node = self._one([*once, *(each for each in self.functions if isinstance(each.body[-1], ast.Return))])
        return Choice("inline-symbol", {"symbol": self._place(node)}) if node is not None else None

    def _method(self) -> Choice | None:
        methods = (
            f"fuzzed.{owner.name}.{node.name}"
            for owner in self.tree.body
            if isinstance(owner, ast.ClassDef)
            for node in owner.body
            if isinstance(node, _FUNCTIONS)
        )
        method = self._one(methods)
        return Choice("method-to-function", {"method": method, "name": NEW}) if method is not None else None

    def _function(self) -> Choice | None:
        function = self._one(node.name for node in self.tree.body if isinstance(node, _FUNCTIONS))
        owner = self._one(node.name for node in self.tree.body if isinstance(node, ast.ClassDef))
        if function is None or owner is None:
            return None
        return Choice("function-to-method", {"function": f"fuzzed.{function}", "owner": f"fuzzed.{owner}"})

    def _import(self) -> Choice | None:
        name = self._one(self._imported())
        return Choice("replace-import", {"old": name, "new": f"{OTHER}.{NEW}"}) if name is not None else None

    def _imported(self) -> Iterator[str]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module != "__future__":
                yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")

    def _move(self) -> Choice | None:
        name = self._one(
            node.name for node in self.tree.body if isinstance(node, (*_FUNCTIONS, ast.ClassDef))
        )
        if name is None:
            return None
        beside = {
            f"{OTHER}.py": b'"""Where it goes."""\n',
            "user.py": f"from fuzzed import {name}\n\n{name}\n".encode(),
        }
        return Choice("move-symbol", {"symbol": f"fuzzed.{name}", "to": OTHER}, beside)

    def _one(self, choices: Iterable[T]) -> T | None:
        found = list(choices)
        return self.chance.choice(found) if found else None

    def _place(self, node: ast.stmt | ast.expr | ast.arg) -> str:
        """Return the place of a node's name, as an editor shows it."""
        line = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else ""
        start = len(line.encode()[: node.col_offset].decode("utf-8", "replace"))
        name = getattr(node, "name", None)
        return f"{PATH}:{node.lineno}:{(line.find(f' {name}', start) + 1 if name else start) + 1}"

    def _qualified(self, name: str) -> str:
        """Return the qualified name of what a dotted name means, if the file imports or defines it or it is built in."""
        top, dot, rest = name.partition(".")
        for node in self.tree.body:
            for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
                if (alias.asname or alias.name.partition(".")[0]) == top:
                    if isinstance(node, ast.ImportFrom):
                        return f"{node.module or 'fuzzed'}.{alias.name}{dot}{rest}"
                    return f"{alias.name if alias.asname else top}{dot}{rest}"
        if any(getattr(node, "name", None) == top for node in self.tree.body):
            return f"fuzzed.{name}"
        return name if top in dir(builtins) and not rest else ""


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        above = _dotted(node.value)
        return f"{above}.{node.attr}" if above else ""
    return ""
