"""pyproject.toml with new tables in it: what stands there already keeps every byte."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, Table

from overhaul.refactors.declared_dependencies import have_common_version, is_within
from overhaul.refactors.recipes.migrate_config.fields import Listed, Tables

_ORDER = (
    "name", "version", "description", "readme", "requires-python", "license", "license-files", "authors",
    "maintainers", "keywords", "classifiers", "dynamic", "dependencies", "urls", "optional-dependencies",
    "scripts", "gui-scripts", "entry-points",
)  # fmt: skip
_DYNAMIC_ORDER = {name: number for number, name in enumerate(_ORDER)}
_WIDEST = 72
_BACKENDS = ("setuptools.build_meta", "setuptools.build_meta:__legacy__")
_OLDEST = "setuptools>=61"


class Conflict(Exception):
    """The pyproject.toml that is there cannot take the new tables; `key` is what stands against it."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(key, reason)
        self.key, self.reason = key, reason


def check(data: Mapping[str, Any]) -> None:
    """Refuse a file that has its own project, or another build backend. Raises Conflict."""
    if "project" in data:
        raise Conflict(
            "project", "it has a [project] table already; what it and setup.py say is not put together"
        )
    tool = data.get("tool", {})
    if "poetry" in tool and "name" in tool["poetry"]:
        raise Conflict("poetry", "it has the metadata of Poetry already")
    if "setuptools" in tool:
        raise Conflict("setuptools", "it has a [tool.setuptools] table already, which is not added to")
    backend = data.get("build-system", {}).get("build-backend", _BACKENDS[0])
    if backend not in _BACKENDS:
        raise Conflict("build-backend", f"it is built by {backend}, and not by setuptools")


def with_project(text: str, tables: Tables, dynamic: Sequence[str], is_local: bool) -> str:
    """Return a pyproject.toml with what setup.py and setup.cfg have said.

    `dynamic` are fields that stay with setup.py or setup.cfg. `is_local` where setup.py is kept and imports modules
    beside it, which are only found where no backend is named. Raises Conflict.
    """
    data = _read(text)
    check(data)
    text = _with_build_system(text, data, _build_requires(tables.requires), is_local)
    fields = dict(tables.project)
    # What sets the version may be none of the keywords: use_scm_version, a command of its own.
    absent = set() if "version" in fields else {"version"}
    moving = sorted({*dynamic, *tables.dynamic, *absent}, key=lambda name: _DYNAMIC_ORDER[name])
    if moving:
        fields["dynamic"] = moving
    project = {name: fields[name] for name in _ORDER if name in fields}
    setuptools = dict(tables.setuptools)
    if tables.dynamic:
        setuptools["dynamic"] = tables.dynamic
    made = _rendered(("project",), project, tables.comments)
    text = _after(text, "build-system", made)
    return _at_end(text, _rendered(("tool", "setuptools"), setuptools, tables.comments))


def with_tool(
    text: str, keys: tuple[str, ...], table: Mapping[str, Any], comments: Mapping[str, tuple[str, ...]]
) -> str:
    """Return a pyproject.toml with one more table at its end."""
    return _at_end(text, _rendered(("tool", *keys), table, comments))


def as_file(text: str, before: bytes) -> bytes:
    """Return the text with the line ends of the file that it was."""
    if b"\r\n" in before:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return text.encode()


