"""The command that tox, nox or nothing states for the tests."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.command_words import read_words
from overhaul.sandbox.environment import detect
from overhaul.sandbox.test_command import TestCommand, find_test_command, read_test_requirements

Tree = Callable[[Mapping[str, str]], Path]

TEST = {"tests/test_it.py": "def test_it(): pass\n"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", None),
        ("ruff check .", None),
        ("coverage report", None),
        ("python setup.py test", None),
        ("python -m mypy src", None),
        ("pytest", "pytest"),
        ("py.test -q tests", "pytest -q tests"),
        ("pytest -x tests --maxfail 2 --maxfail=3 --lf", "pytest tests"),
        ("pytest -xvs tests -vx", "pytest -vs tests -v"),
        ("pytest --cov --cov-report term-missing tests", "pytest tests"),
        ("pytest --cov=pkg --cov pkg --cov-fail-under 90 tests", "pytest tests"),
        ("pytest -n auto -n4 --dist loadgroup -k 'a or b' tests", "pytest -k 'a or b' tests"),
        ("pytest --junitxml out.xml --basetemp={envtmpdir} -W error", "pytest -W error"),
        ("python -m pytest -p no:randomly", "pytest -p no:randomly"),
        ("python3.11 -W ignore -bb -m pytest tests", "pytest tests"),
        ("coverage run -m pytest tests", "pytest tests"),
        ("coverage run --source pkg -p -m unittest -v", "unittest"),
        ("python -m coverage run --branch -m pytest", "pytest"),
        ("env A=1 pytest tests", "pytest tests"),
        ("uv run --frozen --extra test pytest tests", "pytest tests"),
        ("poetry run python -m unittest discover -s tests -f", "unittest discover -s tests"),
        ("django-admin test app", "django -m django test app"),
        ("python -m django test --settings=s", "django -m django test --settings=s"),
        ("python -m django migrate", None),
        ("python manage.py test app", "django manage.py test app"),
        ("coverage run manage.py test", "django manage.py test"),
        ("python manage.py check", None),
        ("python runtests.py", None),
    ],
)
def test_words_of_a_command(tree: Tree, line: str, expected: str | None):
    read = read_words(
        shlex.split(line), tree({"manage.py": "import django\n", "runtests.py": "import nose\n"})
    )
    assert (read and shlex.join((read[0], *read[1]))) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, TestCommand("pytest")),
        ({"tox.ini": "[testenv]\ncommands = make test\n"}, TestCommand("pytest")),
        (
            {"tox.ini": "[testenv]\ncommands =\n  - coverage erase\n  pytest {posargs:tests -q}\n"},
            TestCommand("pytest", ("tests", "-q"), source="tox.ini"),
        ),
        (
            {"tox.ini": "[testenv]\nchangedir = {toxinidir}/tests\nsetenv =\n  A = 1\n  B = {envtmpdir}\n"
             "  COVERAGE_FILE = x\n  lint: C = 2\ncommands = pytest \\\n    {toxinidir}/tests []\n"},
            TestCommand("pytest", ("@overhaul-root@/tests",), {"A": "1"}, "tests", "tox.ini",
                        ("tox.ini: B={envtmpdir}: depends on tox",)),
        ),
        (
            {"tox.ini": "[base]\nargs = -k one\n[testenv]\ncommands =\n  lint: ruff check\n  py{27,36}: pytest old\n"
             "  !lint: pytest {env:WHERE:tests} {[base]args}\n"},
            TestCommand("pytest", ("tests", "-k", "one"), source="tox.ini"),
        ),
        (
            {"tox.ini": "[testenv]\ncommands =\n  pytest tests\n  pytest other\n"},
            TestCommand("pytest", notes=("tox.ini: 2 test commands, which are run as one without arguments",)),
        ),
        (
            {"tox.ini": "[testenv]\ncommands = pytest {envsitepackagesdir}/pkg\n"},
            TestCommand("pytest", notes=(("tox.ini: pytest '{envsitepackagesdir}/pkg': not followed,"
                                         " cannot be told here: {envsitepackagesdir}/pkg"),)),
        ),
        (
            {"setup.cfg": "[testenv:tests]\ncommands = python -m unittest discover -s tests\n"},
            TestCommand("unittest", ("discover", "-s", "tests"), source="setup.cfg"),
        ),
        (
            {"pyproject.toml": '[tool.tox.env_run_base]\nset_env = {A = "1"}\ncommands = [["pytest", '
             '{replace = "posargs", default = ["tests"], extend = true}]]\n'},
            TestCommand("pytest", ("tests",), {"A": "1"}, source="pyproject.toml"),
        ),
        (
            {"tox.toml": '[env_run_base]\ncommands = [[{replace = "ref"}]]\n'},
            TestCommand("pytest", notes=("tox.toml: [{'replace': 'ref'}]: depends on tox's own replacements",)),
        ),
        (
            {"noxfile.py": "import nox\nP = ['3.11']\nWHERE = 'tests'\n@nox.session(python=P)\ndef lint(session):\n"
             "    session.run('ruff')\n@nox.session(python=P, name='test')\ndef _(session):\n"
             "    args = session.posargs or ['-x', WHERE]\n    session.env['A'] = '1'\n"
             "    session.run('pytest', f'--cov={WHERE}', *args, env={'B': '2'})\n"},
            TestCommand("pytest", ("tests",), {"A": "1", "B": "2"}, source="noxfile.py"),
        ),
        (
            {"noxfile.py": "import nox\ndef _tests(session, *, where='no', extra=()):\n"
             "    with session.chdir(where):\n        session.run('python', '-m', 'pytest', *extra)\n"
             "@nox.session\ndef check(session):\n    if session.python == '3':\n        session.install('six')\n"
             "    _tests(session, where='tests', extra=['-q'])\n"},
            TestCommand("pytest", ("-q",), {}, "tests", "noxfile.py"),
        ),
        ({"noxfile.py": "import nox\n@nox.session\ndef tests(session):\n    session.run('pytest', find())\n"},
         TestCommand("pytest")),
        ({"noxfile.py": "this is no Python"}, TestCommand("pytest")),
    ],
)  # fmt: skip
def test_command_that_the_files_state(tree: Tree, files: dict[str, str], expected: TestCommand):
    assert find_test_command(tree(TEST | files)) == expected


INSTALLS = """
import nox, os
REQUIREMENTS = ["attrs", "-c", "constraints.txt"]
@nox.session
def tests(session: nox.Session) -> None:
    session.install("-r", "requirements-ci.txt", *REQUIREMENTS)
    session.install("-e", ".[fast, tests]", "--no-deps")
    session.run_install("uv", "sync", "--group=check", "--extra", "more")
    session.install(os.environ["WHAT"])
    if session.python == "3.9":
        session.install("six")
    session.run("pytest")
