"""^C as what it is, whatever the libraries between make of it on its way up."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overhaul.flows.results import RunResult


def unless_interrupted(work: Callable[[], RunResult]) -> RunResult:
    """What the work gives. Raises KeyboardInterrupt if ^C came meanwhile and it did not end well.

    An engine in between may turn that into a crashed run, or into a cancelled call, which is another error.
    """
    from overhaul.flows.results import FAILED_STATUSES

    seen: list[int] = []

    def interrupt(number: int, frame: Any) -> None:
        seen.append(number)
        signal.default_int_handler(number, frame)

    # Not if it is ignored, as in the background, or somebody else's.
    is_ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_ours:
        signal.signal(signal.SIGINT, interrupt)
    try:
        result = work()
    except BaseException as error:
        if seen:
            raise KeyboardInterrupt from error
        raise
    finally:
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    if seen and result.status in FAILED_STATUSES:
        raise KeyboardInterrupt
    return result
