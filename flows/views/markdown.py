"""Markdown as HTML: markup that stands in it is text, pictures and addresses in it are not made into anything."""

from __future__ import annotations

from markdown_it import MarkdownIt


def markdown_html(text: str) -> str:
    """Return the HTML of CommonMark with tables."""
    made = (
        MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "autolink"]).render(text)
    )
    return str(made).replace("<table>", '<table class="rows">')
