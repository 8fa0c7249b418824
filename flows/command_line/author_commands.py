"""`recipes`: list them, and for those who write them: `new`, `check` and `trust`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.output import note, plural, print_json
from overhaul.flows.command_line.recipe_list import list_recipes
from overhaul.flows.plain_text import visible
from overhaul.flows.settings import Settings
from overhaul.sandbox.choose import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from overhaul.refactors.case_check import CaseResult


class _WordsOrId(click.Group):
    """A group whose first word may also be a recipe's id."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_WordsOrId)
def recipes() -> None:
    """List the recipes, or show the parameters and cases of one: `overhaul recipes [ID]`."""


recipes.add_command(list_recipes, "list")


@recipes.command()
@click.argument("recipe_id", metavar="ID")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("recipes"), show_default=True,
    help="Where the recipe, its test and recipes.md are written.",
)  # fmt: skip
def new(recipe_id: str, folder: Path) -> None:
    """Write a recipe that works, with its test and its section in recipes.md, to be made into your own."""
    from overhaul.flows.recipe_draft import new_recipe

    for path in new_recipe(recipe_id, folder):
        click.echo(f"wrote {path}")
    file = folder / f"{recipe_id.replace('-', '_')}.py"
    note(f"check it after each change: overhaul recipes check {file}")
    note(f"try it: overhaul scan {file} PATH")


@recipes.command()
@click.argument("words", metavar="[ID|FILE]...", nargs=-1)
@click.option(
    "--sandbox", type=click.Choice([name for name in ("auto", *PROVIDERS) if name != "process"]), default="auto",
    show_default=True, help="Where recipes of files and packages run, unless you trust them.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check(words: tuple[str, ...], sandbox: str, as_json: bool) -> int:
    """Run all cases of recipes: exact text, what is reported, that it parses, that a second run changes nothing."""
    from overhaul.refactors.registry import recipe_ids

    rows = [(word, _checked(word, sandbox)) for word in words or recipe_ids()]
    holds = all(results and all(each.passed for each in results) for _, results in rows)
    if as_json:
        print_json({"recipes": [_row(word, results) for word, results in rows]})
    else:
        _print_checks(rows)
    return 0 if holds else 1


@recipes.command()
@click.argument("word", metavar="FILE.py[:CLASS]|NAME")
@click.option("--remove", is_flag=True, help="Trust it no longer.")
def trust(word: str, remove: bool) -> None:
    """Let a recipe of a file or package run on this machine, outside of the sandbox, as long as it does not change."""
    from overhaul.flows.foreign.sources import absolute, is_recipe_file
    from overhaul.flows.foreign.third_party import find_source
    from overhaul.flows.foreign.trust import take_back
    from overhaul.flows.foreign.trust import trust as give

    settings = Settings.from_environment()
    source = find_source(absolute(word) if is_recipe_file(word) else word)
    if remove:
        had = take_back(settings, source)
        click.echo(f"{source.word}: {'not trusted any more' if had else 'was not trusted'}")
        return
    given = give(settings, source)
    click.echo(
        f"{source.word}: trusted by {given.by} ({plural(len(source.files), 'file')}, {given.sha256[:12]});"
        " any change ends it"
    )


def _checked(word: str, sandbox: str) -> Sequence[CaseResult]:
    from overhaul.flows.recipe_lookup import find_recipe, is_third_party
    from overhaul.refactors.case_check import check_cases

    if not is_third_party(word):
        return check_cases(find_recipe(word))
    from overhaul.flows.foreign.sources import absolute, is_recipe_file
    from overhaul.flows.foreign.third_party import checked_cases, find_source

    source = find_source(absolute(word) if is_recipe_file(word) else word)
    return checked_cases(source, Settings.from_environment(), sandbox)


def _row(word: str, results: Sequence[CaseResult]) -> dict[str, Any]:
    return {
        "recipe": word,
        "passed": bool(results) and all(each.passed for each in results),
        "cases": [
            {"name": each.name, "passed": each.passed, "problems": list(each.problems)} for each in results
        ],
    }


def _print_checks(rows: Sequence[tuple[str, Sequence[CaseResult]]]) -> None:
    from overhaul.flows.command_line.tables import add_row, make_table, print_table

    table = make_table("recipe", "cases", "hold")
    for word, results in rows:
        add_row(table, word, str(len(results)), str(sum(each.passed for each in results)))
    print_table(table)
    for word, results in rows:
        if not results:
            note(
                f"{word} has no cases: what it does is shown by nothing. The author's guide: docs/writing-recipes.md"
            )
        for each in results:
            if not each.passed:
                click.echo(f"\n{click.style(visible(f'{word}: {each.name}'), fg='red')}")
                click.echo(visible("\n".join(each.problems)))