"""


def test_what_a_nox_session_installs(tree: Tree):
    folder = tree(
        TEST | {"noxfile.py": INSTALLS, "requirements-ci.txt": "mock\n", "constraints.txt": "mock<9\n"}
    )
    settings = read_test_requirements(folder)
    assert settings.dependencies == ("-r requirements-ci.txt", "attrs", "-c constraints.txt")
    assert (settings.extras, settings.groups) == (("fast", "tests", "more"), ("check",))
    assert settings.left_out == (
        "noxfile.py: session.install(os.environ['WHAT']): not told by its syntax",
        "noxfile.py: session.install('six'): depends on a condition",
    )
    plan = detect(folder)
    assert plan.files["requirements.txt"] == "mock\nattrs\npytest\n"
    assert plan.files["constraints.txt"] == "mock<9\n"
    assert "noxfile.py: the tests are run by: pytest" in plan.reasons
    assert any("depends on a condition" in reason for reason in plan.reasons)


MODULE = "import os, unittest\nclass A(unittest.TestCase):\n    def test_a(self): self.assertEqual(os.environ['A'], '1')\n"


def test_command_is_run_with_its_arguments_variables_and_folder(tier, tree: Tree):
    tox = "[testenv]\nchangedir = sub\nsetenv = A = 1\ncommands = {} {{toxinidir}}/sub/chosen -v --cov=x {{posargs}}\n"
    files = {
        "sub/chosen/test_one.py": MODULE,
        "sub/test_other.py": MODULE + "    def test_b(self): self.fail()\n",
    }
    report = tier.test(tree(files | {"tox.ini": tox.format("pytest")}))
    assert (report.status, report.counts) == ("passed", {"passed": 1})
    report = tier.test(
        tree(files | {"tox.ini": tox.format("python -m unittest discover").replace("--cov=x", "-f")})
    )
    assert (report.framework, report.status, report.counts) == ("unittest", "passed", {"passed": 1})


def test_arguments_for_a_plugin_that_is_not_there_are_left_out(process_tier, tree: Tree):
    report = process_tier.test(
        tree(TEST | {"tox.ini": "[testenv]\nchangedir = tests\ncommands = pytest --no-such-option\n"})
    )
    assert (report.status, report.counts) == ("passed", {"passed": 1})
    assert "once more, without them" in Path(report.log).read_text()


@pytest.mark.parametrize("words", ["tests.test_a", "-k a discover tests", "discover -s tests -p *_a.py -t ."])
def test_arguments_of_unittest_are_followed(process_tier, tree: Tree, words: str):
    files = {"tests/__init__.py": "", "tests/test_a.py": MODULE.replace("os.environ['A']", "'1'")}
    other = {"tests/test_b.py": MODULE.replace("test_a", "test_b")}
    report = process_tier.test(
        tree(files | other | {"tox.ini": f"[testenv]\ncommands = python -m unittest {words}\n"})
    )
    assert (report.status, report.counts) == ("passed", {"passed": 1}), report
