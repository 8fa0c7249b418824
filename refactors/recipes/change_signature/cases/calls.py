"""Cases of calls: how each form of argument finds its parameter again."""

from overhaul.refactors.recipes.change_signature.cases.writing import case

CALLS = (
    case(
        "a parameter is added; callers rely on its default",
        "acme.fetch",
        "add timeout: float = 1.0",
        """\
        def fetch(url): ...


        fetch("x")
        """,
        """\
        def fetch(url, timeout: float = 1.0): ...


        fetch("x")
        """,
    ),
    case(
        "a parameter is added; callers pass a value, by keyword what may be left out",
        "acme.fetch",
        ["add session first call None", "add timeout = 1 keyword-only call 5"],
        """\
        def fetch(url): ...


        fetch("x")
        fetch(url="x")
        fetch(url for url in urls)
        fetch(*urls)
        """,
        """\
        def fetch(session, url, *, timeout=1): ...


        fetch(None, "x", timeout=5)
        fetch(None, url="x", timeout=5)
        fetch(None, (url for url in urls), timeout=5)
        fetch(None, *urls, timeout=5)
        """,
    ),
    case(
        "a value between arguments that are passed by position",
        "acme.fetch",
        "add retries = 0 after url call 3",
        """\
        def fetch(url, mode="r", *rest): ...


        fetch("x")
        fetch("x", "w")
        fetch("x", "w", 1)
        fetch("x", mode="w")
        """,
        """\
        def fetch(url, retries=0, mode="r", *rest): ...


        fetch("x", retries=3)
        fetch("x", 3, "w")
        fetch("x", 3, "w", 1)
        fetch("x", mode="w", retries=3)
        """,
    ),
    case(
        "the value's names are imported where they are needed",
        "acme.api.fetch",
        "add timeout = 1 call SLOW",
        {
            "acme/api.py": """\
            SLOW = 60


            def fetch(url): ...


            def both(SLOW):
                return fetch("x"), SLOW
            """,
            "app.py": """\
            from acme.api import fetch

            fetch("x")
            """,
        },
        {
            "acme/api.py": """\
            SLOW = 60


            def fetch(url, timeout=1): ...


            def both(SLOW):
                return fetch("x"), SLOW
            """,
            "app.py": """\
            from acme.api import SLOW, fetch

            fetch("x", timeout=SLOW)
            """,
        },
        unresolved=["acme/api.py:8"],
    ),
    case(
        "a parameter is removed from every proved call, also through aliases",
        "acme.load",
        "remove mode",
        {
            "acme.py": "def load(path, mode=None): ...\n",
            "app.py": """\
            import acme
            from acme import load as read

            get = read
            acme.load("x", "r")
            read("x", mode="r")
            get("x", "r")
            read("x", **options)
            read(*arguments)
            """,
        },
        {
            "acme.py": "def load(path): ...\n",
            "app.py": """\
            import acme
            from acme import load as read

            get = read
            acme.load("x")
            read("x")
            get("x")
            read("x", **options)
            read(*arguments)
            """,
        },
        unresolved=["app.py:8", "app.py:9"],
    ),
    case(
        "an argument whose evaluation may do something is not dropped in silence",
        "acme.load",
        "remove mode",
        """\
        def load(path, mode): ...


        load("x", settings.mode)
        load("x", read_mode())
        """,
        """\
        def load(path): ...


        load("x")
        load("x", read_mode())
        """,
        unresolved=["5"],
    ),
    case(
        "unless that is asked for",
        "acme.load",
        "remove mode",
        """\
        def load(path, mode): ...


        load("x", read_mode())
        """,
        """\
        def load(path): ...


        load("x")
        """,
        side_effects="drop",
    ),
    case(
        "reordered arguments keep the order in which they are evaluated, by keywords if need be",
        "acme.move",
        "reorder target, source",
        """\
        def move(source, target): ...


        move("a", "b")
        move(first, queue.target)
        move(queue.pop(), queue.pop())
        move(*pair)
        move(source="a", target="b")
        """,
        """\
        def move(target, source): ...


        move("b", "a")
        move(queue.target, first)
        move(source=queue.pop(), target=queue.pop())
        move(*pair)
        move(source="a", target="b")
        """,
        unresolved=["7"],
    ),
    case(
        "parameters are made keyword-only",
        "acme.load",
        "keyword-only mode, strict",
        """\
        from functools import partial


        def load(path, mode="r", strict=False): ...


        load("x", "w", True)
        load(load("x"), (size := 1))
        load("x", "w", strict=True)
        partial(load, "x", "w")
        partial(load, "x")
        load("x", *rest)
        """,
        """\
        from functools import partial


        def load(path, *, mode="r", strict=False): ...


        load("x", mode="w", strict=True)
        load(load("x"), mode=(size := 1))
        load("x", mode="w", strict=True)
        partial(load, "x", "w")
        partial(load, "x")
        load("x", *rest)
        """,
        unresolved=["10", "11", "12"],
    ),
    case(
        "a default goes into the calls that rely on it",
        "acme.load",
        "inline-default mode",
        """\
        DEFAULT = "r"


        def load(path, mode=DEFAULT): ...


        load("x")
        load("x", "w")
        """,
        """\
        DEFAULT = "r"


        def load(path, mode): ...


        load("x", DEFAULT)
        load("x", "w")
        """,
    ),
    case(
        "a parameter is renamed as rename-symbol does, beside other changes",
        "acme.load",
        ["rename mode access", "keyword-only access", "default access = 'r'"],
        '''\
        def load(path, mode):
            """Load.

            :param mode: how
            """
            return open(path, mode)


        load("x", "w")
        load("x", mode="w")
        load(**{"path": "x", "mode": "w"})
        ''',
        '''\
        def load(path, *, access='r'):
            """Load.

            :param access: how
            """
            return open(path, access)


        load("x", access="w")
        load("x", access="w")
        load(**{"path": "x", "access": "w"})
        ''',
        unresolved=["11"],
    ),
)
