"""What deprecate-symbol writes warns when it runs, and names the line of who used the symbol."""

import asyncio
import sys
import types
import warnings
from collections.abc import Iterator

import pytest

from overhaul.refactors.case_check import applied
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipes.deprecate_symbol import DeprecateSymbol

ACME = '''
import abc, contextlib, functools, typing

LIMIT: int = 3

def function(a, *, b=1):
    """Do it."""
    return a + b

def generator(a):
    yield a

async def coroutine(a): return a

@contextlib.contextmanager
def manager(a):
    yield a

class Plain(abc.ABC):
    def __init__(self, a=0):
        self.a = a

    def method(self, b=2): return self.a + b

    @staticmethod
    def static(a): return a

    @classmethod
    def of(cls, a):
        return cls(a)

    @property
    def size(self):
        return self.a

    @size.setter
    def size(self, value): self.a = value

class Bare(ValueError):
    pass
'''


@pytest.fixture(autouse=True)
def own_modules() -> Iterator[None]:
    yield
    sys.modules.pop("acme", None)


def load(**parameters: str) -> types.ModuleType:
    """Return the module acme as it is once the recipe has edited it."""
    files = {"acme.py": ACME.encode()}
    recipe = DeprecateSymbol.bind({"since": "2.0", **parameters})
    content = applied(files, recipe.analyse(MemoryTree(files)))["acme.py"]
    assert content != files["acme.py"]
    module = types.ModuleType("acme")
    sys.modules["acme"] = module
    exec(compile(content, "acme.py", "exec"), module.__dict__)
    return module


def warned_lines(module: types.ModuleType, use: str) -> list[tuple[str, int]]:
    """Return the file and line that each warning of a use names; the use is line 3 of use.py."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(compile(f"import acme, asyncio\n\n{use}\n", "use.py", "exec"), {"acme": module})
    assert {each.category for each in caught} <= {DeprecationWarning}
    return [(each.filename, each.lineno) for each in caught]


@pytest.mark.parametrize(
    ("symbol", "use", "times"),
    [
        ("function", "assert acme.function(1, b=2) == 3", 1),
        ("coroutine", "async def f(): assert (await acme.coroutine(1)) == 1", 0),
        ("Plain", "assert acme.Plain(1).a == 1", 1),
        ("Plain.method", "assert acme.Plain(1).method() == 3", 1),
        ("Plain.static", "assert acme.Plain.static(1) == 1", 1),
        ("Plain.of", "assert acme.Plain.of(1).a == 1", 1),
        ("Plain.size", "x = acme.Plain(1); x.size = 5; assert x.size == 5", 2),
        ("LIMIT", "assert acme.LIMIT == 3", 1),
        ("LIMIT", "from acme import LIMIT; assert LIMIT == 3", 1),
        ("LIMIT", "assert not hasattr(acme, 'OTHER')", 0),
        ("Plain.method", "assert acme.Plain(1).size == 1", 0),
    ],
)
def test_warning_names_the_line_of_the_user(symbol: str, use: str, times: int) -> None:
    assert warned_lines(load(symbol=f"acme.{symbol}"), use) == [("use.py", 3)] * times


def test_awaited_coroutine_names_the_line_of_its_await() -> None:
    module = load(symbol="acme.coroutine")
    use = "async def f(): return await acme.coroutine(1)\nassert asyncio.run(f()) == 1"
    assert warned_lines(module, use) == [("use.py", 3)]


@pytest.mark.parametrize(
    ("symbol", "alias", "old", "new"),
    [
        ("function", "other", "assert acme.function(1, b=2) == 3", "assert acme.other(1, b=2) == 3"),
        ("generator", "other", "assert list(acme.generator(1)) == [1]", "assert list(acme.other(1)) == [1]"),
        ("manager", "other", "with acme.manager(1) as x: assert x == 1", "with acme.other(1) as x: assert x"),
        ("Plain.method", "other", "assert acme.Plain(1).method(b=3) == 4", "acme.Plain(1).other(b=3)"),
        ("Plain.of", "other", "assert acme.Plain.of(1).a == 1", "assert acme.Plain.other(1).a == 1"),
        (
            "Bare",
            "Other",
            "assert isinstance(acme.Other(), acme.Bare)",
            "assert issubclass(acme.Other, ValueError)",
        ),
        ("LIMIT", "MOST", "assert acme.LIMIT == 3", "assert acme.MOST == 3"),
    ],
)
def test_old_name_warns_and_new_one_does_not(symbol: str, alias: str, old: str, new: str) -> None:
    module = load(symbol=f"acme.{symbol}", alias=alias)
    assert warned_lines(module, old) == [("use.py", 3)]
    assert warned_lines(module, new) == []


def test_alias_of_a_coroutine_warns_when_it_is_awaited() -> None:
    module = load(symbol="acme.coroutine", alias="other")
    assert asyncio.iscoroutinefunction(module.coroutine)
    use = "async def f(): return await acme.coroutine(1)\nassert asyncio.run(f()) == 1"
    assert warned_lines(module, use) == [("use.py", 3)]
