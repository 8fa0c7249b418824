"""`graph`: what the modules, functions and classes of a folder are to each other. Writes nothing but the page."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from overhaul.flows.command_line.output import note, patience, print_json
from overhaul.flows.command_line.places import graph_places
from overhaul.flows.graph_views.view import (
    LEVELS,
    WHATS,
    Level,
    View,
    What,
    around,
    below,
    make_view,
    only_cycles,
)
from overhaul.flows.plain_text import visible
from overhaul.flows.settings import Settings
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.index import Index
from overhaul.refactors.source import FolderTree

FORMATS = ("text", "dot", "html")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--what", type=click.Choice(WHATS), default="imports", help="Which graph (default: imports).")
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    help="What is one node (default: module for imports, symbol for calls and inheritance).",
)
@click.option("--cycles", is_flag=True, help="Only what is in cycles, with the lines that make them.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to show it.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file (html needs it).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def graph(
    paths: tuple[Path, ...],
    what: What,
    level: Level | None,
    cycles: bool,
    form: str,
    output: Path | None,
    as_json: bool,
) -> None:
    """Show what imports what: layers, cycles, what is public, who owns it. Also calls and inheritance.

    PATH is a folder (the current one if none is given); for a file, its own neighbourhood is shown;
    for a folder inside a package, that folder's part of the whole.
    """
    _check(paths, what, level, form, output, as_json)
    # The process ends with the command: collecting its objects' cycles takes longer than it frees.
    gc.disable()
    views: list[tuple[Path, View, int]] = []
    with Index(Settings.from_environment().facts_index) as index:
        for place in graph_places(paths):
            root = place.root
            with patience(f"reading {root}") as watcher:
                tree = FolderTree(root)
                built = RepositoryGraph(tree, index, watcher)
                view = make_view(built, root.resolve().name or str(root), what, level)
            for only in place.only:
                view = below(view, only) if (root / only).is_dir() else around(view, only)
            views.append((root, only_cycles(view) if cycles else view, built.files_read))
    if as_json:
        from overhaul.flows.graph_views.document import document

        print_json({"graphs": [document(view, str(root), read) for root, view, read in views]})
    elif form == "text":
        _print_text(views, cycles)
    else:
        _write(views[0][1], form, output)


def _check(
    paths: Sequence[Path], what: What, level: Level | None, form: str, output: Path | None, as_json: bool
) -> None:
    if what == "imports" and level == "symbol":
        raise click.UsageError(
            "imports are between modules; --level is module or package, or take --what calls."
        )
    if as_json and (form != "text" or output):
        raise click.UsageError("--json goes to standard output; leave out --format and -o.")
    if form == "text" and output:
        raise click.UsageError("-o is for --format dot and html; text goes to standard output.")
    if form == "html" and output is None:
        raise click.UsageError("--format html needs a file: -o graph.html")
    if form != "text" and len(paths) > 1:
        raise click.UsageError(f"--format {form} takes one PATH; give the folder that holds them all.")


def _print_text(views: Sequence[tuple[Path, View, int]], cycles: bool) -> None:
    from overhaul.flows.graph_views import text

    for root, view, _ in views:
        if len(views) > 1:
            click.echo(click.style(visible(str(root)), bold=True))
        click.echo("\n".join(text.cycle_lines(view) if cycles else text.lines(view)))
        for line in text.summary(view):
            note(line)


def _write(view: View, form: str, output: Path | None) -> None:
    from overhaul.flows.graph_views import dot, page

    content = "\n".join(dot.lines(view)) + "\n" if form == "dot" else page.page(view)
    if output is None:
        sys.stdout.write(content)
        sys.stdout.flush()
        return
    output.write_text(content, encoding="utf-8")
    note(f"written to {output}")
