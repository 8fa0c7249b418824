"""Distilled recipes as they are kept: source, cases, the run they are from, what they reproduce, who approved them.

A folder each below `OVERHAUL_HOME/distilled`. The source is only ever read here; it runs in the sandbox.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from overhaul.flows.errors import DistillError, NotApproved
from overhaul.flows.settings import Settings
from overhaul.flows.whole_files import write_whole
from overhaul.refactors.distillation.draft import Draft, DraftCase
from overhaul.refactors.errors import UnknownRecipe, did_you_mean

PREFIX = "distilled:"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class Pilot:
    """The run whose change is distilled: `task` is its prompt; `options` are the run's, as JSON."""

    run_id: str
    repository: str
    base: str
    head: str
    title: str
    task: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Distilled:
    """A recipe that a model wrote.

    `files` says what it does to those of the pilot, which was `checked` for this identity (`Draft.sha256`). `tokens`
    are those of the distillation, `model` who wrote it, `made_at` a time in ISO form.
    """

    name: str
    draft: Draft
    pilot: Pilot
    files: dict[str, str]
    checked: str
    model: str
    tokens: int
    tries: int
    made_at: str

    @property
    def id(self) -> str:
        return PREFIX + self.name


@dataclass(frozen=True, slots=True)
class Approval:
    """Who took a recipe for good, and as which it was."""

    sha256: str
    approver: str
    at: str


def check_name(name: str) -> None:
    """Raises DistillError if a recipe cannot be called that."""
    if not _NAME.fullmatch(name):
        raise DistillError(
            f"{name!r} is no name for a recipe: it takes small letters, digits and hyphens. Give one with --name."
        )


def keep(settings: Settings, recipe: Distilled) -> None:
    """Write a recipe down; an approval that was for another source stays, and does not count."""
    folder = settings.distilled / recipe.name
    data = asdict(replace(recipe, draft=Draft("", recipe.draft.cases)))
    write_whole(folder / "recipe.py", recipe.draft.source)
    write_whole(folder / "recipe.json", json.dumps(data, indent=2) + "\n")


def source_path(settings: Settings, name: str) -> Path:
    return settings.distilled / name / "recipe.py"


def names(settings: Settings) -> list[str]:
    """The names of all distilled recipes, sorted."""
    return sorted(path.parent.name for path in settings.distilled.glob("*/recipe.json"))


def find(settings: Settings, name: str) -> Distilled:
    """Read a recipe by its name. Raises UnknownRecipe."""
    folder = settings.distilled / name
    if not _NAME.fullmatch(name) or not (folder / "recipe.json").is_file():
        nearest = did_you_mean(name, names(settings))
        raise UnknownRecipe(f"no recipe '{name}' was distilled.{nearest} List them with: overhaul distill")
    try:
        data = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
        cases = tuple(DraftCase(**case) for case in data["draft"]["cases"])
        source = (folder / "recipe.py").read_text(encoding="utf-8")
        return Distilled(**{**data, "draft": Draft(source, cases), "pilot": Pilot(**data["pilot"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnknownRecipe(
            f"the distilled recipe in {folder} cannot be read: {error}. Distil it again."
        ) from error


def approval_of(settings: Settings, recipe: Distilled) -> Approval | None:
    """The approval of a recipe as it is now; None if there is none, or it was for another source or other cases."""
    with suppress(OSError, ValueError, TypeError):
        text = (settings.distilled / recipe.name / "approval.json").read_text(encoding="utf-8")
        approval = Approval(**json.loads(text))
        if approval.sha256 == recipe.draft.sha256:
            return approval
    return None


def approve(settings: Settings, recipe: Distilled, approver: str) -> Approval:
    """Keep that somebody approved a recipe as it is. Raises DistillError if it is not what was checked."""
    if recipe.checked != recipe.draft.sha256:
        raise DistillError(f"{recipe.id} has changed since it was tried. Nothing is approved.")
    approval = Approval(recipe.draft.sha256, approver, datetime.now(UTC).isoformat(timespec="seconds"))
    write_whole(
        settings.distilled / recipe.name / "approval.json", json.dumps(asdict(approval), indent=2) + "\n"
    )
    return approval


def check_approved(settings: Settings, recipe: Distilled, sha256: str) -> Approval:
    """The approval for exactly this source and cases. Raises NotApproved."""
    approval = approval_of(settings, recipe)
    look = f"Look at it with: overhaul distill approve {recipe.name}"
    if recipe.draft.sha256 != sha256:
        raise NotApproved(f"{recipe.id} is not the recipe any more that this run began with. {look}")
    if approval is None:
        raise NotApproved(f"nobody has approved {recipe.id} as it is now. {look}")
    return approval


def recipe_of_run(recipe: str, parameters: Mapping[str, Any]) -> tuple[Distilled, Approval] | None:
    """What a run's recipe was distilled from and by whom it is approved; None for any other recipe.

    Raises NotApproved.
    """
    if not recipe.startswith(PREFIX):
        return None
    settings = Settings.from_environment()
    found = find(settings, recipe.removeprefix(PREFIX))
    return found, check_approved(settings, found, str(parameters["sha256"]))
