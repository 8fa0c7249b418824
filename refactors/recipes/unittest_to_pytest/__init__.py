"""`unittest-to-pytest`: assertions become `assert`, and TestCases plain classes where nothing of TestCase is used."""

from overhaul.refactors.recipes.unittest_to_pytest.recipe import UnittestToPytest

__all__ = ["UnittestToPytest"]
