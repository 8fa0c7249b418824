"""The parts of a change that have different owners: each becomes a pull request of its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

from overhaul.flows.analysis import AnalysisRecord, read_sites
from overhaul.flows.mirror import Mirror
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.graph.owners import Owners

NOBODY = "nobody"
# Of what the ledger keeps; longer ones end in a hash.
LONGEST = 250


def parts_of(mirror: Mirror, commit: str, record: AnalysisRecord) -> list[str]:
    """The owners of the files that would be edited at a commit, in order: files with the same owners are one part."""
    owners = _owners(mirror, commit)
    return sorted({_part(owners, edit["path"]) for edit in record.edits})


def one_part(mirror: Mirror, commit: str, record: AnalysisRecord, part: str) -> AnalysisRecord:
    """What an analysis of a commit has found in the files of one part."""
    owners = _owners(mirror, commit)
    sites = [site for site in read_sites(mirror, record) if _part(owners, site.path) == part]
    resolved = sum(site.status == "resolved" for site in sites)
    edits = [edit for edit in record.edits if _part(owners, edit["path"]) == part]
    return replace(
        record,
        resolved=resolved,
        unresolved=len(sites) - resolved,
        sites=mirror.blob_of(json.dumps([asdict(site) for site in sites]).encode()),
        edits=edits,
        failures=[each for each in record.failures if _part(owners, each["path"]) == part],
    )


def said_part(part: str) -> str:
    """How a title or a name goes on: ` (files of @acme/web)`; nothing where it is about all of them."""
    return f" (files of {part.replace(' ', ', ')})" if part else ""


def _owners(mirror: Mirror, commit: str) -> Owners:
    with CommitTree(mirror.folder, commit) as tree:
        return Owners.of_tree(tree)


def _part(owners: Owners, path: str) -> str:
    names = " ".join(sorted(owners.of(path))) or NOBODY
    if len(names) <= LONGEST:
        return names
    return f"{names[: LONGEST - 17]} {hashlib.sha256(names.encode()).hexdigest()[:16]}"
