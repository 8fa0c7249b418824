"""pyproject.toml (PEP 621, 735, Poetry, PDM, uv, hatch) and Pipfile: where they ask for a distribution."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import tomlkit
from packaging.utils import canonicalize_name
from tomlkit.exceptions import TOMLKitError

from overhaul.refactors.recipes.bump_dependency.document import (
    Document,
    Found,
    Place,
    Unreadable,
    read_requirement,
)

Keys = tuple[str | int, ...]
_BUILD = "what the build itself needs; -p build=yes edits it"
_ADDRESSES = frozenset({"git", "path", "url", "file", "ref"})
_MARKERS = frozenset({"markers", "python", "platform", "sys_platform", "python_version", "os_name"})


def read_pyproject(document: Document, name: str, build: bool) -> Found:
    """Find the places in a pyproject.toml. Raises Unreadable."""
    data = _load(document)
    places: list[Place] = []
    own = _table(data.get("project")).get("name")
    is_own = isinstance(own, str) and canonicalize_name(own) == name
    for keys, value in _lists(data):
        if isinstance(value, str) and read_requirement(value, name, 0) is not None:
            place = _in_literal(document, keys, value, name)
            if is_own:
                place = _doubted(place, "it is the project itself")
            elif keys[0] == "build-system" and not build:
                place = _doubted(place, _BUILD)
            places.append(place)
    for keys, value in _tables(data):
        if canonicalize_name(str(keys[-1])) == name:
            places += _poetry(document, keys, value)
    return Found(places, list(_included(document, data)))


def read_pipfile(document: Document, name: str) -> Found:
    """Find the places in a Pipfile. Raises Unreadable."""
    data = _load(document)
    places: list[Place] = []
    for section, table in data.items():
        if section not in {"source", "requires", "pipenv", "scripts"}:
            for key, value in _table(table).items():
                if canonicalize_name(key) == name:
                    places += _poetry(document, (section, key), value)
    return Found(places)


def computed(document: Document, beside: frozenset[str]) -> Place | None:
    """Return where it says that others compute the dependencies, if nothing that is read here does.

    `beside` are the names of the files in its folder.
    """
    data = _load(document)
    dynamic = _table(data.get("project")).get("dynamic")
    if not isinstance(dynamic, list) or "dependencies" not in dynamic or beside & {"setup.py", "setup.cfg"}:
        return None
    tool = _table(data.get("tool"))
    if "dependencies" in _table(_table(tool.get("setuptools")).get("dynamic")):
        return None
    if "dependencies" in _table(tool.get("poetry")):
        return None
    match = re.search(r"^\s*(dynamic)\s*=", document.text, re.MULTILINE)
    offset = match.start(1) if match else 0
    return Place(offset, offset, offset, "", "the dependencies are computed when it is built", aside=True)


def _load(document: Document) -> dict[str, Any]:
    try:
        return tomllib.loads(document.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unreadable(f"is no TOML: {error}") from None


def _lists(data: Mapping[str, Any]) -> Iterator[tuple[Keys, Any]]:
    """Yield every entry of a list of requirements, with its keys."""
    lists: list[Keys] = [("project", "dependencies"), ("build-system", "requires")]
    lists += [("tool", "uv", f"{kind}-dependencies") for kind in ("dev", "constraint", "override")]
    for table in (
        ("project", "optional-dependencies"),
        ("dependency-groups",),
        ("tool", "pdm", "dev-dependencies"),
    ):
        lists += [(*table, key) for key in _table(_at(data, table))]
    hatch = ("tool", "hatch", "envs")
    for key in _table(_at(data, hatch)):
        lists += [(*hatch, key, kind) for kind in ("dependencies", "extra-dependencies")]
    for keys in lists:
        entries = _at(data, keys)
        for number, value in enumerate(entries if isinstance(entries, list) else ()):
            yield (*keys, number), value


def _tables(data: Mapping[str, Any]) -> Iterator[tuple[Keys, Any]]:
    """Yield every entry of Poetry's tables of dependencies, with its keys."""
    poetry = ("tool", "poetry")
    tables: list[tuple[str, ...]] = [(*poetry, "dependencies"), (*poetry, "dev-dependencies")]
    tables += [(*poetry, "group", group, "dependencies") for group in _table(_at(data, (*poetry, "group")))]
    for keys in tables:
        for key, value in _table(_at(data, keys)).items():
            yield (*keys, key), value


