"""Classes outside the family whose objects are used in its place, borrow its code, or are registered."""

from . import Sample

SAMPLES = [
    Sample(
        "double passed",
        {
            "m.py": """\
class Client:
    def fetch(self): ...
def use(client: Client):
    client.fetch()
class Fake:
    def fetch(self): ...  # reported
use(Fake())
""",
        },
        "m.Client.fetch",
    ),
    Sample(
        "double passed kw",
        {
            "m.py": """\
class Client:
    def fetch(self): ...
def use(*, client: Client):
    client.fetch()
class Fake:
    def fetch(self): ...  # reported
use(client=Fake())
""",
        },
        "m.Client.fetch",
    ),
    Sample(
        "double in constructor, other file",
        {
            "m.py": """\
class Client:
    def fetch(self): ...
class Service:
    def __init__(self, client: Client):
        self.client = client
    def go(self):
        self.client.fetch()
""",
            "t.py": """\
from m import Service
class Fake:
    def fetch(self): ...  # reported
def test():
    fake = Fake()
    Service(fake).go()
    fake.fetch()  # kept
""",
        },
        "m.Client.fetch",
    ),
    Sample(
        "double assigned to declared attribute",
        {
            "m.py": """\
class Client:
    def fetch(self): ...
class Service:
    client: Client
    def go(self):
        self.client.fetch()
class Fake:
    def fetch(self): ...  # reported
s = Service()
s.client = Fake()
""",
        },
        "m.Client.fetch",
    ),
    Sample(
        "double by annotated assignment",
        {
            "m.py": """\
class Client:
    def fetch(self): ...
class Fake:
    def fetch(self): ...  # reported
c: Client = Fake()
c.fetch()
""",
        },
        "m.Client.fetch",
    ),
    Sample(
        "double returned where declared",
        {
            "m.py": """\
class Client:
    def fetch(self): ...
class Fake:
    def fetch(self): ...  # reported
def make() -> Client:
    return Fake()
make().fetch()
""",
        },
        "m.Client.fetch",
    ),
    Sample(
        "unrelated not passed stays",
        {
            "m.py": """\
class Client:
    def fetch(self): ...
class Dog:
    def fetch(self): ...  # kept
Dog().fetch()  # kept
def use(c: Client): c.fetch()
use(Client())
""",
        },
        "m.Client.fetch",
    ),
    Sample(
        "borrowed method",
        {
            "m.py": """\
class C:
    def k(self): ...
class D:
    k = C.k
D().k()  # kept
C().k()
""",
        },
        "m.C.k",
    ),
    Sample(
        "borrowed other name",
        {
            "m.py": """\
class C:
    def k(self): ...
class D:
    j = C.k
D().j()
C().k()
""",
        },
        "m.C.k",
    ),
    Sample(
        "abc register",
        {
            "m.py": """\
import abc
class B(abc.ABC):
    @abc.abstractmethod
    def m(self): ...
class V:
    def m(self): ...  # reported
B.register(V)
@B.register
class W:
    def m(self): ...  # reported
class X:
    def m(self): ...  # kept
""",
        },
        "m.B.m",
    ),
    Sample(
        "mock spec",
        {
            "m.py": """\
from unittest.mock import Mock, MagicMock, create_autospec, AsyncMock
class C:
    def m(self): ...
a = Mock(spec=C)
a.m.return_value = 1
b = create_autospec(C)
b.m()
c = MagicMock()
c.m()  # reported
d = Mock(m=1)  # reported
e = Mock(spec=C, m=1)  # reported
f = Mock(**{"m.return_value": 1})  # reported
f.configure_mock(**{"m.return_value": 1})  # reported
g = AsyncMock(C)
g.m()
h = Mock(spec=["m"])  # reported
""",
        },
        "m.C.m",
    ),
    Sample(
        "proxies",
        {
            "m.py": """\
import weakref, contextlib, types
from werkzeug.local import LocalProxy
from django.utils.functional import SimpleLazyObject
class C:
    def m(self): ...
weakref.proxy(C()).m()
weakref.ref(C())().m()
with contextlib.closing(C()) as c: c.m()
with contextlib.nullcontext(C()) as c: c.m()
p = LocalProxy(lambda: C())
p.m()  # reported
SimpleLazyObject(lambda: C()).m()  # reported
n = types.SimpleNamespace(m=1)  # kept
n.m  # kept
""",
        },
        "m.C.m",
    ),
    Sample(
        "borrowed method",
        {
            "m.py": """\
class C:
    def helper(self): ...
    def k(self): return self.helper()
class D:
    k = C.k  # reported
    def helper(self): ...  # kept
D().k()
C.k(D())  # reported
D.j = C.k  # reported
C.k(C())
""",
        },
        "m.C.helper",
    ),
    Sample(
        "subclass alias fine",
        {
            "m.py": """\
class C:
    def helper(self): ...
    def k(self): return self.helper()
    j = k
class D(C):
    k = C.k
    def j(self): return C.k(self)
""",
        },
        "m.C.helper",
    ),
    Sample(
        "a class of the family stands in for another",
        {
            "m.py": """\
class Storage:
    def close(self): ...  # reported
class Caching:
    def close(self): ...
class Database:
    def __init__(self, storage: Storage):
        self.storage = storage
    def end(self):
        self.storage.close()  # kept
Database(Caching())
"""
        },
        "m.Caching.close",
    ),
    Sample(
        "a class that forwards what it has not",
        {
            "m.py": """\
class Storage:
    def close(self): ...  # reported
class Middleware:
    def __init__(self, storage): self.storage = storage
    def __getattr__(self, name): return getattr(self.storage, name)
    def close(self): self.storage.close()  # noted
def make(**options): return options["storage"](1)
make(storage=Middleware)
"""
        },
        "m.Middleware.close",
    ),
    Sample(
        "an object of a double's subclass",
        {
            "m.py": """\
class Client:
    def fetch(self): ...
def use(client: Client):
    client.fetch()
class Base:
    def fetch(self): ...  # reported
class Fake(Base): ...
use(Fake())
"""
        },
        "m.Client.fetch",
    ),
]
