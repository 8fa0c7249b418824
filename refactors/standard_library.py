"""What classes of the standard library define, asked of the running Python."""

from __future__ import annotations

import inspect
import re
import sys
import sysconfig
import warnings
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

# Importing these opens windows or browsers, prints, or brings in a test suite.
_NOT_IMPORTED = frozenset({"antigravity", "idlelib", "lib2to3", "test", "this", "turtle", "turtledemo"})
# Functions of these modules give back no object that the caller's own code has made.
_OPAQUE = frozenset(
    "base64 binascii calendar csv datetime decimal fractions glob gzip hashlib hmac io json locale logging math os"  # noqa: SIM905
    " pathlib platform random re secrets shlex shutil socket string struct subprocess sys tempfile textwrap time"
    " traceback unicodedata urllib uuid zlib".split()
)


@cache
def standard_object(qualified: str) -> object | None:
    """Return the object with this qualified name, or None if the standard library has none."""
    parts = qualified.split(".")
    if parts[0] in _NOT_IMPORTED or not _comes_with_python(parts[0]):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # that a module is deprecated is no concern of who reads code that uses it
        try:
            return _imported(parts[0], parts[1:])
        except ImportError:
            return None


def _imported(package: str, rest: list[str]) -> object | None:
    found: object | None = import_module(package)
    while rest and not hasattr(found, rest[0]) and inspect.ismodule(found):
        found = import_module(f"{found.__name__}.{rest.pop(0)}")
    for name in rest:
        found = getattr(found, name, None)
    return found


def _comes_with_python(package: str) -> bool:
    """Whether importing this name gives Python's own module, not a file of that name in a checkout on `sys.path`."""
    if package not in sys.stdlib_module_names:
        return False
    spec = find_spec(package)
    if spec is None or spec.origin in ("built-in", "frozen"):
        return spec is not None
    folders = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    return any(Path(spec.origin or "").is_relative_to(folder) for folder in folders)


def is_standard(qualified: str) -> bool:
    """Tell whether a qualified name's package is in the standard library."""
    return qualified.partition(".")[0] in sys.stdlib_module_names


def is_class(qualified: str) -> bool:
    """Tell whether a qualified name is a class of the standard library."""
    return inspect.isclass(standard_object(qualified))


def gives_own_objects(qualified: str) -> bool:
    """Tell whether a function's results are the standard library's own objects, never the caller's."""
    if qualified.startswith("builtins."):
        return qualified.removeprefix("builtins.") in {
            "abs", "all", "any", "ascii", "bin", "callable", "chr", "dir", "divmod", "format", "hash", "hex", "id",
            "input", "isinstance", "issubclass", "len", "oct", "open", "ord", "pow", "print", "repr", "round",
        }  # fmt: skip
    return qualified.partition(".")[0] in _OPAQUE


@cache
def defines(class_name: str, attribute: str) -> bool | None:
    """Tell whether a class defines an attribute, on itself or on `self`; None if the class cannot be read.

    Typing's own forms (`Generic`, `Protocol`) define nothing that an override could break.
    """
    if class_name in ("typing.Generic", "typing.Protocol", "typing.NamedTuple", "typing.TypedDict"):
        return False
    if class_name in (
        "collections.namedtuple",
        "dataclasses.make_dataclass",
    ):  # makers: see functional_classes
        return False
    if class_name.startswith("typing_extensions."):
        return False
    found = standard_object(class_name)
    if found is None:
        return None
    origin = getattr(found, "__origin__", None)  # typing.List and its like
    found = origin if inspect.isclass(origin) else found
    if not inspect.isclass(found):
        return None
    if hasattr(found, attribute):
        return True
    try:
        source = "".join(inspect.getsource(each) for each in found.__mro__ if each.__module__ != "builtins")
    except (OSError, TypeError):
        return False
    return re.search(rf"\bself\.{re.escape(attribute)}\b", source) is not None


@cache
def bases_of(qualified: str) -> frozenset[str]:
    """Return a class's own name and its bases' but object: of the standard library's, all; of others, only its own."""
    found = standard_object(qualified)
    found = found if inspect.isclass(found) else None
    bases = [f"{each.__module__}.{each.__qualname__}" for each in found.__mro__[:-1]] if found else []
    return frozenset([qualified, *bases]) - {"builtins.object", "typing.Generic", "typing.Protocol"}


@cache
def builtin_attributes() -> frozenset[str]:
    """Return the attributes of all builtin types."""
    import builtins

    kinds = [each for each in vars(builtins).values() if inspect.isclass(each)]
    return frozenset(name for kind in kinds for name in dir(kind))
