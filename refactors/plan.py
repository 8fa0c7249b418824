"""What a run is about to do, as a person approves it: batches, counts, and what is not supported.

A plan is small and can be stored: paths, counts and hashes, never contents.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from overhaul.refactors.batches import Batch, make_batches
from overhaul.refactors.recipe import Analysis, Edit, content_hash

NoteKind = Literal["submodule", "large-file", "generated", "vendored", "unparsed"]

_GENERATED = re.compile(rb"@generated\b|\bDO NOT EDIT\b|\bautomatically generated\b", re.IGNORECASE)
_HEAD_BYTES = 2_000
_VENDORED = frozenset(
    {"vendor", "vendored", "_vendor", "_vendored", "third_party", "thirdparty", "extern", "site-packages"}
)
_ANALYSED_SUFFIXES = (".py", ".pyi", ".rst", ".md", ".toml", ".cfg", ".ipynb")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the run cannot do, or does although it may not last."""

    kind: NoteKind
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """An edit without its content: SHA-256 before (None for a file that it creates) and after ("" if the file goes)."""

    path: str
    new_path: str | None
    old_hash: str | None
    new_hash: str
    sites: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Batches in the order in which they are made; `sites_hash` stands for the sites and their reasons."""

    recipe: str
    parameters: Mapping[str, Any]
    files_scanned: int
    resolved: int
    unresolved: int
    sites_hash: str
    edits: tuple[PlannedEdit, ...]
    batches: tuple[Batch, ...]
    notes: tuple[Note, ...]

    @property
    def hash(self) -> str:
        """SHA-256 of all of the plan: a decision holds for this plan and no other."""
        return _hash(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        document = asdict(self)
        document["batches"] = [list(batch) for batch in self.batches]
        return document | {"edits": list(document["edits"]), "notes": list(document["notes"])}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(
            **{
                **document,
                "edits": tuple(PlannedEdit(**edit) for edit in document["edits"]),
                "batches": tuple(tuple(batch) for batch in document["batches"]),
                "notes": tuple(Note(**note) for note in document["notes"]),
            }
        )


def make_plan(
    analysis: Analysis,
    *,
    independent_edits: bool,
    max_files: int = 50,
    dependencies: Mapping[str, Collection[str]] | None = None,
    submodules: Sequence[str] = (),
    large_file_pointers: Sequence[str] = (),
) -> Plan:
    """Plan the edits of an analysis; the arguments after it are those of `make_batches` and `CommitTree`."""
    edits = sorted(analysis.edits, key=lambda edit: edit.path)
    notes = [
        *(Note("submodule", path, "another repository; it is not searched") for path in submodules),
        *(
            Note("large-file", path, "its content is in Git LFS; it is not searched")
            for path in large_file_pointers
            if path.endswith(_ANALYSED_SUFFIXES)
        ),
        *(Note("unparsed", failure.path, failure.error) for failure in analysis.failures),
        *(note for edit in edits for note in _notes_on(edit)),
    ]
    return Plan(
        recipe=analysis.recipe,
        parameters=dict(analysis.parameters),
        files_scanned=analysis.files_scanned,
        resolved=analysis.resolved,
        unresolved=analysis.unresolved,
        sites_hash=_hash([asdict(site) for site in analysis.sites]),
        edits=tuple(
            PlannedEdit(
                edit.path,
                edit.new_path,
                edit.old_hash,
                "" if edit.is_removal else content_hash(edit.content),
                edit.sites,
            )
            for edit in edits
        ),
        batches=make_batches([edit.path for edit in edits], independent_edits, max_files, dependencies),
        notes=tuple(sorted(notes, key=lambda note: (note.path, note.kind))),
    )


def _notes_on(edit: Edit) -> Iterator[Note]:
    if _GENERATED.search(edit.content[:_HEAD_BYTES]):
        yield Note(
            "generated", edit.path, "generated; the edit lasts only if its generator is changed as well"
        )
    if _VENDORED.intersection(edit.path.split("/")[:-1]):
        yield Note("vendored", edit.path, "a copy of another project; the edit is lost when it is updated")


def _hash(document: Any) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
