"""The asserts hold exactly when unittest's assertions do, for values of many kinds; and edits come in whole families."""

import ast
import itertools
import json
import math
import unittest
from decimal import Decimal

import pytest

from overhaul.refactors.analysis import analyse
from overhaul.refactors.case_check import applied
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.registry import find_recipe

VALUES = (
    None, True, False, 0, 1, 1.0, -1, 1.00000001, 2**70, math.inf, -math.inf, math.nan, 1j, Decimal(1), "", "a", b"a", "ab",
    (), (1,), [], [1], [1, 2], {}, {1: 2}, set(), {1}, frozenset({1}), int, object(),
)  # fmt: skip
COMPARED = (
    "Equal", "NotEqual", "Is", "IsNot", "In", "NotIn", "Greater", "GreaterEqual", "Less", "LessEqual", "IsInstance",
    "NotIsInstance", "Regex", "NotRegex",
)  # fmt: skip
ONE_SIDED = (
    "self.assertTrue(a)", "self.assertFalse(a)", "self.assertIsNone(a)", "self.assertIsNotNone(a)",
    "self.assertAlmostEqual(a, 1)", "self.assertAlmostEqual(a, 1.0)", "self.assertAlmostEqual(-1.5, a, 2)",
    "self.assertNotAlmostEqual(a, 1)", "self.assertAlmostEqual(a, 1, delta=0.5)",
    "self.assertNotAlmostEqual(a, 1, delta=0.5)", "self.assertEqual(a or 1, not a)", "self.assertFalse(a and 1)",
    "self.assertFalse(a == 1)", "self.assertFalse(a is None)",
)  # fmt: skip


def analysed(**files: str) -> tuple[Analysis, dict[str, str]]:
    before = {path.replace("__", "/") + ".py": text.encode() for path, text in files.items()}
    analysis = find_recipe("unittest-to-pytest").bind({"runner": "pytest"}).analyse(MemoryTree(before))
    return analysis, {path: content.decode() for path, content in applied(before, analysis).items()}


def converted(assertion: str) -> str:
    text = (
        f"import unittest\n\n\nclass TestA(unittest.TestCase):\n    def test_a(self):\n        {assertion}\n"
    )
    _, files = analysed(test_a=text)
    tests = [node for node in ast.walk(ast.parse(files["test_a.py"])) if isinstance(node, ast.FunctionDef)]
    imports = "import re\n" if "re.search" in files["test_a.py"] else ""
    return imports + ast.unparse(tests[0].body[0])


def outcome(code: str, **names: object) -> str:
    try:
        exec(compile(code, "<test>", "exec"), {"self": unittest.TestCase(), **names})
    except Exception as error:
        return "fails" if isinstance(error, AssertionError) else "does not work"
    return "passes"


@pytest.mark.parametrize("name", COMPARED)
def test_comparison_holds_exactly_when_the_assertion_does(name: str) -> None:
    before = f"self.assert{name}(a, b)"
    after = converted(before)
    assert after.rpartition("\n")[2].startswith("assert ")
    for a, b in itertools.product(VALUES, VALUES):
        if "Regex" in name and b == "":
            continue  # TestCase refuses an empty pattern
        assert outcome(after, a=a, b=b) == outcome(before, a=a, b=b), (a, b)


@pytest.mark.parametrize("before", ONE_SIDED)
def test_claim_about_one_value_holds_exactly_when_the_assertion_does(before: str) -> None:
    after = converted(before)
    assert after.startswith("assert ")
    for a in VALUES:
        if isinstance(a, Decimal) and "Almost" in before and "." in before:
            continue  # a decimal is not subtracted from a float
        assert outcome(after, a=a) == outcome(before, a=a), a


def test_one_class_that_stays_keeps_all_that_share_a_base_with_it() -> None:
    base = "import unittest\n\n\nclass Base(unittest.TestCase):\n    def setUp(self):\n        self.x = 1\n"
    test = "from .base import Base\n\n\nclass Test{0}(Base):\n    def test_{0}(self):\n        self.{1}\n"
    files = {"tests__base": base, "tests__test_a": test.format("a", "assertTrue(self.x)")}
    _, plain = analysed(**files, tests__test_b=test.format("b", "assertFalse(not self.x)"))
    assert "class Base:" in plain["tests/base.py"]
    _, kept = analysed(**files, tests__test_b=test.format("b", "addCleanup(print)"))
    assert kept["tests/base.py"] == base
    assert "        assert self.x\n" in kept["tests/test_a.py"]


def test_reason_names_the_first_of_what_keeps_a_class() -> None:
    text = "import unittest\n\n\nclass ATests(unittest.TestCase):\n    def test_a(self):\n        self.addCleanup(f)\n"
    analysis, _ = analysed(test_a=text)
    reasons = [site.reason for site in analysis.sites]
    assert reasons == ["stays a TestCase: 'addCleanup' is used, and 1 more"]


def test_file_that_does_not_parse_is_a_failure_and_the_others_are_edited() -> None:
    good = "import unittest\n\n\nclass TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(1)\n"
    analysis, files = analysed(test_a=good, test_b=good + "    def (\n")
    assert [failure.path for failure in analysis.failures] == ["test_b.py"]
    assert "assert 1" in files["test_a.py"]


def test_notebook_keeps_its_testcases_and_gets_no_pytest() -> None:
    code = "import unittest\nclass TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(1)\n"
    code += "        self.assertRaises(E, f)\n"
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": code,
    }
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    recipe = find_recipe("unittest-to-pytest").bind({"runner": "pytest"})
    analysis = analyse(recipe, MemoryTree({"test_a.ipynb": notebook}))
    (edit,) = analysis.edits
    (changed,) = json.loads(edit.content)["cells"]
    assert "".join(changed["source"]) == code.replace("self.assertTrue(1)", "assert 1")
    assert analysis.unresolved == 2
