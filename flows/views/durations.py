"""Times and spans of time as people say them."""

from __future__ import annotations

from datetime import datetime


def span(seconds: float) -> str:
    """`40 ms`, `3.2 s`, `4 min 05 s`, `2 h 10 min`, `3 d 4 h`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def moment(at: datetime) -> str:
    """`2026-11-30 06:52:10`, in the zone it is in."""
    return f"{at:%Y-%m-%d %H:%M:%S}"
