"""How our own texts are known on a hosted forge: by a comment in the Markdown, which is not shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from overhaul.flows.forges.base import LineComment

OURS = "<!-- overhaul -->"
_LINE_KEY = re.compile(r"\A<!-- overhaul:line ([0-9a-f]{1,64}) -->\r?\n")
TITLE_LENGTH = 250


@dataclass(frozen=True, slots=True)
class Texts:
    """What a forge takes: a body of so many characters at most."""

    forge: str
    longest: int

    def body(self, branch: str, body: str) -> str:
        """A pull request's body with its mark. One that is too long is cut, which its first line says."""
        mark = f"{pull_request_mark(branch)}\n"
        if len(mark) + len(body) <= self.longest:
            return mark + body
        notice = (
            f"*This description is cut: {self.forge} takes {self.longest:,} characters."
            " `overhaul show RUN --page` has all of it.*\n\n"
        )
        return mark + notice + body[: self.longest - len(mark) - len(notice)]

    def comment(self, body: str) -> str:
        """A comment of ours."""
        return f"{OURS}\n{body}"[: self.longest]

    def on_line(self, comment: LineComment) -> str:
        return f"<!-- overhaul:line {comment.key} -->\n{comment.body}"[: self.longest]


def title(text: str) -> str:
    return text if len(text) <= TITLE_LENGTH else text[: TITLE_LENGTH - 3] + "..."


def pull_request_mark(branch: str) -> str:
    return f"<!-- overhaul: {branch} -->"


def is_ours(body: str) -> bool:
    """Whether a comment is one that we have written in our own name."""
    return body.startswith(OURS) or _LINE_KEY.match(body) is not None


def line_key(body: str) -> str | None:
    """The key of a comment of ours on lines."""
    match = _LINE_KEY.match(body)
    return match[1] if match else None


def unmarked(body: str) -> str:
    """The text that people see."""
    return re.sub(r"\A<!-- overhaul[^>]*-->\r?\n", "", body)
