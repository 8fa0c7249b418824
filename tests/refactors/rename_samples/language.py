"""The language's own rules: scopes, mangling, patterns, type parameters."""

from . import Sample

SAMPLES = [
    Sample(
        "pep695 function",
        {
            "m.py": """\
class Base:
    def m(self): ...
def f[T: Base](x: T) -> T:
    x.m()
    return x
f(Base()).m()
class Box[T]:
    item: T
    def get(self) -> T: return self.item
def g(b: Box[Base]):
    b.get().m()  # reported
    b.item.m()  # reported
""",
        },
        "m.Base.m",
        python=(3, 12),
    ),
    Sample(
        "pep695 alias",
        {
            "m.py": """\
class Base:
    def m(self): ...
type X = Base
type Y[T] = list[T] | Base
def f(x: X, y: Y[int]):
    x.m()
    y.m()  # reported
""",
        },
        "m.Base.m",
        python=(3, 12),
    ),
    Sample(
        "pep695 alias name",
        {
            "m.py": """\
class Base: ...
type X = list[Base]
def f(x: X): ...
X.__value__
""",
        },
        "m.X",
        python=(3, 12),
    ),
    Sample(
        "pep695 alias name2",
        {
            "m.py": """\
class Base: ...
type X = list[Base] | None
def f(x: "X"): ...
""",
        },
        "m.Base",
        python=(3, 12),
    ),
    Sample(
        "pep695 typevar shadow",
        {
            "m.py": """\
T = 1
class C[T]:  # kept
    x: T  # kept
    def f[T](self, y: T) -> T: ...  # kept
def g(): return T
""",
        },
        "m.T",
        python=(3, 12),
    ),
    Sample(
        "typevar old",
        {
            "m.py": """\
from typing import TypeVar
T = TypeVar("T")  # noted
def f(x: T) -> T: ...
""",
        },
        "m.T",
    ),
    Sample(
        "walrus comp",
        {
            "m.py": """\
def f(xs):
    y = [z for z in xs if (n := z) > 1]
    n = 2
    return n
""",
        },
        "m.py:2:28",
    ),
    Sample(
        "class comp",
        {
            "m.py": """\
x = [1]
class C:
    x = [2]  # kept
    y = [x for _ in x]
    z = [i for i in x]  # kept
    def f(self): return x
    w = lambda: x
""",
        },
        "m.x",
    ),
    Sample(
        "class comp member",
        {
            "m.py": """\
x = [1]  # kept
class C:
    x = [2]
    z = [i for i in x]
    def f(self): return x  # kept
    def g(self): return self.x
    w = lambda: x  # kept
""",
        },
        "m.C.x",
    ),
    Sample(
        "nonlocal",
        {
            "m.py": """\
def f():
    n = 1
    def g():
        nonlocal n
        n += 1
    def h():
        n = 2  # kept
    return n
""",
        },
        "m.py:2:5",
    ),
    Sample(
        "mangling",
        {
            "m.py": """\
class C:
    def __init__(self):
        self.__x = 1
        self._C__x  # renamed
    def f(self, o):
        return o.__x  # reported
class D(C):
    def g(self): return self.__x  # kept
C()._C__x  # renamed
getattr(C(), "_C__x")  # reported
""",
        },
        "m.C.__x",
        "_x",
    ),
    Sample(
        "match",
        {
            "m.py": """\
class C:
    __match_args__ = ("x", "y")
    x = 1
    y = 2
def f(v):
    match v:
        case C(x=1): ...
        case C(1, y=3): ...  # kept
        case {"x": 1}: ...  # kept
        case D(x=1): ...  # kept
    match C():
        case object(x=1): ...  # reported
class D:
    x = 1  # kept
""",
        },
        "m.C.x",
    ),
    Sample(
        "del aug",
        {
            "m.py": """\
x = 1
x += 1
del x
try: pass
except E as x: pass
for x in []: pass
with a as x: pass
import x
""",
        },
        "m.x",
    ),
    Sample(
        "cond def",
        {
            "m.py": """\
import sys
if sys.version_info > (3,):
    def f(): ...
else:
    def f(): ...
try:
    def f(): ...
except Exception:
    f = None
f()
""",
        },
        "m.f",
    ),
]
