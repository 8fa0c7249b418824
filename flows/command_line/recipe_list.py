"""`recipes list` and `recipes ID`: which recipes there are, and what one takes and does."""

from __future__ import annotations

from typing import Any

import click

from overhaul.flows.command_line.output import note, print_json
from overhaul.flows.foreign.words import foreign_recipe
from overhaul.flows.recipe_lookup import find_recipe, tool_summaries
from overhaul.flows.settings import Settings
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.recipe import Recipe, describe_type, parameter_types
from overhaul.refactors.registry import composite_summaries, recipe_summaries


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
