"""What a variable is bound to: by assignment, loop, with, except, or a pattern."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from overhaul.refactors.containers import MAPPINGS
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.filled_containers import with_later_elements
from overhaul.refactors.scopes import Binding
from overhaul.refactors.values import FunctionValue, Instance, Unknown, Value, Values, union

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module


def is_declared(module: Module, node: ast.AST) -> bool:
    """Tell whether a target of an assignment is annotated by it."""
    return isinstance(module.bindings.parents.get(node), ast.AnnAssign)


def assigned_values(inference: Inference, module: Module, bound: Binding | ast.Attribute) -> Values:
    """Return what a bound name, or an assigned `self.name`, may be by the statement that binds it."""
    node = bound.node if isinstance(bound, Binding) else bound
    if isinstance(node, ast.ExceptHandler):
        return declared_alternatives(inference, module, node.type)
    if isinstance(node, ast.MatchAs):
        return _captured(inference, module, node)
    if not isinstance(node, ast.Name | ast.Attribute):
        return (Unknown("bound in a way that tells nothing of its type"),)
    comment = _type_comment(inference, module, node)
    return _by_parent(inference, module, node) if comment is None else comment


def _by_parent(inference: Inference, module: Module, node: ast.expr) -> Values:
    above = module.bindings.parents.get(node)
    if isinstance(above, ast.AnnAssign):
        return _annotated(inference, module, above)
    if isinstance(above, ast.Assign | ast.NamedExpr):
        values = inference.values(module, above.value)
        return with_later_elements(inference, module, node, above.value, values)
    if isinstance(above, ast.AugAssign | ast.Delete):
        return ()
    if isinstance(above, ast.For | ast.AsyncFor | ast.comprehension):
        return iterated_values(inference, inference.values(module, above.iter))
    if isinstance(above, ast.withitem):
        entered = entered_values(inference, inference.values(module, above.context_expr))
        return (
            awaited_values(entered) if isinstance(module.bindings.parents[above], ast.AsyncWith) else entered
        )
    if isinstance(above, ast.Tuple | ast.List):
        return _unpacked(inference, module, above, node)
    return (Unknown("bound in a way that tells nothing of its type"),)


def _annotated(inference: Inference, module: Module, statement: ast.AnnAssign) -> Values:
    scope = module.bindings.enclosing_class(module.bindings.scope_of(statement))
    own = None
    if scope is not None and isinstance(scope.node, ast.ClassDef):
        own = inference.project.class_definition(module, scope.node)
    return declared_values(inference, module, statement.annotation, own)


def _type_comment(inference: Inference, module: Module, node: ast.expr) -> Values | None:
    """Read `x = make()  # type: User`, whose type stands on the same line behind the statement."""
    for expression in module.bindings.comment_scopes:
        if isinstance(expression, ast.expr) and expression.lineno == node.end_lineno:
            statement = module.bindings.statement_of(node)
            if isinstance(statement, ast.Assign) and expression.col_offset > (statement.end_col_offset or 0):
                return declared_values(inference, module, expression)
    return None


def _unpacked(inference: Inference, module: Module, targets: ast.Tuple | ast.List, node: ast.expr) -> Values:
    """Return one element of an unpacked value: by its place if that is known."""
    index = targets.elts.index(node)
    above = module.bindings.parents.get(targets)
    if isinstance(above, ast.Assign):
        value = above.value
        starred = any(isinstance(each, ast.Starred) for each in [*targets.elts, *getattr(value, "elts", ())])
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(targets.elts) and not starred:
            return inference.values(module, value.elts[index])
        whole = inference.values(module, value)
    elif isinstance(above, ast.For | ast.AsyncFor | ast.comprehension):
        whole = iterated_values(inference, inference.values(module, above.iter))
    else:
        whole = _by_parent(inference, module, targets)
    return union(*(_tuple_item(inference, value, index) for value in whole))


def _tuple_item(inference: Inference, value: Value, index: int) -> Values:
    is_tuple = isinstance(value, Instance) and value.of == "builtins.tuple"
    if is_tuple and isinstance(value, Instance) and index < len(value.arguments) > 1:
        return value.arguments[index]
    return iterated_values(inference, (value,))


def declared_alternatives(inference: Inference, module: Module, classes: ast.expr | None) -> Values:
    """Return the instances of the class, or of the classes in the tuple, that an except clause names."""
    if classes is None:
        return (Unknown("any exception"),)
    alternatives = classes.elts if isinstance(classes, ast.Tuple) else [classes]
    return union(*(declared_values(inference, module, each) for each in alternatives))


def _captured(inference: Inference, module: Module, node: ast.MatchAs) -> Values:
    if isinstance(node.pattern, ast.MatchClass):
        return declared_values(inference, module, node.pattern.cls)
    if isinstance(node.pattern, ast.MatchOr):
        classes = [each.cls for each in node.pattern.patterns if isinstance(each, ast.MatchClass)]
        if len(classes) == len(node.pattern.patterns):
            return union(*(declared_values(inference, module, each) for each in classes))
    return (Unknown("captured by a pattern"),)


def entered_values(inference: Inference, managers: Values) -> Values:
    """Return what `with manager as name` gives: the result of `__enter__`, or what the manager's generator yields."""
    found: list[Values] = []
    for manager in managers:
        if isinstance(manager, Instance) and isinstance(manager.of, str):
            yields = manager.of == "contextlib.AbstractContextManager" and manager.arguments
            found.append(manager.arguments[0] if yields else (manager,))
        elif isinstance(manager, Instance):
            enter = "__enter__"
            if inference.hierarchy.provider(manager.of, enter) is None:  # type: ignore[arg-type]
                enter = "__aenter__"
            found.append(_result_of(inference, manager, enter))
        else:
            found.append(
                (manager if isinstance(manager, Unknown) else Unknown("what a with statement gives"),)
            )
    return union(*found)


