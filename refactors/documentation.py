"""Writes docs/recipes.md from the registry: `python -m overhaul.refactors.documentation [FILE]`.

The examples are the recipes' cases, which the tests run, so that the page says what is true.
"""

from __future__ import annotations

import dataclasses
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from itertools import zip_longest
from pathlib import Path
from typing import Any

from overhaul.refactors.recipe import Case, Recipe, describe_type, parameter_types
from overhaul.refactors.registry import composite_summaries, find_recipe, recipe_ids

DEFAULT_FILE = Path("docs/recipes.md")


def recipes_page() -> str:
    """Return the page about all recipes, as Markdown."""
    recipes = [find_recipe(recipe_id) for recipe_id in recipe_ids()]
    lines = [
        "# Recipes",
        "",
        "<!-- Written by `python -m overhaul.refactors.documentation`; edit the recipes' cases instead. -->",
        "",
        "A recipe edits what it can prove and reports every other candidate with the reason.",
        "Each example below is a test.",
        "",
        *(f"- [`{recipe.id}`](#{recipe.id}): {recipe.summary}" for recipe in recipes),
        "",
        "What weighs most of each recipe's table below:",
        "",
        *_limits([(f"[`{recipe.id}`](#{recipe.id})", *_weightiest(recipe)) for recipe in recipes], "recipe"),
    ]
    for recipe in recipes:
        lines += ["", *recipe_section(recipe)]
    lines += ["", *_composites()]
    return "\n".join(lines) + "\n"


def _composites() -> Iterator[str]:
    yield from ("## Composites", "")
    yield from (
        "Recipes one after the other as one change; how to write your own: [composites.md](composites.md).",
        "These come with overhaul:",
    )
    for composite_id in composite_summaries():
        composite = find_recipe(composite_id)
        yield from ("", f"### {composite_id}", "", f"{composite.summary}.")
        rows = list(_parameter_rows(composite))
        if rows:
            yield from ("", "| parameter | takes | default | meaning |", "|---|---|---|---|", *rows)
        for title, cases in _groups(composite.cases):
            for case in cases:
                yield from ("", f"_{title}:_", "", *_case_section(composite, case))


def _parameter_rows(recipe: type[Recipe]) -> Iterator[str]:
    types = parameter_types(recipe)
    for each in dataclasses.fields(recipe.Parameters):
        taken = describe_type(types[each.name]).replace("|", " or ")
        yield f"| `{each.name}` | {taken} | {_default(each)} | {_cell(each.metadata['help'])} |"


def recipe_section(recipe: type[Recipe]) -> Iterator[str]:
    """The lines of Markdown about one recipe: parameters, limits, every case."""
    yield from (f"## {recipe.id}", "", f"{recipe.summary}.", "")
    yield from ("| parameter | takes | default | meaning |", "|---|---|---|---|", *_parameter_rows(recipe))
    rows = list(zip_longest(recipe.proves, recipe.reports, recipe.out_of_reach, fillvalue=""))
    if rows:
        yield from ("", *_limits(rows))
    for title, cases in _groups(recipe.cases):
        if cases:
            yield from ("", f"### {title}")
            for case in cases:
                yield from ("", *_case_section(recipe, case))


def _weightiest(recipe: type[Recipe]) -> tuple[str, ...]:
    return tuple(next(iter(each), "") for each in (recipe.proves, recipe.reports, recipe.out_of_reach))


def _limits(rows: Sequence[tuple[str, ...]], *before: str) -> Iterator[str]:
    """Give the table of what is proved, reported and out of reach; `before` are the columns in front."""
    columns = [*before, "proved", "reported", "out of reach"]
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for row in rows:
        yield f"| {' | '.join(_cell(each) for each in row)} |"


def _groups(cases: Sequence[Case]) -> Iterator[tuple[str, list[Case]]]:
    yield "What changes", [case for case in cases if case.after is not None]
    yield "What stays as it is", [case for case in cases if case.after is None and case.raises is None]
    yield "What is refused", [case for case in cases if case.raises is not None]


def _case_section(recipe: type[Recipe], case: Case) -> Iterator[str]:
    yield f"**{case.name[:1].upper()}{case.name[1:]}**"
    yield from ("", *_block("sh", _command(recipe, case.parameters)))
    if case.raises is not None:
        yield from ("", f"`{case.raises.__name__}`")
    elif case.after is None:
        for path, text in case.before.items():
            yield from ("", *_block("python" if path.endswith(".py") else "", f"# {path}\n{text}"))
    else:
        yield from ("", *_block("diff", "".join(_differences(case))))
    if case.unresolved:
        yield from ("", f"Reported: {', '.join(f'`{place}`' for place in case.unresolved)}")


def _command(recipe: type[Recipe], parameters: Mapping[str, Any]) -> str:
    words = ["overhaul", "preview", recipe.id]
    for name, value in parameters.items():
        for each in [value] if isinstance(value, str | bool) else value:
            words += ["-p", f"{name}={str(each).lower() if isinstance(each, bool) else each}"]
    return shlex.join([*words, "."])


def _differences(case: Case) -> Iterator[str]:
    """Give each changed file whole, as a diff; files that are named only before stay as they are."""
    before, after = case.before, case.after or {}
    are_going = set(after) - set(before) and not case.removed
    for path in sorted({*before, *after}):
        stays = path in before and not are_going and path not in case.removed
        old, new = before.get(path, ""), after.get(path, before[path] if stays else "")
        if old == new:
            continue
        lines = len(old.splitlines()) + len(new.splitlines())
        shown = unified_diff(_shown_lines(old), _shown_lines(new), path, path, n=lines, lineterm="\n")
        yield from (line for line in shown if not line.startswith("@@"))


def _shown_lines(text: str) -> list[str]:
    """Split into lines; what a page does not show is written out."""
    visible = text.replace("\ufeff", "<BOM>").replace("\r\n", "<CRLF>\n").replace("\t", "<TAB>")
    return [line + "\n" for line in visible.split("\n")[: None if not visible.endswith("\n") else -1]]


def _block(language: str, text: str) -> list[str]:
    fence = "````" if "```" in text else "```"
    return [f"{fence}{language}", text.removesuffix("\n"), fence]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _default(each: dataclasses.Field[Any]) -> str:
    if each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING:
        return "required"
    value = each.default if each.default is not dataclasses.MISSING else ()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if value else "none"


def main(arguments: Sequence[str]) -> None:
    """Write the page to the file that is named, or to docs/recipes.md."""
    if any(each.startswith("-") for each in arguments):
        raise SystemExit("usage: python -m overhaul.refactors.documentation [FILE]")
    Path(arguments[0] if arguments else DEFAULT_FILE).write_text(recipes_page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
