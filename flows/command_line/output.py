"""What commands print: reports on standard output, everything else on standard error."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from overhaul.flows.plain_text import on_one_line, visible
from overhaul.flows.progress import Watcher
from overhaul.flows.settings import Settings

Say = Callable[[str], None]


def print_json(document: Any) -> None:
    """Print the one JSON document of a command; a path that is no UTF-8 is written with escapes (`\\udcff`)."""
    import json

    text = json.dumps(document, indent=2, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2)
    click.echo(text)


def note(message: str) -> None:
    """Say something beside the report."""
    click.echo(visible(message), err=True)


def plural(count: int, noun: str) -> str:
    """`1 site`, `2 sites`, `3 batches`, `4 repositories`."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith("ry"):
        return f"{count:,} {noun[:-1]}ies"
    return f"{count:,} {noun}{'es' if noun.endswith(('s', 'ch', 'sh')) else 's'}"


@contextmanager
def patience(doing: str, seconds: float = 2.0) -> Iterator[Watcher]:
    """Show on a terminal that something goes on, once it has taken longer than most people wait.

    What it gives may be called to say how far that is.
    """
    progress: list[Progress] = []

    def tell(now: str, done: int | None = None, total: int | None = None) -> None:
        for shown in progress:
            shown(now, done, total)

    if not sys.stderr.isatty():
        yield tell
        return

    def show() -> None:
        progress.append(Progress(doing))
        progress[0].start()

    timer = threading.Timer(seconds, show)
    timer.daemon = True
    timer.start()
    try:
        yield tell
    finally:
        timer.cancel()
        timer.join()
        for shown in progress:
            shown.stop()


class Progress:
    """One live line with the time that has passed, on a terminal; silent elsewhere."""

    def __init__(self, title: str, has_bar: bool = False) -> None:
        self.title = title
        self._display: Any = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Display

            words = TextColumn("{task.description}", markup=False)
            columns = (SpinnerColumn(), *([BarColumn()] if has_bar else []), words, TimeElapsedColumn())
            self._display = Display(*columns, console=Console(stderr=True), transient=True)
            self._display.add_task(title, total=None)

    def __call__(self, doing: str, done: int | None = None, total: int | None = None) -> None:
        """Show what is being done; fits `flows.progress.Watcher`."""
        if self._display is not None:
            far = "" if done is None else f" {done:,}" + (f"/{total:,}" if total else "")
            self._display.update(
                self._display.task_ids[0],
                description=on_one_line(f"{self.title}: {doing}{far}"),
                completed=done or 0,
                total=total,
            )

    def start(self) -> None:
        if self._display is not None:
            self._display.start()

    def stop(self) -> None:
        if self._display is not None:
            self._display.stop()

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


def connect_to_server(settings: Settings, progress: Progress) -> None:
    """Find or start the Prefect server, with a word on what takes so long. Raises ServerError."""
    from overhaul.flows.server import connect

    connect(settings, progress)
    progress("loading")
