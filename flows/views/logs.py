"""Lines of logs that contain some words, with their numbers: what a claim cites as LOG:LINE."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from overhaul.flows.plain_text import on_one_line
from overhaul.flows.views.shown import Shown, empty

LINES_AT_MOST = 400
LONGEST_LINE = 1_000


def log_html(logs: Mapping[str, Sequence[str]], search: str = "") -> Shown:
    """Show the lines that contain `search` in any case; without it the end of each log."""
    found = [
        (name, number, line)
        for name, lines in logs.items()
        for number, line in enumerate(lines, 1)
        if search.casefold() in line.casefold()
    ]
    if not found:
        return empty(f"No line contains '{search}'." if search else "Nothing was logged.")
    shown = found[:LINES_AT_MOST] if search else found[-LINES_AT_MOST:]
    left = len(found) - len(shown)
    words = f"{len(found):,} lines contain '{search}'" if search else f"{len(found):,} lines"
    words += f"; {left:,} {'later' if search else 'earlier'} ones are left out here" if left else ""
    html = "\n".join(_line(name, number, line, search) for name, number, line in shown)
    text = "\n".join(f"{name}:{number}: {on_one_line(line)}" for name, number, line in shown)
    return Shown(
        f'<p class="muted">{escape(on_one_line(words))}</p><pre class="log" tabindex="0">{html}</pre>',
        f"{words}\n{text}",
    )


def _line(name: str, number: int, line: str, search: str) -> str:
    text = on_one_line(line.expandtabs(4))
    text = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"
    if not search:
        marked = escape(text)
    else:
        parts = re.split(f"({re.escape(on_one_line(search))})", text, flags=re.IGNORECASE)
        marked = "".join(
            f"<mark>{escape(each)}</mark>" if place % 2 else escape(each) for place, each in enumerate(parts)
        )
    return f"<b>{escape(on_one_line(name))}:{number}</b> {marked}"
