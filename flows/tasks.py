"""The steps of a run as Prefect tasks: thin, retried where trying again can help, with persisted JSON results.

Each result is keyed by what it depends on. Steps about a commit alone are shared by all runs; the others belong to one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from prefect import task
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.logging import get_run_logger
from prefect.tasks import Task
from prefect.utilities.annotations import quote
from sqlalchemy.exc import OperationalError

from overhaul.flows.analysis import AnalysisRecord, analyse_commit, engine_version, plan_edits
from overhaul.flows.errors import DirtyWorkTree
from overhaul.flows.evidence import review_run
from overhaul.flows.forges.base import Check
from overhaul.flows.forges.choose import forge_of, fork_where_needed
from overhaul.flows.formatting import changes_by_commands, format_changes, with_blobs
from overhaul.flows.mirror import Author, Base, FileChange, Mirror, identity_of
from overhaul.flows.options import Beside, RunOptions
from overhaul.flows.progress import tell
from overhaul.flows.publishing import Publication, publish
from overhaul.flows.run_context import Evidence, Run
from overhaul.flows.screenshots import Pictures, picture_commit
from overhaul.flows.settings import Settings
from overhaul.flows.testing import (
    Checkout,
    Testing,
    log_path,
    prepare_environment,
    provider_of,
    stand_by,
    test_commit,
)
from overhaul.flows.worktree import changed_files
from overhaul.refactors.review import Finding, Review
from overhaul.sandbox.environment import may_say_needs
from overhaul.sandbox.errors import EnvironmentFailed, SandboxLost
from overhaul.sandbox.provider import Environment, Limits
from overhaul.sandbox.report import TestReport
from overhaul.sandbox.system_packages import SCREENSHOTS_FILE


def is_transient(task_: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether trying again can help: the sandbox was lost, or the ledger's database was busy."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, SandboxLost | OperationalError)


def keyed(step: str, *names: str) -> Callable[[TaskRunContext, dict[str, Any]], str]:
    """Key a step's result by these of its arguments, or by parts of them: `argument.field`.

    Machines may share their results, not their mirrors: one never takes a commit for done that only another one has.
    """

    def key(_context: TaskRunContext, arguments: dict[str, Any]) -> str:
        found = [_part(arguments, *name.split(".")) for name in names]
        found.append(identity_of(Settings.from_environment().mirrors))
        values = json.dumps(found, sort_keys=True, default=_plain)
        return f"overhaul/{step}/{sha256(values.encode()).hexdigest()}"

    return key


def _part(arguments: dict[str, Any], name: str, field: str = "") -> Any:
    return getattr(arguments[name], field) if field else arguments[name]


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else asdict(value)


STEP: dict[str, Any] = {
    "persist_result": True,
    "result_serializer": "json",
    "retries": 2,
    "retry_delay_seconds": [1, 5],
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": is_transient,
}


@task(name="fetch", task_run_name="fetch", cache_key_fn=keyed("fetch", "run_id"), **STEP)
def fetch(run_id: str, source: str, options: RunOptions) -> dict[str, str]:
    """Update the mirror; return the base branch and commit. Raises RepositoryError."""
    tell("fetching")
    mirror = mirror_of(source)
    base = mirror.fetch(options.base)
    if not options.allow_dirty and (changed := changed_files(source, mirror)):
        names = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        raise DirtyWorkTree(
            f"{source} has uncommitted changes, which the run would leave out: {names}."
            " Commit or stash them, or go on from HEAD with --allow-dirty"
        )
    mirror.keep(f"bases/{run_id}", base.commit)
    return asdict(base)


@task(
    name="analyse",
    task_run_name="analyse",
    cache_key_fn=keyed("analyse", "source", "commit", "recipe", "parameters", "beside", "engine"),
    **STEP,
)
def analyse(
    source: str, commit: str, recipe: str, parameters: dict[str, Any], beside: Sequence[Beside], engine: str
) -> dict[str, Any]:
    """Find the sites of a commit and store the edits' contents in the mirror."""
    tell("analysing")
    libraries = {each.distribution: (mirror_of(each.repository), each.base_commit) for each in beside}
    return asdict(analyse_commit(mirror_of(source), commit, recipe, parameters, libraries))


def analysis_of(
    source: str, commit: str, recipe: str, parameters: dict[str, Any], beside: Sequence[Beside]
) -> AnalysisRecord:
    """Call `analyse` with the version of the code that answers."""
    return AnalysisRecord(**analyse(source, commit, recipe, parameters, beside, engine_version()))


