"""TestCases that become plain classes, and those that stay although their assertions change."""

from overhaul.refactors.recipe import Case

_HEAD = "import unittest\n\n\n"
_PYTEST = {"pytest.ini": "[pytest]\n"}


def kept(name: str, text: str, *unresolved: str) -> Case:
    """Return a case in which a class stays: only its `self.assertTrue(1)` changes."""
    return Case(
        name,
        {},
        {**_PYTEST, "test_a.py": text},
        {"test_a.py": text.replace("self.assertTrue(1)", "assert 1")},
        unresolved=[f"test_a.py:{each}" for each in unresolved],
    )


CLASSES = (
    Case(
        "setUp and the like, `super().setUp()` of TestCase itself, settings of differences, the main block",
        {},
        {
            **_PYTEST,
            "test_a.py": _HEAD + "class TestA(unittest.TestCase):\n    maxDiff = None\n\n    @classmethod\n"
            "    def setUpClass(cls):\n        super().setUpClass()\n        cls.a = 1\n\n    def setUp(self):\n"
            "        super(TestA, self).setUp()\n        self.b = 2\n\n    def tearDown(self):\n"
            "        super().tearDown()\n\n"
            "    def test_a(self):\n        self.setUp()\n        self.assertEqual(self.a + 1, self.b)\n\n\n"
            'if __name__ == "__main__":\n    unittest.main(verbosity=2)\n',
        },
        {
            "test_a.py": "import pytest\n\n\nclass TestA:\n    @classmethod\n    def setup_class(cls):\n"
            "        cls.a = 1\n\n    def setup_method(self):\n        self.b = 2\n\n"
            "    def teardown_method(self):\n        pass\n\n    def test_a(self):\n        self.setup_method()\n"
            "        assert self.a + 1 == self.b\n\n\n"
            'if __name__ == "__main__":\n    raise SystemExit(pytest.main(["-v", __file__]))\n',
        },
    ),
    Case(
        "what is called on something else than the instance",
        {},
        {
            **_PYTEST,
            "test_a.py": _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        def check(case):\n"
            "            case.assertTrue(1)\n\n        self.assertTrue(check)\n",
        },
        {
            "test_a.py": "class TestA:\n    def test_a(self):\n        def check(case):\n"
            "            case.assertTrue(1)\n\n        assert check\n",
        },
        unresolved=("test_a.py:7",),
    ),
    Case(
        "bases and mixins in other files go along, and call each other's setUp",
        {},
        {
            **_PYTEST,
            "tests/base.py": "from unittest import TestCase\n\n\nclass Base(TestCase):\n    def setUp(self):\n"
            "        super().setUp()\n        self.x = 1\n\n    def check(self, y):\n"
            "        self.assertEqual(self.x, y)\n",
            "tests/mixin.py": "class Checks:\n    def setUp(self):\n        super().setUp()\n        self.z = 3\n\n"
            "    def deny(self, y):\n        self.assertFalse(y)\n",
            "tests/test_a.py": "from .base import Base\nfrom .mixin import Checks\n\n\nclass TestA(Checks, Base):\n"
            "    def setUp(self):\n        super().setUp()\n        self.y = 2\n\n    def test_a(self):\n"
            "        self.check(self.y)\n        self.skipTest('later')\n",
        },
        {
            "tests/base.py": "class Base:\n    def setup_method(self):\n        self.x = 1\n\n"
            "    def check(self, y):\n        assert self.x == y\n",
            "tests/mixin.py": "class Checks:\n    def setup_method(self):\n        super().setup_method()\n"
            "        self.z = 3\n\n    def deny(self, y):\n        assert not y\n",
            "tests/test_a.py": "import pytest\n\nfrom .base import Base\nfrom .mixin import Checks\n\n\n"
            "class TestA(Checks, Base):\n"
            "    def setup_method(self):\n        super().setup_method()\n        self.y = 2\n\n"
            "    def test_a(self):\n"
            "        self.check(self.y)\n        pytest.skip('later')\n",
        },
    ),
    Case(
        "skips and expected failures; a text as condition would be code to pytest, so it becomes a boolean",
        {},
        {
            **_PYTEST,
            "test_a.py": "import os\nimport sys\nimport unittest\nfrom unittest import mock, skipIf\n\n\n"
            "@unittest.skip('all of it')\nclass TestA(unittest.TestCase):\n"
            "    @skipIf(os.environ.get('CI'), 'not there')\n    def test_a(self):\n        pass\n\n"
            "    @unittest.skipUnless(sys.platform == 'linux' or os.sep, reason='elsewhere')\n    def test_b(self):\n"
            "        pass\n\n    @skipIf(sys.version_info < (3, 12), 'old')\n    @mock.patch('os.sep')\n"
            "    def test_c(self, sep):\n        pass\n\n    @unittest.expectedFailure\n    def test_d(self):\n"
            "        self.fail('not yet')\n\n    @unittest.skip\n    def test_e(self):\n        self.fail()\n",
        },
        {
            "test_a.py": "import os\nimport sys\nfrom unittest import mock\n\nimport pytest\n\n\n"
            "@pytest.mark.skip(reason='all of it')\nclass TestA:\n"
            "    @pytest.mark.skipif(bool(os.environ.get('CI')), reason='not there')\n    def test_a(self):\n"
            "        pass\n\n"
            "    @pytest.mark.skipif(not (sys.platform == 'linux' or os.sep), reason='elsewhere')\n"
            "    def test_b(self):\n"
            "        pass\n\n    @pytest.mark.skipif(sys.version_info < (3, 12), reason='old')\n"
            "    @mock.patch('os.sep')\n"
            "    def test_c(self, sep):\n        pass\n\n    @pytest.mark.xfail(strict=True)\n    def test_d(self):\n"
            "        raise AssertionError('not yet')\n\n    @pytest.mark.skip\n    def test_e(self):\n"
            "        raise AssertionError\n",
        },
    ),
    Case(
        "other names for test classes, where pytest is told of them; another base stays",
        {},
        {
            "pyproject.toml": "[tool.pytest.ini_options]\npython_classes = ['*Test', 'Test']\n",
            "test_a.py": "from unittest import TestCase\n\n\nclass Own:\n    pass\n\n\nclass ATest(Own, TestCase):\n"
            "    def test_a(self):\n        self.assertTrue(1)\n\n\nclass BTest(TestCase, Own): pass\n",
        },
        {
            "test_a.py": "class Own:\n    pass\n\n\nclass ATest(Own):\n    def test_a(self):\n        assert 1\n\n\n"
            "class BTest(Own): pass\n",
        },
    ),
    Case(
        "another runner, or none that is known: `runner=pytest` says that pytest runs them",
        {},
        {
            "tox.ini": "[testenv]\ncommands = python -m unittest discover\n",
            "test_a.py": _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n"
            "        self.assertTrue(1)\n"
            "        self.assertRaises(E, f)\n",
        },
        {
            "test_a.py": _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        assert 1\n"
            "        self.assertRaises(E, f)\n",
        },
        unresolved=("test_a.py:4", "test_a.py:7"),
    ),
    Case(
        "a project that is not set up for pytest; only assertions, if that is asked for",
        {"runner": "pytest", "classes": "keep"},
        {"test_a.py": _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(1)\n"},
        {"test_a.py": _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        assert 1\n"},
    ),
    kept(
        "a name that pytest collects of TestCases only: the test would be gone",
        _HEAD + "class ATest(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(1)\n",
        "4",
    ),
    kept(
        "a base of such a class stays with it, as do the classes beside it",
        _HEAD + "class Base(unittest.TestCase):\n    def check(self):\n        self.assertTrue(1)\n\n\n"
        "class TestA(Base):\n    def test_a(self):\n        self.check()\n\n\n"
        "class TestB(Base):\n    def test_b(self):\n        self.addCleanup(self.check)\n",
        "4", "9", "14",
    ),
    kept(
        "asynchronous cases, metaclasses of other bases",
        "import abc\nimport unittest\n\n\nclass TestA(unittest.IsolatedAsyncioTestCase):\n"
        "    async def test_a(self):\n        self.assertTrue(1)\n\n\nclass TestB(unittest.TestCase, abc.ABC):\n"
        "    def test_b(self):\n        self.assertTrue(1)\n\n\nclass TestC(unittest.TestCase):\n"
        "    def setUp(self): ...\n\n    def test_c(self):\n        self.__class__.setUp(None)\n",
        "5", "10", "15",
    ),
    kept(
        "parameters and decorators that pytest would not take as unittest does",
        _HEAD + "class TestA(unittest.TestCase):\n    @inject\n    def test_a(self, thing):\n"
        "        self.assertTrue(1)\n\n\n"
        "class TestB(unittest.TestCase):\n    async def test_b(self):\n        self.assertTrue(1)\n\n\n"
        "@decorated\nclass TestC(unittest.TestCase):\n    def test_c(self):\n        self.assertTrue(1)\n\n\n"
        "class TestD(unittest.TestCase, metaclass=M):\n    def test_d(self):\n        self.assertTrue(1)\n",
        "4", "10", "16", "21",
    ),
    kept(
        "what a plain class would collect besides, or not at all",
        _HEAD + "class TestA(unittest.TestCase):\n    def __init__(self, name):\n        self.assertTrue(1)\n\n\n"
        "class TestB(unittest.TestCase):\n    class TestInner:\n        def test_b(self): ...\n\n\n"
        "class TestC(unittest.TestCase):\n    test_c = make_test()\n\n\n"
        "class TestD(unittest.TestCase):\n    def runTest(self):\n        self.assertTrue(1)\n\n\n"
        "class TestE(unittest.TestCase):\n    if WINDOWS:\n        def check(self):\n            self.id()\n",
        "4", "9", "14", "18", "23",
    ),
    kept(
        "the instance, the class or `super()` handed on",
        _HEAD + "class TestA(unittest.TestCase):\n    def test_a(self):\n        check(self)\n"
        "        self.assertTrue(1)\n\n\n"
        "class TestB(unittest.TestCase):\n    def test_b(self):\n        self.assertTrue(1)\n\n\nrun(TestB)\n\n\n"
        "class TestC(unittest.TestCase):\n    def test_c(self):\n        self.assertTrue(1)\n\n\nTestC.test_d = f\n",
        "4", "10", "18",
    ),
    kept(
        "fixtures, which come after pytest's setup_method and before unittest's setUp",
        "import unittest\n\nimport pytest\n\n\n@pytest.mark.usefixtures('db')\nclass TestA(unittest.TestCase):\n"
        "    def setUp(self):\n        self.assertTrue(1)\n\n    def test_a(self):\n        pass\n\n\n"
        "class TestB(unittest.TestCase):\n    @pytest.fixture(autouse=True)\n    def given(self, tmp_path):\n"
        "        self.path = tmp_path\n\n    def setUp(self):\n        self.assertTrue(1)\n\n"
        "    def test_b(self): ...\n",
        "7", "15",
    ),
    kept(
        "a setUp of a mixin that TestCase's own hides",
        _HEAD + "class Mixin:\n    def setUp(self):\n        self.x = f()\n\n\n"
        "class TestA(unittest.TestCase, Mixin):\n    def test_a(self):\n        self.assertTrue(1)\n",
        "9",
    ),
    kept(
        "setUp that is decorated, or is called where TestCase's own is meant; unittest.main with arguments",
        _HEAD + "class TestA(unittest.TestCase):\n    @patched\n    def setUp(self, x):\n"
        "        self.assertTrue(1)\n\n"
        "    def test_a(self): ...\n\n\nclass TestB(unittest.TestCase):\n    def test_b(self):\n"
        "        self.setUp()\n\n\n"
        "if __name__ == '__main__':\n    unittest.main(argv=['x'])\n",
        "4", "12",
    ),
)  # fmt: skip
