"""A distilled recipe like any other: sites, preview, batches, tests. Its code runs in the sandbox, never here."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from overhaul.flows import distilled
from overhaul.flows.distilled import Distilled
from overhaul.flows.progress import tell
from overhaul.flows.settings import Settings
from overhaul.refactors.distillation.reproduction import SUFFIXES, hunks
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.recipe import Analysis, Case, Edit, Failure, Recipe, Site, content_hash, parameter
from overhaul.refactors.source import Tree


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which source exactly, and where it runs."""

    sha256: str = parameter("The identity of source and cases; that of the recipe as it is now.", default="")
    sandbox: Literal["auto", "docker", "bubblewrap", "landlock"] = parameter(
        "Where the recipe runs; never without isolation.", default="auto"
    )


class DistilledRecipe(Recipe):
    """Made by `load_distilled` for one recipe of `distilled`."""

    independent_edits = True
    Parameters = Parameters
    distilled: ClassVar[Distilled]

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> DistilledRecipe:
        now = cls.distilled.draft.sha256
        return super().bind({**values, "sha256": values.get("sha256") or now})

    @property
    def title(self) -> str:
        return self.distilled.pilot.title

    def analyse(self, tree: Tree) -> Analysis:
        settings = Settings.from_environment()
        distilled.check_approved(settings, self.distilled, self.parameters.sha256)
        files: dict[str, bytes] = {}
        failures: list[Failure] = []
        for path in tree.paths():
            if path.endswith(SUFFIXES):
                try:
                    files[path] = tree.read(path)
                except OSError as error:
                    failures.append(Failure(path, str(error)))
        edits, sites, more = self._edited(files, settings) if files else ([], [], [])
        return Analysis(
            self.id,
            self.parameter_values,
            len(files),
            sorted(sites, key=lambda site: (site.path, site.line, site.status)),
            edits,
            sorted([*failures, *more], key=lambda failure: failure.path),
        )

    def _edited(
        self, files: Mapping[str, bytes], settings: Settings
    ) -> tuple[list[Edit], list[Site], list[Failure]]:
        from overhaul.sandbox.choose import choose
        from overhaul.sandbox.codemods import codemod_environment, run_codemod

        tell("running the distilled recipe in the sandbox")
        provider = choose(self.parameters.sandbox, settings.sandbox)
        environment = codemod_environment(provider, settings.logs / "distilled-recipes.log")
        (done,) = run_codemod(provider, environment, self.distilled.draft.source, files)
        if done.error:
            raise RefactorError(f"{self.id} does not run: {done.error}")
        if done.others:
            raise RefactorError(
                f"{self.id} made or removed files, which it may not: {', '.join(done.others[:5])}."
                " Nothing of what it did is taken."
            )
        edits: list[Edit] = []
        sites = [
            Site(path, 1, 1, self.id, "unresolved", warning)
            for path, warnings in done.warnings.items()
            for warning in warnings
        ]
        failures = [Failure(path, why) for path, why in done.failures.items()]
        for path, new in sorted(done.contents.items()):
            old = files[path]
            if _parses(old) and not _parses(new):
                failures.append(Failure(path, "what the recipe makes of it is not valid Python"))
                continue
            changed = hunks(old, new)
            last = max(len(old.splitlines()) - 1, 0)
            sites += [
                Site(
                    path, min(each.start, last) + 1, 1, self.id, "resolved", "changed by the distilled recipe"
                )
                for each in changed
            ]
            edits.append(Edit(path, content_hash(old), new, len(changed)))
        return edits, sites, failures


def load_distilled(recipe_id: str) -> type[DistilledRecipe]:
    """Make a recipe of `distilled:NAME`. Raises UnknownRecipe."""
    found = distilled.find(Settings.from_environment(), recipe_id.removeprefix(distilled.PREFIX))
    cases = [
        Case(
            case.name,
            {},
            {"module.py": case.before},
            {"module.py": case.after} if case.after != case.before else None,
        )
        for case in found.draft.cases
    ]
    summary = f"distilled by {found.model} from run {found.pilot.run_id[:8]}: {found.pilot.title}"
    return type(
        "Distilled",
        (DistilledRecipe,),
        {"id": found.id, "summary": summary, "cases": cases, "distilled": found},
    )


def _parses(content: bytes) -> bool:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