@task(
    name="plan",
    task_run_name="plan",
    cache_key_fn=keyed("plan", "commit", "record", "recipe", "parameters", "max_files"),
    **STEP,
)
def plan(
    source: str, commit: str, record: dict[str, Any], recipe: str, parameters: dict[str, Any], max_files: int
) -> dict[str, Any]:
    """Put the edits into batches."""
    mirror = mirror_of(source)
    return plan_edits(mirror, commit, AnalysisRecord(**record), recipe, parameters, max_files).to_json()


@task(name="prepare", task_run_name="{name}", cache_key_fn=keyed("prepare", "run_id", "commit"), **STEP)
def prepare(run_id: str, source: str, commit: str, options: RunOptions, name: str) -> dict[str, Any]:
    """Make or find the environment in which the tests of a commit run."""
    folder = Settings.from_environment().run_folder(run_id)
    environment = prepare_environment(mirror_of(source), commit, options, folder, name)
    stand_by(environment, Limits(wall_seconds=options.test_timeout), options.network)
    return asdict(environment)


def environment_of(run: Run) -> Environment:
    """The environment of the base commit."""
    return _environment(run, run.base_commit, "prepare")


def environment_at(run: Run, base: Environment, commit: str) -> Environment:
    """The environment of an edited commit: that of the base, unless the edits may have changed what it needs.

    Raises EnvironmentFailed if what the edits ask for cannot be installed.
    """
    edited = mirror_of(run.repository).changes(run.base_commit, commit)
    if run.options.python or not any(may_say_needs(change.path) for change in edited):
        return base
    try:
        return _environment(run, commit, "prepare at head")
    except EnvironmentFailed as error:
        raise EnvironmentFailed(f"what the edited files ask for cannot be installed: {error}") from error


def _environment(run: Run, commit: str, name: str) -> Environment:
    """Call `prepare`, and once more if what it made for this run before has been pruned or refreshed since.

    Tests belong to an environment as it was made: those of the earlier one are run again.
    """
    asked = (run.id, run.repository, commit, run.options, name)
    found = Environment(**prepare(*asked))
    if provider_of(found.provider).still_has(found):
        return found
    tell("the environment was removed or refreshed while this run waited: its tests are run again")
    return Environment(**prepare.with_options(refresh_cache=True)(*asked))


@task(
    name="tests",
    task_run_name="{testing.name}",
    cache_key_fn=keyed(
        "tests",
        "checkout.source",
        "trees",
        "checkout.environment",
        "testing.timeout_seconds",
        "checkout.network",
        "testing.since",
    ),
    **STEP,
)
def run_tests_at(
    run_id: str, checkout: Checkout, trees: Sequence[str], testing: Testing, compared: Any
) -> dict[str, Any]:
    """Run the tests of a commit; the same files (`trees`) are tested once per environment and base.

    `compared` is what `test_commit` takes: it may change how they are run, not what comes of it.
    """
    folder = Settings.from_environment().run_folder(run_id)
    report = test_commit(checkout, testing, folder, compared)
    return {"report": report.to_json(), "log": str(log_path(folder, testing.name))}


def tests_at(
    run: Run, checkout: Checkout, testing: Testing, baseline: TestReport | None
) -> tuple[TestReport, Path]:
    """Call `run_tests_at`. With a baseline the tests may run in parts; Prefect need not look into it for futures."""
    compared = quote((baseline, run.analysis_result.renamed) if baseline else None)
    result = run_tests_at(run.id, checkout, checkout.trees(), testing, compared)
    return TestReport.from_json(result["report"]), Path(result["log"])


def checkout_of(run: Run, environment: Environment, commit: str) -> Checkout:
    """A commit of the run, with the repositories beside it as they were for base, and as they are for any other.

    How an environment came to be does not matter to what runs in it.
    """
    same = replace(environment, cached=True, reason="", seconds=0.0)
    is_base = commit == run.base_commit
    beside = tuple((each, each.base_commit if is_base else each.head_commit) for each in run.options.beside)
    return Checkout(run.repository, commit, same, beside, run.options.network)


