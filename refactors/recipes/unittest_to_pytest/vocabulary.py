"""What `unittest.TestCase` has, by name."""

from __future__ import annotations

import unittest

PLAIN_CASES = ("unittest.TestCase", "unittest.case.TestCase")
ASYNCHRONOUS_CASES = (
    "unittest.IsolatedAsyncioTestCase",
    "unittest.async_case.IsolatedAsyncioTestCase",
)
TEST_CASES = (*PLAIN_CASES, *ASYNCHRONOUS_CASES)
# Bases from outside that have nothing of TestCase's; what their metaclasses do is not looked at.
HARMLESS_BASES = ("abc.ABC", "typing.Generic", "typing.Protocol")

# Names that Python 3.12 has removed, or 2.7 before.
ALIASES = {
    "assertEquals": "assertEqual",
    "assertNotEquals": "assertNotEqual",
    "assert_": "assertTrue",
    "assertAlmostEquals": "assertAlmostEqual",
    "assertNotAlmostEquals": "assertNotAlmostEqual",
    "assertRegexpMatches": "assertRegex",
    "assertNotRegexpMatches": "assertNotRegex",
    "assertRaisesRegexp": "assertRaisesRegex",
    "failUnless": "assertTrue",
    "failIf": "assertFalse",
    "failUnlessEqual": "assertEqual",
    "failIfEqual": "assertNotEqual",
    "failUnlessRaises": "assertRaises",
}
# What pytest calls in a class without TestCase (its xunit-style setup).
LIFECYCLE = {
    "setUp": "setup_method",
    "tearDown": "teardown_method",
    "setUpClass": "setup_class",
    "tearDownClass": "teardown_class",
}
CLASS_LIFECYCLE = frozenset({"setUpClass", "tearDownClass"})
# Settings of messages and differences, which a plain class has no use for.
SETTINGS = frozenset({"maxDiff", "longMessage"})
# Methods by which the others compare and fail: who overrides one changes what they claim.
HOOKS = frozenset(
    {
        "addTypeEqualityFunc", "failureException", "_getAssertEqualityFunc", "_baseAssertEqual", "_formatMessage",
        "assertDictEqual", "assertListEqual", "assertTupleEqual", "assertSetEqual", "assertMultiLineEqual",
        "assertSequenceEqual", "fail", "_type_equality_funcs", "__getattr__", "__getattribute__",
    }
)  # fmt: skip
MEMBERS = (
    frozenset(dir(unittest.TestCase)) | frozenset(ALIASES) | {"_testMethodName", "_testMethodDoc", "_outcome"}
    | {"_cleanups", "_subtest", "_type_equality_funcs", "assertHasAttr", "assertNotHasAttr", "assertStartsWith"}
    | {"assertEndsWith", "assertNotStartsWith", "assertNotEndsWith", "assertIsSubclass", "assertNotIsSubclass"}
    | {"assertItemsEqual", "assertDictContainsSubset"}
) - frozenset(dir(object))  # fmt: skip
RAISES = frozenset({"assertRaises", "assertRaisesRegex"})


def current_name(name: str) -> str:
    """Return the name that Python has today for an assertion."""
    return ALIASES.get(name, name)
