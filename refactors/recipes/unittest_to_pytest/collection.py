"""What pytest collects in a project, and whether it is pytest that runs its tests."""

from __future__ import annotations

import configparser
import fnmatch
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overhaul.refactors.notebook_tree import SUFFIX
from overhaul.refactors.project import Project

_SETTINGS = (
    "pytest.ini",
    ".pytest.ini",
    "tox.ini",
    "setup.cfg",
    "pyproject.toml",
    "pytest.toml",
    ".pytest.toml",
)
_SECTIONS = ("pytest", "tool:pytest")
_CONFIGURATION = (".toml", ".cfg", ".ini", ".yml", ".yaml", ".sh")
_SCRIPTS = frozenset({"setup.py", "noxfile.py", "tasks.py", "fabfile.py", "dodo.py"})
_OTHER_RUNNER = re.compile(
    rb"-m[\s\"',]+unittest\b|\bunittest +discover|\bsetup\.py[\s\"',]+test\b|^\s*test_suite\s*=|\btest_suite="
    rb"|\bnosetests\b|\bnose2\b|\bunit2\b|\bzope-testrunner\b|\bmanage\.py +test\b|\bstestr\b",
    re.MULTILINE,
)
_LOADERS = ("TestSuite", "TestLoader", "defaultTestLoader", "makeSuite", "TextTestRunner", "load_tests")


@dataclass(frozen=True, slots=True)
class Collection:
    """The settings of every pytest configuration in the tree; what is collected has to be so under each of them."""

    classes: Sequence[Sequence[str]]
    functions: Sequence[Sequence[str]]
    files: Sequence[Sequence[str]]
    uses_fixtures: bool = False

    def takes_class(self, name: str) -> bool:
        return all(_matches(name, patterns) for patterns in self.classes)

    def may_take_class(self, name: str) -> bool:
        return any(_matches(name, patterns) for patterns in self.classes)

    def takes_function(self, name: str) -> bool:
        return all(_matches(name, patterns) for patterns in self.functions)

    def may_take_function(self, name: str) -> bool:
        return any(_matches(name, patterns) for patterns in self.functions)

    def takes_file(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        return not is_notebook(path) and all(
            any(fnmatch.fnmatch(name, each) for each in patterns) for patterns in self.files
        )


def is_notebook(path: str) -> bool:
    """Tell whether a file is the code of a notebook."""
    return path.endswith(f"{SUFFIX}.py")


def read_collection(project: Project) -> Collection:
    """Return what the tree's configuration files say."""
    found = _all_settings(project) or [{}]
    return Collection(
        [_words(each, "python_classes", "Test") for each in found],
        [_words(each, "python_functions", "test") for each in found],
        [_words(each, "python_files", "test_*.py *_test.py") for each in found],
        any("usefixtures" in each for each in found),
    )


def other_runner(project: Project) -> str:
    """Return where the project runs its tests by something else than pytest, as `path:line`; nothing if nowhere."""
    for path in project.tree.paths():
        name = path.rpartition("/")[2]
        if not (name in _SCRIPTS or name == "Makefile" or path.endswith(_CONFIGURATION)):
            continue
        if path.count("/") > 1 and not path.startswith(".github/"):
            continue
        content = _content(project, path)
        match = _OTHER_RUNNER.search(content)
        if match:
            return f"{path}:{content.count(bytes([10]), 0, match.start()) + 1}"
    return next(_loaders(project), "")


def is_for_pytest(project: Project) -> bool:
    """Tell whether a project is set up for pytest: by its settings, a conftest.py, or files that import it."""
    paths = project.tree.paths()
    if any(path.rpartition("/")[2] == "conftest.py" for path in paths) or _all_settings(project):
        return True
    uses = (module.bindings.names.get("pytest") for module in project.containing(["pytest"]))
    return any(uses)


def _all_settings(project: Project) -> list[dict[str, object]]:
    """Return the settings of pytest in the tree's files that have any."""
    return [
        settings
        for path in project.tree.paths()
        if path.rpartition("/")[2] in _SETTINGS and (settings := _read(project, path)) is not None
    ]


def _loaders(project: Project) -> Iterator[str]:
    for module in project.containing(_LOADERS):
        for word in _LOADERS:
            uses = [*module.bindings.names.get(word, ()), *module.bindings.attributes.get(word, ())]
            lines = [node.lineno for node, _ in uses]
            lines += [node.lineno for node, _ in module.bindings.functions if node.name == word]
            if lines:
                yield f"{module.path}:{min(lines)}"


def _read(project: Project, path: str) -> dict[str, object] | None:
    """Return the settings of pytest in a file; None if it has none."""
    content = _content(project, path).decode("utf-8", "replace")
    if path.endswith(".toml"):
        try:
            document = tomllib.loads(content)
        except tomllib.TOMLDecodeError:
            return None
        table = (
            document.get("tool", {}).get("pytest")
            if path.endswith("pyproject.toml")
            else document.get("pytest")
        )
        if not isinstance(table, dict):
            return None
        options = table.get("ini_options", table)
        return dict(options) if isinstance(options, dict) else None
    parser = configparser.RawConfigParser(strict=False, delimiters=("=", ":"))
    try:
        parser.read_string(content)
    except configparser.Error:
        return None
    for section in _SECTIONS:
        if parser.has_section(section):
            return dict(parser.items(section))
    return None


def _content(project: Project, path: str) -> bytes:
    try:
        return project.tree.read(path)
    except OSError:
        return b""


def _words(settings: dict[str, object], name: str, default: str) -> list[str]:
    value = settings.get(name, default)
    return [str(each) for each in value] if isinstance(value, list) else str(value).split()


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(name.startswith(each) or fnmatch.fnmatch(name, each) for each in patterns)
