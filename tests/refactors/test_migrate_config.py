"""What a setup.py could do to the program that reads it, and files that are no plain text."""

import tomllib

import pytest

from overhaul.refactors.case_check import applied
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.recipes.migrate_config import MigrateConfig

SETUP = "from setuptools import setup\nsetup(name='acme', version='1', keywords=x)\n"


def migrated(files: dict[str, str | bytes]) -> Analysis:
    return MigrateConfig.bind({}).analyse(MemoryTree(files))


@pytest.mark.parametrize(
    "before",
    [
        "x = ['a']\n" + "x += x\n" * 60,
        "x = 'a'\n" + "x = x + x\n" * 60,
        "x = 'aaaa'\n" + "x = x.join([x, x, x])\n" * 60,
        "x = 'aaaa'\n" + "x = x.replace('a', x)\n" * 60,
        "x = ['a']\n" + "x = [x, x, x, x]\n" * 40,
        "x = ['a']\nx.append(x)\n",
        "x = {}\nx['x'] = x\n",
        "def f():\n    return f()\n\n\nx = f()\n",
        "import re\nx = re.search('version[^x]*[^y]*[^z]*!', open('long.txt').read()).group()\n",
        "x = []\nfor a in open('lines.txt'):\n    for b in open('lines.txt'):\n        x.append(b)\n",
    ],
    ids=["list", "text", "join", "replace", "nested", "itself", "its item", "calls", "pattern", "loops"],
)
def test_setup_py_that_takes_forever_is_left_in_no_time(before: str) -> None:
    files = {"long.txt": "version " * 5 + "a" * 50_000, "lines.txt": "#\n" * 5_000}
    sites = migrated({"setup.py": before + SETUP, **files}).sites
    assert [site.symbol for site in sites if site.status == "unresolved"] == ["keywords"]


def test_line_ends_and_other_tables_stay_as_they_are() -> None:
    pyproject = b"# ours\r\n[tool.black]\r\nline-length = 100 # wide\r\n"
    files = {
        "setup.py": b"import setuptools\r\nsetuptools.setup(name='a', version='1')\r\n",
        "pyproject.toml": pyproject,
    }
    after = applied(files, migrated(dict(files)))
    assert list(after) == ["pyproject.toml"]
    assert pyproject in after["pyproject.toml"]
    assert after["pyproject.toml"].count(b"\n") == after["pyproject.toml"].count(b"\r\n")
    assert tomllib.loads(after["pyproject.toml"].decode())["project"] == {"name": "a", "version": "1"}


def test_files_that_cannot_be_read_fail() -> None:
    broken = {
        "a/setup.py": "print 'Python 2'\n",
        "b/setup.py": SETUP,
        "b/setup.cfg": b"[metadata]\nname = \xff\n",
        "c/setup.cfg": "[metadata]\nname = a\n",
        "c/pyproject.toml": "[project\n",
    }
    analysis = migrated(broken)
    assert not analysis.edits
    assert [each.path for each in analysis.failures] == ["a/setup.py", "b/setup.cfg", "c/pyproject.toml"]
