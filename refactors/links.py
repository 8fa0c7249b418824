"""Symbolic links of a tree. They are neither read nor followed, so what is behind one may be missing from a search.

A link to a file of the tree is edited with that file, and stays a link.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from overhaul.refactors.modules import is_python
from overhaul.refactors.recipe import Site
from overhaul.refactors.wide_files import narrowed

if TYPE_CHECKING:
    from overhaul.refactors.project import Project

Leads = Literal["inside", "outside", "nowhere", "in a circle"]
_LONGEST_CHAIN = 40  # links; as Linux has it


@dataclass(frozen=True, slots=True)
class Link:
    """A link at `path`; `target` is as it is written, `place` where it leads to inside the tree."""

    path: str
    target: str
    leads: Leads
    place: str = ""

    @property
    def module(self) -> str:
        """The name under which Python imports what it leads to."""
        folder, _, name = self.path.rpartition("/")
        stem = name.partition(".")[0] if is_python(name) else name
        return folder.rpartition("/")[2] if stem == "__init__" else stem

    @property
    def describes(self) -> str:
        """What is to be said of it where it matters."""
        where = {
            "inside": f"to {self.place}",
            "outside": f"out of the tree, to {self.target}",
            "nowhere": f"to {self.target}, which is not there",
            "in a circle": f"to {self.target}, which leads in a circle",
        }
        return f"a symbolic link {where[self.leads]}"


@runtime_checkable
class HasLinks(Protocol):
    """A tree that knows its symbolic links."""

    def links(self) -> Sequence[Link]: ...


def is_module_name(path: str) -> bool:
    """Tell whether a link's name is that of a Python file, or could be that of a package."""
    name = path[path.rfind("/") + 1 :]
    # An editor's lock is such a link as well: `.#api.py`.
    return name.isidentifier() if "." not in name else is_python(name) and not name.startswith(".")


def folder_links(root: Path, paths: Collection[str]) -> list[Link]:
    """Return what the links at these paths below a folder lead to; nothing behind one is opened."""
    top = root.resolve()
    found = []
    for path in sorted(paths):
        link = root / path
        try:
            target = os.fspath(link.readlink())
        except OSError:
            continue
        try:
            place = link.resolve(strict=True)
        except (OSError, RuntimeError):
            missing = isinstance(_error_of(link), FileNotFoundError | NotADirectoryError)
            found.append(Link(path, target, "nowhere" if missing else "in a circle"))
            continue
        if place.is_relative_to(top):
            found.append(Link(path, target, "inside", place.relative_to(top).as_posix()))
        else:
            found.append(Link(path, target, "outside"))
    return found


def _error_of(link: Path) -> OSError | None:
    try:
        link.stat()
    except OSError as error:
        return error
    return None


def commit_links(targets: Mapping[str, str], is_there: Callable[[str], bool]) -> list[Link]:
    """Return what links lead to in a commit, told from their texts; `is_there` is for its files and folders."""
    return [_commit_link(path, targets, is_there) for path in sorted(targets)]


def _commit_link(path: str, targets: Mapping[str, str], is_there: Callable[[str], bool]) -> Link:
    waiting = path.split("/")
    place: list[str] = []
    followed = 0
    while waiting:
        part = waiting.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            if not place:
                return Link(path, targets[path], "outside")
            place.pop()
            continue
        here = "/".join([*place, part])
        if here not in targets:
            place.append(part)
            continue
        followed += 1
        if followed > _LONGEST_CHAIN:
            return Link(path, targets[path], "in a circle")
        if targets[here].startswith("/"):
            return Link(path, targets[path], "outside")
        waiting = [*targets[here].split("/"), *waiting]
    found = "/".join(place)
    return Link(path, targets[path], "inside" if is_there(found) else "nowhere", found)


def link_sites(project: Project, words: Collection[str], symbol: str) -> Iterator[Site]:
    """Yield a site for each link behind which one of the words may stand, or through which it is imported.

    A Python file outside the tree may have any word. Of other links only those count whose name a file imports that
    has one of the words: what is imported through a link is not known to be what the link leads to.
    """
    for link in project.tree.links():
        if link.leads == "outside" and is_python(link.path):
            yield Site(
                link.path, 1, 1, symbol, "unresolved", f"{link.describes}: the file there is not searched"
            )
        elif _is_imported(project, link.module, words):
            reason = f"{link.describes}: what is imported under its name is not followed"
            yield Site(link.path, 1, 1, symbol, "unresolved", reason)


def _is_imported(project: Project, name: str, words: Collection[str]) -> bool:
    if not name.isidentifier():
        return False
    imports = re.compile(rf"^[ \t]*(?:from|import)[ \t][^#\n]*(?<!\w){name}(?!\w)".encode(), re.MULTILINE)
    for path in set(project.paths_containing([name])).intersection(project.paths_containing(words)):
        try:
            if imports.search(narrowed(project.tree.read(path))):
                return True
        except OSError:
            continue  # it is reported itself
    return False
