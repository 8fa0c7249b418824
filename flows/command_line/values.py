"""Values that several commands take."""

from __future__ import annotations

import re
from datetime import timedelta

import click

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

_LONGEST = 3650 * 86400


def duration(_context: click.Context, _parameter: click.Parameter, text: str | None) -> timedelta | None:
    """Read `90s`, `30m`, `6h`, `1d` or `2w`; a callback for click's options."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+)\s*([smhdw])", text.strip().lower())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= _LONGEST:
        raise click.BadParameter(
            f"{text!r} is no length of time up to ten years. It takes 90s, 30m, 6h, 1d or 2w."
        )
    return timedelta(seconds=seconds)