@task(
    name="format",
    task_run_name="format",
    cache_key_fn=keyed("format", "run_id", "commit", "changes", "commands"),
    **STEP,
)
def format_edits(
    run_id: str,
    source: str,
    commit: str,
    changes: list[dict[str, Any]],
    environment: dict[str, Any],
    commands: tuple[str, ...] = (),
) -> dict[str, str]:
    """Format the edits as the project does, then run commands on them; return the blobs of the files that change."""
    folder = Settings.from_environment().run_folder(run_id)
    edits, place, mirror = (
        [FileChange(**change) for change in changes],
        Environment(**environment),
        mirror_of(source),
    )
    blobs = format_changes(mirror, commit, edits, place, folder)
    if commands:
        formatted = with_blobs(edits, blobs)
        blobs |= changes_by_commands(mirror, commit, formatted, commands, (place, folder))
    return blobs


@task(
    name="edit",
    task_run_name="{name}",
    cache_key_fn=keyed("edit", "run_id", "parent", "changes", "message"),
    **STEP,
)
def commit_edits(
    run_id: str,
    source: str,
    parent: str,
    changes: list[dict[str, Any]],
    message: str,
    author: dict[str, Any],
    name: str,
) -> str:
    """Commit files on top of a parent; return the commit. No work tree takes part."""
    mirror = mirror_of(source)
    tree = mirror.change_tree(parent, [FileChange(**change) for change in changes])
    commit = mirror.commit_tree(tree, parent, message, Author(**author))
    mirror.keep(f"batches/{run_id}/{commit[:16]}", commit)
    return commit


@task(
    name="pictures",
    task_run_name="{name}",
    cache_key_fn=keyed("pictures", "run_id", "checkout.commit", "before", "checkout.network", "name"),
    **STEP,
)
def take_pictures(run_id: str, checkout: Checkout, before: str, name: str) -> tuple[str, str]:
    """Take pictures of the pages at a commit: their folder, or why there are none."""
    return picture_commit(checkout, Settings.from_environment().run_folder(run_id), name, before)


def pictures_of(run: Run, evidence: Evidence) -> Pictures | None:
    """Call `take_pictures` at base and at head; None if the repository asks for none."""
    mirror, commits = mirror_of(run.repository), (run.base_commit, run.edited_result.head)
    if not any(mirror.has(commit, SCREENSHOTS_FILE) for commit in commits):
        return None
    places = (evidence.environment, evidence.head_environment or evidence.environment)
    base, head = (checkout_of(run, place, commit) for place, commit in zip(places, commits, strict=True))
    before, reason = take_pictures(run.id, base, "", "pictures at base")
    if reason:
        return Pictures(reason=reason)
    after, reason = take_pictures(run.id, head, before, "pictures at head")
    if reason:
        return Pictures(reason=reason)
    return Pictures(before, after) if before and after else None


@task(name="review", task_run_name="review", cache_key_fn=keyed("review", "run_id", "head"), **STEP)
def review_changes(run_id: str, head: str, quoted: Any) -> dict[str, Any]:
    """Apply the review rules to what the run has committed; `quoted` is a Run and its Evidence."""
    run, evidence = quoted
    return asdict(review_run(run, evidence, mirror_of(run.repository)))


def review_of(run: Run, evidence: Evidence) -> Review:
    """Call `review_changes`; Prefect need not look into thousands of test results for futures."""
    result = review_changes(run.id, run.edited_result.head, quote((run, evidence)))
    findings = tuple(Finding(**finding) for finding in result["findings"])
    return Review(findings, result["risk"], tuple(result["reasons"]))


@task(name="publish", task_run_name="publish", cache_key_fn=keyed("publish", "publication"), **STEP)
def publish_changeset(publication: dict[str, Any]) -> dict[str, Any]:
    """Push the branch and find or make the pull request."""
    tell("publishing")
    check = Check(**publication["check"]) if publication["check"] else None
    wanted = Publication(**{**publication, "base": Base(**publication["base"]), "check": check})
    mirror = mirror_of(wanted.repository)
    fork_where_needed(mirror)
    with forge_of(wanted.repository) as (forge, ledger), mirror.locked():
        pull_request, head = publish(mirror, forge, ledger, wanted)
    for note in pull_request.notes:
        get_run_logger().warning("%s", note)
    return {"address": pull_request.address, "head": head, "notes": list(pull_request.notes)}


@task(
    name="close",
    task_run_name="close",
    cache_key_fn=keyed("close", "run_id", "repository", "branch"),
    **STEP,
)
def close_pull_request(run_id: str, repository: str, branch: str, reason: str) -> None:
    """Close the draft on which a change was rejected."""
    with forge_of(repository) as (forge, _):
        forge.close(repository, branch, reason)


def mirror_of(source: str) -> Mirror:
    return Mirror.of(source, Settings.from_environment().mirrors)
