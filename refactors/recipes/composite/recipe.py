"""The recipe itself: a composite is read and bound, its steps are taken one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from overhaul.refactors.errors import RefactorError, SymbolNotFound
from overhaul.refactors.recipe import Analysis, Recipe, parameter
from overhaul.refactors.recipes.composite.cases import CASES
from overhaul.refactors.recipes.composite.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused

if TYPE_CHECKING:
    from overhaul.refactors.recipes.composite.steps import BoundComposite

LONGEST_TITLE = 72


@dataclass(frozen=True, slots=True)
class Parameters:
    """A composite with the values of its own parameters."""

    definition: str = parameter("the composite: what its file has in it, as docs/composites.md describes it")
    name: str = parameter("what messages call it: the file that it stands in", default="composite")
    values: tuple[str, ...] = parameter("the composite's own parameters, as NAME=VALUE", default=())


class Composite(Recipe):
    """Made from a file: `overhaul run COMPOSITE.yaml REPOSITORY`. Its content is among its parameters."""

    id = "composite"
    summary = "Apply several recipes one after the other, as a YAML file lists them, as one change"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    bound: ClassVar[BoundComposite]

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> Composite:
        # The form of a composite needs pydantic, which a list of recipes does not.
        from overhaul.refactors.recipes.composite.reading import read_composite
        from overhaul.refactors.recipes.composite.steps import bind_steps, from_words

        parameters = super().bind(values).parameters
        text, shown, given = cls._content(parameters, from_words)
        bound = bind_steps(read_composite(text, shown), given, shown)
        recipes = [step.recipe for step in bound.steps]
        kind: Any = type(
            cls.__name__,
            (cls,),
            {
                "bound": bound,
                "independent_edits": all(each.independent_edits for each in recipes),
                "moves_code": any(each.moves_code for each in recipes),
                # What one of them is not up to, the whole is not.
                "reads_notebooks": all(each.reads_notebooks for each in recipes),
                "is_remembered": all(each.is_remembered for each in recipes),
                "caveat": " ".join(
                    f"{step.label}: {step.recipe.caveat}" for step in bound.steps if step.recipe.caveat
                ),
            },
        )
        made: Composite = kind(parameters)
        return made

    @classmethod
    def _content(cls, parameters: Any, from_words: Any) -> tuple[str, str, Mapping[str, Any]]:
        """Return the composite's text, what messages call it, and the values of its parameters."""
        return parameters.definition, parameters.name, from_words(parameters.values)

    @property
    def title(self) -> str:
        text = " ".join((self.bound.description or self.bound.name).split())
        return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 3].rstrip() + "..."

    @property
    def invocation(self) -> list[str]:
        """Its file, the rest of the parameters is in it; or the name of one that comes with overhaul."""
        if self.id != Composite.id:
            return super().invocation
        return [self.parameters.name, *(word for pair in self.parameters.values for word in ("-p", pair))]

    def analyse(self, tree: Tree) -> Analysis:
        """Take each step over what those before it have made. Preconditions are about the tree as it is given."""
        from overhaul.refactors.recipes.composite.combining import Combined, one_analysis
        from overhaul.refactors.recipes.composite.preconditions import Repository

        repository, bound = Repository(tree), self.bound
        if (unmet := repository.unmet(bound.conditions)) is not None:
            raise SymbolNotFound(f"'{bound.name}' is not for this repository: it asks for {unmet}")
        combined = Combined(tree)
        absent: list[str] = []
        with collector_paused():
            for step in bound.steps:
                if (unmet := repository.unmet(step.conditions)) is not None:
                    absent.append(f"{step.label}: it asks for {unmet}")
                    continue
                try:
                    combined.take(step)
                except SymbolNotFound as error:
                    absent.append(f"{step.label}: {error}")
                except RefactorError as error:
                    raise type(error)(f"{bound.name}: {step.label}: {error}") from error
        if len(absent) == len(bound.steps):
            raise SymbolNotFound(f"no step of '{bound.name}' has anything to do here: {'; '.join(absent)}")
        return one_analysis(self.id, self.parameter_values, combined)
