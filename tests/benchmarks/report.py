"""The benchmark's tables in a terminal, and the page `docs/speed.md` with its curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]


def print_report(document: Document) -> None:
    """Print what each tool took, and which targets are met."""
    for name, corpus in document["corpora"].items():
        print(f"\n{corpus['name']}: {corpus['files']} Python files, {corpus['lines']} lines")
        print(
            f"{'task':22}{'tool':27}{'CPU s':>8}{'ratio':>8}{'wall s':>8}{'MB':>6}{'files':>7}{'lines':>7}  same result"
        )
        for each in (result for result in document["results"] if result["corpus"] == name):
            print(
                f"{each['task']:22}{each['tool']:27}{each['cpu_seconds']:8.2f}{each['cpu_ratio'] or 0:8.1f}"
                f"{each['wall_seconds']:8.2f}{each['memory_mb']:6.0f}{each['files']:7}{each['lines']:7}"
                f"  {each['same_as_overhaul']}"
            )
    print("\ntargets")
    for row in _target_cells(document["targets"]):
        print(f"{row[0]:72}{row[1]:>12}{row[2]:>12}  {row[3]}")
    for name, points in document["growth"].items():
        print(f"\ngrowth with {name}")
        for each in points:
            print(
                f"{each['files']:7} files {each['sites']:7} sites {each['scan_cpu_seconds']:8.2f} scan"
                f" {each['apply_cpu_seconds']:8.2f} apply CPU s {each['memory_mb']:6.0f} MB"
            )


def write_page(document: Document, page: Path) -> None:
    """Write the page, and beside it one drawing for each curve."""
    lines = [
        "# Speed",
        "",
        (
            "Made by `make bench`, all figures in one run on one machine"
            f" (Python {document['machine']['python']}, {document['machine']['system']}); do not edit it."
        ),
        "CPU seconds are those of the tool and all its children, best of several runs, from the start of the command.",
        "",
        "## Targets",
        "",
        *_table(("work", "measured", "at most", "met"), _target_cells(document["targets"])),
        "",
        (
            "A ratio below 1 means that overhaul takes less. The comparison is in overhaul's disfavour: it proves every"
            " site and reports the rest, while ast-grep replaces what looks alike. Warm is `apply`"
            " after `scan`: analyses of less than half a second are not kept, since asking git what every file holds"
            " takes as long."
        ),
    ]
    for name, corpus in document["corpora"].items():
        rows = [
            (
                each["task"], each["tool"], f"{each['cpu_seconds']:.2f}", f"{each['wall_seconds']:.2f}",
                f"{each['memory_mb']:.0f}", str(each["files"]), each["same_as_overhaul"],
            )
            for each in document["results"]
            if each["corpus"] == name
        ]  # fmt: skip
        lines += [
            "",
            f"## {corpus['name'].capitalize()}: {corpus['files']:,} Python files, {corpus['lines']:,} lines",
            "",
            *_table(("task", "tool", "CPU s", "wall s", "MB", "files changed", "same as overhaul's"), rows),
        ]
    lines += [
        "",
        "## Growth",
        "",
        "On made code, modules of 160 lines: cost follows the lines of the candidate files.",
    ]
    for name, points in document["growth"].items():
        drawing = page.with_name(f"speed-{name}.svg")
        drawing.write_text(_curve(points, name), encoding="utf-8")
        rows = [
            (
                f"{each['files']:,}", f"{each['sites']:,}", f"{each['scan_cpu_seconds']:.2f}",
                f"{each['apply_cpu_seconds']:.2f}", f"{each['memory_mb']:.0f}",
            )
            for each in points
        ]  # fmt: skip
        lines += [
            "",
            f"![CPU seconds against {name}]({drawing.name})",
            "",
            *_table(("files", "sites", "scan, CPU s", "apply, CPU s", "MB"), rows),
        ]
    if document.get("graphs"):
        rows = [
            (each["how"], each["work"], f"{each['cpu_seconds']:.3f}", f"1/{1 / each['ratio']:.0f}")
            for each in document["graphs"]
        ]
        lines += [
            "",
            "## Import and symbol graph",
            "",
            (
                "Of all of Django. `inside` leaves out what starting Python takes; asked for is a second run of 1/200 of"
                " the first build, which a commit of a mirror meets: a folder's files have to be looked at."
            ),
            "",
            *_table(("how", "what", "CPU s", "of the first build"), rows),
        ]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _target_cells(targets: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    return [
        (
            each["work"],
            "not run" if each["measured"] is None else _shown(each["measured"], each["measure"]),
            _shown(each["limit"], each["measure"]),
            {True: "yes", False: "NO", None: ""}[each["is_met"]],
        )
        for each in targets
    ]


def _shown(value: float, measure: str) -> str:
    if measure == "CPU ratio":
        return f"1/{1 / value:.0f}" if value < 0.2 else f"{value:.2f}"
    return f"{value:.2f} s" if measure == "CPU seconds" else f"{value:.0f} MB"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def _curve(points: Sequence[Mapping[str, Any]], across: str) -> str:
    """Draw scan and apply on logarithmic axes."""
    width, height, margin = 480, 280, 50
    xs = [math.log10(each[across]) for each in points]
    values = [each[kind] for each in points for kind in ("scan_cpu_seconds", "apply_cpu_seconds")]
    low, high = math.log10(min(values)) - 0.1, math.log10(max(values)) + 0.1

    def place(x: float, seconds: float) -> tuple[float, float]:
        right = margin + (x - xs[0]) / (xs[-1] - xs[0]) * (width - 2 * margin)
        return right, height - margin - (math.log10(seconds) - low) / (high - low) * (height - 2 * margin)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<path d="M{margin} {margin}V{height - margin}H{width - margin}" fill="none" stroke="#888"/>',
        f'<text x="{width / 2}" y="{height - 12}" text-anchor="middle">{across}</text>',
        f'<text x="{margin}" y="30">CPU seconds: scan (blue), apply (orange)</text>',
    ]
    for kind, colour in (("scan_cpu_seconds", "#1f6fb2"), ("apply_cpu_seconds", "#d9782d")):
        places = [place(x, each[kind]) for x, each in zip(xs, points, strict=True)]
        line = " ".join(f"{right:.1f},{down:.1f}" for right, down in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (right, down), each in zip(places, points, strict=True):
            parts.append(f'<circle cx="{right:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>')
            if kind == "apply_cpu_seconds":
                parts.append(
                    f'<text x="{right:.1f}" y="{down - 8:.1f}" text-anchor="middle">{each[kind]:.2f}</text>'
                )
    for x, each in zip(xs, points, strict=True):
        right = place(x, min(values))[0]
        parts.append(
            f'<text x="{right:.1f}" y="{height - margin + 15}" text-anchor="middle">{each[across]:,}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
