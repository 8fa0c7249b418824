"""What a repository's metadata says that it needs: distributions with their versions, and Pythons.

Read are pyproject.toml (PEP 621, PEP 735, Poetry, PDM), setup.cfg, requirements and constraints files, and a setup.py
as far as it is literal. Nothing is executed.
"""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from overhaul.refactors.source import Tree

REQUIREMENTS = re.compile(
    r"(^|/)([^/]+[-_.])?(requirements|constraints)[^/]*\.(txt|in)$|(^|/)requirements/[^/]+\.(txt|in)$"
)
# Folders in which metadata are a fixture's, or another project's.
OF_OTHERS = re.compile(
    r"(^|/)(_?vendor(ed)?|third_party|site-packages|node_modules|fixtures?|test_?data|skeletons?|templates?"
    r"|[^/]*\{\{[^/]*|tests?/(.+/)?(data|samples?|examples?))/"
    r"|(^|/)tests?/(.+/)?(pyproject\.toml|Pipfile|setup\.cfg|setup\.py)$"
)
PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Declared:
    """A distribution (its normalised name, or `python`) and the versions of it that a file allows."""

    path: str
    name: str
    allowed: SpecifierSet


def declared_dependencies(tree: Tree) -> list[Declared]:
    """Return all that the metadata of a tree declares, by path. What cannot be read declares nothing."""
    found: list[Declared] = []
    for path in tree.paths():
        reader = _reader(path)
        if reader is None:
            continue
        try:
            text = tree.read(path).decode("utf-8")
            found += [Declared(path, name, allowed) for name, allowed in reader(text)]
        except (OSError, ValueError, configparser.Error, SyntaxError, RecursionError):
            continue
    return found


def have_common_version(left: SpecifierSet, right: SpecifierSet) -> bool:
    """Tell whether some version is in both ranges."""
    return any(
        left.contains(version, prereleases=True) and right.contains(version, prereleases=True)
        for version in _probes(left, right)
    )


def is_within(inner: SpecifierSet, outer: SpecifierSet) -> bool:
    """Tell whether every version of one range is in another."""
    return not any(
        inner.contains(version, prereleases=True) and not outer.contains(version, prereleases=True)
        for version in _probes(inner, outer)
    )


def _probes(*ranges: SpecifierSet) -> Iterator[Version]:
    """Yield the versions at the bounds of ranges, right below and right above: between those nothing changes."""
    yield Version("0")
    yield Version("99999")
    for each in (specifier for one in ranges for specifier in one):
        try:
            bound = Version(each.version.removesuffix(".*"))
        except InvalidVersion:
            continue
        release = [*bound.release]
        yield bound
        yield Version(".".join(map(str, [*release, 0, 1])))
        for length in range(1, len(release) + 1):
            yield Version(".".join(map(str, [*release[: length - 1], release[length - 1] + 1])))
            if release[length - 1]:
                below = [*release[: length - 1], release[length - 1] - 1, 99999]
                yield Version(".".join(map(str, below)))


def _reader(path: str) -> Any:
    name = path.rpartition("/")[2]
    readers = {"pyproject.toml": _pyproject, "setup.cfg": _setup_cfg, "setup.py": _setup_py}
    return readers.get(name) or (_requirements if REQUIREMENTS.search(path) else None)


Found = Iterator[tuple[str, SpecifierSet]]


def _pyproject(text: str) -> Found:
    document = tomllib.loads(text)
    project, tool = _table(document.get("project")), _table(document.get("tool"))
    yield from _requirement_list(project.get("dependencies"))
    for group in (
        *_table(project.get("optional-dependencies")).values(),
        *_table(document.get("dependency-groups")).values(),
        *_table(_table(tool.get("pdm")).get("dev-dependencies")).values(),
    ):
        yield from _requirement_list(group)
    yield from _python(project.get("requires-python"))
    poetry = _table(tool.get("poetry"))
    groups = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    groups += [_table(each).get("dependencies") for each in _table(poetry.get("group")).values()]
    for group in groups:
        for name, wanted in _table(group).items():
            for one in wanted if isinstance(wanted, list) else [wanted]:
                version = one.get("version", "*") if isinstance(one, dict) else one
                if isinstance(version, str):
                    yield canonicalize_name(name), poetry_range(version)


def _setup_cfg(text: str) -> Found:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    yield from _requirement_list(parser.get("options", "install_requires", fallback="").splitlines())
    if parser.has_section("options.extras_require"):
        for value in dict(parser.items("options.extras_require")).values():
            yield from _requirement_list(value.splitlines())
    yield from _python(parser.get("options", "python_requires", fallback=None))


def _setup_py(text: str) -> Found:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in {"setup", "setuptools.setup"}:
            continue
        for keyword in node.keywords:
            try:
                value = ast.literal_eval(keyword.value)
            except (ValueError, TypeError, SyntaxError):
                continue
            if keyword.arg in {"install_requires", "tests_require"}:
                yield from _requirement_list([value] if isinstance(value, str) else value)
            elif keyword.arg == "extras_require":
                for each in _table(value).values():
                    yield from _requirement_list([each] if isinstance(each, str) else each)
            elif keyword.arg == "python_requires":
                yield from _python(value)


def _requirements(text: str) -> Found:
    joined = re.sub(r"\\\r?\n", " ", text)
    lines = (re.sub(r"(^|\s)#.*", "", line) for line in joined.splitlines())
    yield from _requirement_list([re.split(r"\s--hash", line)[0] for line in lines])


def _requirement_list(values: Any) -> Found:
    for each in values if isinstance(values, list | tuple) else ():
        if not isinstance(each, str) or not each.strip() or each.lstrip().startswith("-"):
            continue
        try:
            requirement = Requirement(each.strip())
        except InvalidRequirement:
            continue
        yield canonicalize_name(requirement.name), requirement.specifier


def _python(text: Any) -> Found:
    if isinstance(text, str):
        try:
            yield PYTHON, SpecifierSet(text)
        except InvalidSpecifier:
            return


def poetry_range(text: str) -> SpecifierSet:
    """Return what Poetry means by `^1.2`, `~1.2`, `1.*` and the like. Raises InvalidSpecifier, a ValueError.

    Source: Poetry's documentation, dependency specification.
    """
    parts = [each.strip() for each in text.split(",") if each.strip() not in {"", "*"}]
    return SpecifierSet(",".join(_poetry_part(each) for each in parts))


def _poetry_part(text: str) -> str:
    if text[0] not in "^~" or text.startswith("~="):
        return text if text[0] in "<>=!~" else f"=={text}"
    version = Version(text[1:].strip())
    release = [*version.release]
    if text[0] == "~":
        kept = min(len(release), 2) - 1
    else:
        kept = next((index for index, part in enumerate(release) if part), len(release) - 1)
    above = [*release[:kept], release[kept] + 1]
    return f">={version},<{'.'.join(map(str, above))}"


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
