"""setup.py: the requirements that are literally in its call of setup(); nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.bump_dependency.document import (
    Document,
    Found,
    Place,
    lines_of,
    mentions,
    read_requirement,
)
from overhaul.refactors.text import BYTE_ORDER_MARK
from overhaul.refactors.values import External

_SETUP = frozenset(
    {"setuptools.setup", "distutils.core.setup", "skbuild.setup", "numpy.distutils.core.setup"}
)
_LISTS = frozenset({"install_requires", "tests_require", "setup_requires", "extras_require"})
_BUILD = "what the build itself needs; -p build=yes edits it"
_COMPUTED = "the dependencies are computed when it is built"
_UNTOLD = "whether setup() gets it as it stands here is not told"


def read_setup_py(project: Project, module: Module, document: Document, name: str, build: bool) -> Found:
    """Find the places in a setup.py."""
    return Found(list(_File(project, module, document, name, build).places()))


@dataclass(slots=True)
class _File:
    project: Project
    module: Module
    document: Document
    name: str
    build: bool
    seen: set[ast.Constant] = field(default_factory=set)

    def places(self) -> Iterator[Place]:
        is_mentioned = mentions(self.name).search(self.document.text) is not None
        calls = [
            node
            for node in ast.walk(self.module.source.tree)
            if isinstance(node, ast.Call) and self._is_setup(node.func)
        ]
        for keyword in (each for call in calls for each in call.keywords if each.arg in _LISTS):
            doubt = "" if self.build or keyword.arg != "setup_requires" else _BUILD
            strings = self._strings(keyword.value)
            if strings is not None:
                for each in strings:
                    yield from self._in_string(each, doubt)
            elif keyword.arg == "install_requires" or is_mentioned:
                yield self._left(keyword.value, _COMPUTED)
        if is_mentioned:
            yield from self._elsewhere()

    def _is_setup(self, function: ast.expr) -> bool:
        """Tell whether a callee is setup() of one of the libraries, whichever of them is imported."""
        name: ast.expr = function
        attributes = ""
        while isinstance(name, ast.Attribute):
            attributes = f".{name.attr}{attributes}"
            name = name.value
        if not isinstance(name, ast.Name):
            return False
        bindings = self.module.scope.bindings.get(name.id, [])
        found = [self.project.imported(self.module, each) for each in bindings]
        return bool(found) and all(
            isinstance(each, External) and each.name + attributes in _SETUP for each in found
        )

    def _strings(self, value: ast.expr) -> list[ast.Constant] | None:
        """Return the strings of a literal, or of a name that is bound to one and never again; None if it is neither."""
        if isinstance(value, ast.Constant):
            return [value] if isinstance(value.value, str) else None
        if isinstance(value, ast.List | ast.Tuple | ast.Set):
            return self._all(value.elts)
        if isinstance(value, ast.Dict):
            return self._all(value.values)
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            return self._all([value.left, value.right])
        if isinstance(value, ast.Name):
            bindings = self.module.scope.bindings.get(value.id, [])
            statement = self.module.bindings.parents.get(bindings[0].node) if len(bindings) == 1 else None
            if isinstance(statement, ast.Assign) and isinstance(
                statement.value, ast.List | ast.Tuple | ast.Dict
            ):
                return self._strings(statement.value)
        return None

    def _all(self, values: list[ast.expr]) -> list[ast.Constant] | None:
        found = [self._strings(each) for each in values]
        if any(each is None for each in found):
            return None
        return [one for each in found for one in each or ()]

    def _in_string(self, node: ast.Constant, doubt: str) -> Iterator[Place]:
        """Yield what a string asks for, which may be of several lines."""
        if node in self.seen:
            return
        self.seen.add(node)
        start = self._characters(self.module.source.start(node))
        end = self._characters(self.module.source.end(node))
        literal, value = self.document.text[start:end], str(node.value)
        quotes = next((each for each in ('"""', "'''", '"', "'") if literal.startswith(each)), "")
        is_plain = bool(quotes) and literal.replace("\r\n", "\n") == f"{quotes}{value}{quotes}"
        if not is_plain:
            if any(read_requirement(line, self.name, 0) for _, line in lines_of(value)):
                yield self._left(node, "where its text begins and ends in the file is not told")
            return
        inside = literal[len(quotes) : len(literal) - len(quotes)]
        for offset, line in lines_of(inside):
            place = read_requirement(line, self.name, start + len(quotes) + offset)
            if place is not None:
                yield replace(place, doubt=place.doubt or doubt, aside=doubt == _BUILD)

    def _elsewhere(self) -> Iterator[Place]:
        """Yield other strings that ask for versions of it: in lists that are computed, or go elsewhere."""
        for node in ast.walk(self.module.source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in self.seen:
                place = read_requirement(node.value, self.name, 0)
                if place is not None and place.text and not place.doubt:
                    yield replace(self._left(node, _UNTOLD), text=place.text, aside=False)

    def _left(self, node: ast.expr, doubt: str) -> Place:
        offset = self._characters(self.module.source.start(node))
        return Place(offset, offset, offset, "", doubt, aside=True)

    def _characters(self, offset: int) -> int:
        content = self.document.content
        first = len(BYTE_ORDER_MARK) if content.startswith(BYTE_ORDER_MARK) else 0
        return len(content[first:offset].decode())
