"""Which edits are tested and committed together, and which files of a batch break it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

Batch = tuple[str, ...]


def make_batches(
    paths: Collection[str],
    independent: bool,
    max_files: int,
    dependencies: Mapping[str, Collection[str]] | None = None,
) -> tuple[Batch, ...]:
    """Pack the files to be edited into batches: all in one if their edits belong together.

    `dependencies` names, for a file, the files that it imports; those come first, where they form no cycle.
    """
    if max_files < 1:
        raise ValueError("a batch holds at least one file")
    ordered = list(_dependencies_first(sorted(set(paths)), dependencies or {}))
    size = max_files if independent else max(1, len(ordered))
    return tuple(tuple(ordered[start : start + size]) for start in range(0, len(ordered), size))


def _dependencies_first(paths: Sequence[str], dependencies: Mapping[str, Collection[str]]) -> Iterator[str]:
    edited, seen = set(paths), set[str]()
    for start in paths:
        waiting = [(start, False)]
        while waiting:
            path, done = waiting.pop()
            if done:
                if path in edited:
                    yield path
            elif path not in seen:
                seen.add(path)
                waiting.append((path, True))
                waiting.extend((each, False) for each in sorted(dependencies.get(path, ()), reverse=True))


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
