"""The timeline of a run as a picture with a table: one row per step and gate, one bar per attempt or wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from overhaul.flows.attempts import Attempt, Wait
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.views.durations import moment, span
from overhaul.flows.views.svg import element, picture, shortened, text, titled

LEFT, WIDTH, RIGHT = 190.0, 640.0, 130.0
ROW, BAR, TOP = 26.0, 14.0, 26.0
BREAK = 46.0
# A pause that is longer than this part of all work is not drawn to scale: a gate may be open for weeks.
LONGEST_PAUSE = 0.1
KINDS = {"completed": "good", "cached": "known", "running": "active", "pending": "active"}


@dataclass(frozen=True, slots=True)
class Bar:
    """From when to when something went on; `kind` is a class of the style sheet."""

    row: str
    words: str
    kind: str
    started: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time and its place in the picture; of a pause that is cut short, the length is not to scale."""

    started: datetime
    ended: datetime
    x: float
    width: float
    is_pause: bool


def timeline_html(attempts: Sequence[Attempt], waits: Sequence[Wait], now: datetime) -> str:
    """The picture and its table; a sentence if no step has begun. `now` ends what still goes on."""
    if not attempts and not waits:
        return "<p>No step has begun yet.</p>"
    bars = _bars(attempts, waits, now)
    stretches = _stretches(bars)
    rows = list(dict.fromkeys(bar.row for bar in bars))
    height = TOP + ROW * len(rows) + 8
    parts = [_pause(each, height) for each in stretches if each.is_pause]
    parts += [_row(number, name) for number, name in enumerate(rows)]
    parts += [_drawn(bar, rows.index(bar.row), stretches) for bar in bars]
    parts += _sums(rows, bars)
    begun, ended = bars[0].started, max(bar.ended for bar in bars)
    title = f"Timeline: {len(rows)} steps and gates from {moment(begun)} to {moment(ended)}"
    return picture("".join(parts), LEFT + WIDTH + RIGHT, height, title) + _table(bars)


def _bars(attempts: Sequence[Attempt], waits: Sequence[Wait], now: datetime) -> list[Bar]:
    bars = []
    for each in attempts:
        words = f"attempt {each.number}: {each.status}"
        bars.append(Bar(each.step, words, KINDS.get(each.status, "bad"), each.started, each.ended))
    for wait in waits:
        words = "waits for an answer" if wait.ended is None else "answered"
        bars.append(Bar(f"gate: {wait.gate}", words, "waiting", wait.started, wait.ended or now))
    return sorted(bars, key=lambda bar: (bar.started, bar.ended))


def _stretches(bars: Sequence[Bar]) -> list[Stretch]:
    """Work to scale, one after the other, with each long pause between as a break of one width."""
    busy: list[tuple[datetime, datetime]] = []
    work = [bar for bar in bars if bar.kind != "waiting"] or list(bars)
    total = sum((bar.ended - bar.started for bar in work), timedelta(seconds=0.1))
    for bar in work:
        if busy and bar.started - busy[-1][1] <= total * LONGEST_PAUSE:
            busy[-1] = (busy[-1][0], max(busy[-1][1], bar.ended))
        else:
            busy.append((bar.started, bar.ended))
    last = max(bar.ended for bar in bars)
    pauses = len(busy) - 1 + (last > busy[-1][1])
    drawn = sum(((end - start) for start, end in busy), timedelta(seconds=0.001))
    scale = (WIDTH - pauses * BREAK) / drawn.total_seconds()
    stretches: list[Stretch] = []
    x = LEFT
    for start, end in busy:
        if stretches:
            stretches.append(Stretch(stretches[-1].ended, start, x, BREAK, is_pause=True))
            x += BREAK
        width = (end - start).total_seconds() * scale
        stretches.append(Stretch(start, end, x, width, is_pause=False))
        x += width
    if last > busy[-1][1]:
        stretches.append(Stretch(busy[-1][1], last, x, BREAK, is_pause=True))
    return stretches


def _place(at: datetime, stretches: Sequence[Stretch]) -> float:
    for each in stretches:
        if at <= each.ended:
            whole = (each.ended - each.started).total_seconds()
            part = max(0.0, (at - each.started).total_seconds()) / whole if whole else 0.0
            return each.x + each.width * part
    return stretches[-1].x + stretches[-1].width


def _drawn(bar: Bar, row: int, stretches: Sequence[Stretch]) -> str:
    y = TOP + ROW * row + (ROW - BAR) / 2
    x, end = _place(bar.started, stretches), _place(bar.ended, stretches)
    words = f"{bar.row}, {bar.words}, {span((bar.ended - bar.started).total_seconds())}"
    if bar.kind == "known":
        corners = f"{x:.1f},{y} {x + 6:.1f},{y + BAR / 2} {x:.1f},{y + BAR} {x - 6:.1f},{y + BAR / 2}"
        return element("polygon", titled(words), points=corners, class_="bar known")
    width = max(end - x, 3.0)
    drawn = element("rect", titled(words), x=x, y=y, width=width, height=BAR, rx=3, class_=f"bar {bar.kind}")
    # Not by colour alone.
    return drawn + (text("✕", x + width + 3, y + BAR - 3, class_="mark bad") if bar.kind == "bad" else "")


def _row(number: int, name: str) -> str:
    y = TOP + ROW * number
    line = element("line", x1=LEFT, x2=LEFT + WIDTH, y1=y + ROW / 2, y2=y + ROW / 2, class_="rule")
    return line + text(shortened(name, 28), LEFT - 10, y + ROW / 2 + 4, text_anchor="end", class_="label")


def _sums(rows: Sequence[str], bars: Sequence[Bar]) -> list[str]:
    """How long each row took, and how often it was tried where that is more than once."""
    parts = []
    for number, name in enumerate(rows):
        own = [bar for bar in bars if bar.row == name]
        seconds = sum((bar.ended - bar.started).total_seconds() for bar in own if bar.kind != "known")
        tries = sum(bar.kind not in {"known", "waiting"} for bar in own)
        words = span(seconds) + (f" in {tries} attempts" if tries > 1 else "")
        if own and all(bar.kind == "known" for bar in own):
            words = "known before"
        parts.append(text(words, LEFT + WIDTH + 10, TOP + ROW * number + ROW / 2 + 4, class_="note"))
    return parts


def _pause(each: Stretch, height: float) -> str:
    words = span((each.ended - each.started).total_seconds())
    box = element(
        "rect", titled(f"nothing was done for {words}"), x=each.x, y=TOP - 4, width=each.width, height=height - TOP,
        class_="pause",
    )  # fmt: skip
    return box + text(words, each.x + each.width / 2, TOP - 10, text_anchor="middle", class_="note")


def _table(bars: Sequence[Bar]) -> str:
    rows = "".join(
        f"<tr><td>{escape(on_one_line(bar.row))}</td><td>{escape(on_one_line(bar.words))}</td>"
        f"<td>{moment(bar.started)}</td><td>{span((bar.ended - bar.started).total_seconds())}</td></tr>"
        for bar in bars
    )
    head = "<tr><th>step</th><th>what</th><th>began</th><th>took</th></tr>"
    return (
        "<details><summary>The same as a table</summary>"
        f'<table class="rows"><thead>{head}</thead><tbody>{rows}</tbody></table></details>'
    )
