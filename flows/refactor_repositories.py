"""Many repositories in one run, a library before its users: what `overhaul deploy` starts by hand or by a schedule.

Each repository has a run of its own below this one. A gate or a failure there does not stop the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run as this_run
from prefect.states import Completed, Failed

from overhaul.flows.errors import OverhaulError, RepositoryError
from overhaul.flows.options import RunOptions
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.flows.results import FAILED_STATUSES, RunResult
from overhaul.flows.rollout import Member, in_dependency_order, one_after_another
from overhaul.flows.run_labels import bulk_name
from overhaul.flows.runs import Request, create_run, execute, result_of, runs_below
from overhaul.flows.settings import Settings
from overhaul.flows.worktree import locate
from overhaul.refactors.errors import RefactorError


def _run_name() -> str:
    parameters = this_run.get_parameters()
    return bulk_name(parameters["repositories"], parameters["recipe"], parameters["parameters"])


@flow(
    name="refactor-repositories",
    flow_run_name=_run_name,
    persist_result=True,
    result_serializer="json",
    validate_parameters=True,
)
def refactor_repositories(
    repositories: list[str], recipe: str, parameters: dict[str, Any], options: RunOptions | None = None
) -> State[Any]:
    """Refactor repositories, one after another.

    Args:
        repositories: folders or addresses.
        recipe: a recipe's id.
        parameters: the recipe's parameters.
        options: as for one repository; all have the same.
    """
    settings = Settings.from_environment()
    chosen = options or RunOptions()
    try:
        bound = find_recipe(recipe).bind(parameters)
    except RefactorError as error:
        return _state([RunResult(each, "", "failed", message=str(error)) for each in repositories])
    results: list[RunResult] = []
    sources: list[str] = []
    for repository in repositories:
        try:
            sources.append(locate(repository.strip()))
        except RepositoryError as error:
            results.append(RunResult(repository, "", "failed", message=str(error)))
    members = in_dependency_order(list(dict.fromkeys(sources)), chosen.base, settings) if sources else []

    def run_one(member: Member, its_options: RunOptions) -> RunResult:
        return _refactor_one(Request(member.source, recipe, bound.parameter_values, its_options), settings)

    results += one_after_another(members, chosen, run_one)
    _show(results)
    return _state(results)


def _refactor_one(request: Request, settings: Settings) -> RunResult:
    """Run, or go on with, the run on one repository; what keeps it from that is its result."""
    bulk_run_id = UUID(str(this_run.get_id()))
    with get_client(sync_client=True) as client:
        before = runs_below(client, bulk_run_id).get(request.repository)
        if before is not None and before.state and (before.state.is_completed() or before.state.is_paused()):
            return result_of(client, before)
    run_id = str(before.id) if before else create_run(request, bulk_run_id)
    try:
        return execute(run_id, settings)
    except OverhaulError as error:
        return RunResult(request.repository, run_id, "failed", message=str(error))


def _show(results: Sequence[RunResult]) -> None:
    rows = [
        {
            "repository": on_one_line(result.repository),
            "status": result.status,
            "run": result.run_id[:8],
            "edits": result.edits,
            "unresolved": result.unresolved,
            "says": on_one_line(result.message),
        }
        for result in results
    ]
    create_table_artifact(key="repositories", table=rows, description="What became of each repository.")


def _state(results: Sequence[RunResult]) -> State[Any]:
    counts = Counter(result.status for result in results)
    message = ", ".join(f"{count} {status}" for status, count in counts.items())
    if len({result.message for result in results}) == 1 and results[0].message:
        message += f": {results[0].message}"
    make = Failed if counts.keys() & FAILED_STATUSES else Completed
    return make(message=message, data={"runs": [result.to_json() for result in results]})
