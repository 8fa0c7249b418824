"""A recipe while it is written: its source run as a module, its cases checked, and exported as a file with its test.

The source is the author's own and runs in the author's own process, as any cell of a notebook does.
"""

from __future__ import annotations

import itertools
import linecache
import re
import sys
import types
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from overhaul.flows.plain_text import visible
from overhaul.flows.views.shown import Shown, together
from overhaul.refactors.case_check import CaseResult, check_cases
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.recipe import Recipe

TEST = '''"""Every case of {id} holds."""

import pytest

from overhaul.refactors.case_check import check_case
from overhaul.refactors.recipe import Case
from {module} import {name}


@pytest.mark.parametrize("case", {name}.cases, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    result = check_case({name}, case)
    assert result.passed, "\\n".join(result.problems)
'''
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, repr=False)
class RecipeDraft:
    """A recipe's source with what came of its cases; in a notebook it shows them."""

    source: str
    recipe: type[Recipe]
    results: Sequence[CaseResult]

    @property
    def passed(self) -> bool:
        return bool(self.results) and all(each.passed for each in self.results)

    def __repr__(self) -> str:
        return self._shown().text

    def _repr_html_(self) -> str:
        return self._shown()._repr_html_()

    def export(self, folder: str | Path) -> list[Path]:
        """Write the recipe and its test into a folder, and its section into `recipes.md` there; return the paths.

        Raises RefactorError if a case fails.
        """
        if not self.passed:
            failing = [each.name for each in self.results if not each.passed]
            what = f"these cases do not hold: {', '.join(failing)}" if failing else "it has no cases"
            raise RefactorError(f"export: {self.recipe.id} is not ready, {what}. Mend that first.")
        module = self.recipe.id.replace("-", "_")
        target = Path(folder).expanduser()
        target.mkdir(parents=True, exist_ok=True)
        written = [target / f"{module}.py", target / f"test_{module}.py"]
        written[0].write_text(self.source.strip() + "\n", encoding="utf-8")
        test = TEST.format(id=self.recipe.id, module=module, name=self.recipe.__name__)
        written[1].write_text(test, encoding="utf-8")
        return [*written, _documented(self.recipe, target / "recipes.md")]

    def _shown(self) -> Shown:
        held = sum(each.passed for each in self.results)
        css = "good" if self.passed else "bad"
        words = f"{self.recipe.id}: {held} of {len(self.results)} cases hold"
        head = Shown(f'<p><strong class="{css}">{escape(words)}</strong></p>', words)
        return together(head, *map(_case, self.results))


def new_recipe(recipe_id: str, folder: str | Path) -> list[Path]:
    """Write a recipe that works, to be made into another: the file, its test and its section of `recipes.md`.

    Raises RefactorError where the id is none or the file is there.
    """
    from jinja2 import Environment, PackageLoader

    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", recipe_id):
        raise RefactorError(
            f"the id {recipe_id!r} is not of the form verb-object, as in rename-symbol: small letters and hyphens."
        )
    place = Path(folder).expanduser() / f"{recipe_id.replace('-', '_')}.py"
    if place.exists():
        raise RefactorError(f"{place} is there already. Take another id, or remove it.")
    templates = Environment(  # noqa: S701  (Python, and the id has letters and hyphens only)
        loader=PackageLoader("overhaul.flows"), keep_trailing_newline=True
    )
    name = "".join(word.capitalize() for word in recipe_id.split("-"))
    source = templates.get_template("recipe.py.j2").render(id=recipe_id, name=name)
    return draft_recipe(source, str(place)).export(folder)


def draft_recipe(source: str, name: str = "<recipe>") -> RecipeDraft:
    """Run a source that defines one recipe, and check its cases. Raises RefactorError for what makes it none."""
    known = f"{name.strip('<>')} {next(_numbers)}"
    module = types.ModuleType(f"overhaul_draft_{next(_numbers)}")
    # Tracebacks show the lines; dataclasses and type hints look for the module.
    linecache.cache[known] = (len(source), None, source.splitlines(keepends=True), known)
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, known, "exec"), module.__dict__)  # noqa: S102  (the author's own code)
    except SyntaxError as error:
        raise RefactorError(f"line {error.lineno}: {error.msg}: {(error.text or '').strip()}") from error
    finally:
        del sys.modules[module.__name__]
    recipe = _only_recipe(module)
    sys.modules[module.__name__] = module
    try:
        _check_declaration(recipe)
        return RecipeDraft(source, recipe, check_cases(recipe))
    finally:
        del sys.modules[module.__name__]


def draft_of_file(path: str | Path) -> RecipeDraft:
    """As `draft_recipe`, for a file. Raises RefactorError if there is none."""
    file = Path(path).expanduser()
    if not file.is_file():
        raise RefactorError(
            f"recipe_file: there is no file {file}. Give a Python file that defines a recipe."
        )
    return draft_recipe(file.read_text(encoding="utf-8"), str(file))


def _documented(recipe: type[Recipe], page: Path) -> Path:
    """Put a recipe's section where the page has it, or at its end; what people wrote between sections stays."""
    from overhaul.refactors.documentation import recipe_section

    section = "\n".join(recipe_section(recipe)).strip() + "\n"
    begin, end = f"<!-- overhaul:{recipe.id} -->\n", f"<!-- overhaul:end {recipe.id} -->\n"
    text = page.read_text(encoding="utf-8") if page.is_file() else "# Recipes\n"
    before, found, rest = text.partition(begin)
    after = rest.partition(end)[2] if found else ""
    before = before if found else before.rstrip("\n") + "\n\n"
    page.write_text(before + begin + section + end + after, encoding="utf-8")
    return page


def _only_recipe(module: types.ModuleType) -> type[Recipe]:
    found = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Recipe) and each.__module__ == module.__name__
    ]
    if len(found) != 1:
        names = ", ".join(each.__name__ for each in found) or "none"
        raise RefactorError(f"a draft defines one recipe, a subclass of Recipe; this one defines {names}.")
    return found[0]


def _check_declaration(recipe: type[Recipe]) -> None:
    for name in ("id", "summary", "Parameters"):
        if not hasattr(recipe, name):
            raise RefactorError(f"{recipe.__name__} has no `{name}`; see refactors/recipe.py.")
    if not recipe.id.replace("-", "_").isidentifier() or recipe.id != recipe.id.lower():
        raise RefactorError(f"the id {recipe.id!r} is not of the form verb-object, as in rename-symbol.")
    changes = [each.after is not None for each in recipe.cases if each.raises is None]
    if changes != sorted(changes):
        raise RefactorError(
            "the cases that change nothing come first: they say what the recipe leaves alone."
        )


def _case(result: CaseResult) -> Shown:
    if result.passed:
        return Shown(
            f'<p><span class="good">✓</span> {escape(visible(result.name))}</p>', f"holds: {result.name}"
        )
    said = visible("\n\n".join(result.problems))
    html = (
        f'<details open><summary><span class="bad">✕</span> {escape(visible(result.name))}</summary>'
        f"<pre>{escape(said)}</pre></details>"
    )
    return Shown(html, f"does not hold: {result.name}\n{said}")
