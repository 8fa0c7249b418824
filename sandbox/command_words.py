"""Which framework a command line starts, and with what: the words that a tox environment or a nox session runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from overhaul.sandbox.django_tests import SCRIPTS, speaks_of_django
from overhaul.sandbox.frameworks import Framework

# What puts another command's words behind its own.
LAUNCHERS = frozenset({"uv", "poetry", "pdm", "hatch", "pipenv", "rye"})
_LAUNCHER_VALUES = frozenset({"--extra", "--group", "--with", "--python", "-p", "--package", "--project"})
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?")
_PYTHON_VALUES = frozenset({"-W", "-X"})
_COVERAGE_VALUES = frozenset(
    {"--source", "--rcfile", "--context", "--concurrency", "--omit", "--include", "--data-file"}
)
# They stop early, choose by what an earlier run left, ask, or write reports; -n is for the machine that it was set for.
_FLAGS = """
-x --exitfirst --sw --stepwise --sw-skip --stepwise-skip --lf --last-failed --ff --failed-first --nf --new-first
--co --collect-only --pdb --trace --no-cov --cov-branch --cov-append --no-cov-on-fail --cov-reset
--self-contained-html
"""
_VALUED = """
--maxfail --junitxml --junit-xml --junit-prefix --html --css --report-log --alluredir --benchmark-json
--benchmark-save --cov-report --cov-config --cov-fail-under --cov-context -n --numprocesses --dist --tx
--maxprocesses --max-worker-restart --basetemp --log-file --color --lfnf --last-failed-no-failures
"""
_PYTEST_FLAGS, _PYTEST_VALUES = frozenset(_FLAGS.split()), frozenset(_VALUED.split())
_UNITTEST_FLAGS = frozenset(
    {"-f", "--failfast", "-c", "--catch", "--locals", "-v", "--verbose", "-q", "--quiet"}
)


def read_words(words: Sequence[str], folder: Path) -> tuple[Framework, tuple[str, ...]] | None:
    """The framework and its arguments, or None if the command runs no tests that we know; `folder` is its place."""
    name = PurePosixPath(words[0]).name if words else ""
    rest = list(words[1:])
    if name == "env":
        return read_words([word for word in rest if "=" not in word], folder)
    if name in LAUNCHERS and rest[:1] == ["run"]:
        return read_words(_after_options(rest[1:], _LAUNCHER_VALUES), folder)
    if _PYTHON.fullmatch(name):
        return _python(_after_options(rest, _PYTHON_VALUES), folder)
    if name == "coverage":
        return _coverage(rest, folder)
    if name in ("pytest", "py.test"):
        return "pytest", pytest_arguments(rest)
    if name == "django-admin" and rest[:1] == ["test"]:
        return "django", ("-m", "django", *rest)
    return _script(words, folder) if name.endswith(".py") else None


def pytest_arguments(words: Sequence[str]) -> tuple[str, ...]:
    """The words without what stops a run early, or what writes anything."""
    kept: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        option = word.partition("=")[0]
        if option in _PYTEST_FLAGS or re.fullmatch(r"-n(?:\d+|auto|logical)", word):
            continue
        if option in _PYTEST_VALUES:
            del left[: 0 if "=" in word else 1]
        elif option == "--cov":
            del left[: 0 if "=" in word or left[:1] == [] or left[0].startswith("-") else 1]
        elif re.fullmatch(r"-[vqslx]*x[vqslx]*", word):
            kept.append(word.replace("x", ""))
        else:
            kept.append(word)
    return tuple(kept)


def _python(words: list[str], folder: Path) -> tuple[Framework, tuple[str, ...]] | None:
    if not words or words[0] != "-m":
        return _script(words, folder)
    module, rest = words[1:2], words[2:]
    if module == ["unittest"]:
        return "unittest", tuple(word for word in rest if word not in _UNITTEST_FLAGS)
    if module == ["django"]:
        return ("django", ("-m", "django", *rest)) if rest[:1] == ["test"] else None
    return read_words([*module, *rest], folder) if module in (["pytest"], ["coverage"]) else None


def _coverage(words: list[str], folder: Path) -> tuple[Framework, tuple[str, ...]] | None:
    if words[:1] != ["run"]:
        return None
    return _python(_after_options(words[1:], _COVERAGE_VALUES), folder)


def _script(words: Sequence[str], folder: Path) -> tuple[Framework, tuple[str, ...]] | None:
    """A project's own script is known if it starts Django's tests."""
    script = PurePosixPath(words[0]) if words else PurePosixPath()
    is_manage = script.name == "manage.py" and list(words[1:2]) == ["test"]
    if is_manage or script.name in {PurePosixPath(name).name for name in SCRIPTS}:
        return ("django", tuple(words)) if speaks_of_django(folder / script) else None
    return None


def _after_options(words: list[str], with_value: frozenset[str]) -> list[str]:
    """The words from the first that is no option; `-m` is one that matters."""
    place = 0
    while place < len(words) and words[place].startswith("-") and words[place] != "-m":
        place += 2 if words[place] in with_value else 1
    return words[place:]
