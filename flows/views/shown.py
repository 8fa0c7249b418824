"""What a notebook displays: HTML with the style sheet in it, and the same said in words for everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from overhaul.flows.plain_text import on_one_line, visible
from overhaul.flows.views.style import STYLE


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """`html` is markup in which everything from outside is escaped; `text` is what a terminal prints."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<style>{style_of_pictures()}</style><div class="overhaul">{self.html}</div>'


def style_of_pictures() -> str:
    """The style sheet of the views with that of pictures, logs and forms."""
    return STYLE + _pictures()


@cache
def _pictures() -> str:
    return (files("overhaul.flows") / "templates" / "pictures.css").read_text(encoding="utf-8")


def shown_html(html: str) -> str:
    """Markup as a widget takes it: with the style sheet."""
    return Shown(html, "")._repr_html_()


def facts(pairs: Iterable[tuple[str, object]]) -> Shown:
    """Names with values, as a row of figures."""
    known = [(name, visible(str(value))) for name, value in pairs]
    html = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in known)
    return Shown(f'<dl class="facts">{html}</dl>', "\n".join(f"{name}: {value}" for name, value in known))


def table(head: Sequence[str], rows: Sequence[Sequence[object]], caption: str) -> Shown:
    """Rows of text and numbers; numbers stand to the right."""

    def cell(value: object) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f'<td class="count">{value:,}</td>'
        return f"<td>{escape(on_one_line(str(value)))}</td>"

    counts = [
        bool(rows) and all(isinstance(row[place], int | float) for row in rows) for place in range(len(head))
    ]
    titles = "".join(
        f'<th scope="col"{" class=count" if is_count else ""}>{escape(title)}</th>'
        for title, is_count in zip(head, counts, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    html = (
        f'<table class="rows"><caption>{escape(on_one_line(caption))}</caption>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    )
    lines = ["  ".join(head), *("  ".join(on_one_line(str(value)) for value in row) for row in rows)]
    return Shown(html, "\n".join(lines))


def empty(words: str) -> Shown:
    """Where there is nothing to show: why."""
    return Shown(f'<p class="empty">{escape(visible(words))}</p>', words)


def problem(words: str) -> Shown:
    """What keeps something from being shown, and what to do."""
    return Shown(f'<p class="problem">{escape(visible(words))}</p>', words)


def together(*parts: Shown) -> Shown:
    """Several, one below the other."""
    return Shown("".join(each.html for each in parts), "\n".join(each.text for each in parts))
