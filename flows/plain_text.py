"""Text from repositories as a person may safely see it: nothing in it moves a cursor, hides or reorders words."""

from __future__ import annotations

import re

# C0 and C1 controls, DEL, bidirectional and zero-width marks, lone surrogates (bytes of a name that is not UTF-8).
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Show control characters as escapes; line ends and tabs stay."""
    return _CONTROL.sub(_escaped, text.replace("\r\n", "\n"))


def on_one_line(text: str) -> str:
    """As `visible`, with line ends and tabs as escapes too: for names of files, branches and tests."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
