"""Django's own runner: a real project, with a result for each test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.django_tests import DjangoTests, find_django
from overhaul.sandbox.environment import detect
from overhaul.sandbox.frameworks import detect_framework
from overhaul.sandbox.process import ProcessProvider
from overhaul.sandbox.provider import Environment
from overhaul.sandbox.report import Impacted
from overhaul.sandbox.testing import TestReport, run_tests
from tests.sandbox.conftest import write_tree

Tree = Callable[[Mapping[str, str]], Path]

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""
MODELS = """
from django.db import models
class Item(models.Model):
    name = models.CharField(max_length=20)
"""
TESTS = """
import unittest
from django.test import SimpleTestCase, TestCase, TransactionTestCase
from shop.models import Item
class Flush(TransactionTestCase):
    def test_last(self): self.assertEqual(Item.objects.count(), 0)
class Items(TestCase):
    def test_passes(self):
        Item.objects.create(name="a")
        self.assertEqual(Item.objects.count(), 1)
    def test_fails(self): self.assertEqual(Item.objects.count(), 1, "told why")
    def test_error(self): raise RuntimeError("broken")
    @unittest.skip("no")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_xfails(self): self.fail()
    def test_parts(self):
        for number in range(3):
            with self.subTest(number=number): self.assertNotEqual(number, 1)
class Simple(SimpleTestCase):
    def test_simple(self): pass
"""
PROJECT = {
    "requirements.txt": "django>=5.2,<5.3\n",
    "manage.py": MANAGE,
    "site_settings.py": SETTINGS,
    "shop/__init__.py": "",
    "shop/models.py": MODELS,
    "shop/tests.py": TESTS,
}


@pytest.fixture(scope="module")
def django(tmp_path_factory: pytest.TempPathFactory) -> tuple[ProcessProvider, Environment]:
    home = tmp_path_factory.mktemp("home")
    source = write_tree(home / "source", PROJECT)
    provider = ProcessProvider(home)
    plan = detect(source)
    assert plan.framework == "django"
    return provider, provider.prepare(plan, source, home / "setup.log")


@pytest.fixture
def run(django, tmp_path: Path) -> Callable[..., TestReport]:
    return lambda source, **options: run_tests(*django, source, log=tmp_path / "log", **options)


def test_each_outcome_of_manage_py_test_is_told_apart(run, tree: Tree):
    report = run(tree(PROJECT))
    assert (report.framework, report.status, report.exit_code, report.ended) == ("django", "failed", 1, True)
    assert {result.id: result.outcome for result in report.results} == {
        "shop.tests.Items.test_passes": "passed",
        "shop.tests.Items.test_fails": "failed",
        "shop.tests.Items.test_error": "error",
        "shop.tests.Items.test_skipped": "skipped",
        "shop.tests.Items.test_xfails": "xfailed",
        "shop.tests.Items.test_parts": "failed",
        "shop.tests.Simple.test_simple": "passed",
        "shop.tests.Flush.test_last": "passed",
    }
    assert next(result for result in report.results if result.id.endswith("fails")).excerpt.count("told why")


def test_impacted_tests_run_first_among_those_that_use_the_database_alike(run, tree: Tree):
    case = "from django.test import {0}\nclass A({0}):\n    def test_a(self): pass\n"
    files = {"shop/tests.py": "", "shop/test_a.py": case.format("TestCase"), "shop/test_b.py": case.format("TestCase"),
             "shop/test_c.py": case.format("TransactionTestCase")}  # fmt: skip
    lines = {"shop/models.py": [3, 4], "shop/test_a.py": [3]}
    report = run(tree(PROJECT | files), first=["shop/test_c.py", "shop/test_b.py"], changed_lines=lines)
    assert [result.id.split(".")[1] for result in report.results] == ["test_b", "test_a", "test_c"]
    assert report.impacted == Impacted(2, 2, 2)
    assert report.coverage is not None
    assert {file.path: dict(file.executed) for file in report.coverage.files} == {
        "shop/models.py": {3: (), 4: ()},
        "shop/test_a.py": {3: ("shop.test_a.A.test_a",)},
    }
    assert len(run(tree(PROJECT | files), only=["shop/test_b.py"]).results) == 1


def test_runner_of_the_settings_that_stops_early_or_reports_elsewhere_reports_all(run, tree: Tree):
    runner = """
