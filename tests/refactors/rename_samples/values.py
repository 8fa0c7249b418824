"""What descriptors, decorators, casts and higher-order functions give."""

from . import Sample

SAMPLES = [
    Sample(
        "init_subclass",
        {
            "m.py": """\
class B:
    def __init_subclass__(cls, *, key=None): ...
class C(B, key=1): ...
""",
        },
        "m.B.__init_subclass__(key)",
    ),
    Sample(
        "cached property",
        {
            "m.py": """\
from functools import cached_property
class C:
    @cached_property
    def p(self): return D()
    @property
    def q(self): return 1
    @q.setter
    def q(self, v): ...
    @q.deleter
    def q(self): ...
class D:
    def m(self): ...
C().p.m()
C().q = 1
""",
        },
        "m.D.m",
    ),
    Sample(
        "property rename",
        {
            "m.py": """\
class C:
    @property
    def q(self): return 1
    @q.setter
    def q(self, v): ...
    @q.deleter
    def q(self): ...
C().q = 1
del C().q
""",
        },
        "m.C.q",
    ),
    Sample(
        "property()",
        {
            "m.py": """\
class C:
    def get(self): ...
    def put(self, v): ...
    q = property(get, put, doc="x")
C().q
""",
        },
        "m.C.get",
    ),
    Sample(
        "singledispatch",
        {
            "m.py": """\
from functools import singledispatch
@singledispatch
def f(x): ...
@f.register
def _(x: int): ...
@f.register(str)
def f_str(x): ...
f(1)
""",
        },
        "m.f",
    ),
    Sample(
        "singledispatch same name",
        {
            "m.py": """\
from functools import singledispatch
@singledispatch
def f(x): ...
@f.register(str)
def f(x): ...
f(1)
""",
        },
        "m.f",
    ),
    Sample(
        "singledispatch param",
        {
            "m.py": """\
from functools import singledispatch
@singledispatch
def f(x, key=None): ...
@f.register
def _(x: int, key=None): ...  # reported
f(1, key=2)
""",
        },
        "m.f(key)",
    ),
    Sample(
        "overload",
        {
            "m.py": """\
from typing import overload
@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x): return x
f(1)
""",
        },
        "m.f",
    ),
    Sample(
        "overload param",
        {
            "m.py": """\
from typing import overload
@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x): return x
f(x=1)
""",
        },
        "m.f(x)",
    ),
    Sample(
        "overload method",
        {
            "m.py": """\
from typing import overload
class C:
    @overload
    def f(self, x: int) -> int: ...
    @overload
    def f(self, x: str) -> str: ...
    def f(self, x): return x
C().f(x=1)
""",
        },
        "m.C.f(x)",
    ),
    Sample(
        "decorated replaced",
        {
            "m.py": """\
from acme import deco
class C:
    @deco
    def m(self): ...
    def n(self): self.m()
C().m()
C.m
""",
        },
        "m.C.m",
    ),
    Sample(
        "decorator returns class instance",
        {
            "m.py": """\
class Cmd:
    def __init__(self, f): ...
    def run(self): ...
def command(f): return Cmd(f)
@command
def main(): ...
main.run()
""",
        },
        "m.Cmd.run",
    ),
    Sample(
        "cast",
        {
            "m.py": """\
from typing import cast
class C:
    def m(self): ...
cast(C, 1).m()
cast("C", 1).m()
""",
        },
        "m.C.m",
    ),
    Sample(
        "cast name",
        {
            "m.py": """\
from typing import cast
class C:
    def m(self): ...
cast("C", 1).m()
cast("list[C]", 1)
""",
        },
        "m.C",
    ),
    Sample(
        "map filter lambda",
        {
            "m.py": """\
class C:
    def m(self): ...
[*map(lambda c: c.m(), [C()])]  # reported
sorted([C()], key=lambda c: c.m())  # reported
list(map(C.m, [C()]))
f = C().m
f()
for c in filter(None, [C()]): c.m()
for i, c in enumerate([C()]): c.m()
for a, c in zip([1], [C()]): c.m()
max([C()]).m()
""",
        },
        "m.C.m",
    ),
    Sample(
        "partialmethod",
        {
            "m.py": """\
from functools import partialmethod, partial
class C:
    def m(self, k): ...
    n = partialmethod(m, k=1)
    o = partial(m, k=2)
C().n()
partial(C().m, k=1)()
""",
        },
        "m.C.m(k)",
    ),
    Sample(
        "exception base",
        {
            "m.py": """\
class MyErr(ValueError):
    def __init__(self): self.code = 1
class Other(KeyError): ...
try: ...
except Exception as e: e.code  # reported
try: ...
except ValueError as e: e.code  # reported
try: ...
except KeyError as e: e.code  # kept
try: ...
except MyErr as e: e.code
try: ...
except: ...
"""
        },
        "m.MyErr.code",
    ),
    Sample(
        "type param",
        {
            "m.py": """\
class A:
    def __init__(self, key): ...
def deco(cls: type): return cls
A = deco(A)
A(key=1)  # reported
"""
        },
        "m.A.__init__(key)",
    ),
    Sample(
        "iter self",
        {
            "m.py": """\
class It:
    def __iter__(self): return self
    def __next__(self): return C()
class C:
    def m(self): ...
for c in It(): c.m()
next(iter(It())).m()
class Loop:
    def __iter__(self): return self
for c in Loop(): c.m()  # reported
"""
        },
        "m.C.m",
    ),
    Sample(
        "external object attribute",
        {
            "m.py": """\
from flask import g, current_app
import threading
class U:
    def m(self): ...
g.user.m()  # reported
current_app.user.m()  # reported
local = threading.local()
local.u.m()  # reported
import os
os.path.m()  # kept
"""
        },
        "m.U.m",
    ),
]
