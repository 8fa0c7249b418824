"""`# -*- coding: utf-8 -*-` says what is so without it."""

from __future__ import annotations

import re
from itertools import pairwise

from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_ONLY_COOKIE = re.compile(
    rb"^[ \t\f]*#[ \t]*(?:-\*-[ \t]*)?(?:vim:[ \t]*set[ \t]+)?(?:file)?(?:en)?coding[:=]"
    rb"[ \t]*utf-?8[ \t]*:?[ \t]*;?[ \t]*(?:-\*-)?[ \t]*(?:\r\n|\r|\n)?$",
    re.IGNORECASE,
)
_UTF_8 = re.compile(rb"utf[-_]?8(-sig)?", re.IGNORECASE)


def encoding_comments(file: ModernFile) -> None:
    """Remove the comment from the first two lines if it says nothing else."""
    source = file.source
    starts = [*source.line_starts[:4], len(source.content)]
    lines = [source.content[one:other] for one, other in pairwise(starts)][:3]
    for index, line in enumerate(lines[:2]):
        match = _COOKIE.match(line)
        if match is None or not _UTF_8.fullmatch(match[1]):
            continue
        rest = [*lines[:index], *lines[index + 1 :]][:2]
        if index == 1 and not re.match(rb"[ \t\f]*(#|[\r\n]|$)", lines[0]):
            return  # Python reads no encoding below a line of code
        if not _ONLY_COOKIE.match(line):
            file.note(starts[index], "unresolved", "the comment says more than the encoding")
        elif any(_COOKIE.match(each) for each in rest):
            file.note(
                starts[index], "unresolved", "another line would become the one that names the encoding"
            )
        else:
            file.change(starts[index], starts[index] + len(line), "")
            file.note(starts[index], "resolved", "UTF-8 is what Python reads without it")
        return
