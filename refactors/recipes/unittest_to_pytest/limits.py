"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "an `assert` claims exactly what TestCase's own method does; it is read again to see that parentheses are right",
    "`self` is a TestCase whose methods nobody overrides: bases, mixins and subclasses are known in the whole project",
    "a class becomes a plain one only if nothing of TestCase is used by it and all that it shares bases with",
    "the ids of tests stay: by python_classes, python_functions and python_files of every pytest configuration",
    "setUp and the like are pytest's, `super().setUp()` is renamed or goes, skips are marks with true booleans",
)
REPORTS = (
    "assertions that no `assert` equals: assertCountEqual, assertWarns, assertLogs, assertAlmostEqual of variables",
    "classes that stay, with the first reason: addCleanup, subTest, names that pytest would not collect, decorators",
    "classes in modules that the project offers to others, and what inherits from them",
    "classes of which a base is outside the project (Django's TestCase and others): nothing of them is changed",
    "projects that run their tests by another runner, or are not set up for pytest: `runner=pytest` says that they do",
)
OUT_OF_REACH = (
    "order: pytest runs a TestCase's tests by name, a plain class's as they are written",
    "`python -O`, under which `assert` does nothing",
    "an object of another type that says it equals a list, where assertListEqual also asked for its type",
    "a computed pattern that is empty, which assertRegex refuses and `re.search` finds everywhere",
    "an exception that pytest.raises has caught keeps its traceback, and so the objects in it",
)