def awaited_values(values: Values) -> Values:
    """Return what awaiting coroutines gives; other values stay, as an asynccontextmanager's do."""
    return union(
        *(
            value.arguments[-1]
            if isinstance(value, Instance) and value.of == "typing.Coroutine"
            else (value,)
            for value in values
        )
    )


def iterated_values(inference: Inference, iterables: Values) -> Values:
    """Return what iterating over one of these values gives."""
    found: list[Values] = []
    for value in iterables:
        if not isinstance(value, Instance):
            found.append(
                (value if isinstance(value, Unknown) else Unknown("an element of an unknown iterable"),)
            )
        elif isinstance(value.of, str):
            found.append(_elements(value))
        elif inference.hierarchy.provider(value.of, "__next__"):
            found.append(_result_of(inference, value, "__next__"))
        elif inference.hierarchy.provider(value.of, "__iter__"):
            found.append(_iterated_result(inference, value))
        else:
            found.append((Unknown(f"an element of {value.of.name}"),))
    return union(*found)


def _iterated_result(inference: Inference, value: Instance) -> Values:
    """Return the elements of what `__iter__` gives; nothing if that is the object itself."""
    return inference.guarded(
        ("iterated", value.of), lambda: iterated_values(inference, _result_of(inference, value, "__iter__"))
    )


def _elements(value: Instance) -> Values:
    if value.of == "builtins.str":
        return (value,)
    if not value.arguments:
        return (Unknown(f"an element of {value.of}"),)
    name = str(value.of).rpartition(".")[2]
    if name in MAPPINGS or name in ("Generator", "AsyncGenerator"):
        return value.arguments[0]
    return union(*value.arguments) if name == "tuple" else value.arguments[0]


def element_values(inference: Inference, value: Value, index: ast.expr) -> Values:
    """Return what a subscript of a value may be."""
    if isinstance(value, Instance) and isinstance(value.of, str):
        name = value.of.rpartition(".")[2]
        if name in MAPPINGS:
            return value.arguments[1] if len(value.arguments) > 1 else (Unknown("a value of a dictionary"),)
        place = index.value if name == "tuple" and isinstance(index, ast.Constant) else None
        if isinstance(place, int) and 0 <= place < len(value.arguments):
            return value.arguments[place]
        return _elements(value)
    own = value.of if isinstance(value, Instance) and not isinstance(value.of, str) else None
    if own is not None and isinstance(value, Instance) and inference.hierarchy.provider(own, "__getitem__"):
        return _result_of(inference, value, "__getitem__")
    return (value if isinstance(value, Unknown) else Unknown("a subscript of an unknown value"),)


def _result_of(inference: Inference, value: Instance, method: str) -> Values:
    found = inference.member_values(value, method)
    return union(
        *(
            inference.result(each)
            if isinstance(each, FunctionValue)
            else (Unknown(f"the result of {method}"),)
            for each in found
        )
    )
