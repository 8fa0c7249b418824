"""What a class may do with its attributes and methods that an inlined value or body would not do."""

from __future__ import annotations

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.inference import Inference
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.symbols.target import MemberTarget, Target
from overhaul.refactors.symbols.uniqueness import is_unique
from overhaul.refactors.values import ClassDefinition

_PLAIN_BASES = frozenset(
    {
        "builtins.object", "builtins.Exception", "builtins.ValueError", "builtins.TypeError", "builtins.KeyError",
        "builtins.RuntimeError", "builtins.LookupError", "builtins.OSError", "builtins.AttributeError", "abc.ABC",
        "typing.Generic", "unittest.TestCase", "unittest.case.TestCase",
    }
)  # fmt: skip


def check_attribute(inference: Inference, target: MemberTarget) -> None:
    """Raise ParameterError if an attribute of a class may have another value than its one assignment says."""
    definition = target.definition
    _check_single(inference, target)
    for each in inference.hierarchy.ancestry(definition).classes:
        outside = [name for name in inference.hierarchy.ancestry(each).external if name not in _PLAIN_BASES]
        unknown = inference.hierarchy.ancestry(each).unknown
        if outside or unknown or each.node.decorator_list or each.node.keywords:
            what = outside[0] if outside else unknown[0] if unknown else "a decorator or metaclass"
            raise ParameterError(
                f"'{target.symbol}' cannot be inlined: {what} may read the class's variables or change them"
            )
    stores = [
        store
        for each in _all(inference, definition)
        for store in inference.hierarchy.instance_stores(each, target.name)
    ]
    if stores:
        raise ParameterError(
            f"'{target.symbol}' is also set on instances, at {definition.module.path}:{stores[0].lineno}"
        )


def check_method(inference: Inference, target: MemberTarget) -> None:
    """Raise ParameterError if a call of a method may run another body."""
    definition = target.definition
    if target.name.startswith("__") and target.name.endswith("__"):
        raise ParameterError(f"'{target.symbol}' is a special method, which Python calls by itself")
    _check_single(inference, target)
    hierarchy = inference.hierarchy
    outside = hierarchy.external_provider(definition, target.name)
    if outside is not None:
        raise ParameterError(
            f"'{target.symbol}' overrides {outside}.{target.name}, whose callers are outside"
        )
    for each in _all(inference, definition):
        for store in hierarchy.instance_stores(each, target.name):
            raise ParameterError(
                f"'{target.symbol}' is also set on instances, at {each.module.path}:{store.lineno}"
            )


def _check_single(inference: Inference, target: MemberTarget) -> None:
    family = Family.around(inference, target.definition, target.name)
    others = [each for each in family.defining() if each.key != target.definition.key]
    if others:
        raise ParameterError(
            f"'{target.symbol}' is also defined by {others[0].qualified}, so that a use may mean either"
        )


def _all(inference: Inference, definition: ClassDefinition) -> list[ClassDefinition]:
    hierarchy = inference.hierarchy
    return [*hierarchy.ancestry(definition).classes, *hierarchy.descendants(definition)]


def outside_caller(inference: Inference, target: Target) -> str | None:
    """Return a base outside the tree that may define a method and call it."""
    if not isinstance(target, MemberTarget):
        return None
    found = inference.hierarchy.unreadable_bases(target.definition, target.name)
    return found[0] if found else None


def other_owner(inference: Inference, target: Target) -> str | None:
    """Tell why code that is handed objects of several classes may need a member that its own class does not."""
    if not isinstance(target, MemberTarget):
        return None
    if is_unique(inference.project, Family.around(inference, target.definition, target.name)):
        return None
    return f"something else has a '{target.name}' too, and code that takes either may use it: the definition stays"
