"""setup.cfg: its sections and options with the lines that they are on, and what they give to setuptools."""

from __future__ import annotations

import configparser
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from overhaul.refactors.recipes.migrate_config.project_files import ProjectFiles
from overhaul.refactors.recipes.migrate_config.values import (
    AttributeOf,
    Derived,
    FilesOf,
    Found,
    Given,
    Mystery,
    Unknown,
    Whole,
)

_SECTION = re.compile(r"\[(.+)\]\s*$")
_OPTION = re.compile(r"([^\s=:#;\[][^=:]*?)\s*[=:]\s*(.*)$")
_TRUE = frozenset({"1", "true", "yes"})


class Unreadable(Exception):
    """The file is not one that setuptools reads; the message says why."""


@dataclass(slots=True)
class Option:
    """An option. `start` to `end` are its lines from 0, with the comments right above it."""

    section: str
    key: str
    value: str
    line: int
    start: int
    end: int
    comments: dict[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class ConfigFile:
    """A setup.cfg. `headers` are the lines of sections, by name."""

    path: str
    content: bytes
    lines: list[str]
    options: list[Option]
    headers: dict[str, int]

    def section(self, name: str) -> list[Option]:
        return [each for each in self.options if each.section == name]

    def without(self, moved: Collection[tuple[str, str]]) -> bytes:
        """Return the file without these options, and without the sections that have nothing left."""
        gone: set[int] = set()
        for each in self.options:
            if (each.section, each.key) in moved:
                gone.update(range(each.start, each.end))
        starts = sorted([*self.headers.values(), len(self.lines)])
        for header in self.headers.values():
            end = next(each for each in starts if each > header)
            block = range(header + 1, end)
            was_changed = bool(gone & set(block)) or not any(self.lines[each].strip() for each in block)
            if was_changed and not any(self.lines[each].strip() for each in block if each not in gone):
                gone.update(range(header, end))
        kept = [line for number, line in enumerate(self.lines) if number not in gone]
        while kept and gone and not kept[-1].strip():
            kept.pop()
        return "".join(kept).encode()


def read_setup_cfg(path: str, content: bytes) -> ConfigFile:
    """Read a setup.cfg. Raises Unreadable."""
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        text = content.decode()
        parser.read_string(text)
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not in UTF-8: {error.reason} at byte {error.start}") from None
    except configparser.Error as error:
        raise Unreadable(f"is no configuration file: {' '.join(str(error).split())}") from None
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text)
    file = ConfigFile(path, content, lines, [], {})
    _read_lines(file)
    known = {(section, key) for section in parser.sections() for key in parser[section]}
    if known != {(each.section, each.key) for each in file.options} or parser.defaults():
        raise Unreadable("has options whose lines are not told")
    for each in file.options:
        each.value = parser.get(each.section, each.key) or ""
    return file


def _read_lines(file: ConfigFile) -> None:
    section, option, above = "", None, list[int]()
    for number, line in enumerate(file.lines):
        stripped = line.strip()
        if not stripped:
            above = []
        elif stripped[0] in "#;":
            above.append(number)
        elif line[0].isspace() and option is not None:
            if above:
                element = option.value.count("\n")
                option.comments[element] = tuple(_comment(file.lines[each]) for each in above)
            option.value += "\n"
            option.end, above = number + 1, []
        elif match := _SECTION.match(stripped):
            section, option, above = match[1], None, []
            if section in file.headers:
                raise Unreadable("has a section twice")
            file.headers[section] = number
        elif (match := _OPTION.match(stripped)) is not None:
            start = above[0] if above else number
            option = Option(section, match[1].strip(), "", number, start, number + 1)
            if above:
                option.comments[-1] = tuple(_comment(file.lines[each]) for each in above)
            if match[2].strip():
                option.value = "\n"
            file.options.append(option)
            above = []


def _comment(line: str) -> str:
    return line.strip().lstrip("#;").strip()


