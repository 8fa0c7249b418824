"""What a running step tells whoever watches: a command's progress display, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watcher = Callable[[str, int | None, int | None], None]

_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


def tell(doing: str, done: int | None = None, total: int | None = None) -> None:
    """Say what is being done now, and how far it is where that is known."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(doing, done, total)


@contextmanager
def watched_by(watcher: Watcher | None) -> Iterator[None]:
    """Within this, `tell` reaches the watcher."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


@contextmanager
def also_watched_by(watcher: Watcher) -> Iterator[None]:
    """Within this, `tell` reaches the watcher besides the one there is."""
    first = _watcher.get()

    def both(doing: str, done: int | None = None, total: int | None = None) -> None:
        for each in (first, watcher):
            if each is not None:
                each(doing, done, total)

    with watched_by(both):
        yield
