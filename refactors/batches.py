"""Which edits are tested and committed together, and which files of a batch break it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from overhaul.refactors.graph.components import components

Batch = tuple[str, ...]


def make_batches(
    paths: Collection[str],
    independent: bool,
    max_files: int,
    dependencies: Mapping[str, Collection[str]] | None = None,
) -> tuple[Batch, ...]:
    """Pack the files to be edited into batches: all in one if their edits belong together.

    `dependencies` names, for a file, the files that it imports; those come first. Files that import each other in a
    cycle are one batch together, if a batch can hold them.
    """
    if max_files < 1:
        raise ValueError("a batch holds at least one file")
    groups = _dependencies_first(sorted(set(paths)), dependencies or {})
    if not independent:
        return _packed(groups, max(1, len(set(paths))))
    return _packed(groups, max_files)


def _dependencies_first(
    paths: Sequence[str], dependencies: Mapping[str, Collection[str]]
) -> Iterator[Sequence[str]]:
    """Yield the files in groups: each one by itself or, in a cycle, all that are in it."""
    edited = set(paths)
    edges = {path: sorted(targets) for path, targets in dependencies.items()}
    for component in components(paths, edges):
        group = [path for path in component if path in edited]
        if group:
            yield group


def _packed(groups: Iterable[Sequence[str]], size: int) -> tuple[Batch, ...]:
    batches: list[list[str]] = []
    for group in groups:
        fits = batches and len(batches[-1]) + len(group) <= size
        rest = list(group)
        if fits or (batches and len(group) > size):
            room = size - len(batches[-1])
            batches[-1] += rest[:room]
            rest = rest[room:]
        batches += [rest[start : start + size] for start in range(0, len(rest), size)]
    return tuple(tuple(batch) for batch in batches)


def breaking_files(batch: Sequence[str], passes: Callable[[Batch], bool]) -> Batch:
    """Return the files of a failing batch without which it passes, found by halving.

    `passes` says whether the tests pass with the edits of these files alone; it is taken to hold for none of
    them. Each file returned breaks the tests together with those that are kept. With k such files among n,
    `passes` is asked about 2k log n times, never twice about the same files.
    """
    kept: set[str] = set()
    breaking: list[str] = []

    def search(group: Batch, fails: bool) -> None:
        together = tuple(path for path in batch if path in kept or path in group)
        if not fails and passes(together):
            kept.update(group)
        elif len(group) == 1:
            breaking.extend(group)
        else:
            middle, found = len(group) // 2, len(breaking)
            search(group[:middle], fails=False)
            # If all of the first half is kept, the second half makes it the whole that has failed before.
            search(group[middle:], fails=len(breaking) == found)

    if batch:
        search(tuple(batch), fails=True)
    return tuple(breaking)
