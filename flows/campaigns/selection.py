"""Which repositories a campaign is about: found anew each time, so that new ones join."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from overhaul.flows.campaigns.campaign_file import FORGES, Campaign, ForgeQuery, Selection
from overhaul.flows.errors import RepositoryError
from overhaul.flows.forges.accounts import configured_forges
from overhaul.flows.forges.base import Selection as Wanted
from overhaul.flows.forges.choose import forge_at
from overhaul.flows.settings import Settings
from overhaul.flows.worktree import locate

PUBLIC_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "forgejo": "codeberg.org"}


@dataclass(frozen=True, slots=True)
class Selected:
    """A repository of a campaign, with the branch to change: its default one if that is empty.

    `left_out` says why it is no part of the campaign after all.
    """

    source: str
    base: str = ""
    left_out: str = ""


def select(campaign: Campaign, folder: Path) -> list[Selected]:
    """The repositories of a campaign, each branch of each once; paths are relative to the campaign's folder."""
    found: dict[tuple[str, str], Selected] = {}
    for selection in campaign.repositories:
        for each in _of(selection, folder):
            if pattern := next((one for one in campaign.exclude if _is_meant(each.source, one)), ""):
                each = Selected(each.source, each.base, f"excluded by {pattern}")
            found.setdefault((each.source, each.base), each)
    return list(found.values())


def _of(selection: Selection, folder: Path) -> Iterator[Selected]:
    bases = selection.base or ("",)
    for source, left_out in _sources(selection, folder):
        yield from (Selected(source, base, left_out) for base in bases)


def _sources(selection: Selection, folder: Path) -> Iterator[tuple[str, str]]:
    """Each source with the reason why it is left out, if it is."""
    if selection.path:
        yield from _folders(selection.path, folder)
    elif selection.url:
        yield _located(selection.url)
    elif (named := next((kind for kind in FORGES if getattr(selection, kind)), None)) is not None:
        yield from _listed(named, getattr(selection, named))
    elif selection.file:
        listing = folder / Path(selection.file).expanduser()
        try:
            lines = listing.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise RepositoryError(f"the list of repositories {listing} cannot be read: {error}") from error
        for line in lines:
            word = line.partition(" #")[0].strip().removeprefix("file://")
            if word and not word.startswith("#"):
                yield _located(word if "://" in word or "@" in word else _absolute(word, listing.parent))


def _listed(kind: str, query: ForgeQuery) -> Iterator[tuple[str, str]]:
    """What a forge lists, archived repositories and those that we may not write to with that as the reason."""
    owner = query.organization or query.user
    wanted, host = Wanted(owner, query.topic, query.search), query.host or PUBLIC_HOSTS[kind]
    forge = forge_at(host, owner)
    forks = configured_forges(Settings.from_environment())[host].forks
    for each in forge.repositories(wanted):
        left_out = "it is archived" if each.facts.is_archived else ""
        may = each.facts.may_write or forks
        yield each.address, left_out or ("" if may else "the token may not write to it")


def _folders(pattern: str, folder: Path) -> Iterator[tuple[str, str]]:
    """A folder as it is named; of a pattern's those that are git repositories."""
    place = _absolute(pattern, folder)
    if not glob.has_magic(pattern):
        yield _located(place)
        return
    for path in sorted(glob.glob(place)):  # noqa: PTH207  (Path.glob takes no absolute pattern)
        if (Path(path) / ".git").exists() or (Path(path) / "objects").is_dir():
            yield _located(path)


def _located(source: str) -> tuple[str, str]:
    try:
        return locate(source), ""
    except RepositoryError as error:
        return source, str(error)


def _absolute(path: str, folder: Path) -> str:
    return os.path.normpath(folder / Path(path).expanduser())


def _is_meant(source: str, pattern: str) -> bool:
    """Whether a pattern means a repository: by its path or address, its owner and name, or its name."""
    words = source.rstrip("/").removesuffix(".git").replace(":", "/").split("/")
    names = (source, "/".join(words[-2:]), words[-1])
    return any(fnmatchcase(name, str(Path(pattern).expanduser())) for name in names)
