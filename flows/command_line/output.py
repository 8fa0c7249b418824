"""What commands print: reports on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

Say = Callable[[str], None]


def print_json(document: Any) -> None:
    """Print the one JSON document of a command."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def note(message: str) -> None:
    """Say something beside the report."""
    click.echo(message, err=True)


def plural(count: int, noun: str) -> str:
    """`1 site`, `2 sites`, `3 batches`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun}{'es' if noun.endswith(('s', 'ch', 'sh')) else 's'}"


@contextmanager
def patience(doing: str, seconds: float = 2.0) -> Iterator[None]:
    """Show on a terminal that something goes on, once it has taken longer than most people wait."""
    if not sys.stderr.isatty():
        yield
        return
    progress: list[Progress] = []

    def show() -> None:
        progress.append(Progress(doing))
        progress[0].start()

    timer = threading.Timer(seconds, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for shown in progress:
            shown.stop()


class Progress:
    """One live line on a terminal; silent elsewhere."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._started = time.monotonic()
        self._status: Any = None
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status(title)

    def __call__(self, doing: str, done: int | None = None, total: int | None = None) -> None:
        """Show what is being done; fits `flows.progress.Watcher`."""
        if self._status is None:
            return
        far = "" if done is None else f" {done:,}" + (f"/{total:,}" if total else "")
        from rich.markup import escape

        seconds = time.monotonic() - self._started
        self._status.update(f"{escape(self.title)}: {escape(doing)}{far} [dim]{seconds:.0f} s[/dim]")

    def start(self) -> None:
        if self._status is not None:
            self._status.start()

    def stop(self) -> None:
        if self._status is not None:
            self._status.stop()

    @contextmanager
    def live(self) -> Iterator[Progress]:
        self.start()
        try:
            yield self
        finally:
            self.stop()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Out of the way while a person is asked something."""
        self.stop()
        yield
        self.start()