from django.test.runner import DiscoverRunner
class Runner(DiscoverRunner):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **(options | {"failfast": True, "parallel": 2}))
    def run_suite(self, suite, **options): raise SystemExit("never")
"""
    settings = SETTINGS + "TEST_RUNNER = 'own_runner.Runner'\n"
    report = run(tree(PROJECT | {"site_settings.py": settings, "own_runner.py": runner}))
    assert (report.status, len(report.results)) == ("failed", 8)


def test_script_in_the_place_of_manage_py_is_run(run, tree: Tree):
    script = """
import os, sys, django
from django.conf import settings
os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "example"))
django.setup()
from django.test.utils import get_runner
sys.exit(bool(get_runner(settings)().run_tests(["shop.tests.Simple"])))
"""
    files = {f"example/{name}": text for name, text in PROJECT.items()} | {"runtests.py": script}
    report = run(tree(files))
    assert (report.status, report.exit_code, report.counts) == ("passed", 0, {"passed": 1})


def test_failures_are_run_again_alone(run, tree: Tree):
    flaky = """
import os
from django.test import TestCase
class Once(TestCase):
    def test_flaky(self):
        seen = os.path.exists("seen")
        open("seen", "w").close()
        self.assertTrue(seen)
"""
    report = run(tree(PROJECT | {"shop/tests.py": flaky}))
    assert (report.status, report.flaky) == ("passed", ("shop.tests.Once.test_flaky",))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"site_settings.py": SETTINGS + "DATABASES['default']['ENGINE'] = 'other_database'\n",
          "other_database/__init__.py": "",
          "other_database/base.py": "from django.db.backends.sqlite3.base import *\n"
          "DatabaseWrapper.vendor = 'postgresql'\n"},
         "database 'default' is postgresql; test runs have only sqlite"),
        ({"site_settings.py": "1 / 0\n"}, "ZeroDivisionError"),
        ({"shop/tests.py": TESTS + "import no_such_module\n"}, "1 files could not be collected"),
        ({"shop/tests.py": TESTS.replace("self.fail()", "__import__('os')._exit(0)")}, "ended early, exit code 0"),
    ],
)  # fmt: skip
def test_run_that_does_not_come_to_its_end_is_broken(run, tree: Tree, files, reason: str):
    report = run(tree(PROJECT | files))
    assert (report.status, reason in report.reason) == ("broken", True), report


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"code.py": "import django\n"}, None),
        ({"manage.py": "import flask_script\n"}, None),
        ({"web/manage.py": MANAGE}, DjangoTests(("manage.py", "test"), "web")),
        ({"deep/er/example/manage.py": MANAGE}, None),
        ({"a/manage.py": MANAGE, "manage.py": MANAGE}, DjangoTests(("manage.py", "test"))),
        ({"runtests.py": "import django\n", "manage.py": MANAGE}, DjangoTests(("runtests.py",))),
        ({"tox.ini": "[testenv]\nsetenv =\n    DJANGO_SETTINGS_MODULE = tests.settings\n"},
         DjangoTests(("-m", "django", "test"), variables={"DJANGO_SETTINGS_MODULE": "tests.settings"})),
        ({"noxfile.py": "session.env['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"},
         DjangoTests(("-m", "django", "test"), variables={"DJANGO_SETTINGS_MODULE": "tests.settings"})),
    ],
)  # fmt: skip
def test_way_to_start_the_tests_is_told_from_the_files(tree: Tree, files, expected):
    assert find_django(tree(files)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (PROJECT, "django"),
        (PROJECT | {"shop/tests.py": "from own.cases import Case\nclass A(Case):\n    def test_a(self): pass\n"},
         "django"),
        (PROJECT | {"pytest.ini": "[pytest]\n"}, "pytest"),
        (PROJECT | {"conftest.py": ""}, "pytest"),
        (PROJECT | {"shop/tests.py": "from django.test import TestCase\n"}, "none"),
        ({"tests.py": TESTS}, "unittest"),
    ],
)  # fmt: skip
def test_framework_of_a_django_project(tree: Tree, files, expected: str):
    assert detect_framework(tree(files)) == expected
