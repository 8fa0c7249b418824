"""What each module offers to others, what it re-exports, and who reaches past it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from overhaul.refactors.facts.record import OFFERED, FileFacts
from overhaul.refactors.facts.terms import IMPORTED, MODULE
from overhaul.refactors.graph.imports import import_location
from overhaul.refactors.modules import INITIALISERS, ModuleTable, is_python, module_key, parent
from overhaul.refactors.public_names import is_test_path


class PublicName(NamedTuple):
    """A name that a module offers; `origin` is what it re-exports, "" for its own."""

    name: str
    origin: str


class Crossing(NamedTuple):
    """An import of something private from outside the package that it is private to."""

    path: str
    line: int
    name: str


def public_names(path: str, facts: FileFacts) -> tuple[list[PublicName], bool]:
    """Return what a file offers, and whether that is sure: not if `__all__` is computed or a star import adds to it.

    `__all__` decides; without one it is what has no leading underscore: a package's imports too, a module's only in
    the form `import x as x` (PEP 484).
    """
    has_star = any(fact.name == "*" for fact in facts.imports)
    if facts.exported is not None:
        names = [PublicName(name, _origin(facts, name)) for name in sorted(set(facts.exported))]
        return names, facts.is_complete
    is_package = path.rpartition("/")[2] in INITIALISERS
    offered = {fact.bound for fact in facts.imports if fact.flags & OFFERED}
    found = []
    for name, term in sorted(facts.names.items()):
        origin = _origin(facts, name)
        is_import = facts.terms[term][0] in (IMPORTED, MODULE)
        if not name.startswith("_") and (not is_import or is_package or name in offered):
            found.append(PublicName(name, origin))
    return found, not (has_star and is_package)


def _origin(facts: FileFacts, name: str) -> str:
    number = facts.names.get(name)
    if number is None:
        return ""
    kind, *rest = facts.terms[number]
    if kind == IMPORTED:
        module, level, imported = rest
        return f"{'.' * level}{module}{'.' if module else ''}{imported}"
    return str(rest[0]) if kind == MODULE else ""


def crossings(table: ModuleTable, files: Mapping[str, FileFacts]) -> Iterator[Crossing]:
    """Yield the imports of private modules or names of another package: of those that lie not beside or above.

    A test may import what it tests, so imports of tests are left out.
    """
    for path, facts in files.items():
        if is_test_path(path) or not is_python(path):
            continue
        for fact in facts.imports:
            location = import_location(table, path, fact)
            if location is None:
                continue
            parts = location.key.split("/")
            private = next((number for number, part in enumerate(parts) if _is_private(part)), None)
            if private is not None:
                owner = "/".join(parts[:private])
            elif _is_private(fact.name):
                owner = location.key if location.is_package else parent(location.key)
            else:
                continue
            if not _is_inside(module_key(path), owner):
                yield Crossing(path, fact.line, ".".join(filter(None, [*parts, fact.name])))


def _is_private(name: str) -> bool:
    return len(name) > 1 and name.startswith("_") and not name.endswith("__")


def _is_inside(key: str, folder: str) -> bool:
    return not folder or key == folder or key.startswith(f"{folder}/")