def _read(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def _with_build_system(text: str, data: Mapping[str, Any], requires: list[str], is_local: bool) -> str:
    system = data.get("build-system")
    if system is None:
        table: dict[str, Any] = {"requires": requires}
        if not is_local:
            table["build-backend"] = _BACKENDS[0]
        made = _rendered(("build-system",), table, {})
        return f"{made}\n{text}" if text.strip() else made
    document = tomlkit.parse(text)
    known = document["build-system"]
    if not isinstance(known, Table) or not isinstance(known.get("requires"), Array):
        raise Conflict("build-system", "its build-system.requires is no list")
    listed = known["requires"]
    changed = _raised([str(each) for each in system["requires"]], requires)
    for index, each in enumerate(changed[: len(system["requires"])]):
        if each != system["requires"][index]:
            listed[index] = each
    for each in changed[len(system["requires"]) :]:
        listed.append(each)
    if "build-backend" not in system and not is_local:
        known["build-backend"] = _BACKENDS[0]
    return str(document.as_string())


def _build_requires(more: Sequence[str]) -> list[str]:
    """Return what a build needs: a setuptools that reads [project], and what setup() has asked for."""
    found = [_OLDEST]
    for each in more:
        requirement = Requirement(each)
        if requirement.name.lower() != "setuptools":
            found.append(each)
        elif not is_within(Requirement(_OLDEST).specifier, requirement.specifier):
            found[0] = _lifted(each, requirement, Requirement(_OLDEST))
    return found


def _raised(known: list[str], wanted: list[str]) -> list[str]:
    """Return what the build asks for, with a setuptools that reads [project]. Raises Conflict."""
    found = list(known)
    names = []
    for index, each in enumerate(known):
        try:
            requirement = Requirement(each)
        except InvalidRequirement:
            raise Conflict("requires", f"{each!r} is no requirement") from None
        names.append(requirement.name.lower())
        if requirement.name.lower() == "setuptools":
            oldest = Requirement(wanted[0]).specifier
            if requirement.url or not have_common_version(requirement.specifier, oldest):
                raise Conflict("requires", f"{each!r} allows no setuptools that reads [project]")
            found[index] = _lifted(each, requirement, Requirement(wanted[0]))
    found += [each for each in wanted if Requirement(each).name.lower() not in names]
    return found


def _lifted(text: str, requirement: Requirement, wanted: Requirement) -> str:
    lowest = next(iter(wanted.specifier))
    lower = [each for each in requirement.specifier if each.operator in {">=", ">", "~=", "=="}]
    if any(Version(each.version.removesuffix(".*")) >= Version(lowest.version) for each in lower):
        return text
    kept = sorted(str(each) for each in requirement.specifier if each not in lower)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f"; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{extras}{','.join([str(lowest), *kept])}{marker}"


def _rendered(
    keys: tuple[str, ...], table: Mapping[str, Any], comments: Mapping[str, tuple[str, ...]]
) -> str:
    """Return a table with its own tables after it, as text that ends with a line end."""
    plain = {name: value for name, value in table.items() if not _is_table(name, value)}
    lines = [f"[{'.'.join(_key(each) for each in keys)}]"]
    for name, value in plain.items():
        lines += [f"# {each}" for each in comments.get(name, ())]
        lines.append(f"{_key(name)} = {_literal(value)}")
    texts = ["\n".join(lines) + "\n"] if plain or not table else []
    for name, value in table.items():
        if name not in plain:
            above = comments.get(name) or comments.get(f"{name}.find" if "find" in value else name) or ()
            made = _rendered((*keys, name), value, {})
            texts.append("".join(f"# {each}\n" for each in above) + made)
    return "\n".join(texts)


def _is_table(name: str, value: Any) -> bool:
    return (
        isinstance(value, dict)
        and name not in {"readme", "license", "version", "package-dir"}
        and (name != "dependencies")
    )


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else tomlkit.item(name).as_string()


def _literal(value: Any) -> str:
    if isinstance(value, Listed):
        return _list(value.items, value.comments)
    if isinstance(value, list | tuple):
        return _list(list(value), {})
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(each)} = {_literal(one)}" for each, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return _string(str(value))


def _string(text: str) -> str:
    if "\n" in text:
        made = tomlkit.string(text, multiline=True)
        return made.as_string()
    is_plainer = '"' in text and "'" not in text and text.isprintable()
    return tomlkit.string(text, literal=is_plainer).as_string()


def _list(items: Sequence[Any], comments: Mapping[int, tuple[str, ...]]) -> str:
    texts = [_literal(each) for each in items]
    line = f"[{', '.join(texts)}]"
    if not comments and (len(texts) <= 1 or (len(line) <= _WIDEST and not line.startswith("[{"))):
        return line
    lines = ["["]
    for index, text in enumerate(texts):
        lines += [f"    # {each}" for each in comments.get(index, ())]
        lines.append(f"    {text},")
    return "\n".join([*lines, "]"])


def _after(text: str, table: str, made: str) -> str:
    """Put a text behind a table, before the next one."""
    lines = text.splitlines(keepends=True)
    start = next(index for index, line in enumerate(lines) if re.match(rf"\s*\[\s*{table}\s*\]", line))
    end = next(
        (index for index in range(start + 1, len(lines)) if re.match(r"\s*\[\[?\s*[\w\"']", lines[index])
         and _is_header(lines, index)),
        len(lines),
    )  # fmt: skip
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    head, tail = "".join(lines[:end]), "".join(lines[end:]).lstrip("\r\n")
    head = head if head.endswith("\n") else f"{head}\n"
    return f"{head}\n{made}\n{tail}" if tail.strip() else f"{head}\n{made}"


def _is_header(lines: list[str], index: int) -> bool:
    """Tell whether a line begins a table, and does not stand in a list or text: what is before it is complete."""
    try:
        tomlkit.parse("".join(lines[:index]))
    except (TOMLKitError, ValueError):
        return False
    return True


def _at_end(text: str, made: str) -> str:
    return f"{text.rstrip()}\n\n{made}" if text.strip() else made
