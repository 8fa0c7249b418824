"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "functions, coroutines, methods of every kind and properties warn at the caller's line; a class in its `__init__`",
    "`.. deprecated::` behind the docstring's first paragraph; a line among the changelog's unreleased changes",
    "a constant that only its own module and tests use becomes private; the module's `__getattr__` gives it and warns",
    "`alias=NEW`: renamed as `rename-symbol` does; a function with the old name and signature calls the new one",
    "an old class or constant comes from `__getattr__`, and stays the same object; `__all__` and packages offer both",
    "what warns already stays as it is",
    "own uses become the replacement, with their imports, where the symbol only hands its own parameters on to it",
)
REPORTS = (
    "own uses that warn from now on, and what may be one; overrides, which run in the method's place",
    "generators and context managers, whose bodies run later; abstract methods and protocols, whose bodies do not run",
    "decorators that put a frame between function and caller: the warning would name their line",
    "classes without an `__init__`, with a metaclass, or with bases that may make instances in another way",
    "classes and constants that other files offer or import: these would warn whenever they are loaded",
    "attributes; names bound in several ways, assigned anew or read by `globals()`; changelogs of another form",
)
OUT_OF_REACH = (
    "code outside the tree",
    "tests that fail on any warning where a use is left: the tests before and after tell",
    "a coroutine that another task awaits: the warning then names a line of asyncio",
    "overrides of an old method, and star imports of an old constant, in other repositories",
)
