"""A task in words as a recipe: it finds and edits nothing itself, a model carries it out (`overhaul.flows`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from overhaul.refactors.errors import ParameterError, RefactorError
from overhaul.refactors.recipe import Analysis, Recipe, parameter
from overhaul.refactors.source import Tree

LONGEST_TITLE = 72


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is to be done, and what it is called."""

    name: str = parameter("What the task is called: the file that it stands in.")
    task: str = parameter("What is to be done, in words.")


class Prompt(Recipe):
    """Made from a file: `overhaul run PROMPT.md REPOSITORY`."""

    id = "prompt"
    summary = "hands a task in words to the agent"
    Parameters = Parameters

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> Prompt:
        made = super().bind(values)
        if not made.parameters.task.strip():
            raise ParameterError(
                f"the prompt {made.parameters.name} is empty; it must say what is to be done."
            )
        return made

    @property
    def title(self) -> str:
        """The first line that says something, without the marks of a heading."""
        lines = (line.strip().lstrip("#").strip() for line in self.parameters.task.splitlines())
        first: str = next(line for line in lines if line)
        return first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 3].rstrip() + "..."

    def analyse(self, tree: Tree) -> Analysis:  # noqa: ARG002  (the recipes')
        raise RefactorError(
            "a prompt has no sites to look at; a model carries it out with: overhaul run PROMPT.md REPOSITORY"
        )
