"""The annotations of the new function's parameters and result, where the code around has them."""

from __future__ import annotations

import ast

from overhaul.refactors.recipes.extract_function.placement import Home
from overhaul.refactors.recipes.extract_function.region import Region
from overhaul.refactors.scopes import FunctionNode, Scope


class Annotations:
    """Copies annotations whose names mean the same where the new function is defined."""

    def __init__(self, region: Region, home: Home) -> None:
        self.region = region
        self.home = home
        self.module = home.module

    def parameter(self, name: str) -> str:
        """Return a parameter with its annotation if it has a known one."""
        scope: Scope | None = self.region.scope
        while scope is not None and name not in scope.bindings:
            scope = scope.parent
        bound = scope.bindings[name] if scope is not None else []
        annotations = []
        for binding in bound:
            node = binding.node
            above = self.module.bindings.parents.get(node)
            if isinstance(node, ast.arg):
                starred = isinstance(above, FunctionNode) and node in (above.args.vararg, above.args.kwarg)
                annotations += [] if starred else [node.annotation]
            elif isinstance(above, ast.AnnAssign) and above.target is node:
                annotations.append(above.annotation)
        known = [each for each in annotations if each is not None]
        if len(known) != 1 or not self._means_the_same(known[0]):
            return name
        return f"{name}: {self._text(known[0])}"

    def result(self) -> str:
        """Return ` -> type`, or nothing if it is not known."""
        around = self.region.scope.node
        if not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
            return ""
        outputs = self.region.outputs
        if self.region.jumps.returns:
            found = around.returns
            return f" -> {self._text(found)}" if found is not None and self._means_the_same(found) else ""
        is_annotated = around.returns is not None
        if self.region.selection.expression is not None:
            return ""
        if not outputs:
            return " -> None" if is_annotated and self.region.completes else ""
        if len(outputs) == 1:
            written = self.parameter(outputs[0])
            return f" ->{written.partition(':')[2]}" if ":" in written else ""
        return ""

    def _text(self, annotation: ast.expr) -> str:
        source = self.module.source
        text = source.slice(source.start(annotation), source.end(annotation))
        return " ".join(text.split()) if "\n" in text else text

    def _means_the_same(self, annotation: ast.expr) -> bool:
        for node in ast.walk(annotation):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                continue
            if isinstance(node, ast.Name):
                owner = self.module.bindings.scope_of(annotation).lookup(node.id)
                if owner is not None and owner is not self.module.scope:
                    return False
        return True
