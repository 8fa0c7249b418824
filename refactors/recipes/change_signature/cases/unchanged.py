"""Cases where nothing may change."""

from overhaul.refactors.recipes.change_signature.cases.writing import case

UNCHANGED = (
    case(
        "parameters that are in the order already, and a call that passes them in another one by keyword",
        "acme.load",
        "reorder path, mode",
        """\
        def load(path, mode): ...


        load(mode="r", path="x")
        """,
    ),
    case(
        "what overrides a method of a class outside the tree, which calls it as it is",
        "acme.Worker.join",
        "remove timeout",
        """\
        import threading


        class Worker(threading.Thread):
            def join(self, timeout=None): ...


        Worker().join(1)
        """,
        unresolved=["5"],
    ),
)
