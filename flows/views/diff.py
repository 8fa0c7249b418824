"""A patch side by side, folded by file; on a narrow screen the new line stands under the old one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from overhaul.flows.plain_text import on_one_line, visible
from overhaul.flows.views.colour import changed_words, coloured, to_html
from overhaul.flows.views.patch import FilePatch, Hunk, Line, Row, read_patch

# What a browser opens at once; a person reads less. The rest is named and counted.
LINES_AT_MOST = 12_000
LINES_OF_FILE = 3_000
OPEN_FILES, OPEN_LINES = 20, 400
LONGEST_LINE = 2_000
_HEAD = (
    '<table class="diff"><caption class="unseen">{caption}</caption>'
    '<colgroup><col class="number"><col><col class="number"><col></colgroup>'
    '<thead class="unseen"><tr><th scope="col">line before</th><th scope="col">before</th>'
    '<th scope="col">line after</th><th scope="col">after</th></tr></thead><tbody>'
)


def diff_html(
    patch: bytes,
    notes: Mapping[tuple[str, int], str],
    *,
    anchor: str = "",
    lines_at_most: int = LINES_AT_MOST,
    open_files: int = OPEN_FILES,
) -> str:
    """Return the difference as HTML for a page with `STYLE`.

    Args:
        patch: what `git diff` prints.
        notes: what is said beside a new line, by the file's path and the line's number at head (see `notes_of`).
        anchor: makes the files targets of links, as ANCHOR-1, ANCHOR-2 and so on.
        lines_at_most: rows that are shown; what is beyond is counted.
        open_files: how many files are unfolded, from the first.
    """
    files = read_patch(patch)
    if not files:
        return '<div class="overhaul"><p class="muted">Nothing changes.</p></div>'
    written, room = [], lines_at_most
    for number, file in enumerate(files, 1):
        rows = sum(len(hunk.rows) for hunk in file.hunks)
        shown = min(rows, LINES_OF_FILE, room)
        room -= shown
        is_open = number <= open_files and rows <= OPEN_LINES
        identity = f' id="{escape(anchor)}-{number}"' if anchor else ""
        written.append(
            f'<details class="file"{identity}{" open" if is_open else ""}>{_summary(file)}'
            f"{_body(file, notes, shown, rows)}</details>"
        )
    return f'<div class="overhaul">{"".join(written)}</div>'


def path_html(file: FilePatch) -> str:
    """A file's path, or both if it moves."""
    paths = [file.old_path, file.new_path] if file.status in {"renamed", "copied"} else [file.path]
    return " → ".join(f"<code>{escape(on_one_line(path))}</code>" for path in paths)


def _summary(file: FilePatch) -> str:
    words = [f'<span class="muted">{file.status}</span>'] if file.status != "changed" else []
    words += [f'<span class="muted">{escape(visible(fact))}</span>' for fact in file.facts]
    if file.hunks:
        words.append(
            f'<span class="good">+{file.added:,}</span><span class="bad">&minus;{file.removed:,}</span>'
            '<span class="unseen"> lines added and removed</span>'
        )
    return f"<summary>{path_html(file)}{''.join(words)}</summary>"


def _body(file: FilePatch, notes: Mapping[tuple[str, int], str], shown: int, rows: int) -> str:
    if not file.hunks:
        return f'<p class="muted">{"; ".join(map(escape, file.facts)) or "No line changes."}</p>'
    written = []
    if shown:
        written.append(_HEAD.format(caption=escape(on_one_line(file.path))))
        left = shown
        for hunk in file.hunks:
            if left <= 0:
                break
            written += _hunk(file, hunk, hunk.rows[:left], notes)
            left -= len(hunk.rows)
        written.append("</tbody></table>")
    if shown < rows:
        written.append(f'<p class="muted">{rows - shown:,} more lines of this file are left out here.</p>')
    return "".join(written)


def _hunk(
    file: FilePatch, hunk: Hunk, rows: Sequence[Row], notes: Mapping[tuple[str, int], str]
) -> Iterator[str]:
    places = _place(rows)
    yield f'<tr class="hunk"><td colspan="4">{places}{escape(on_one_line(hunk.heading))}</td></tr>'
    old = iter(coloured(file.old_path, [_shown(row.old) for row in rows if row.old]))
    new = iter(coloured(file.new_path, [_shown(row.new) for row in rows if row.new]))
    for row in rows:
        before = next(old) if row.old else []
        after = next(new) if row.new else []
        note = notes.get((file.new_path, row.new.number), "") if row.new else ""
        if row.same:
            yield f'<tr class="same">{_cell(row.old, before, "old", [])}{_cell(row.new, after, "", [], note)}</tr>'
            continue
        gone, come = changed_words(_shown(row.old), _shown(row.new)) if row.old and row.new else ([], [])
        yield f"<tr>{_cell(row.old, before, 'removed', gone)}{_cell(row.new, after, 'added', come, note)}</tr>"


def _place(rows: Sequence[Row]) -> str:
    first = next((row.new or row.old for row in rows), None)
    return f"line {first.number:,}  " if first else ""


def _shown(line: Line | None) -> str:
    """The line as it may be seen; what makes it too long for anybody is left out."""
    if line is None:
        return ""
    text = line.text if len(line.text) <= LONGEST_LINE else line.text[:LONGEST_LINE]
    return visible(text.replace("\n", ""))


def _cell(
    line: Line | None,
    parts: Sequence[tuple[str, str]],
    css: str,
    marked: Sequence[tuple[int, int]],
    note: str = "",
) -> str:
    if line is None:
        return '<td class="none number"></td><td class="none"></td>'
    text = to_html(parts, marked)
    if len(line.text) > LONGEST_LINE:
        text += f'<span class="end"> … {len(line.text) - LONGEST_LINE:,} more characters</span>'
    if not line.ends:
        text += '<span class="end"> (no line end)</span>'
    if note:
        text += f"<small>{escape(on_one_line(note))}</small>"
    return f'<td class="number {css}">{line.number}</td><td class="code {css}">{text}</td>'
