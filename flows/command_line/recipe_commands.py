"""`scan`, `preview` and `apply`: recipes on folders, with no flow and no server."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from overhaul.flows.command_line.output import note, patience, plural, print_json
from overhaul.flows.command_line.places import Place, analysed_places
from overhaul.flows.command_line.scan_report import (
    Scanned,
    coloured,
    document,
    print_sites,
    print_summary,
    shown,
)
from overhaul.flows.plain_text import visible
from overhaul.flows.recipe_lookup import find_recipe, is_third_party, named_recipe
from overhaul.flows.settings import Settings
from overhaul.refactors.errors import AmbiguousName, RefactorError, StaleEdit, SymbolNotFound
from overhaul.refactors.recipe import Analysis, Recipe, below, parameter_types
from overhaul.sandbox.choose import PROVIDERS

_CODEMOD_STEP = re.compile(r"""recipe["']?\s*:\s*["']?[\w.]+:\w""")
Options = Callable[[Callable[..., Any]], Callable[..., Any]]


def parameter_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-p key=value` to a command."""
    return click.option(
        "-p",
        "--parameter",
        "parameters",
        multiple=True,
        metavar="KEY=VALUE",
        help="A parameter of the recipe; give it again for a list.",
    )(command)


def trust_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--trust-recipe` to a command."""
    return click.option(
        "--trust-recipe",
        is_flag=True,
        help="Run a recipe of a file or package here, now and until it changes (overhaul recipes trust).",
    )(command)


def trust_named(recipe_id: str) -> None:
    """Trust a recipe by its id, if it is somebody else's. Raises click.UsageError for any other."""
    from overhaul.flows.foreign.third_party import find_source
    from overhaul.flows.foreign.trust import trust

    if not is_third_party(recipe_id):
        raise click.UsageError(f"--trust-recipe is for a recipe of a file or package; {recipe_id} is none.")
    trust(Settings.from_environment(), find_source(recipe_id))


def parse_parameters(pairs: Iterable[str]) -> dict[str, Any]:
    """Turn `key=value` words into a dict; a key given twice becomes a list. Raises click.UsageError."""
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise click.UsageError(f"-p takes KEY=VALUE, not {pair!r}.")
        if key in values:
            before = values[key] if isinstance(values[key], list) else [values[key]]
            values[key] = [*before, value]
        else:
            values[key] = value
    return values


def _tree_arguments(command: Callable[..., Any]) -> Callable[..., Any]:
    for add in (
        click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
        click.option(
            "--sandbox",
            type=click.Choice(["auto", *PROVIDERS]),
            help="Where a recipe that is not ours runs. process: with no isolation.  [default: auto]",
        ),
        trust_option,
        parameter_option,
        click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path(path_type=Path)),
        click.argument("recipe_id", metavar="RECIPE"),
    ):
        command = add(command)
    return command


@click.command()
@_tree_arguments
def scan(
    recipe_id: str, paths: tuple[Path, ...], parameters: tuple[str, ...], as_json: bool, **chosen: Any
) -> None:
    """Show the sites that a recipe would change and those it cannot prove. Writes nothing."""
    scanned = _analyse(recipe_id, parameters, paths, chosen)
    if as_json:
        print_json(document(scanned))
        return
    print_sites(scanned)
    print_summary(scanned)


@click.command()
@_tree_arguments
def preview(
    recipe_id: str, paths: tuple[Path, ...], parameters: tuple[str, ...], as_json: bool, **chosen: Any
) -> None:
    """Show the edits as a unified diff that `git apply` takes. Writes nothing."""
    from overhaul.refactors.patch import unified_diff
    from overhaul.refactors.source import FolderTree

    scanned = _analyse(recipe_id, parameters, paths, chosen)
    _check_whole(scanned)
    diffs = []
    for each in scanned:
        tree = FolderTree(each.root)
        diffs += [
            unified_diff(b"" if edit.is_new else tree.read(edit.path), edit) for edit in each.analysis.edits
        ]
    if as_json:
        print_json({**document(scanned, edits=True), "diff": b"".join(diffs).decode(errors="replace")})
        return
    if sys.stdout.isatty():
        for line in b"".join(diffs).decode(errors="replace").split("\n"):
            click.echo(coloured(visible(line)))
    else:
        sys.stdout.buffer.write(b"".join(diffs))
        sys.stdout.buffer.flush()
    print_summary(scanned)


@click.command()
@_tree_arguments
def apply(
    recipe_id: str, paths: tuple[Path, ...], parameters: tuple[str, ...], as_json: bool, **chosen: Any
) -> None:
    """Edit files in place: every proved site, all files or none."""
    from overhaul.refactors.placement import apply_edits
    from overhaul.refactors.remembered import Memory

    scanned = _analyse(recipe_id, parameters, paths, chosen)
    _check_whole(scanned)
    try:
        for each in scanned:
            apply_edits(each.root, each.analysis.edits)
    except StaleEdit:
        if scanned[
            0
        ].is_remembered:  # or the same would be remembered when it is run again, as the error asks
            Memory(Settings.from_environment().facts_index).forget()
        raise
    if as_json:
        print_json(document(scanned, edits=True))
        return
    for each in scanned:
        for edit in each.analysis.edits:
            moved = f" -> {shown(each.root, edit.new_path)}" if edit.new_path else ""
            done = "removed" if edit.is_removal else "created" if edit.is_new else "edited"
            click.echo(f"{done} {shown(each.root, edit.path)}{moved} ({plural(edit.sites, 'site')})")
    print_sites(scanned, only="unresolved")
    print_summary(scanned, done=True)


