"""Calls to a hosted forge: paced, repeated where that is safe, and never done twice.

The forges' libraries differ in what they repeat and in what they make of an answer that is none; here all of it is
done in one way, so the libraries' own repeating is switched off.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from overhaul.flows.errors import OverhaulError, PublishError
from overhaul.flows.progress import tell

T = TypeVar("T")
# What a library raises over an answer that is not of its API: broken JSON, a page of a proxy, missing fields.
UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, AssertionError)

_LOG = logging.getLogger("overhaul.forges")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that a library has raised: its status (0: there was none), headers in small letters, and words."""

    status: int
    headers: Mapping[str, str]
    message: str

    @property
    def is_limited(self) -> bool:
        """Whether we are to come back later. GitHub says so with 403 as well as 429."""
        if self.status == 429:
            return True
        said = self.message.lower()
        is_spent = self.headers.get("x-ratelimit-remaining") == "0"
        return self.status == 403 and (
            "retry-after" in self.headers or is_spent or "rate limit" in said or "abuse" in said
        )

    @property
    def is_broken(self) -> bool:
        """Whether nobody knows what became of the call."""
        return self.status == 0 or self.status >= 500


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast, how often and how long. All in seconds; `marks` is where processes see when the last write was."""

    between_writes: float = 1.0
    first_wait: float = 2.0
    without_a_word: float = 60.0
    longest_wait: float = 900.0
    answer_within: int = 30
    tries: int = 5
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    marks: Path | None = None


@dataclass
class Calls:
    """The calls to one forge. `read` makes an Answer of what its library raises, None if that is something else."""

    host: str
    read: Callable[[Exception], Answer | None]
    pace: Pace = field(default_factory=Pace)

    def ask(self, what: str, call: Callable[[], T]) -> T:
        """Ask for something: repeated until there is an answer. Raises PublishError; Refused if it is a no."""
        return self._repeated(what, call, None)

    def write(self, what: str, call: Callable[[], T], look: Callable[[], T | None]) -> T:
        """Change something. Where it is not known what became of it, `look` says what is there before it is repeated.

        Raises PublishError; Refused if the forge says no.
        """
        return self._repeated(what, lambda: self._paced(call), look)

    def _repeated(self, what: str, call: Callable[[], T], look: Callable[[], T | None] | None) -> T:
        waited, said = 0.0, ""
        last: Exception | None = None
        for number in range(self.pace.tries):
            try:
                return call()
            except OverhaulError:
                raise
            except Exception as error:
                answer, last = self._answer(error), error
                if answer is None:
                    raise
                said = f"{answer.status or 'no answer'}: {_shortened(answer.message)}"
                if answer.is_limited:
                    wait = self._told_to_wait(answer, number)
                elif answer.is_broken:
                    wait = self.pace.first_wait * 2**number
                else:
                    raise Refused(self.host, what, answer) from error
            if waited + wait > self.pace.longest_wait or number + 1 == self.pace.tries:
                break
            self._wait(what, wait, said)
            waited += wait
            if look is not None and (found := self.ask(f"{what}: look", look)) is not None:
                return found
        raise PublishError(
            f"{self.host}: {what} failed ({said}); it was tried {number + 1} times over {waited:.0f} s."
            " What is done stays done. Later: overhaul resume RUN"
        ) from last

    def _answer(self, error: Exception) -> Answer | None:
        answer = self.read(error)
        if answer is None and isinstance(error, UNREADABLE):
            return Answer(0, {}, f"the answer is none of the forge's API ({type(error).__name__})")
        return answer

    def _told_to_wait(self, answer: Answer, number: int) -> float:
        after = answer.headers.get("retry-after", "")
        if after.strip().isdigit():
            return float(after)
        reset = answer.headers.get("x-ratelimit-reset") or answer.headers.get("ratelimit-reset") or ""
        if answer.headers.get("x-ratelimit-remaining", "0") == "0" and reset.strip().isdigit():
            return max(1.0, float(reset) - self.pace.clock() + 1.0)
        return self.pace.without_a_word * float(2**number)

    def _wait(self, what: str, seconds: float, why: str) -> None:
        tell(f"{self.host}: waiting {seconds:.0f} s to {what}")
        _LOG.info("%s: %s is tried again in %.0f s (%s)", self.host, what, seconds, why)
        self.pace.sleep(seconds)

    def _paced(self, call: Callable[[], T]) -> T:
        """Write no sooner than the pace allows, over all processes that keep their marks in the same place."""
        if self.pace.marks is None or self.pace.between_writes <= 0:
            return call()
        self.pace.marks.mkdir(parents=True, exist_ok=True)
        with (self.pace.marks / f"{self.host.replace(':', '-')}.last").open("a") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX)
            last = os.fstat(mark.fileno())
            since = self.pace.clock() - last.st_mtime if last.st_size else self.pace.between_writes
            if 0 <= since < self.pace.between_writes:
                self.pace.sleep(self.pace.between_writes - since)
            mark.truncate(0)
            mark.write("x")
            mark.flush()
        return call()


class Refused(PublishError):
    """The forge says no, and would again."""

    def __init__(self, host: str, what: str, answer: Answer | str, status: int = 0) -> None:
        # Prefect moves errors between processes, by their arguments.
        if isinstance(answer, str):
            super().__init__(host, what, answer, status)
        else:
            super().__init__(host, what, answer.message, answer.status)

    @property
    def status(self) -> int:
        return int(self.args[3])

    @property
    def answer(self) -> Answer:
        return Answer(self.status, {}, str(self.args[2]))

    @property
    def said(self) -> str:
        """What was refused and why, without advice."""
        return f"{self.args[0]} refused to {self.args[1]} ({self.status}): {_shortened(self.answer.message)}."

    def __str__(self) -> str:
        return f"{self.said} {_ADVICE.get(self.status, _ANYTHING)}"


_ANYTHING = "Mend the cause, then: overhaul resume RUN"
_ADVICE: Mapping[int, str] = {
    401: "The token is wrong or has expired; see: overhaul doctor",
    403: "The token may not do that (docs/forges.md says what it needs); see: overhaul doctor",
    404: "There is no such thing, or the token may not see it (docs/forges.md); see: overhaul doctor",
}


def _shortened(message: str) -> str:
    words = " ".join(message.split())
    return words if len(words) <= 300 else words[:300] + "..."
