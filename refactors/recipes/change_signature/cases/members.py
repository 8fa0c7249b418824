"""Cases of methods and constructors: overrides, `self` bound or not, stubs and overloads."""

from overhaul.refactors.recipes.change_signature.cases.writing import case

MEMBERS = (
    case(
        "a method with its overrides, super(), and calls on proved and unknown receivers",
        "acme.Client.fetch",
        "keyword-only timeout",
        """\
        class Client:
            def fetch(self, url, timeout=1): ...


        class Special(Client):
            def fetch(self, url, timeout=1, retries=0):
                super().fetch(url, timeout)
                return Client.fetch(self, url, timeout)


        class Logged(Client):
            def fetch(self, *args):
                return super().fetch(*args)


        def main(client: Client, special: Special, other):
            client.fetch("x", 2)
            special.fetch("x", 2, 3)
            other.fetch("x", 2)
            other.fetch("x")
            bound = client.fetch
            bound("x", 2)
        """,
        """\
        class Client:
            def fetch(self, url, *, timeout=1): ...


        class Special(Client):
            def fetch(self, url, retries=0, *, timeout=1):
                super().fetch(url, timeout=timeout)
                return Client.fetch(self, url, timeout=timeout)


        class Logged(Client):
            def fetch(self, *args):
                return super().fetch(*args)


        def main(client: Client, special: Special, other):
            client.fetch("x", timeout=2)
            special.fetch("x", 3, timeout=2)
            other.fetch("x", 2)
            other.fetch("x")
            bound = client.fetch
            bound("x", timeout=2)
        """,
        unresolved=["12", "13", "19"],
    ),
    case(
        "a parameter that an override only hands to super() can be removed",
        "acme.Client.fetch",
        "remove timeout",
        """\
        class Client:
            def fetch(self, url, timeout=1): ...


        class Special(Client):
            def fetch(self, url, timeout=1):
                return super().fetch(url, timeout=timeout)
        """,
        """\
        class Client:
            def fetch(self, url): ...


        class Special(Client):
            def fetch(self, url):
                return super().fetch(url)
        """,
    ),
    case(
        "class methods and static methods",
        "acme.Point.make",
        "reorder y, x",
        """\
        class Point:
            @classmethod
            def make(cls, x, y):
                return cls.make(y=y, x=x)


        Point.make(1, 2)
        Point().make(1, 2)
        """,
        """\
        class Point:
            @classmethod
            def make(cls, y, x):
                return cls.make(y=y, x=x)


        Point.make(2, 1)
        Point().make(2, 1)
        """,
    ),
    case(
        "a constructor, where it is called: by the class, by heirs, by super(); cls() may be an heir's own",
        "acme.Point",
        "add z call 0",
        """\
        class Point:
            def __init__(self, x, y): ...

            @classmethod
            def origin(cls):
                return cls(0, 0)


        class Pixel(Point): ...


        class Named(Point):
            def __init__(self, name):
                super().__init__(1, y=2)
                Point.__init__(self, 1, 2)


        def main(kind: type[Point], other: "Point"):
            return Point(1, 2), Pixel(1, 2), Named("a"), kind(3, 4), isinstance(other, Point)


        kinds = [Point]
        """,
        """\
        class Point:
            def __init__(self, x, y, z): ...

            @classmethod
            def origin(cls):
                return cls(0, 0)


        class Pixel(Point): ...


        class Named(Point):
            def __init__(self, name):
                super().__init__(1, y=2, z=0)
                Point.__init__(self, 1, 2, 0)


        def main(kind: type[Point], other: "Point"):
            return Point(1, 2, 0), Pixel(1, 2, 0), Named("a"), kind(3, 4), isinstance(other, Point)


        kinds = [Point]
        """,
        unresolved=["6", "19", "22"],
    ),
    case(
        "overloads and the stub beside the module",
        "acme.load",
        "add strict: bool = False after path call True",
        {
            "acme.py": """\
            from typing import overload


            @overload
            def load(path: str, mode: str = ...) -> str: ...
            @overload
            def load(path: bytes, *, mode: str) -> bytes: ...
            def load(path, mode="r"): ...
            """,
            "acme.pyi": "def load(path: str | bytes, mode: str = ...) -> str | bytes: ...\n",
            "app.py": 'from acme import load\n\nload("x", "w")\n',
        },
        {
            "acme.py": """\
            from typing import overload


            @overload
            def load(path: str, strict: bool = ..., mode: str = ...) -> str: ...
            @overload
            def load(path: bytes, strict: bool = ..., *, mode: str) -> bytes: ...
            def load(path, strict: bool = False, mode="r"): ...
            """,
            "acme.pyi": "def load(path: str | bytes, strict: bool = ..., mode: str = ...) -> str | bytes: ...\n",
            "app.py": 'from acme import load\n\nload("x", True, "w")\n',
        },
    ),
    case(
        "instances that are called, and a class that may satisfy a protocol",
        "acme.Handler.__call__",
        "keyword-only event",
        """\
        from typing import Protocol


        class Handler(Protocol):
            def __call__(self, event, context): ...


        class Print(Handler):
            def __call__(self, event, context): ...


        class Log:
            def __call__(self, event, context): ...


        def main(handler: Handler):
            handler(1, 2)
            Print()(1, 2)
            Log()(1, 2)
        """,
        """\
        from typing import Protocol


        class Handler(Protocol):
            def __call__(self, context, *, event): ...


        class Print(Handler):
            def __call__(self, context, *, event): ...


        class Log:
            def __call__(self, event, context): ...


        def main(handler: Handler):
            handler(2, event=1)
            Print()(2, event=1)
            Log()(1, 2)
        """,
        unresolved=["13"],
    ),
)
