"""Settings of other tools in setup.cfg that pyproject.toml takes with the same meaning."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overhaul.refactors.recipes.migrate_config.project_files import ProjectFiles
from overhaul.refactors.recipes.migrate_config.setup_cfg import ConfigFile, Option
from overhaul.refactors.recipes.migrate_config.values import Unknown

_LINES_OF_PYTEST = frozenset(
    {"filterwarnings", "markers", "required_plugins", "usefixtures", "doctest_optionflags"}
)
_WORDS_OF_PYTEST = frozenset(
    {"testpaths", "norecursedirs", "python_files", "python_classes", "python_functions", "pythonpath"}
)
_COVERAGE_LISTS = frozenset(
    {
        "source", "source_pkgs", "source_dirs", "include", "omit", "plugins", "concurrency", "disable_warnings",
        "debug", "exclude_lines", "exclude_also", "partial_branches", "partial_also",
    }
)  # fmt: skip
_COVERAGE_FLAGS = frozenset(
    {
        "branch", "parallel", "relative_files", "timid", "cover_pylib", "ignore_errors", "show_missing",
        "skip_covered", "skip_empty", "include_namespace_packages", "pretty_print", "show_contexts",
    }
)  # fmt: skip
_COVERAGE_NUMBERS = frozenset({"fail_under", "precision"})
_COVERAGE_TEXTS = frozenset({"data_file", "context", "dynamic_context", "directory", "title", "output", "sort",
                             "format", "extra_css", "sigterm"})  # fmt: skip
_COVERAGE_SECTIONS = frozenset({"run", "report", "html", "xml", "json", "lcov", "paths"})
_FLAGS = {
    "true": True,
    "yes": True,
    "1": True,
    "on": True,
    "false": False,
    "no": False,
    "0": False,
    "off": False,
}


@dataclass(frozen=True, slots=True)
class ToolTable:
    """A table below [tool], and the options that become it; `doubt` says why they stay."""

    keys: tuple[str, ...]
    options: Sequence[Option]
    values: Mapping[str, Any]
    comments: Mapping[str, tuple[str, ...]]
    doubt: str = ""


def tool_tables(file: ConfigFile, files: ProjectFiles, pyproject: Mapping[str, Any]) -> Iterator[ToolTable]:
    """Yield what becomes of the sections of pytest, coverage and isort."""
    for section in file.headers:
        options = file.section(section)
        tool, keys, convert = _reader(section)
        if not tool or not options:
            continue
        doubt = _against(tool, files, pyproject)
        values: dict[str, Any] = {}
        comments: dict[str, tuple[str, ...]] = {}
        for each in options:
            try:
                values[each.key] = convert(keys, each)
            except Unknown as error:
                doubt = doubt or str(error)
            above = tuple(text for _, texts in sorted(each.comments.items()) for text in texts)
            if above:
                comments[each.key] = above
        yield ToolTable(keys, options, values, comments, doubt)


def _reader(section: str) -> tuple[str, tuple[str, ...], Any]:
    if section == "tool:pytest":
        return "pytest", ("pytest", "ini_options"), _pytest
    kind = section.partition(":")[0]
    if kind == "coverage" or section.startswith("tool:coverage:"):
        return "coverage", ("coverage", section.rpartition(":")[2]), _coverage
    if section in {"isort", "tool:isort"}:
        return "isort", ("isort",), _isort
    return "", (), None


def _against(tool: str, files: ProjectFiles, pyproject: Mapping[str, Any]) -> str:
    """Return what would be read before or instead of the new table, as the tool looks for its settings."""
    if tool in pyproject.get("tool", {}):
        return f"pyproject.toml has settings of {tool} already"
    sections = {"pytest": ("pytest", "tool:pytest"), "coverage": ("coverage",), "isort": ()}[tool]
    if sections and files.has("tox.ini"):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(str(files.text("tox.ini")))
        except (Unknown, configparser.Error):
            return "tox.ini cannot be read, and may have such settings as well"
        known = {each for name in parser.sections() for each in (name, name.partition(":")[0])}
        if known & set(sections):
            return f"tox.ini has settings of {tool} as well, and which of the two is read would change"
    return ""


def _checked(option: Option) -> str:
    if re.search(r"(^|\s)[#;]", option.value):
        raise Unknown(f"{option.key} may have a comment in its value")
    return option.value


def _lines(text: str) -> list[str]:
    return [each.strip() for each in text.splitlines() if each.strip()]


def _pytest(keys: tuple[str, ...], option: Option) -> Any:  # noqa: ARG001
    value = _checked(option).strip()
    if option.key in _LINES_OF_PYTEST and "\n" in option.value:
        return _lines(value)
    if option.key in _WORDS_OF_PYTEST and "\n" in value:
        return shlex.split(value)
    return "\n".join(_lines(value)) if option.key != "addopts" else " ".join(_lines(value))


def _coverage(keys: tuple[str, ...], option: Option) -> Any:
    value = _checked(option)
    name = option.key
    if keys[1] not in _COVERAGE_SECTIONS:
        raise Unknown(f"coverage:{keys[1]} is no section that is known here")
    if keys[1] == "paths":
        return _lines(value)
    if name in _COVERAGE_LISTS:
        is_of_lines = name.startswith(("exclude", "partial"))
        return (
            _lines(value)
            if is_of_lines
            else [each.strip() for each in re.split(r"[,\n]", value) if each.strip()]
        )
    if name in _COVERAGE_FLAGS and value.strip().lower() in _FLAGS:
        return _FLAGS[value.strip().lower()]
    if name in _COVERAGE_NUMBERS and re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        return float(value) if "." in value else int(value)
    if name in _COVERAGE_TEXTS and "\n" not in value.strip():
        return value.strip()
    raise Unknown(f"of what kind coverage's {name} is, is not known here")


def _isort(keys: tuple[str, ...], option: Option) -> Any:  # noqa: ARG001
    value = _checked(option).strip()
    if "\n" in value:
        return [each.strip() for each in re.split(r"[,\n]", value) if each.strip()]
    if value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return int(value) if re.fullmatch(r"\d+", value) else value
