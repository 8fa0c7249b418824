"""The files of one project: a folder with a setup.py or setup.cfg in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from overhaul.refactors.recipes.migrate_config.values import Derived, Unknown, Whole
from overhaul.refactors.source import Tree


@dataclass(slots=True)
class ProjectFiles:
    """Files by their paths below the project's folder."""

    tree: Tree
    folder: str
    _there: frozenset[str] = field(default=frozenset(), init=False)

    def path(self, name: str) -> str:
        """Return a file's path in the tree."""
        return f"{self.folder}/{name}" if self.folder else name

    def has(self, name: str) -> bool:
        if not self._there:
            self._there = frozenset(self.tree.paths())
        return self.path(name) in self._there

    def below(self, folder: str) -> Iterator[str]:
        """Yield the files in a folder of the project."""
        self.has("")
        start = self.path(f"{folder}/" if folder else "")
        prefix = f"{self.folder}/" if self.folder else ""
        return (path.removeprefix(prefix) for path in sorted(self._there) if path.startswith(start))

    def text(self, name: str) -> Derived:
        """Return a file as a text that knows where it is from. Raises Unknown."""
        if not self.has(name):
            raise Unknown(f"there is no file {name}")
        try:
            text = self.tree.read(self.path(name)).decode()
        except (OSError, UnicodeDecodeError):
            raise Unknown(f"{name} cannot be read as UTF-8") from None
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return Derived.of(text, [name], (Whole(name),))

    def constants(self, name: str) -> dict[str, str]:
        """Return the names that a Python file binds once, at its top, to a text."""
        try:
            tree = ast.parse(self.text(name))
        except (Unknown, SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
        counts: dict[str, int] = {}
        for node in ast.walk(tree):
            bound = ""
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
                bound = node.id
            elif isinstance(node, ast.alias):
                bound = (node.asname or node.name).partition(".")[0]
            elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                bound = node.name
            counts[bound] = counts.get(bound, 0) + 1
        if "*" in counts:
            return {}
        found = {}
        for statement in tree.body:
            target, value = _assigned(statement)
            if target and isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[target] = value.value
        return {target: value for target, value in found.items() if counts[target] == 1}

    def module_file(self, module: str) -> str | None:
        """Return the file of a module that is at the top of the project, or in its packages there."""
        path = module.replace(".", "/")
        return next((each for each in (f"{path}.py", f"{path}/__init__.py") if self.has(each)), None)


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return "", None
    return (target.id if isinstance(target, ast.Name) else ""), statement.value
