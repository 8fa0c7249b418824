"""What the methods of builtin containers give: their keys, values and elements."""

from __future__ import annotations

from overhaul.refactors.values import BuiltinMethod, Instance, Unknown, Values, builtin

MAPPINGS = frozenset({"dict", "Mapping", "MutableMapping", "DefaultDict", "defaultdict", "OrderedDict"})
_OF_MAPPINGS = frozenset({"items", "values", "keys", "get", "pop", "setdefault", "copy", "popitem"})
_OF_SEQUENCES = frozenset({"pop", "copy", "popleft", "union", "difference", "intersection"})
_STRINGS = frozenset(
    "capitalize casefold center decode encode expandtabs format join ljust lower lstrip replace rjust rstrip strip"  # noqa: SIM905
    " swapcase title translate upper zfill removeprefix removesuffix hex".split()
)


def is_container_method(value: Instance, name: str) -> bool:
    """Tell whether a method's result is known from the container's type arguments."""
    kind = str(value.of).rpartition(".")[2]
    if kind in ("str", "bytes"):
        return name in _STRINGS
    if not value.arguments:
        return False
    return name in (_OF_MAPPINGS if kind in MAPPINGS else _OF_SEQUENCES)


def method_result(method: BuiltinMethod) -> Values:
    """Return what calling the method gives."""
    value, name = method.receiver, method.name
    kind = str(value.of).rpartition(".")[2]
    if kind in ("str", "bytes"):
        return builtin({"encode": "bytes", "decode": "str", "hex": "str"}.get(name, kind))
    if name in ("copy", "union", "difference", "intersection"):
        return (value,)
    if kind not in MAPPINGS:
        return value.arguments[0]
    key = value.arguments[0]
    item: Values = value.arguments[1] if len(value.arguments) > 1 else (Unknown("a value of a dictionary"),)
    if name in ("get", "pop", "setdefault"):
        return item
    pair: Values = (Instance("builtins.tuple", (key, item)),)
    if name == "popitem":
        return pair
    return builtin("list", {"items": pair, "values": item, "keys": key}[name])
