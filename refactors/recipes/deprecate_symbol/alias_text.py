"""The text of what keeps an old name: a function that warns and calls the new one, or a module's `__getattr__`."""

from __future__ import annotations

import ast

from overhaul.refactors.annotations import decorator_names
from overhaul.refactors.definition_text import indentation
from overhaul.refactors.delegation import delegating, forwarded_arguments, hides
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_text import LONGEST_LINE
from overhaul.refactors.indentation import indent_unit, newline_of, shares_line
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.deprecate_symbol.notice import Notice
from overhaul.refactors.scopes import FunctionNode


def alias_function(module: Module, node: FunctionNode, new: str, notice: Notice, warn: str) -> str | Doubt:
    """Return the lines of a function with the old name and signature of a definition; a Doubt if there can be none."""
    if shares_line(module, node):
        return Doubt("another statement stands on its lines")
    if not all(_is_plain(each) for each in [*node.args.defaults, *node.args.kw_defaults] if each is not None):
        return Doubt(
            "a default is made when the function is defined: a second function would have another one"
        )
    if "contextmanager" in "".join(decorator_names(node)) and node.returns is not None:
        return Doubt("its return annotation is that of the generator, not of the context manager")
    is_class_method = "classmethod" in decorator_names(node)
    is_method = isinstance(module.bindings.parents.get(node), ast.ClassDef)
    positional = [*node.args.posonlyargs, *node.args.args]
    if is_method and not positional:
        return Doubt("it has no parameter for the object that it is called on")
    if not is_method and hides(node, new):
        return Doubt(f"a parameter has the name '{new}'")
    indent, line_end = indentation(module, node), newline_of(module.source)
    inner = indent + indent_unit(module)
    statement = notice.statement(warn, inner, indent_unit(module), line_end, LONGEST_LINE)
    return delegating(
        module,
        node,
        f"{positional[0].arg}.{new}" if is_method else new,
        forwarded_arguments(_without_first(node.args) if is_method else node.args),
        indentation=indent,
        newline=line_end,
        decorators=["classmethod"] if is_class_method else [],
        before=[_docstring(new, notice, inner, line_end), statement[len(inner) :].removesuffix(line_end)],
    )


def module_getattr(module: Module, old: str, new: str, notice: Notice, warn: str) -> str:
    """Return the lines of a `__getattr__` (PEP 562) for the end of a module."""
    unit, line_end = indent_unit(module), newline_of(module.source)
    statement = notice.statement(warn, unit * 2, unit, line_end, LONGEST_LINE).removesuffix(line_end)
    lines = [
        "",
        "",
        "def __getattr__(name: str) -> object:",
        f'{unit}if name == "{old}":',
        statement,
        f"{unit * 2}return {new}",
        f'{unit}raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")',
        "",
    ]
    return line_end.join(lines)


def _docstring(new: str, notice: Notice, inner: str, line_end: str) -> str:
    lines = [
        f'"""Call `{new}` by its old name.',
        "",
        *(inner + each for each in notice.directive),
        f'{inner}"""',
    ]
    return line_end.join(lines)


def _without_first(arguments: ast.arguments) -> ast.arguments:
    """Return the parameters but the object itself."""
    fields = dict(ast.iter_fields(arguments))
    first = "posonlyargs" if arguments.posonlyargs else "args"
    return ast.arguments(**{**fields, first: fields[first][1:]})


def _is_plain(default: ast.expr) -> bool:
    """Whether a default is the same object when it is read a second time: a constant or a name."""
    if isinstance(default, ast.UnaryOp):
        return isinstance(default.operand, ast.Constant)
    if isinstance(default, ast.Attribute):
        return _is_plain(default.value)
    return isinstance(default, ast.Constant | ast.Name)
