"""Where an error in somebody's code comes from, with the lines around it."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Collection
from pathlib import Path

FRAME_LINES = 2


def code_frame(error: BaseException, files: Collection[str], at: str = "") -> str:
    """Return what an error says, and the innermost line of these files that it came through, with those around it.

    `at` is the file that was being refactored.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename in files] or frames[-1:]
    said = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    looking = f" (the file that it read last: {at})" if at else ""
    if not own or own[-1].lineno is None:
        return said + looking
    frame, line = own[-1], own[-1].lineno or 1
    rows = []
    for number in range(max(1, line - FRAME_LINES), line + FRAME_LINES + 1):
        text = linecache.getline(frame.filename, number).rstrip()[:200]
        if text or number == line:
            rows.append(f"{'>' if number == line else ' '} {number:4} | {text}")
    return f"{said}{looking}\n{Path(frame.filename).name}:{line} in {frame.name}\n" + "\n".join(rows)
