"""The environment of all HTML templates: escaped, strict, found in the package."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from overhaul.flows.plain_text import on_one_line


def html_templates() -> Environment:
    """A new environment, to which a page may add filters of its own. `line` makes one line of any text."""
    templates = Environment(
        loader=PackageLoader("overhaul.flows"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=True,
    )  # fmt: skip
    templates.filters["line"] = lambda text: on_one_line(str(text))
    return templates
