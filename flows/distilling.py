"""Distil a run's change into a recipe: a model writes it, the sandbox tries it on the files that the run began with."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from prefect.client.orchestration import SyncPrefectClient

from overhaul.flows.distilled import Distilled, Pilot, check_name, keep
from overhaul.flows.errors import DistillError
from overhaul.flows.formatting import format_changes
from overhaul.flows.kept_steps import KeptSteps
from overhaul.flows.mirror import FileChange, Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.progress import tell
from overhaul.flows.runs import find_run, seen_from_outside
from overhaul.flows.settings import Settings
from overhaul.flows.testing import prepare_environment
from overhaul.refactors.agent.conversation import Model
from overhaul.refactors.agent.limits import Limits
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.distillation.distil import Distillation, distillation_task
from overhaul.refactors.distillation.draft import Draft
from overhaul.refactors.distillation.reproduction import SUFFIXES, Reproduction, reproduction
from overhaul.refactors.prompt import Prompt
from overhaul.sandbox.choose import choose
from overhaul.sandbox.codemods import CodemodPass, codemod_environment, run_codemod
from overhaul.sandbox.provider import Environment, Provider

FINISHED = ("published", "waiting")


def pilot_of(client: SyncPrefectClient, run_text: str, settings: Settings) -> Pilot:
    """The finished change of a prompt's run. Raises UnknownRun, DistillError."""
    flow_run = find_run(client, run_text)
    result = seen_from_outside(client, flow_run, settings)
    given = flow_run.parameters
    if given.get("recipe") != Prompt.id:
        raise DistillError(
            f"run {flow_run.name} is one of a recipe, which costs nothing to run again. A run of a prompt can be"
            " distilled: overhaul run PROMPT.md REPOSITORY"
        )
    if result.status not in FINISHED or not (result.head and result.base):
        raise DistillError(
            f"run {flow_run.name} is {result.status}, and has no change that is whole and tested."
            f" See: overhaul show {result.run_id[:8]}"
        )
    bound = Prompt.bind(given["parameters"])
    return Pilot(
        run_id=result.run_id, repository=result.repository, base=result.base, head=result.head,
        title=bound.title, task=bound.parameters.task, options=given.get("options") or {},
    )  # fmt: skip


@dataclass
class Trial:
    """Tries drafts on the pilot's files, as they were before its change. Satisfies `refactors...distil.Check`."""

    settings: Settings
    pilot: Pilot
    sandbox: str

    def __post_init__(self) -> None:
        self.mirror = Mirror.of(self.pilot.repository, self.settings.mirrors)
        self._folder = self.settings.run_folder(self.pilot.run_id)
        with CommitTree(self.mirror.folder, self.pilot.base) as tree:
            self.before = {path: tree.read(path) for path in tree.paths() if path.endswith(SUFFIXES)}
        rows = self.mirror.changes(self.pilot.base, self.pilot.head)
        self.changed = {row.path: self.mirror.read_blob(row.blob) if row.blob else None for row in rows}
        if not any(path in self.before and new is not None for path, new in self.changed.items()):
            raise DistillError(
                f"run {self.pilot.run_id[:8]} edits no Python file that was there before: a codemod has nothing to do."
            )

    def __call__(self, draft: Draft) -> Reproduction:
        folder = f"overhaul_cases_{draft.sha256[:8]}"
        cases = {f"{folder}/case_{number}.py": case for number, case in enumerate(draft.cases)}
        files = self.before | {path: case.before.encode() for path, case in cases.items()}
        first, *again = run_codemod(*self._where, draft.source, files, passes=2)
        problems = list(_broken(first))
        if first.error:
            return Reproduction({}, tuple(problems))
        for path, case in cases.items():
            made = first.contents.get(path, case.before.encode())
            if made != case.after.encode():
                why = first.failures.get(path) or f"it became\n{made.decode(errors='replace')[:2000]}"
                problems.append(f"case {case.name!r} does not hold: {why}")
        problems += [said for each in again if (said := _second(first, each, cases))]
        problems += [
            f"it fails on {path}, which the change edits: {first.failures[path]}"
            for path in self.changed
            if path in first.failures
        ]
        made_of = {path: new for path, new in first.contents.items() if path not in cases}
        found = reproduction(self.before, self.changed, made_of, self._formatted)
        return Reproduction(found.files, (*problems, *found.problems), found.over_eager)

    @cached_property
    def _where(self) -> tuple[Provider, Environment]:
        provider = choose(self.sandbox, self.settings.sandbox)
        return provider, codemod_environment(provider, self.settings.logs / "distilled-recipes.log")

    def _formatted(self, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """The files as the project's formatter has them, in the environment of the pilot's tests."""
        tell("formatting what the recipe made")
        options = RunOptions.model_validate(self.pilot.options)
        environment = prepare_environment(self.mirror, self.pilot.base, options, self._folder)
        blobs = self.mirror.write_blobs(list(files.values()))
        changes = [FileChange(path, blob) for path, blob in zip(files, blobs, strict=True)]
        made = format_changes(self.mirror, self.pilot.base, changes, environment, self._folder)
        return dict(zip(made, self.mirror.read_blobs(list(made.values())), strict=True))


def _broken(done: CodemodPass) -> list[str]:
    problems = [f"it does not run: {done.error}"] if done.error else []
    if done.others:
        problems.append(f"it makes or removes files, which it may not: {', '.join(done.others[:10])}")
    return problems


def _second(first: CodemodPass, second: CodemodPass, cases: Collection[str]) -> str:
    """What a second run does that it should not."""
    if second.error:
        return f"the second run fails: {second.error}"
    paths = [*second.contents, *second.others, *(set(second.failures) - set(first.failures))]
    shown = ", ".join(sorted(set(paths) - set(cases))) or "its cases"
    return f"the second run changes something again, or fails: {shown}" if paths else ""


def distil(settings: Settings, model: Model, trial: Trial, name: str, limits: Limits) -> Distilled:
    """Have a recipe written and keep it, unapproved. Raises DistillError if none holds within the limits.

    What was answered is kept until it has ended: killed, or without a model, it goes on later and pays nothing twice.
    """
    check_name(name)
    pilot = trial.pilot
    diff = trial.mirror.diff(pilot.base, pilot.head).decode(errors="replace")
    task = distillation_task(pilot.title, pilot.task, diff)
    asked = hashlib.sha256(f"{model.name}\n{task}".encode()).hexdigest()[:16]
    folder = settings.run_folder(pilot.run_id) / f"distilling-{asked}"
    work = Distillation(model, trial, limits, KeptSteps(folder), time.monotonic, tell)
    best = work.run(task)
    if work.status != "model failed":
        shutil.rmtree(folder, ignore_errors=True)
    if best is None:
        raise DistillError(
            f"no recipe came of run {pilot.run_id[:8]} ({work.status} after {work.tries} tries,"
            f" {work.usage.total:,} tokens): {work.problems[:2000] or 'it said nothing'}\n"
            "Try another model, allow more with --budget steps=12, or narrow the prompt to what one file shows."
        )
    made = Distilled(
        name=name, draft=best.draft, pilot=pilot, files=dict(best.reproduction.files),
        checked=best.draft.sha256, model=model.name, tokens=work.usage.total, tries=work.tries,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip
    keep(settings, made)
    return made
