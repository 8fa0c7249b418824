"""`recipes`, `scan`, `preview` and `apply`: recipes on folders, with no flow and no server."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from overhaul.flows.command_line.output import note, patience, plural, print_json
from overhaul.flows.command_line.places import Place, analysed_places
from overhaul.flows.foreign.words import foreign_recipe
from overhaul.flows.plain_text import on_one_line, visible
from overhaul.flows.recipe_lookup import find_recipe, is_third_party, named_recipe, tool_summaries
from overhaul.flows.settings import Settings
from overhaul.refactors.errors import AmbiguousName, RefactorError, StaleEdit, SymbolNotFound
from overhaul.refactors.recipe import Analysis, Recipe, below, describe_type, parameter_types
from overhaul.refactors.registry import composite_summaries, recipe_summaries
from overhaul.sandbox.choose import PROVIDERS

_CODEMOD_STEP = re.compile(r"""recipe["']?\s*:\s*["']?[\w.]+:\w""")
Options = Callable[[Callable[..., Any]], Callable[..., Any]]


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


@click.command("list")
@click.argument("recipe_id", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def list_recipes(recipe_id: str | None, as_json: bool) -> None:
    """List the recipes and composites, or show the parameters and cases of one."""
    if recipe_id is None:
        summaries = {**recipe_summaries(), **tool_summaries(), **_installed()}
        kinds = {"recipes": dict(sorted(summaries.items())), "composites": composite_summaries()}
        if as_json:
            print_json(
                {
                    kind: [{"id": id_, "summary": summary} for id_, summary in each.items()]
                    for kind, each in kinds.items()
                }
            )
            return
        width = max(len(id_) for each in kinds.values() for id_ in each)
        for kind, summaries in kinds.items():
            if kind == "composites":
                click.echo("\nComposites, each of several recipes:")
            for id_, summary in summaries.items():
                click.echo(f"{click.style(id_.ljust(width), bold=True)}  {summary}")
        click.echo("\nParameters and cases of one: overhaul recipes ID")
        return
    foreign = foreign_recipe(recipe_id, {})
    recipe = find_recipe(foreign[0] if foreign else recipe_id)
    if as_json:
        print_json(_described(recipe))
    else:
        _print_recipe(recipe)


def _installed() -> dict[str, str]:
    """What installed packages call recipes; none of them is imported for that."""
    from overhaul.flows.foreign.sources import entry_point_names, source_of_entry_point
    from overhaul.flows.foreign.trust import trust_of

    found = {}
    for name in entry_point_names():
        if name in (*recipe_summaries(), *tool_summaries(), *composite_summaries()):
            note(f"a package calls a recipe '{name}', as overhaul does: only overhaul's own can be used")
            continue
        try:
            source = source_of_entry_point(name)
        except RefactorError as error:
            found[name] = str(error)
            continue
        trusted = trust_of(Settings.from_environment(), source)
        where = "trusted, runs here" if trusted else "runs in the sandbox; see: overhaul recipes trust"
        found[name] = f"of an installed package, {source.module}:{source.class_name} ({where})"
    return found


def _described(recipe: type[Recipe]) -> dict[str, Any]:
    import dataclasses

    types = parameter_types(recipe)
    return {
        "id": recipe.id,
        "summary": recipe.summary,
        "parameters": [
            {
                "name": each.name,
                "type": describe_type(types[each.name]),
                "required": each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING,
                "default": None if each.default is dataclasses.MISSING else each.default,
                "help": each.metadata.get("help", ""),
            }
            for each in dataclasses.fields(recipe.Parameters)
        ],
        "cases": [
            {"name": case.name, "parameters": dict(case.parameters), "before": dict(case.before),
             "after": None if case.after is None else dict(case.after)}
            for case in recipe.cases
        ],
    }  # fmt: skip


def _print_recipe(recipe: type[Recipe]) -> None:
    described = _described(recipe)
    click.echo(f"{click.style(recipe.id, bold=True)}: {recipe.summary}\n\nParameters (-p KEY=VALUE):")
    for each in described["parameters"]:
        default = "required" if each["required"] else f"default: {each['default']!r}"
        click.echo(f"  {click.style(each['name'], bold=True)} ({each['type']}; {default})")
        click.echo(f"      {each['help']}")
    click.echo(
        f"\nCases ({len(recipe.cases)}; each with its files before and after in docs/recipes.md or --json):"
    )
    for case in recipe.cases:
        click.echo(f"  - {case.name}")


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
        print_json(_document(scanned))
        return
    _print_sites(scanned)
    _print_summary(scanned)


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
        print_json({**_document(scanned, edits=True), "diff": b"".join(diffs).decode(errors="replace")})
        return
    if sys.stdout.isatty():
        for line in b"".join(diffs).decode(errors="replace").split("\n"):
            click.echo(_coloured(visible(line)))
    else:
        sys.stdout.buffer.write(b"".join(diffs))
        sys.stdout.buffer.flush()
    _print_summary(scanned)


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
        print_json(_document(scanned, edits=True))
        return
    for each in scanned:
        for edit in each.analysis.edits:
            moved = f" -> {_shown(each.root, edit.new_path)}" if edit.new_path else ""
            done = "removed" if edit.is_removal else "created" if edit.is_new else "edited"
            click.echo(f"{done} {_shown(each.root, edit.path)}{moved} ({plural(edit.sites, 'site')})")
    _print_sites(scanned, only="unresolved")
    _print_summary(scanned, done=True)


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
            note(f"{error}. PATH is in {_shown(within, None)}: nothing outside of that is looked at")
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
                f"{recipe_id} moves code between files, and {_shown(each.root, each.outside_edit)} is outside of"
                f" PATH. Run it on {_shown(each.root, None)}."
            )


def in_sandbox(recipe: type[Recipe], parameters: Mapping[str, Any], sandbox: str) -> dict[str, Any]:
    """The parameters with the sandbox that was named, if the recipe runs in one at all."""
    runs_in_one = "sandbox" in parameter_types(recipe) and "sandbox" not in parameters
    return {**parameters, **({"sandbox": sandbox} if runs_in_one else {})}


def _document(scanned: Sequence[Scanned], edits: bool = False) -> dict[str, Any]:
    first = scanned[0].analysis
    document: dict[str, Any] = {
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
        document["edits"] = [
            {"path": edit.path, "sites": edit.sites, "new_path": edit.new_path, "created": edit.is_new,
             "removed": edit.is_removal, "root": str(each.root)}
            for each in scanned
            for edit in each.analysis.edits
        ]  # fmt: skip
    return document


def _print_sites(scanned: Sequence[Scanned], only: str | None = None) -> None:
    for each in scanned:
        for site in each.analysis.sites:
            if only in {None, site.status}:
                mark = click.style(site.status, fg="green" if site.status == "resolved" else "yellow")
                place = f"{_shown(each.root, site.path)}:{site.line}:{site.column}"
                click.echo(f"{place}: {mark} {on_one_line(f'{site.symbol}: {site.reason}')}")


def _print_summary(scanned: Sequence[Scanned], done: bool = False) -> None:
    _print_totals(scanned, done)
    for each in scanned:
        if each.outside:
            note(
                f"{plural(each.outside, 'more site')} in {plural(each.outside_files, 'file')} outside of PATH,"
                f" not touched; run it on {_shown(each.root, None)} to change all"
            )


def _print_totals(scanned: Sequence[Scanned], done: bool) -> None:
    resolved = sum(each.analysis.resolved for each in scanned)
    unresolved = sum(each.analysis.unresolved for each in scanned)
    files = sum(each.analysis.files_scanned for each in scanned)
    edited = sum(len(each.analysis.edits) for each in scanned)
    failures = [(each.root, failure) for each in scanned for failure in each.analysis.failures]
    for root, failure in failures:
        note(f"not understood: {_shown(root, failure.path)}: {failure.error}")
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


def _shown(root: Path, path: str | None) -> str:
    place = root / (path or "")
    return on_one_line(os.path.normpath(place) if place.is_absolute() else os.path.relpath(place))


def _coloured(line: str) -> str:
    if line.startswith(("diff ", "index ", "+++", "---", "rename ", "similarity ")):
        return click.style(line, bold=True)
    colours = {"+": "green", "-": "red", "@": "cyan"}
    return click.style(line, fg=colours[line[0]]) if line[:1] in colours else line
