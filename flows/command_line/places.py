"""Which folders the PATHs of a command line have analysed, and which part of them is shown and changed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.source import FolderTree

_PATH = re.compile(r"(\.|[^:\s$(){}]*/[^:\s$(){}]*|[^:\s$(){}/]+\.pyi?)((?::\d+:\d+(?:-\d+:\d+)?)?)")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to analyse as a whole, and the files and folders below it that PATHs name; none for all of it."""

    root: Path
    only: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Tell whether a path below the root is in what PATHs name."""
        return not self.only or any(f"{path}/".startswith(f"{each}/") for each in self.only)

    def narrowed(self) -> Path | None:
        """Return the folder above the package that the one PATH is, or is in; None if there is none below the root."""
        if len(self.only) != 1:
            return None
        path = (self.root / self.only[0]).resolve()
        top = _top_of_package(path if path.is_dir() else path.parent)
        return top if self.root.resolve() in top.parents else None

    def from_root(self, text: str) -> str:
        """Return a parameter such as `pkg/a.py:3:5` or `./`, relative to the root.

        It may be relative to a PATH that is a folder, to the root or to the current folder, in this order.
        """
        match = _PATH.fullmatch(text)
        if match is None:
            return text
        path, rest = match.groups()
        end = "/" if path in {".", "./"} or path.endswith("/") else ""
        for each in self.only:
            if (self.root / each).is_dir() and (self.root / each / path).exists():
                return os.path.normpath(f"{each}/{path}") + end + rest
        real, top = Path(path).resolve(), self.root.resolve()
        if (self.root / path).exists() or not Path(path).exists() or top not in real.parents:
            return text
        return real.relative_to(top).as_posix() + end + rest


def analysed_places(paths: Sequence[Path]) -> list[Place]:
    """Return a place for each repository, or other folder, that PATHs lie in. Raises RefactorError.

    What a name means, and who else uses it, takes all of a repository to tell: a PATH inside one only limits what is
    shown and changed. Outside of git that is the folder itself, or the one above the package that it is part of.
    """
    return _joined([_place(path, in_repository=True) for path in paths or (Path(),)])


def graph_places(paths: Sequence[Path]) -> list[Place]:
    """Return the same for pictures: a folder is a picture of its own unless it is part of a package."""
    return _outermost([_place(path, in_repository=path.is_file()) for path in paths or (Path(),)])


def _place(path: Path, in_repository: bool) -> Place:
    is_file = path.is_file()
    if not is_file and not path.is_dir():
        raise RefactorError(f"there is no file or folder {path}. Give the folder of the code to look at.")
    real = path.resolve()  # what is edited is the file, not a link to it
    folder = real.parent if is_file else real
    top = (_top_of_repository(folder) if in_repository else None) or _top_of_package(folder)
    if top == real:
        return Place(path)
    return Place(_spelled(path, top), (real.relative_to(top).as_posix(),))


def _top_of_repository(folder: Path) -> Path | None:
    """Return the innermost repository's folder; None if git does not have the files, as where it ignores them."""
    top = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)
    return top if top == folder or (top is not None and FolderTree(folder).is_listed_by_git) else None


def _top_of_package(folder: Path) -> Path:
    """Return the folder above the package that a folder is, or is in: its modules import each other from there."""
    top = folder
    if not _is_package(folder) and _is_package(folder.parent):
        top = folder.parent
    while _is_package(top) and top != top.parent:
        top = top.parent
    return top


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").exists()


def _spelled(path: Path, top: Path) -> Path:
    """Return a folder above a PATH as the PATH is written: relative to here if it is."""
    if not path.is_absolute():
        return Path(os.path.relpath(top))
    return next((each for each in path.parents if each.resolve() == top), top)


def _joined(places: Sequence[Place]) -> list[Place]:
    """Return one place for each root, and none for a root whose files are another's."""
    found: dict[Path, Place] = {}
    first: dict[Path, int] = {}  # the place of each root's first PATH in the command
    roots = [place.root.resolve() for place in places]
    for number in sorted(range(len(places)), key=lambda each: len(roots[each].parts)):
        place, real = places[number], roots[number]
        root = next((each for each in real.parents if each in found and not _is_git(each)), real)
        only = place.only
        if root != real:
            inner = real.relative_to(root).as_posix()
            only = tuple(f"{inner}/{each}" for each in place.only) or (inner,)
        known = found.get(root, Place(place.root, only))
        found[root] = Place(known.root, (*known.only, *only) if known.only and only else ())
        first[root] = min(number, first.get(root, number))
    return [
        replace(found[root], only=tuple(dict.fromkeys(found[root].only)))
        for root in sorted(found, key=lambda each: first[each])
    ]


def _is_git(folder: Path) -> bool:
    """Tell whether git lists a folder's files: then those of a repository inside it, or ignored, are not among them."""
    return FolderTree(folder).is_listed_by_git


def _outermost(places: Iterable[Place]) -> list[Place]:
    """Leave out what lies in another folder of the same command."""
    places = list(dict.fromkeys(places))
    whole = {place.root.resolve() for place in places if not place.only}

    def is_inside(place: Place) -> bool:
        root = place.root.resolve()
        return bool(whole.intersection([root, *root.parents] if place.only else root.parents))

    return [place for place in places if not is_inside(place)]
