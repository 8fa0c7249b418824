"""Strings that name attributes, variables and parameters."""

from . import Sample

SAMPLES = [
    Sample(
        "percent vars",
        {
            "m.py": """\
class User:
    def __init__(self): self.name = 1
    def f(self):
        return "%(name)s" % self.__dict__  # reported
    def g(self):
        return "%(name)s" % vars(self)  # reported
    def h(self):
        return "{name}".format(**self.__dict__)  # reported
    def i(self):
        return "{name}".format(**vars(self))  # reported
    def j(self):
        return "{self.name}".format(self=self)  # reported
""",
        },
        "m.User.name",
    ),
    Sample(
        "dataclass strings",
        {
            "m.py": """\
from dataclasses import dataclass, replace, asdict, fields, astuple
@dataclass
class P:
    x: int
    y: int = 0
p = P(x=1)
replace(p, x=2)
asdict(p)["x"]  # reported
d = asdict(p)
d["x"]  # reported
[f for f in fields(p) if f.name == "x"]  # reported
P.__dataclass_fields__["x"]  # reported
getattr(p, "x")  # reported
P.__annotations__["x"]  # reported
""",
        },
        "m.P.x",
    ),
    Sample(
        "operator",
        {
            "m.py": """\
import operator
from operator import attrgetter, methodcaller
class C:
    def m(self): ...
    x = 1
sorted([C()], key=attrgetter("x"))  # reported
sorted([C()], key=operator.attrgetter("y.x"))  # reported
sorted([C()], key=operator.attrgetter("y", "x"))  # reported
operator.methodcaller("x")  # reported
operator.itemgetter("x")  # kept
""",
        },
        "m.C.x",
    ),
    Sample(
        "setattr etc",
        {
            "m.py": """\
class C:
    x = 1
c = C()
hasattr(c, "x")  # reported
setattr(c, "x", 1)  # reported
delattr(c, "x")  # reported
getattr(c, "x", None)  # reported
object.__setattr__(c, "x", 1)  # reported
c.__setattr__("x", 2)  # reported
c.__getattribute__("x")  # reported
super(C, c).__setattr__("x", 2)  # reported
setattr(C, "x", 1)  # reported
hasattr(1, "x")  # kept
def f(o):
    return getattr(o, "x")  # reported
for n in ("x", "y"):  # reported
    getattr(c, n)
""",
        },
        "m.C.x",
    ),
    Sample(
        "globals",
        {
            "m.py": """\
x = 1
globals()["x"]  # reported
globals().get("x")  # reported
vars()["x"]  # reported
locals()["x"]  # reported
import sys
sys.modules[__name__].x
getattr(sys.modules[__name__], "x")  # reported
sys.modules[__name__].__dict__["x"]  # reported
sys.modules["m"].x
globals()["y"]  # kept
globals().update(x=1)  # reported
globals().update({"x": 1})  # reported
def f():
    return "x" in globals()  # reported
""",
        },
        "m.x",
    ),
    Sample(
        "vars",
        {
            "m.py": """\
class C:
    x = 1
c = C()
vars(c)["x"]  # reported
c.__dict__["x"]  # reported
c.__dict__.get("x")  # reported
C.__dict__["x"]  # reported
"x" in vars(c)  # reported
"x" in dir(c)  # reported
c.__dict__.update(x=2)  # reported
c.__dict__.update({"x": 1})  # reported
vars(c).pop("x")  # reported
""",
        },
        "m.C.x",
    ),
    Sample(
        "module getattr",
        {
            "m.py": """\
x = 1
def __getattr__(name):
    if name == "x":  # reported
        return 1
    if name in ("x", "y"):  # reported
        return 2
    _MAP = {"x": 1}  # reported
""",
            "a.py": """\
import m
m.x
""",
        },
        "m.x",
    ),
    Sample(
        "module getattr lazily",
        {
            "m.py": """\
_LAZY = {"f": "m._impl"}  # reported
def f(): ...
def __getattr__(name):
    return _LAZY[name]
def __dir__(): return ["f"]  # reported
""",
        },
        "m.f",
    ),
    Sample(
        "proxy",
        {
            "m.py": """\
class C:
    def m(self): ...
class Proxy:
    def __init__(self, c): self._c = c
    def __getattr__(self, name): return getattr(self._c, name)
Proxy(C()).m()  # reported
def f(p: Proxy): p.m()  # reported
""",
        },
        "m.C.m",
    ),
    Sample(
        "own getattr in class",
        {
            "m.py": """\
class C:
    def m(self): ...
    def __getattr__(self, name):
        if name == "m": return 1  # reported
        raise AttributeError
""",
        },
        "m.C.m",
    ),
    Sample(
        "kwargs dict built",
        {
            "m.py": """\
def f(key): ...
d = dict(key=1)  # reported
f(**d)  # reported
e = {"key": 1}  # reported
f(**e)  # reported
e["key"] = 2  # reported
""",
        },
        "m.f(key)",
    ),
    Sample(
        "inspect signature",
        {
            "m.py": """\
def f(key): ...
f.__kwdefaults__["key"]  # reported
import inspect
inspect.signature(f).parameters["key"]  # reported
f.__annotations__["key"]  # reported
""",
        },
        "m.f(key)",
    ),
]
