"""Cases of callers that are not plain calls: values, decorators, frameworks, documents."""

from overhaul.refactors.recipes.change_signature.cases.writing import case

CALLERS = (
    case(
        "the function handed over as a value may be called in the old way",
        "acme.key",
        "add scale first call 1",
        """\
        def key(item): ...


        sorted(items, key=key)
        handlers = {"key": key}
        assert key is not None
        key.cache = {}
        """,
        """\
        def key(scale, item): ...


        sorted(items, key=key)
        handlers = {"key": key}
        assert key is not None
        key.cache = {}
        """,
        unresolved=["4", "5"],
    ),
    case(
        "a decorator of the tree that hands everything on is looked through, another one is not",
        "acme.load",
        "keyword-only mode",
        """\
        def logged(function):
            def wrapper(*args, **kwargs):
                print(function)
                return function(*args, **kwargs)
            return wrapper


        @logged
        def load(path, mode="r"): ...


        load("x", "w")
        """,
        """\
        def logged(function):
            def wrapper(*args, **kwargs):
                print(function)
                return function(*args, **kwargs)
            return wrapper


        @logged
        def load(path, *, mode="r"): ...


        load("x", mode="w")
        """,
    ),
    case(
        "calls through a decorator that is not known, and what a framework calls",
        "acme.load",
        "keyword-only mode",
        """\
        from tools import retried


        @retried
        def load(path, mode="r"): ...


        load("x", "w")
        """,
        """\
        from tools import retried


        @retried
        def load(path, *, mode="r"): ...


        load("x", "w")
        """,
        unresolved=["4", "8"],
    ),
    case(
        "keywords that another function hands on",
        "acme.load",
        "remove mode",
        """\
        def load(path, mode="r"): ...


        def load_all(paths, **options):
            return [load(path, **options) for path in paths]


        load_all([], mode="w")
        """,
        """\
        def load(path): ...


        def load_all(paths, **options):
            return [load(path, **options) for path in paths]


        load_all([], mode="w")
        """,
        unresolved=["5", "8"],
    ),
    case(
        "calls in doctests and documents, by option; what stands in a string is reported",
        "acme.load",
        "remove mode",
        {
            "acme.py": '''\
            def load(path, mode="r"):
                """Load.

                >>> load("x", "w")
                >>> load("x")
                """
            ''',
            "README.md": 'Write\n\n    from acme import load\n    load("x", mode="w")\n',
            "test_acme.py": 'from unittest import mock\n\n\n@mock.patch("acme.load")\ndef test(load): ...\n',
        },
        {
            "acme.py": '''\
            def load(path):
                """Load.

                >>> load("x")
                >>> load("x")
                """
            ''',
            "README.md": 'Write\n\n    from acme import load\n    load("x")\n',
        },
        unresolved=["test_acme.py:4"],
        docs="yes",
    ),
    case(
        "one that Python's own functions call by position need not be reported where the positions stay",
        "acme.key",
        "rename item thing",
        """\
        def key(item): ...


        sorted(items, key=key)
        route("/", key)
        """,
        """\
        def key(thing): ...


        sorted(items, key=key)
        route("/", key)
        """,
        unresolved=["5"],
    ),
    case(
        "pytest and click pass arguments by the parameters' names; what reads a signature sees the change",
        "test_acme.check",
        "add strict = False",
        {
            "test_acme.py": """\
            import inspect

            import click


            @click.command()
            @click.option("--path")
            def check(path): ...


            assert len(inspect.signature(check).parameters) == 1
            """
        },
        {
            "test_acme.py": """\
            import inspect

            import click


            @click.command()
            @click.option("--path")
            def check(path, strict=False): ...


            assert len(inspect.signature(check).parameters) == 1
            """
        },
        unresolved=["test_acme.py:11"],
    ),
    case(
        "another function of the same name, in some circumstances",
        "acme.load",
        "remove mode",
        """\
        try:
            from fast import load
        except ImportError:
            def load(path, mode=None): ...


        load("x", "w")
        """,
        """\
        try:
            from fast import load
        except ImportError:
            def load(path): ...


        load("x", "w")
        """,
        unresolved=["2", "7"],
    ),
    case(
        "a metaclass that decides what a constructor gets",
        "acme.Point",
        "remove y",
        """\
        class Kept(type):
            def __call__(cls, *values):
                return super().__call__(*values)


        class Point(metaclass=Kept):
            def __init__(self, x, y): ...


        Point(1, 2)
        """,
        """\
        class Kept(type):
            def __call__(cls, *values):
                return super().__call__(*values)


        class Point(metaclass=Kept):
            def __init__(self, x): ...


        Point(1, 2)
        """,
        unresolved=["10"],
    ),
    case(
        "positional-only parameters, `*args` and `**kwargs`",
        "acme.load",
        ["remove **options", "add mode = 'r' before path call 'w'", "default path = None"],
        """\
        def load(path, /, *more, **options): ...


        load("x")
        load("x", "y", "z")
        load("x", strict=True)
        """,
        """\
        def load(mode='r', path=None, /, *more): ...


        load('w', "x")
        load('w', "x", "y", "z")
        load("x", strict=True)
        """,
        unresolved=["6"],
    ),
    case(
        "a function inside another, named by its place",
        "acme.py:2:9",
        "remove mode",
        """\
        def outer():
            def load(path, mode=None): ...

            load("x", "w")
            return load
        """,
        """\
        def outer():
            def load(path): ...

            load("x")
            return load
        """,
        unresolved=["5"],
    ),
)