_NAMES = {
    "home_page": "url", "summary": "description", "classifier": "classifiers", "platform": "platforms",
}  # fmt: skip
_COMMAS = ("keywords", "platforms", "license_files", "packages", "py_modules", "scripts")
_LINES = ("install_requires", "setup_requires", "tests_require")
_METADATA = frozenset(
    {
        "name", "version", "url", "download_url", "project_urls", "author", "author_email", "maintainer",
        "maintainer_email", "classifiers", "license", "license_file", "license_files", "description",
        "long_description", "long_description_content_type", "keywords", "platforms",
    }
)  # fmt: skip
_OPTIONS = frozenset(
    {
        "zip_safe", "include_package_data", "packages", "package_dir", "py_modules", "python_requires",
        "install_requires", "setup_requires", "tests_require", "scripts", "entry_points", "test_suite",
    }
)  # fmt: skip
_TABLES = ("extras_require", "entry_points", "package_data", "exclude_package_data", "data_files")


@dataclass(slots=True)
class Configuration:
    """What a setup.cfg gives, by the keywords of setup(), and the options that each is said by."""

    given: dict[str, Given] = field(default_factory=dict)
    options: dict[str, list[Option]] = field(default_factory=dict)
    unknown: list[Option] = field(default_factory=list)


def read_configuration(file: ConfigFile, files: ProjectFiles) -> Configuration:
    """Read what setuptools takes from the file, as it takes it."""
    found = Configuration()
    finders = file.section("options.packages.find")
    for option in [*file.section("metadata"), *file.section("options")]:
        name = option.key.replace("-", "_").lower()
        name = _NAMES.get(name, name) if option.section == "metadata" else name
        known = _METADATA if option.section == "metadata" else _OPTIONS
        if name not in known or name in found.given:
            found.unknown.append(option)
            continue
        try:
            value = _value(name, option.value, finders, files)
        except Unknown as error:
            value = Mystery(str(error))
        of = [option]
        if isinstance(value, Found):
            of += finders
        found.given[name] = _given(file, option, value)
        found.options[name] = of
    for name in _TABLES:
        options = file.section(f"options.{name}")
        if options and name not in found.given:
            value = {
                each.key: _listed(each.value, ";" if name == "extras_require" else ",") for each in options
            }
            found.given[name] = _given(file, options[0], value, with_comments=False)
            found.options[name] = options
    return found


def _given(file: ConfigFile, option: Option, value: Any, with_comments: bool = True) -> Given:
    comments: Mapping[int, tuple[str, ...]] = option.comments if with_comments else {}
    if -1 in option.comments and not with_comments:
        comments = {-1: option.comments[-1]}
    return Given(value, file.path, option.line + 1, 1, comments)


def _value(name: str, text: str, finders: list[Option], files: ProjectFiles) -> Any:
    if text.startswith("file:"):
        return _of_files(name, tuple(each.strip() for each in text[5:].split(",")), files)
    if text.startswith("attr:"):
        return AttributeOf(text[5:].strip())
    if name == "packages" and text.strip() in {"find:", "find_namespace:"}:
        return _finder(text.strip() == "find_namespace:", finders)
    if name in {"zip_safe", "include_package_data"}:
        return text.lower() in _TRUE
    if name == "project_urls" or name == "package_dir":
        return dict(_pairs(text))
    if name in _COMMAS or name in {"classifiers", "license_file"}:
        return _listed(text, ",") if name != "license_file" else text
    if name in _LINES:
        return _listed(text, ";")
    if name == "entry_points":
        raise Unknown("it is in the form of a file")
    return text


def _of_files(name: str, paths: tuple[str, ...], files: ProjectFiles) -> Any:
    if name == "long_description":
        texts = [files.text(each) for each in paths]
        between: list[str | Whole] = []
        for path in paths:
            between += ["\n", Whole(path)] if between else [Whole(path)]
        return Derived.of("\n".join(texts), paths, tuple(between))
    if name == "classifiers":
        raise Unknown("it is in another file")
    return FilesOf(paths)


def _finder(namespaces: bool, finders: list[Option]) -> Found:
    known = {each.key: each.value for each in finders}
    if set(known) - {"where", "include", "exclude"}:
        raise Unknown("what is looked for is not told")
    where = known.get("where", "").strip()
    include, exclude = (tuple(_listed(known.get(each, ""), ",")) for each in ("include", "exclude"))
    return Found(namespaces, "" if where == "." else where, include, exclude)


def _listed(text: str, separator: str) -> list[str]:
    """Split a value as setuptools does: into lines, or at separators if it is of one line."""
    parts = text.splitlines() if "\n" in text else text.split(separator)
    return [each.strip() for each in parts if each.strip()]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for each in _listed(text, ","):
        key, equals, value = each.partition("=")
        if not equals:
            raise Unknown("it is no table")
        yield key.strip(), value.strip()
