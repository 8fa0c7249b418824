"""Values that several commands take."""

from __future__ import annotations

import re
from datetime import timedelta

import click

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def duration(_context: click.Context, _parameter: click.Parameter, text: str | None) -> timedelta | None:
    """Read `90s`, `30m`, `6h`, `1d` or `2w`; a callback for click's options."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+)\s*([smhdw])", text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise click.BadParameter(f"{text!r} is no length of time. It takes 90s, 30m, 6h, 1d or 2w.")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
