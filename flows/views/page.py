"""A whole page around views: self-contained, without scripts, and nothing in it can load anything."""

from __future__ import annotations

from html import escape

from overhaul.flows.plain_text import on_one_line
from overhaul.flows.views.shown import style_of_pictures

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def whole_page(title: str, html: str) -> str:
    """Return the document; `html` is markup in which everything from outside is escaped."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(on_one_line(title))}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<style>{style_of_pictures()}body {{ margin: 0; }} .overhaul.page {{ min-height: 100vh; padding: 1.5rem; }}"
        f".overhaul.page > * {{ max-width: 76rem; margin-inline: auto; }}</style></head>"
        f'<body class="overhaul page"><main>{html}</main></body></html>\n'
    )
