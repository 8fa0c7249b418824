"""The commands of tox's default test environment, as far as they can be read without tox."""

from __future__ import annotations

import configparser
import re
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from overhaul.sandbox.layout import read_toml, table
from overhaul.sandbox.requirement_files import joined_lines

# Stands for the tree's top folder in words and variables until a workspace has one.
ROOT = "@overhaul-root@"
TEST_ENVIRONMENTS = ("py", "py3", "test", "tests", "unit", "unittest", "unittests", "pytest")
_FACTORS = frozenset({"py", "py3", f"py3{sys.version_info.minor}"})
_CONDITION = re.compile(r"^(!?[\w.{},!-]+):\s+(.*)$")
_INNERMOST = re.compile(r"(?<!\\)\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class StatedCommand:
    """One command that a file states: its words, what it adds to the environment, its folder in the tree."""

    words: tuple[str, ...]
    source: str
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."


Stated = tuple[list[StatedCommand], list[str]]


def read_tox_commands(folder: Path, is_test: Callable[[StatedCommand], bool]) -> Stated:
    """The commands of the first environment that has a test among them, and what could not be read."""
    for name, keys in (("tox.toml", ()), ("pyproject.toml", ("tool", "tox"))):
        settings = table(read_toml(folder / name), *keys)
        if isinstance(settings.get("legacy_tox_ini"), str):
            return _from_ini(name, settings["legacy_tox_ini"], is_test)
        if settings:
            return _from_toml(name, settings, is_test)
    for name in ("tox.ini", "setup.cfg"):
        path = folder / name
        if path.is_file():
            found = _from_ini(name, path.read_text(encoding="utf-8", errors="replace"), is_test)
            if found[0] or found[1]:
                return found
    return [], []


def _from_ini(source: str, text: str, is_test: Callable[[StatedCommand], bool]) -> Stated:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        return [], [f"{source} cannot be read: {' '.join(str(error).split())}"]
    notes: list[str] = []
    for section in ("testenv", *(f"testenv:{name}" for name in TEST_ENVIRONMENTS)):
        if not parser.has_section(section):
            continue
        commands = _ini_commands(source, parser, section, notes)
        if any(is_test(command) for command in commands):
            return commands, notes
    return [], notes


def _ini_commands(
    source: str, parser: configparser.ConfigParser, section: str, notes: list[str]
) -> list[StatedCommand]:
    def value(*keys: str) -> str:
        for place in (section, "testenv"):
            for key in keys:
                if parser.has_option(place, key):
                    return substituted(parser.get(place, key), parser, section)
        return ""

    variables = {}
    for line in _lines(value("set_env", "setenv")):
        name, _, text = line.partition("=")
        variables[name.strip()] = text.strip()
    place = value("change_dir", "changedir").strip()
    commands = []
    for line in _lines(value("commands")):
        try:
            words = shlex.split(re.sub(r"^[-!]\s*(?=\S)", "", line).replace("[]", ""))
        except ValueError as error:
            notes.append(f"{source}: {line}: {error}")
            continue
        commands.append(StatedCommand(tuple(words), source, variables, place or "."))
    return commands


def _lines(text: str) -> list[str]:
    """Logical lines, those of other factors left out."""
    found = []
    for line in joined_lines(text):
        condition = _CONDITION.match(line)
        if condition is None:
            found.append(line)
        elif _holds(condition[1]):
            found.append(condition[2])
    return found


def _holds(condition: str) -> bool:
    """Whether a factor condition holds in an environment that is named for our Python alone."""
    braces = re.search(r"\{([^{}]*)\}", condition)
    if braces:
        before, after = condition[: braces.start()], condition[braces.end() :]
        return any(_holds(f"{before}{each.strip()}{after}") for each in braces[1].split(","))
    return any(
        all((factor.lstrip("!") in _FACTORS) != factor.startswith("!") for factor in each.strip().split("-"))
        for each in condition.split(",")
    )


def substituted(text: str, parser: configparser.ConfigParser, section: str) -> str:
    """Replace tox's substitutions from the inside out; one that only tox knows stays as it is."""
    kept: list[str] = []

    def replace(match: re.Match[str]) -> str:
        found = _substitution(match[1], parser, section)
        if found is None:
            kept.append(match[0])
            return f"\0{len(kept) - 1}\0"
        return found

    for _ in range(20):
        replaced = _INNERMOST.sub(replace, text)
        if replaced == text:
            break
        text = replaced
    for number in reversed(range(len(kept))):
        text = text.replace(f"\0{number}\0", kept[number])
    return text


def _substitution(words: str, parser: configparser.ConfigParser, section: str) -> str | None:
    kind, _, rest = words.partition(":")
    other = re.fullmatch(r"\[([^\]]+)\](\w+)", words)
    if other:
        known = parser.has_option(other[1], other[2]) and (other[1], other[2]) != (section, "commands")
        return parser.get(other[1], other[2]) if known else None
    if kind == "posargs":
        return rest
    if kind == "env":
        return rest.partition(":")[2]
    if kind == "tty":
        return rest.partition(":")[2]
    return {"toxinidir": ROOT, "tox_root": ROOT, "envpython": "python", "/": "/", ":": ":"}.get(words)


def _from_toml(source: str, settings: dict[str, Any], is_test: Callable[[StatedCommand], bool]) -> Stated:
    base = table(settings, "env_run_base")
    notes: list[str] = []
    own = [table(settings, "env", name) for name in TEST_ENVIRONMENTS]
    for settings_of_one in (base, *(base | each for each in own if each)):
        commands = _toml_commands(source, settings_of_one, notes)
        if any(is_test(command) for command in commands):
            return commands, notes
    return [], notes


def _toml_commands(source: str, settings: dict[str, Any], notes: list[str]) -> list[StatedCommand]:
    none = configparser.ConfigParser(interpolation=None)

    def plain(text: str) -> str:
        return substituted(text, none, "")

    variables = {
        name: plain(text) for name, text in table(settings, "set_env").items() if isinstance(text, str)
    }
    place = settings.get("change_dir", "")
    commands = []
    stated = settings.get("commands", [])
    for line in stated if isinstance(stated, list) else []:
        words = _toml_words(line) if isinstance(line, list) else None
        if words is None:
            notes.append(f"{source}: {line}: depends on tox's own replacements")
        else:
            folder = plain(place) if isinstance(place, str) else ""
            commands.append(
                StatedCommand(tuple(plain(word) for word in words), source, variables, folder or ".")
            )
    return commands


def _toml_words(line: list[Any]) -> list[str] | None:
    words: list[str] = []
    for item in line:
        if isinstance(item, str):
            words.append(item)
        elif isinstance(item, dict) and item.get("replace") == "posargs":
            default = item.get("default", [])
            words += [word for word in default if isinstance(word, str)] if isinstance(default, list) else []
        else:
            return None
    return words
