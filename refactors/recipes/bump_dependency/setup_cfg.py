"""setup.cfg: setuptools' lists of requirements."""

from __future__ import annotations

import configparser
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from overhaul.refactors.recipes.bump_dependency.document import (
    Document,
    Found,
    Place,
    Unreadable,
    lines_of,
    read_requirement,
)

_SECTION = re.compile(r"\[(.+)\]")
_OPTION = re.compile(r"([^\s=:#;\[][^=:]*?)\s*[=:]\s*(.*)")
_LISTS = frozenset({"install_requires", "setup_requires", "tests_require"})
_BUILD = "what the build itself needs; -p build=yes edits it"


@dataclass(slots=True)
class _Option:
    """A key and the lines of its value, each with its offset, without blanks around it."""

    section: str
    key: str
    lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_list(self) -> bool:
        return self.section == "options.extras_require" or (
            self.section == "options" and self.key.replace("-", "_") in _LISTS
        )


def read_setup_cfg(document: Document, name: str, build: bool) -> Found:
    """Find the places in a setup.cfg. Raises Unreadable."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(document.text)
    except configparser.Error as error:
        raise Unreadable(f"is no configuration file: {' '.join(str(error).split())}") from None
    places: list[Place] = []
    included: list[str] = []
    for option in _options(document.text):
        if not option.is_list:
            continue
        doubt = _doubt(parser, option)
        if option.key.replace("-", "_") == "setup_requires" and not build:
            doubt = doubt or _BUILD
        for offset, line in option.lines:
            if line.startswith("file:"):
                files = line.removeprefix("file:").split(",")
                included += [
                    posixpath.normpath(posixpath.join(document.folder, each.strip())) for each in files
                ]
            place = read_requirement(line, name, offset)
            if place is not None:
                is_build = doubt == _BUILD
                places.append(replace(place, doubt=place.doubt or doubt, aside=is_build))
    return Found(places, included)


def _doubt(parser: configparser.RawConfigParser, option: _Option) -> str:
    value = parser.get(option.section, option.key, fallback="")
    if [each.strip() for each in value.splitlines() if each.strip()] != [line for _, line in option.lines]:
        return "where its text begins and ends in the file is not told"
    if "\n" not in value and ";" in value:
        return "several requirements may be in the line: ';' is between them as well"
    return ""


def _options(text: str) -> Iterator[_Option]:
    """Yield the options as configparser reads them; what it reads otherwise is told by comparing."""
    section, option = "", None
    for offset, line in lines_of(text):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0].isspace():
            if option is not None:
                option.lines.append((offset + len(line) - len(line.lstrip()), stripped))
            continue
        if option is not None:
            yield option
            option = None
        header = _SECTION.match(line)
        if header is not None:
            section = header[1]
        elif (match := _OPTION.match(line)) is not None:
            option = _Option(section, match[1].lower())
            if match[2].strip():
                option.lines.append((offset + match.start(2), match[2].strip()))
    if option is not None:
        yield option
