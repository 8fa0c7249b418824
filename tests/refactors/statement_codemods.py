"""Codemods as users write them, for the tests of how they are run."""

import libcst as cst
from libcst import matchers as m
from libcst.codemod import CodemodContext, VisitorBasedCodemodCommand
from libcst.codemod.visitors import AddImportsVisitor, RemoveImportsVisitor
from libcst.metadata import PositionProvider


class Decorated(VisitorBasedCodemodCommand):
    """A matcher that asks for a name."""

    @m.leave(m.Call(func=m.Name("fetch") | m.Name("other")) | m.Call(func=m.Name("load")))
    def change(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return updated_node.with_changes(func=cst.Name("get"))


class Named(VisitorBasedCodemodCommand):
    """One name, so that files and statements without it are left out."""

    @m.leave(m.Call(func=m.Attribute(value=m.Name("api"), attr=m.Name("fetch"))))
    def change(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return updated_node.with_changes(func=cst.parse_expression("api.get"))


class Counting(VisitorBasedCodemodCommand):
    """State from one call to the next."""

    def __init__(self, context: CodemodContext) -> None:
        super().__init__(context)
        self.count = 0

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        self.count += 1
        return updated_node.with_changes(func=cst.Name(f"call_{self.count}"))


class AsksForModule(VisitorBasedCodemodCommand):
    """Looks at the module from an expression's visitor, whatever goes wrong with that."""

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        try:
            size = len(self.module.body)
        except Exception:
            size = -1
        return updated_node.with_changes(func=cst.Name(f"of_{size}"))


class WithPositions(VisitorBasedCodemodCommand):
    """Metadata."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        line = self.get_metadata(PositionProvider, original_node).start.line
        return updated_node.with_changes(func=cst.Name(f"line_{line}"))


class OfFunctions(VisitorBasedCodemodCommand):
    """Statements, and a gate."""

    @m.call_if_inside(m.FunctionDef(name=m.Name("outer")))
    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        return updated_node.with_changes(name=cst.Name(f"{updated_node.name.value}_renamed"))


class WithImports(VisitorBasedCodemodCommand):
    """Imports that come and go."""

    @m.leave(m.Call(func=m.Name("fetch")))
    def change(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        AddImportsVisitor.add_needed_import(self.context, "acme", "get")
        return updated_node.with_changes(func=cst.Name("get"))


class WithoutImports(VisitorBasedCodemodCommand):
    """An import that goes if nothing uses it."""

    @m.leave(m.Call(func=m.Name("fetch")))
    def change(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        RemoveImportsVisitor.remove_unused_import(self.context, "acme", "fetch")
        return updated_node.with_changes(func=cst.Name("get"))
