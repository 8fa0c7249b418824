"""^C as what it is, whatever the libraries between make of it on its way up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def seen_interrupts() -> Iterator[list[int]]:
    """The ^C since, in a list that grows. Each raises KeyboardInterrupt, as without us.

    An engine in between may turn that into a crashed run, or into a cancelled call, which is another error.
    """
    seen: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # ignored in the background, or somebody else's
        yield seen
        return

    def interrupt(number: int, frame: Any) -> None:
        seen.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
