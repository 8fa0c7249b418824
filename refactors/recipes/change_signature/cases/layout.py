"""Cases of form: lines, comments, docstrings."""

from overhaul.refactors.recipes.change_signature.cases.writing import case

LAYOUT = (
    case(
        "line by line, comments go with their lines; a comment that would be lost is reported",
        "acme.load",
        "reorder mode, path",
        """\
        def load(
            path,  # where
            # how it is opened
            mode,
            *,
            strict=False,
        ): ...


        load(
            "x",  # here
            "w",
        )
        load("x",
             "w")
        load("x",  # here
             "w")
        """,
        """\
        def load(
            # how it is opened
            mode,
            path,  # where
            *,
            strict=False,
        ): ...


        load(
            "w",
            "x",  # here
        )
        load("w",
             "x")
        load("x",  # here
             "w")
        """,
        unresolved=["16"],
    ),
    case(
        "calls are normalised: by position what can be, keywords in the parameters' order",
        "acme.load",
        "normalize-calls",
        """\
        def load(path, mode="r", strict=False): ...


        load(mode="w", path="x")
        load("x", strict=True)
        """,
        """\
        def load(path, mode="r", strict=False): ...


        load("x", "w")
        load("x", strict=True)
        """,
    ),
    case(
        "a line that becomes too long is broken",
        "acme.load_everything",
        "add strict = False keyword-only call True",
        """\
        def load_everything(path, mode="r", encoding="utf-8", errors="strict", end=None): ...


        def load():
            return load_everything("a/rather/long/path", mode="w", encoding="latin-1")
        """,
        """\
        def load_everything(
            path, mode="r", encoding="utf-8", errors="strict", end=None, *, strict=False
        ): ...


        def load():
            return load_everything(
                "a/rather/long/path", mode="w", encoding="latin-1", strict=True
            )
        """,
    ),
    case(
        "the fields of a removed parameter leave the docstring: Google, numpy and Sphinx style",
        "acme.Loader",
        "remove mode",
        '''\
        class Loader:
            """Loads.

            :param path: where
            :param str mode: how
                it is opened
            :type mode: str
            """

            def __init__(self, path, mode=None):
                """Make a loader.

                Args:
                    path: where
                    mode: how
                        it is opened

                Parameters
                ----------
                mode : str
                    How.

                Returns
                -------
                None
                """
        ''',
        '''\
        class Loader:
            """Loads.

            :param path: where
            """

            def __init__(self, path):
                """Make a loader.

                Args:
                    path: where

                Returns
                -------
                None
                """
        ''',
    ),
    case(
        "bytes outside the edits stay: BOM, tabs, CRLF",
        "acme.load",
        "remove mode",
        "\ufeffdef load(path,\r\n\t\tmode): ...\r\n\r\n\r\nload('é',\tmode='ü')\r\n",
        "\ufeffdef load(path): ...\r\n\r\n\r\nload('é')\r\n",
    ),
    case(
        "calls inside calls, in f-strings and with await",
        "acme.add",
        "reorder b, a",
        """\
        def add(a, b): ...


        async def main(x):
            add(add(1, 2), add(3, 4))
            add(await x, 1)
            return f"{add(1, 2)}"
        """,
        """\
        def add(b, a): ...


        async def main(x):
            add(a=add(2, 1), b=add(4, 3))
            add(1, await x)
            return f"{add(2, 1)}"
        """,
    ),
)