def _poetry(document: Document, keys: Keys, value: Any) -> Iterator[Place]:
    if isinstance(value, list):
        for number, each in enumerate(value):  # several are for several environments
            for place in _poetry(document, (*keys, number), each):
                yield replace(place, is_marked=True)
        return
    is_marked = False
    if isinstance(value, dict):
        if "version" not in value:
            is_address = bool(_ADDRESSES & set(value))
            why = (
                "it is taken from an address, whose version is not told here"
                if is_address
                else "it has no version"
            )
            yield _at_name(document, keys, why)
            return
        is_marked = bool(_MARKERS & set(value))
        keys, value = (*keys, "version"), value["version"]
    if not isinstance(value, str):
        yield _at_name(document, keys, "what is asked for here cannot be read")
        return
    span = literal_span(document.text, keys, value)
    if span is None:
        yield _at_name(document, keys, _UNTOLD, is_marked)
        return
    yield Place(span[0], span[0], span[1], value, "", is_poetry=True, is_marked=is_marked)


_UNTOLD = "where its text begins and ends in the file is not told"


def _in_literal(document: Document, keys: Keys, value: str, name: str) -> Place:
    span = literal_span(document.text, keys, value)
    if span is None:
        return _at_name(document, keys, _UNTOLD)
    place = read_requirement(value, name, span[0])
    assert place is not None  # noqa: S101 - it was one before
    return place


def _at_name(document: Document, keys: Keys, doubt: str, is_marked: bool = False) -> Place:
    """Return a place that is only reported: at the first key of that name, or at the top."""
    names = [str(each) for each in keys if isinstance(each, str)]
    match = next(
        filter(None, (re.search(rf"(?m)^.*?\b({re.escape(each)})\b", document.text) for each in names[::-1])),
        None,
    )
    offset = match.start(1) if match else 0
    return Place(offset, offset, offset, "", doubt, is_marked=is_marked)


def _doubted(place: Place, doubt: str) -> Place:
    return replace(place, doubt=place.doubt or doubt, aside=True)


def literal_span(text: str, keys: Keys, value: str) -> tuple[int, int] | None:
    """Return where the content of a string begins and ends in a TOML text, without its quotes.

    Another string is put in its place: what is before and after it in the new text must be there in the old one.
    None if it is not, or if the string has escapes.
    """
    mark = "overhaul-was-here"
    while mark in text:
        mark += "-too"
    try:
        document: Any = tomlkit.parse(text)
        if tomlkit.dumps(document) != text:
            return None
        node = document
        for key in keys[:-1]:
            node = node[key]
        node[keys[-1]] = mark
        made = tomlkit.dumps(document)
    except (TOMLKitError, KeyError, IndexError, TypeError, ValueError, RecursionError):
        return None
    before, found, after = made.partition(f'"{mark}"')
    start, end = len(before), len(text) - len(after)
    if not found or end < start or text[:start] != before or text[end:] != after:
        return None
    literal = text[start:end]
    quotes = next((each for each in ('"""', "'''", '"', "'") if literal.startswith(each)), "")
    if not quotes or literal != f"{quotes}{value}{quotes}":
        return None
    return start + len(quotes), end - len(quotes)


def _included(document: Document, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files that setuptools reads dependencies from."""
    dynamic = _table(_at(data, ("tool", "setuptools", "dynamic")))
    groups = [dynamic.get("dependencies"), *_table(dynamic.get("optional-dependencies")).values()]
    for group in groups:
        files = _table(group).get("file")
        for each in [files] if isinstance(files, str) else files if isinstance(files, list) else []:
            if isinstance(each, str):
                yield posixpath.normpath(posixpath.join(document.folder, each))


def _at(data: Any, keys: Keys) -> Any:
    for key in keys:
        data = _table(data).get(str(key))
    return data


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
