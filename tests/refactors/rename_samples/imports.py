"""Imports in functions, by name, lazy ones, conditional ones."""

from . import Sample

SAMPLES = [
    Sample(
        "__import__",
        {
            "m.py": """\
def f(): ...
""",
            "a.py": """\
m = __import__("m")
m.f()
__import__("m").f()
""",
        },
        "m.f",
    ),
    Sample(
        "__import__ module",
        {
            "p/__init__.py": "",
            "p/mod.py": """\
f = 1
""",
            "a.py": """\
x = __import__("p.mod")  # reported
x.mod.f
""",
        },
        "p.mod",
    ),
    Sample(
        "import in function",
        {
            "m.py": """\
def f(): ...
""",
            "a.py": """\
def g():
    from m import f
    return f()
def h():
    import m
    m.f()
    from m import f as k
    k()
class C:
    from m import f  # renamed
    def x(self): self.f()  # kept
""",
        },
        "m.f",
    ),
    Sample(
        "try import",
        {
            "m.py": """\
def f(): ...
""",
            "a.py": """\
try:
    from m import f
except ImportError:
    f = None
if f: f()
""",
            "b.py": """\
import a
a.f
""",
        },
        "m.f",
    ),
    Sample(
        "TYPE_CHECKING else",
        {
            "m.py": """\
class C: ...
""",
            "a.py": """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from m import C
else:
    C = object
def f(c: C): ...
""",
        },
        "m.C",
    ),
    Sample(
        "importlib",
        {
            "p/__init__.py": "",
            "p/m.py": """\
def f(): ...
""",
            "a.py": """\
import importlib
m = importlib.import_module("p.m")
m.f()
importlib.import_module("p.m").f()
importlib.import_module(".m", "p").f()
importlib.import_module(".m", package="p").f()
x = importlib.import_module(name)
x.f()  # reported
importlib.import_module(name).f()  # reported
""",
        },
        "p.m.f",
    ),
    Sample(
        "lazy package",
        {
            "p/__init__.py": """\
_M = {"f": ".m"}  # reported
def __getattr__(name):
    import importlib
    return getattr(importlib.import_module(_M[name], __name__), name)
""",
            "p/m.py": """\
def f(): ...
""",
            "a.py": """\
from p import f  # reported
f()  # kept
import p
p.f()  # reported
""",
        },
        "p.m.f",
    ),
    Sample(
        "lazy package unproved",
        {
            "p/__init__.py": """\
import lazy_loader as lazy
__getattr__, __dir__, __all__ = lazy.attach(__name__, submod_attrs={"m": ["f"]})  # reported
""",
            "p/m.py": """\
def f(): ...
""",
            "a.py": """\
from p import f  # reported
import p
p.f()  # reported
""",
        },
        "p.m.f",
    ),
]
