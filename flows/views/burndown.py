"""How many repositories of a campaign are left over time, as a picture with a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from overhaul.flows.plain_text import on_one_line
from overhaul.flows.views.durations import moment, span
from overhaul.flows.views.svg import element, picture, text

LEFT, TOP, WIDTH, HEIGHT, RIGHT, BELOW = 46.0, 16.0, 640.0, 200.0, 120.0, 34.0
LINES_AT_MOST = 5


def burndown_html(total: int, done: Sequence[tuple[datetime, str]], begun: datetime, now: datetime) -> str:
    """Draw `total` repositories since `begun`, less one at each moment of `done` (with the repository's name)."""
    ordered = sorted(done)
    seconds = max((now - begun).total_seconds(), 1.0)

    def place(at: datetime, left: int) -> tuple[float, float]:
        part = min(max((at - begun).total_seconds() / seconds, 0.0), 1.0)
        return LEFT + WIDTH * part, TOP + HEIGHT * (1 - left / total) if total else TOP + HEIGHT

    points = [place(begun, total)]
    for number, (at, _) in enumerate(ordered, 1):
        points += [place(at, total - number + 1), place(at, total - number)]
    left = total - len(ordered)
    points.append(place(now, left))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    drawn = [
        *_axes(total, begun, now),
        element("polyline", points=path, class_="left"),
        text(f"{left} of {total} left", x + 8, y + 4, class_="label"),
    ]
    title = f"Burndown: {left} of {total} repositories are left after {span(seconds)}"
    drawing = picture("".join(drawn), LEFT + WIDTH + RIGHT, TOP + HEIGHT + BELOW, title)
    return drawing + _table(total, ordered, begun)


def _axes(total: int, begun: datetime, now: datetime) -> list[str]:
    floor = TOP + HEIGHT
    step = max(1, -(-total // LINES_AT_MOST))
    parts = [element("path", d=f"M{LEFT} {TOP}V{floor}H{LEFT + WIDTH}", class_="axis")]
    for count in range(0, total + 1, step):
        y = floor - HEIGHT * count / total if total else floor
        parts.append(element("line", x1=LEFT, x2=LEFT + WIDTH, y1=y, y2=y, class_="rule"))
        parts.append(text(str(count), LEFT - 8, y + 4, text_anchor="end", class_="note"))
    parts.append(text(moment(begun), LEFT, floor + 20, class_="note"))
    parts.append(text(f"{moment(now)} (UTC)", LEFT + WIDTH, floor + 20, text_anchor="end", class_="note"))
    return parts


def _table(total: int, done: Sequence[tuple[datetime, str]], begun: datetime) -> str:
    rows = f"<tr><td>{moment(begun)}</td><td>the campaign begins</td><td class='count'>{total}</td></tr>"
    rows += "".join(
        f"<tr><td>{moment(at)}</td><td>{escape(on_one_line(name))}</td><td class='count'>{total - number}</td></tr>"
        for number, (at, name) in enumerate(done, 1)
    )
    head = "<tr><th>when (UTC)</th><th>done</th><th class='count'>left</th></tr>"
    return (
        "<details><summary>The same as a table</summary>"
        f'<table class="rows"><thead>{head}</thead><tbody>{rows}</tbody></table></details>'
    )
