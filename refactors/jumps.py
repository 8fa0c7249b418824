"""How code may be left other than at its end, and what ties it to the function that it stands in."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.scopes import Scope
from overhaul.refactors.symbols.family import is_private

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_FRAME_ATTRIBUTES = frozenset({"_getframe", "currentframe"})


@dataclass(slots=True)
class Jumps:
    """What was found in some code of a scope; `obstacles` are nodes with the reason why it cannot go elsewhere."""

    nodes: Sequence[ast.AST]
    scope: Scope
    returns: list[ast.Return] = field(default_factory=list)
    obstacles: list[tuple[ast.AST, str]] = field(default_factory=list)
    awaits: bool = False
    needs_class: ast.AST | None = None
    needs_super: ast.AST | None = None

    def __post_init__(self) -> None:
        for node in self.nodes:
            self._look(node, in_loop=False, in_function=False)
        self._look_around()

    def _look(self, node: ast.AST, in_loop: bool, in_function: bool) -> None:
        if not in_function:
            self._look_at_flow(node, in_loop)
        self._look_at_names(node)
        in_function = in_function or isinstance(node, _FUNCTIONS)
        for name, value in ast.iter_fields(node):
            loops = in_loop or (isinstance(node, _LOOPS) and name == "body")
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    self._look(child, loops, in_function)

    def _look_at_flow(self, node: ast.AST, in_loop: bool) -> None:
        if isinstance(node, ast.Return):
            self.returns.append(node)
        elif isinstance(node, ast.Yield | ast.YieldFrom):
            self.obstacles.append((node, "a 'yield' belongs to the generator around it"))
        elif isinstance(node, ast.Break | ast.Continue) and not in_loop:
            what = "break" if isinstance(node, ast.Break) else "continue"
            self.obstacles.append((node, f"the loop of this '{what}' is outside the selection"))
        elif isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) or (
            isinstance(node, ast.comprehension) and node.is_async
        ):
            self.awaits = True
        elif isinstance(node, ast.Global | ast.Nonlocal) and self._is_shared(node):
            self.obstacles.append((node, "the declaration holds for the whole function around"))
        elif isinstance(node, ast.ImportFrom) and (
            node.module == "__future__" or any(alias.name == "*" for alias in node.names)
        ):
            self.obstacles.append((node, "this import belongs to the module"))

    def _is_shared(self, declaration: ast.Global | ast.Nonlocal) -> bool:
        """Tell whether code of the function outside this code uses what a declaration names."""
        inside = {node for each in self.nodes for node in ast.walk(each)}
        scopes = list(self.scope.subtree())
        return isinstance(declaration, ast.Nonlocal) or any(
            use not in inside
            for name in declaration.names
            for scope in scopes
            for use in scope.uses.get(name, ())
        )

    def _look_at_names(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id == "super":
                self.needs_super = self.needs_super or node
            elif node.id == "__class__":
                self.needs_class = self.needs_class or node
        if isinstance(node, ast.Call) and self._reads_frame(node):
            self.obstacles.append((node, "it may depend on the variables of the function around"))
        name = getattr(node, "attr", getattr(node, "id", ""))
        if isinstance(name, str) and is_private(name):
            self.needs_class = self.needs_class or node
        if isinstance(node, ast.Attribute) and node.attr in _FRAME_ATTRIBUTES:
            self.obstacles.append((node, "it looks at the calling frames"))
        if isinstance(node, ast.keyword) and node.arg == "stacklevel":
            self.obstacles.append((node, "'stacklevel' counts the calling frames"))

    def _look_around(self) -> None:
        if self.scope.kind != "function":
            return
        for node in _own_nodes(self.scope.node):
            if isinstance(node, ast.Call) and self._reads_frame(node):
                reason = f"{ast.unparse(node)} in the function around may read the variables bound here"
                self.obstacles.append((node, reason))

    def _reads_frame(self, call: ast.Call) -> bool:
        """Tell whether a call may read the variables of the function that it is in."""
        if not isinstance(call.func, ast.Name) or self.scope.lookup(call.func.id) is not None:
            return False
        always = call.func.id in ("locals", "eval", "exec")
        return always or (call.func.id in ("vars", "dir") and not call.args)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop()
        yield node
        pending += ast.iter_child_nodes(node)
