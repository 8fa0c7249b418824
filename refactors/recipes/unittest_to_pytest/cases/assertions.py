"""Assertions that become `assert`, by their methods and by how they are written."""

from overhaul.refactors.recipe import Case

_HEAD = "import unittest\n"
_CLASS = "\n\nclass TestA(unittest.TestCase):\n    def test_a(self):\n        self.addCleanup(f)\n"


def changed(name: str, before: str, after: str, imports: str = _HEAD) -> Case:
    """Return a case of one test's body; the class stays, since it has a cleanup."""
    body, new = (
        "".join(f"        {line}\n" if line else "\n" for line in text.split("\n"))
        for text in (before, after)
    )
    files = {"pytest.ini": "[pytest]\n", "test_a.py": _HEAD + _CLASS + body}
    return Case(name, {}, files, {"test_a.py": imports + _CLASS + new}, ["test_a.py:4"])


ASSERTIONS = (
    changed(
        "comparisons, identity, membership, truth",
        "self.assertEqual(a, b)\nself.assertNotEqual(a, b)\nself.assertEquals(a, b)\nself.assertIs(a, None)\n"
        "self.assertIsNot(a, b)\nself.assertIsNone(a)\nself.assertIsNotNone(a)\nself.assertIn(a, b)\n"
        "self.assertNotIn(a, b)\nself.assertGreater(a, b)\nself.assertLessEqual(a, b)\nself.assertTrue(a)\n"
        "self.assertFalse(a)\nself.assertIsInstance(a, (A, B))\nself.assertNotIsInstance(a, A)",
        "assert a == b\nassert a != b\nassert a == b\nassert a is None\nassert a is not b\nassert a is None\n"
        "assert a is not None\nassert a in b\nassert a not in b\nassert a > b\nassert a <= b\nassert a\n"
        "assert not a\nassert isinstance(a, (A, B))\nassert not isinstance(a, A)",
    ),
    changed(
        "messages and keywords; a message that is None says nothing",
        "self.assertEqual(a, b, 'differs')\nself.assertTrue(a, msg=f'{a} of {len(b)}')\n"
        "self.assertEqual(second=a, first=b)\nself.assertTrue(a, None)\nself.fail('no')\nself.fail()",
        "assert a == b, 'differs'\nassert a, f'{a} of {len(b)}'\nassert b == a\nassert a\n"
        "raise AssertionError('no')\nraise AssertionError",
    ),
    changed(
        "parentheses where an operand binds less than the comparison",
        "self.assertEqual(a or b, not c)\nself.assertEqual(a == b, c in d)\n"
        "self.assertEqual(x if y else z, lambda: 1)\n"
        "self.assertFalse(a and b)\nself.assertFalse(a == b)\nself.assertFalse(a in b)\nself.assertTrue((y := f()))\n"
        "self.assertEqual((y := 1), y)\n"
        "self.assertTrue(a if b else c)\nself.assertTrue(all(x for x in y))\nself.assertEqual(a | b, -c)\n"
        "self.assertIsNone((yield))\nself.assertEqual({*a}, [*b])",
        "assert (a or b) == (not c)\nassert (a == b) == (c in d)\nassert (x if y else z) == (lambda: 1)\n"
        "assert not (a and b)\nassert not a == b\nassert a not in b\nassert (y := f())\nassert (y := 1) == y\n"
        "assert a if b else c\nassert all(x for x in y)\nassert a | b == -c\n"
        "assert (yield) is None\nassert {*a} == [*b]",
    ),
    changed(
        "calls on several lines, with other statements on the line, in suites of one line",
        "self.assertEqual(\n    f(\n        1,\n    ),\n    [2],\n)\nself.assertEqual(f(1,\n"
        "                   2), 3)\n"
        "self.assertEqual('a'\n                 'b', c)\nself.assertTrue(a); self.assertFalse(b)  # both\n"
        "if a: self.assertTrue(b)\nself.assertEqual(a, '''x\n  y''')\nself.assertTrue(\n    a\n    and b\n)",
        "assert f(\n    1,\n) == [2]\nassert f(1,\n         2) == 3\n"
        "assert (\n    'a'\n    'b'\n) == c\nassert a; assert not b  # both\n"
        "if a: assert b\nassert a == '''x\n  y'''\nassert (\n    a\n    and b\n)",
    ),
    changed(
        "types that are known, numbers that are written out, patterns",
        "self.assertListEqual(f(), [1])\nself.assertDictEqual({}, f())\nself.assertMultiLineEqual(f(), 'x')\n"
        "self.assertAlmostEqual(f(), 1.5)\nself.assertAlmostEqual(1.5, a + b, 3)\n"
        "self.assertNotAlmostEqual(a, -1, places=2)\n"
        "self.assertAlmostEqual(a, 1.5, delta=0.1)\nself.assertRegex(f(), 'x+')\nself.assertNotRegex('text', p)",
        "assert f() == [1]\nassert {} == f()\nassert f() == 'x'\n"
        "assert round(abs(f() - 1.5), 7) == 0\nassert round(abs(1.5 - (a + b)), 3) == 0\n"
        "assert round(abs(a - -1), 2) != 0\n"
        "assert abs(a - 1.5) <= 0.1\nassert re.search('x+', f())\nassert not re.search(p, 'text')",
        "import re\nimport unittest\n",
    ),
    Case(
        "tabs and carriage returns stay; a name in an f-string",
        {},
        {
            "pytest.ini": "[pytest]\n",
            "test_a.py": "import unittest\r\n\r\n\r\nclass TestA(unittest.TestCase):\r\n\tdef test_a(self):\r\n"
            "\t\tself.assertRaises(E, f)\r\n\t\tself.assertEqual(\r\n\t\t\tf(\r\n\t\t\t\t1),\r\n\t\t\t2)\r\n"
            "\t\twith self.assertRaises(E) as cm:\r\n\t\t\tf()\r\n\t\tg(f'{cm.exception}')\r\n",
        },
        {
            "test_a.py": "import pytest\r\n\r\n\r\nclass TestA:\r\n\tdef test_a(self):\r\n"
            "\t\twith pytest.raises(E):\r\n\t\t\tf()\r\n\t\tassert f(\r\n\t\t\t\t1) == 2\r\n"
            "\t\twith pytest.raises(E) as cm:\r\n\t\t\tf()\r\n\t\tg(f'{cm.value}')\r\n",
        },
    ),
    changed(
        "expected exceptions: contexts, what they have caught, calls, lambdas, arguments that may fail themselves",
        "with self.assertRaises(E) as cm:\n    f()\nself.assertEqual(str(cm.exception), 'x')\n"
        "with self.assertRaisesRegex((E, F), r'x'), g() as y:\n    f()\nself.assertRaises(E, f, 1, *a, b=2, **c)\n"
        "self.assertRaises(E, lambda: f(1) + 2)\nself.assertRaises(E, lambda x: x, 1)\nself.assertRaises(E, f, g())\n"
        "if a: self.assertRaises(E, f)\nself.assertRaisesRegex(E, 'x', f.g, [1, 'a'])",
        "with pytest.raises(E) as cm:\n    f()\nassert str(cm.value) == 'x'\n"
        "with pytest.raises((E, F), match=r'x'), g() as y:\n    f()\nwith pytest.raises(E):\n    f(1, *a, b=2, **c)\n"
        "with pytest.raises(E):\n    f(1) + 2\nwith pytest.raises(E):\n    (lambda x: x)(1)\n"
        "pytest.raises(E, f, g())\n"
        "if a: pytest.raises(E, f)\nwith pytest.raises(E, match='x'):\n    f.g([1, 'a'])",
        "import unittest\n\nimport pytest\n",
    ),
)  # fmt: skip
