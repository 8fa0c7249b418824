"""What stays as it is, with the fact that it depends on."""

from overhaul.refactors.recipe import Case

_HEAD = "import unittest\n\n\n"
_PYTEST = {"pytest.ini": "[pytest]\n"}


def stays(name: str, text: str, *unresolved: str) -> Case:
    """Return a case of one file with tests that does not change; places are line numbers of it."""
    return Case(
        name, {}, {**_PYTEST, "test_a.py": text}, unresolved=[f"test_a.py:{each}" for each in unresolved]
    )


UNCHANGED = (
    Case("a project without TestCases", {}, {"test_a.py": "def test_a():\n    assert 1 == 1\n"}),
    stays(
        "assertions that no assert equals, and what else a plain class has not",
        _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertCountEqual(a, b)\n"
        "        self.assertSequenceEqual(a, b)\n        self.assertListEqual(a, b)\n"
        "        with self.assertWarns(W):\n"
        "            f()\n        with self.assertLogs():\n            f()\n        self.assertAlmostEqual(a, b)\n"
        "        self.assertAlmostEqual(a, 1, delta=d)\n        with self.subTest(i=1):\n            f()\n"
        "        self.addCleanup(f)\n",
        "4", "6", "7", "8", "9", "11", "13", "14",
    ),
    stays(
        "`is` with a literal, a tuple that is always true, an empty pattern: Python and pytest warn of them",
        _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertIs(f(), 5)\n"
        "        self.assertTrue((a, 'message'))\n        self.assertRegex(a, '')\n"
        "        with self.assertRaisesRegex(E, ''):\n            f()\n",
        "6", "7", "8", "9",
    ),
    stays(
        "unpacked arguments, values, comments inside, messages that do something, an order that would change",
        _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(*pair)\n"
        "        self.assertEqual(a, b, **more)\n        check = self.assertEqual\n"
        "        x = self.assertTrue(a)\n        f(lambda: self.assertTrue(a))\n"
        "        self.assertEqual(\n            a,  # the first\n            b,\n        )\n"
        "        self.assertTrue(a, explain())\n        self.assertRegex(f(), g())\n"
        "        self.assertEqual(a)\n",
        "6", "7", "8", "9", "10", "11", "15", "16", "17",
    ),
    stays(
        "names that mean something else where the assert would need them",
        _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        isinstance = f\n"
        "        self.assertIsInstance(a, b)\n        re = g\n        self.assertRegex(a, b)\n        pytest = h\n"
        "        with self.assertRaises(E):\n            f()\n",
        "7", "9", "11",
    ),
    stays(
        "a class with its own assertEqual, or its own way to compare: nothing of it is known",
        _HEAD + "class TestA(unittest.TestCase):\n    def assertEqual(self, a, b):\n        ...\n\n"
        "    def test_a(self):\n        self.assertEqual(1, 2)\n\n\n"
        "class TestB(unittest.TestCase):\n    def setUp(self):\n        self.addTypeEqualityFunc(T, f)\n\n"
        "    def test_b(self):\n        self.assertCountEqual(a, b)\n\n\n"
        "class TestC(unittest.TestCase):\n    failureException = E\n\n    def test_c(self):\n"
        "        self.assertTrue(1)\n",
        "4", "12", "20",
    ),
    stays(
        "bases outside the project: Django's TestCase, or what is not known",
        "from django.test import TestCase\n\nfrom somewhere import make\n\n\nclass TestA(TestCase):\n"
        "    def test_a(self):\n        self.assertEqual(1, 1)\n\n\nclass TestB(make()):\n    def test_b(self):\n"
        "        self.assertTrue(1)\n\n\ndef check(case):\n    case.assertTrue(1)\n",
        "6", "11", "17",
    ),
    Case(
        "classes that the project's users may inherit from",
        {},
        {
            **_PYTEST,
            "acme/testing.py": _HEAD + "class Checks(unittest.TestCase):\n    def check(self, a):\n"
            "        self.assertTrue(a)\n",
            "tests/test_a.py": "from acme.testing import Checks\n\n\nclass TestA(Checks):\n    def test_a(self):\n"
            "        self.check(1)\n",
        },
        unresolved=("acme/testing.py:4", "acme/testing.py:6", "tests/test_a.py:4"),
    ),
    stays(
        "an exception's context that is used for more than its exception, or is bound to something else as well",
        _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n"
        "        with self.assertRaises(E) as caught:\n"
        "            f()\n        g(caught)\n\n    def test_b(self):\n        with self.assertRaises(E) as cm:\n"
        "            f()\n        with g() as cm:\n            f()\n        h(cm.exception)\n\n"
        "    def test_c(self):\n"
        "        with self.assertRaises(E, msg='m'):\n            f()\n",
        "6", "11", "18",
    ),
    stays(
        "an instance that gets its own methods",
        _HEAD + "class TestA(unittest.TestCase):\n    def setUp(self):\n        self.assertEqual = check\n\n"
        "    def test_a(self):\n        self.assertEqual(1, 1)\n        self.assertTrue(1)\n",
        "4", "9", "10",
    ),
    stays(
        "a file that looks at AssertionErrors: pytest.raises does not raise one",
        _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        try:\n"
        "            with self.assertRaises(E):\n                f()\n        except AssertionError:\n"
        "            pass\n",
        "4", "7",
    ),
    stays(
        "what a failure says is looked at: pytest says it otherwise",
        _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n"
        "        with self.assertRaises(AssertionError) as cm:\n            self.assertEqual(1, 2)\n"
        "        f(str(cm.exception))\n        try:\n            self.assertTrue(0)\n"
        "        except AssertionError as error:\n            f(str(error))\n",
        "4", "6", "7", "10",
    ),
    stays(
        "a type with its own equality",
        _HEAD + "class TestA(unittest.TestCase):\n    def setUp(self):\n"
        "        self.addTypeEqualityFunc(T, compare)\n\n    def test_a(self):\n"
        "        self.assertEqual(T(1), T(2))\n",
        "4", "9",
    ),
    stays(
        "an assertion that is called on the class, whose first argument is the instance",
        _HEAD + "class TestA(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n"
        "        cls.assertEqual(make(), 1, 2)\n",
        "4", "7",
    ),
    stays(
        "a setting of TestCase that the class's block reads",
        _HEAD + "class TestA(unittest.TestCase):\n    maxDiff = None\n    limit = maxDiff\n\n"
        "    def test_a(self):\n        pass\n",
        "4",
    ),
    stays(
        "what an argument raises would be caught by a block",
        _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n"
        "        self.assertRaisesRegex(E, 'x', f, g())\n",
        "6",
    ),
)  # fmt: skip
