"""Classes made by calls, keys of TypedDicts, names in slots."""

from . import Sample

SAMPLES = [
    Sample(
        "typed dict literal in call",
        {
            "m.py": """\
from typing import TypedDict
class User(TypedDict):
    name: str
def f(u: User): ...
f({"name": "x"})
f(u={"name": "x"})
def g() -> User:
    return {"name": "y"}
x = {"name": 1}  # kept
us: list[User] = [{"name": "z"}]
""",
        },
        "m.User.name",
    ),
    Sample(
        "typed dict var passed later",
        {
            "m.py": """\
from typing import TypedDict
class User(TypedDict):
    name: str
def f(u: User): ...
x = {"name": 1}  # reported
f(x)
""",
        },
        "m.User.name",
    ),
    Sample(
        "typed dict functional",
        {
            "m.py": """\
from typing import TypedDict
User = TypedDict("User", {"name": str})
u: User = {"name": "x"}
u["name"]
def f(v: User):
    v["name"]
    v.get("name")
""",
        },
        "m.User.name",
    ),
    Sample(
        "namedtuple functional",
        {
            "m.py": """\
from collections import namedtuple
P = namedtuple("P", "x y")
p = P(x=1, y=2)
p.x
p._replace(x=2)
P(1, 2).x
""",
        },
        "m.P.x",
    ),
    Sample(
        "namedtuple functional list",
        {
            "m.py": """\
from collections import namedtuple
P = namedtuple("P", ["x", "y"])
p = P(x=1, y=2)
p.x
""",
        },
        "m.P.x",
    ),
    Sample(
        "NamedTuple functional",
        {
            "m.py": """\
from typing import NamedTuple
P = NamedTuple("P", [("x", int), ("y", int)])
def f(p: P): return p.x
""",
        },
        "m.P.x",
    ),
    Sample(
        "namedtuple base",
        {
            "m.py": """\
from collections import namedtuple
class P(namedtuple("P", "x y")):
    def f(self):
        return self.x
P(x=1, y=2).x
""",
        },
        "m.P.x",
    ),
    Sample(
        "enum functional",
        {
            "m.py": """\
from enum import Enum
Color = Enum("Color", "RED GREEN")
Color.RED
Color["RED"]
""",
        },
        "m.Color.RED",
    ),
    Sample(
        "enum functional list",
        {
            "m.py": """\
import enum
Color = enum.Enum("Color", ["RED", "GREEN"])
Color.RED
""",
        },
        "m.Color.RED",
    ),
    Sample(
        "make_dataclass",
        {
            "m.py": """\
from dataclasses import make_dataclass
P = make_dataclass("P", ["x", ("y", int)])
P(x=1, y=2).x
""",
        },
        "m.P.x",
    ),
    Sample(
        "functional class name",
        {
            "m.py": """\
from collections import namedtuple
P = namedtuple("P", "x y")  # noted
P(1, 2)
""",
        },
        "m.P",
    ),
    Sample(
        "slots split",
        {
            "m.py": """\
class C:
    __slots__ = "a b".split()
    def __init__(self):
        self.a = 1
""",
        },
        "m.C.a",
    ),
    Sample(
        "slots string",
        {
            "m.py": """\
class C:
    __slots__ = "a"
    def __init__(self):
        self.a = 1
""",
        },
        "m.C.a",
    ),
    Sample(
        "slots dict",
        {
            "m.py": """\
class C:
    __slots__ = {"a": "doc"}
    def __init__(self):
        self.a = 1
""",
        },
        "m.C.a",
    ),
    Sample(
        "slots made",
        {
            "m.py": """\
NAMES = ["a", "b"]  # reported
class C:
    __slots__ = NAMES
    def __init__(self):
        self.a = 1
""",
        },
        "m.C.a",
    ),
    Sample(
        "match typed dict",
        {
            "m.py": """\
from typing import TypedDict
class U(TypedDict):
    name: str
def f(u: U):
    match u:
        case {"name": n}: ...
    match 3:
        case {"name": n}: ...  # kept
def g(x):
    match x:
        case {"name": n}: ...  # kept
""",
        },
        "m.U.name",
    ),
]