def _analyse(
    recipe_word: str, pairs: Sequence[str], paths: Sequence[Path], chosen: Mapping[str, Any]
) -> list[Scanned]:
    """Analyse what the paths are in, each with the others beside it. A symbol must be known in one of them."""
    # The process ends with the command: collecting its trees' cycles costs a third of an analysis and frees little.
    gc.disable()
    parameters = parse_parameters(pairs)
    places = analysed_places(paths)
    if len(places) == 1:
        parameters = {
            name: [*map(places[0].from_root, value)]
            if isinstance(value, list)
            else places[0].from_root(value)
            for name, value in parameters.items()
        }
    recipe_id, parameters = named_recipe(recipe_word, parameters)
    if chosen["trust_recipe"]:
        trust_named(recipe_id)
    recipe = find_recipe(recipe_id)
    if chosen["sandbox"] is not None:
        parameters = in_sandbox(recipe, parameters, chosen["sandbox"])
    if len(places) == 1 and recipe.is_remembered and not _is_codemod(recipe_id, parameters):
        return [_remembered(recipe_id, parameters, places[0])]
    return _together(recipe_id, parameters, places)


def _is_codemod(recipe_id: str, parameters: Mapping[str, Any]) -> bool:
    """Tell whether a codemod takes part, whose code is not ours to tell when it has changed."""
    if recipe_id == "composite":
        return _CODEMOD_STEP.search(parameters["definition"]) is not None
    return ":" in recipe_id


def _remembered(recipe_id: str, parameters: Mapping[str, Any], place: Place) -> Scanned:
    """Analyse one folder, or take what an earlier command found if that still holds."""
    from overhaul.refactors.remembered import Memory
    from overhaul.refactors.source import Tree

    def analysed(tree: Tree) -> Analysis:
        from overhaul.refactors.analysis import analyse

        return analyse(find_recipe(recipe_id).bind(parameters), tree)

    request = repr((recipe_id, sorted(parameters.items())))
    memory = Memory(Settings.from_environment().facts_index)
    with patience(f"{recipe_id} in {place.root}"):
        try:
            analysis, is_remembered = memory.analyse(place.root, request, analysed)
        except AmbiguousName as error:
            within = place.narrowed()  # as where each project of a repository has its own `app`
            if within is None:
                raise
            try:
                analysis, is_remembered = memory.analyse(within, request, analysed)
            except RefactorError:
                raise error from None
            note(f"{error}. PATH is in {shown(within, None)}: nothing outside of that is looked at")
            analysis = below(analysis, within.relative_to(place.root.resolve()).as_posix())
    return _scanned(place, analysis, is_remembered)


def _together(recipe_id: str, parameters: Mapping[str, Any], places: Sequence[Place]) -> list[Scanned]:
    from overhaul.refactors.analysis import analyse
    from overhaul.refactors.combined_tree import CombinedTree, own_part
    from overhaul.refactors.source import FolderTree

    recipe = find_recipe(recipe_id).bind(parameters)
    scanned: list[Scanned] = []
    absent: list[SymbolNotFound] = []
    trees = {place.root: FolderTree(place.root) for place in places}
    for place in places:
        root = place.root
        others = [other for other in trees if other != root]
        beside = {f"{number}-{other.resolve().name}": trees[other] for number, other in enumerate(others, 1)}
        try:
            with patience(f"{recipe_id} in {root}"):
                analysis = own_part(
                    analyse(recipe, CombinedTree(trees[root], beside) if beside else trees[root])
                )
        except SymbolNotFound as error:
            absent.append(error)
            analysis = Analysis(recipe_id, recipe.parameter_values, 0, (), ())
        scanned.append(_scanned(place, analysis))
    if absent and len(absent) == len(scanned):
        raise absent[0]
    return scanned


def _scanned(place: Place, analysis: Analysis, is_remembered: bool = False) -> Scanned:
    """Keep what PATHs name of an analysis, and count what it would change elsewhere."""
    outside = [
        site.path for site in analysis.sites if site.status == "resolved" and not place.covers(site.path)
    ]
    kept = replace(
        analysis,
        sites=[site for site in analysis.sites if place.covers(site.path)],
        edits=[edit for edit in analysis.edits if place.covers(edit.path)],
    )
    left = next((edit.path for edit in analysis.edits if not place.covers(edit.path)), None)
    return Scanned(place.root, kept, is_remembered, len(outside), len(set(outside)), left)


def _check_whole(scanned: Sequence[Scanned]) -> None:
    """Raise RefactorError where PATHs would have code taken out of one file and not put into the other."""
    recipe_id, parameters = scanned[0].analysis.recipe, scanned[0].analysis.parameters
    for each in scanned:
        if each.analysis.edits and each.outside_edit and find_recipe(recipe_id).bind(parameters).moves_code:
            raise RefactorError(
                f"{recipe_id} moves code between files, and {shown(each.root, each.outside_edit)} is outside of"
                f" PATH. Run it on {shown(each.root, None)}."
            )


def in_sandbox(recipe: type[Recipe], parameters: Mapping[str, Any], sandbox: str) -> dict[str, Any]:
    """The parameters with the sandbox that was named, if the recipe runs in one at all."""
    runs_in_one = "sandbox" in parameter_types(recipe) and "sandbox" not in parameters
    return {**parameters, **({"sandbox": sandbox} if runs_in_one else {})}
