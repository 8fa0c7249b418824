"""What `scan`, `preview` and `apply` print: sites, totals, one JSON document."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from overhaul.flows.command_line.output import note, plural
from overhaul.flows.plain_text import on_one_line
from overhaul.refactors.recipe import Analysis


@dataclass(frozen=True, slots=True)
class Scanned:
    """One folder that was analysed and what was found where PATHs of the command line are, now or earlier.

    The paths of the analysis are relative to `root`. `outside` counts the resolved sites that are not in a PATH,
    `outside_files` the files that they are in.
    """

    root: Path
    analysis: Analysis
    is_remembered: bool = False
    outside: int = 0
    outside_files: int = 0
    outside_edit: str | None = None  # the file of one that is left out


def document(scanned: Sequence[Scanned], edits: bool = False) -> dict[str, Any]:
    """What was found as JSON, with the edits if asked for."""
    first = scanned[0].analysis
    made: dict[str, Any] = {
        "recipe": first.recipe,
        "parameters": dict(first.parameters),
        "files_scanned": sum(each.analysis.files_scanned for each in scanned),
        "sites": [
            {"path": site.path, "line": site.line, "column": site.column, "symbol": site.symbol,
             "status": site.status, "reason": site.reason, "root": str(each.root)}
            for each in scanned
            for site in each.analysis.sites
        ],
        "failures": [
            {"path": failure.path, "error": failure.error, "root": str(each.root)}
            for each in scanned
            for failure in each.analysis.failures
        ],
        "outside": [
            {"sites": each.outside, "files": each.outside_files, "root": str(each.root)}
            for each in scanned
            if each.outside
        ],
    }  # fmt: skip
    if edits:
        made["edits"] = [
            {"path": edit.path, "sites": edit.sites, "new_path": edit.new_path, "created": edit.is_new,
             "removed": edit.is_removal, "root": str(each.root)}
            for each in scanned
            for edit in each.analysis.edits
        ]  # fmt: skip
    return made


def print_sites(scanned: Sequence[Scanned], only: str | None = None) -> None:
    """A line for each site, or for those of one status."""
    for each in scanned:
        for site in each.analysis.sites:
            if only in {None, site.status}:
                mark = click.style(site.status, fg="green" if site.status == "resolved" else "yellow")
                place = f"{shown(each.root, site.path)}:{site.line}:{site.column}"
                click.echo(f"{place}: {mark} {on_one_line(f'{site.symbol}: {site.reason}')}")


def print_summary(scanned: Sequence[Scanned], done: bool = False) -> None:
    """The totals, and what is outside of the PATHs that were given."""
    _print_totals(scanned, done)
    for each in scanned:
        if each.outside:
            note(
                f"{plural(each.outside, 'more site')} in {plural(each.outside_files, 'file')} outside of PATH,"
                f" not touched; run it on {shown(each.root, None)} to change all"
            )


def _print_totals(scanned: Sequence[Scanned], done: bool) -> None:
    resolved = sum(each.analysis.resolved for each in scanned)
    unresolved = sum(each.analysis.unresolved for each in scanned)
    files = sum(each.analysis.files_scanned for each in scanned)
    edited = sum(len(each.analysis.edits) for each in scanned)
    failures = [(each.root, failure) for each in scanned for failure in each.analysis.failures]
    for root, failure in failures:
        note(f"not understood: {shown(root, failure.path)}: {failure.error}")
    if not resolved and not unresolved:
        note(
            "unknown: no site was found, but some files were not understood"
            if failures
            else f"no site in {plural(files, 'file')}"
        )
        return
    verb = "changed" if done else "would change"
    note(
        f"{plural(resolved, 'site')} in {plural(edited, 'file')} {verb}, {unresolved} unresolved,"
        f" {plural(files, 'file')} read"
        + (" by an earlier command" if any(each.is_remembered for each in scanned) else "")
        + (f", {len(failures)} not understood" if failures else "")
    )


def shown(root: Path, path: str | None) -> str:
    """A path as people would write it from here."""
    place = root / (path or "")
    return on_one_line(os.path.normpath(place) if place.is_absolute() else os.path.relpath(place))


def coloured(line: str) -> str:
    """A line of a diff."""
    if line.startswith(("diff ", "index ", "+++", "---", "rename ", "similarity ")):
        return click.style(line, bold=True)
    colours = {"+": "green", "-": "red", "@": "cyan"}
    return click.style(line, fg=colours[line[0]]) if line[:1] in colours else line
