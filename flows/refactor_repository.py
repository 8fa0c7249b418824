"""The main path: one repository from a recipe to a tested pull request (DESIGN.md's table, as code).

Every step is a task with a persisted result and every decision a gate, so a run that was killed anywhere goes on
from there: no finished step is repeated, and there is one branch and one pull request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, get_args

from prefect import Flow, flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Abort
from prefect.states import Completed, Failed

from overhaul.flows.agent_batch import with_agent
from overhaul.flows.agent_steps import model_of_run
from overhaul.flows.analysis import AnalysisRecord, no_analysis
from overhaul.flows.artifacts import present, present_result
from overhaul.flows.batching import edit_and_test
from overhaul.flows.check_report import check_of
from overhaul.flows.deciding import change_facts, decide, needs_person, reasoning
from overhaul.flows.detached import keep_record_of
from overhaul.flows.distilled import recipe_of_run
from overhaul.flows.errors import BusyRun, OverhaulError
from overhaul.flows.evidence import (
    PullRequestText,
    plan_question,
    publish_question,
    pull_request,
)
from overhaul.flows.forges.choose import refuse_what_cannot_be_published
from overhaul.flows.gate_page import Shown
from overhaul.flows.gate_rules import Decision, GateName, Verdict
from overhaul.flows.gates import current_flow_run, recorded
from overhaul.flows.mirror import Base
from overhaul.flows.moving.whereabouts import Brought, check_here
from overhaul.flows.options import RunOptions
from overhaul.flows.parts import one_part, said_part
from overhaul.flows.publishing import Publication, branch_name, filled_in
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.flows.replaying import with_commits_of_people
from overhaul.flows.results import FAILED_STATUSES, RunResult, RunStatus
from overhaul.flows.returned import with_files_put_back, with_return
from overhaul.flows.reviewers import reviewers_of
from overhaul.flows.run_context import Evidence, Run
from overhaul.flows.run_endings import (
    ended_with_agent,
    nothing_to_edit,
    said_no,
    what_was_set_aside,
    why_blocked,
)
from overhaul.flows.run_labels import add_tags, run_name, run_tags
from overhaul.flows.run_lock import working_on
from overhaul.flows.settings import Settings
from overhaul.flows.signing import signed, try_to_sign
from overhaul.flows.tasks import (
    analysis_of,
    checkout_of,
    close_pull_request,
    environment_at,
    environment_of,
    fetch,
    format_edits,
    mirror_of,
    pictures_of,
    plan,
    publish_changeset,
    review_of,
    tests_at,
)
from overhaul.flows.testing import Testing
from overhaul.flows.whole_files import write_whole
from overhaul.flows.worktree import author_of, locate
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.plan import Plan
from overhaul.refactors.review import Review
from overhaul.sandbox.errors import SandboxError


def _run_name() -> str:
    from prefect.runtime import flow_run

    parameters = flow_run.get_parameters()
    options = RunOptions.model_validate(parameters.get("options") or {})
    return run_name(parameters["repository"], parameters["recipe"], parameters["parameters"], options.part)


def _keep_record(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001  (Prefect's)
    """Have a record made where a rule wants one and people have decided."""
    options = RunOptions.model_validate(flow_run.parameters.get("options") or {})
    if not any(options.gates.rule(gate).keeps_record for gate in get_args(GateName)):
        return
    with get_client(sync_client=True) as client:
        was_asked = bool(recorded(client, flow_run.id, "told-"))
    if was_asked:
        keep_record_of(str(flow_run.id), Settings.from_environment())


@flow(
    name="refactor-repository",
    flow_run_name=_run_name,
    on_completion=[_keep_record],
    on_failure=[_keep_record],
    persist_result=True,
    result_serializer="json",
    validate_parameters=True,
)
def refactor_repository(
    repository: str, recipe: str, parameters: dict[str, Any], options: RunOptions | None = None
) -> State[Any]:
    """Refactor one repository.

    Args:
        repository: the top folder of a git repository, or its address.
        recipe: a recipe's id.
        parameters: the recipe's parameters.
        options: base branch, mode, gates, sandbox and the like.
    """
    flow_run = current_flow_run()
    try:
        with working_on(str(flow_run.id), Settings.from_environment()):
            with get_client(sync_client=True) as client:
                brought = check_here(str(flow_run.id), recorded(client, flow_run.id, "")).brought
            known: list[Run] = []
            try:
                run = _begin(flow_run, repository, recipe, parameters, options or RunOptions())
                known.append(_as_brought(run, brought))
                return _state(_refactor(known[0], known.append))
            except (OverhaulError, RefactorError, SandboxError) as error:
                failed = RunResult(repository, str(flow_run.id), "failed", message=str(error))
                return _state(known[-1].result("failed", str(error)) if known else failed)
    except BusyRun as busy:
        # A command was faster than the runner (or the other way round): the run's state is the other one's to set.
        raise Abort(str(busy)) from busy


def _as_brought(run: Run, brought: Brought | None) -> Run:
    """A run that has come from another machine, as it was there: from the same commit, in the same name.

    Its file may come from anybody: somebody is asked before it leaves, whatever was allowed when it began.
    """
    if brought is None:
        return run
    author = run.author if brought.origin == run.id else brought.author
    options = run.options.model_copy(update={"yes": False})
    return replace(run, base=brought.base, author=author, brought=brought, options=options)


def _refactor(run: Run, learned: Callable[[Run], None]) -> RunResult:
    """Go through the steps; `learned` is told of the run as each makes it fuller."""
    recipe_of_run(run.recipe, run.parameters)  # or it says that nobody has approved it as it is now
    if run.is_prompt or run.options.leftovers:
        model_of_run(run)  # before anything that takes long
    if run.options.mode != "read-only":
        refuse_what_cannot_be_published(run.repository)
        try_to_sign(mirror_of(run.repository), run.author)
    if run.base is None:
        run = replace(run, base=Base(**fetch(run.id, run.repository, run.options)))
    analysis = _analysed(run)
    run = replace(run, analysis=analysis)
    learned(run)
    if not analysis.edits and not run.wants_agent:
        return nothing_to_edit(run)
    if run.options.mode == "read-only" and not run.is_prompt:
        return run.result(
            "planned", f"{len(analysis.edits)} files would change; read-only mode edits nothing."
        )
    environment = environment_of(run)
    at_base = checkout_of(run, environment, run.base_commit)
    testing = Testing("tests at base", run.options.test_timeout)
    evidence = Evidence(environment, *tests_at(run, at_base, testing, None))
    while True:
        outcome = _plan_to_publish(run, evidence, learned)
        if isinstance(outcome, RunResult):
            return outcome
        run = outcome


def _analysed(run: Run) -> AnalysisRecord:
    if run.is_prompt:
        return no_analysis(mirror_of(run.repository))
    found = analysis_of(run.repository, run.base_commit, run.recipe, run.parameters, run.options.beside)
    if found.log:
        write_whole(
            Settings.from_environment().run_folder(run.id) / "logs" / "recipe.log",
            mirror_of(run.repository).read_blob(found.log).decode(errors="replace"),
        )
    part = run.options.part
    return one_part(mirror_of(run.repository), run.base_commit, found, part) if part else found


def _plan_to_publish(run: Run, evidence: Evidence, learned: Callable[[Run], None]) -> RunResult | Run:
    """From the plan to the pull request. A run that somebody wants revised comes back, to be planned again."""
    run = _planned(run)
    if not (run.plan_result.edits or run.wants_agent or run.revision.returned):
        return run.result("rejected", "every file was set aside; nothing is left to publish.")
    question = plan_question(run, evidence, mirror_of(run.repository))
    show = partial(present, Shown(run, evidence, mirror_of(run.repository)))
    # A remark goes to the agent, which answers with another change; without one, only people can see to it.
    verdict = decide(run, question, bool(run.revision.on_plan) and not run.wants_agent, show)
    if verdict.decision is Decision.reject:
        return run.result("rejected", said_no("plan", verdict))
    revised = replace(run, revision=run.revision.and_also(verdict))
    if verdict.decision is Decision.revise:
        return revised
    if verdict.set_aside:
        run = _planned(revised)
    changes = [asdict(change) for change in run.analysis_result.changes()]
    environment = asdict(evidence.environment)
    place = (run.id, run.repository, run.base_commit)
    blobs = format_edits(*place, changes, environment, run.options.commands) if changes else {}
    return _edit_to_publish(
        replace(run, analysis=run.analysis_result.formatted(blobs)), evidence, learned, None
    )


def _edit_to_publish(
    run: Run, evidence: Evidence, learned: Callable[[Run], None], granted: tuple[Verdict, Review] | None
) -> RunResult | Run:
    """Edit, test, review, ask and publish. `granted`: an approval of a larger change, of which this is the rest."""
    mirror = mirror_of(run.repository)
    if not run.revision.returned:
        run = replace(run, edited=edit_and_test(run, evidence))
    if run.wants_agent:
        run = with_agent(run, evidence, learned)
    elif run.revision.returned:
        run = with_return(run, evidence, run.revision.returned)
    run = with_commits_of_people(with_files_put_back(run, evidence), evidence)
    edited = run.edited_result
    at_head = environment_at(run, evidence.environment, edited.head)
    evidence = replace(
        evidence,
        head=edited.report,
        head_log=edited.log,
        comparison=edited.comparison,
        head_environment=at_head,
    )
    learned(run)
    if (ended := ended_with_agent(run)) is not None:
        return ended
    if not edited.batches:
        return run.result("blocked", why_blocked(edited))
    mirror.keep(f"runs/{run.id}", edited.head)
    evidence = replace(evidence, pictures=pictures_of(run, evidence))
    review = review_of(run, evidence)
    if granted and _is_no_worse(run, review, granted[1]):
        text = pull_request(run, evidence, mirror, review, granted[0])
        return _publish(Shown(run, evidence, mirror, review), text)

    facts = change_facts(run, evidence, mirror, review)
    checks = reasoning(run, facts)
    if run.options.asks("publish") and run.options.gates.rule("publish").policy == "draft":
        draft = pull_request(run, evidence, mirror, review, None)
        run = _open_draft(Shown(run, evidence, mirror, review), draft)
    question = publish_question(run, evidence, mirror, review, checks)
    shown = Shown(run, evidence, mirror, review, checks)
    needed = needs_person(facts) or bool(run.revision.returned) or run.brought is not None
    verdict = decide(run, question, needed, partial(present, shown), checks)
    if verdict.decision is Decision.reject:
        if run.pull_request:
            close_pull_request(run.id, run.repository, run.branch, said_no("publish", verdict))
        return run.result("rejected", said_no("publish", verdict))
    revised = replace(
        run, revision=run.revision.and_also(verdict), edited=None, shown=(*run.shown, *edited.batches)
    )
    if verdict.decision is Decision.revise:
        return revised
    if verdict.set_aside:
        return _edit_to_publish(_planned(revised), evidence, learned, (verdict, review))
    return _publish(shown, pull_request(run, evidence, mirror, review, verdict))


def _planned(run: Run) -> Run:
    """Plan what is left of the edits once the files that people set aside are."""
    analysis = run.analysis_result.without(run.revision.set_aside)
    planned = plan(
        run.repository, run.base_commit, asdict(analysis), run.recipe, run.parameters, run.options.max_files
    )
    return replace(run, analysis=analysis, plan=Plan.from_json(planned))


def _is_no_worse(run: Run, review: Review, shown: Review) -> bool:
    """Whether an approval of a change also covers what is left of it: edits that stand alone, at the same risk."""
    risks = ("low", "medium", "high")
    whole = not run.edited_result.set_aside
    return run.stands_apart and whole and risks.index(review.risk) <= risks.index(shown.risk)


def _begin(
    flow_run: FlowRun, repository: str, recipe: str, parameters: dict[str, Any], options: RunOptions
) -> Run:
    created = flow_run.created or datetime.now(UTC)
    if flow_run.deployment_id is not None:
        # From a form they come as they were typed.
        repository = locate(repository.strip())
        parameters = {
            name: value.strip() if isinstance(value, str) else value for name, value in parameters.items()
        }
    bound = find_recipe(recipe).bind(parameters)
    parameters = bound.parameter_values
    add_tags(flow_run, run_tags(repository, recipe, options))
    return Run(
        id=str(flow_run.id),
        repository=repository,
        recipe=recipe,
        parameters=parameters,
        options=options,
        given=bound.given_values,
        independent_edits=bound.independent_edits,
        author=signed(author_of(repository, int(created.timestamp())), options.sign),
        title=(filled_in(options.pull_request.title, parameters) or bound.title) + said_part(options.part),
        branch=options.base or ""
        if options.continues
        else branch_name(options.campaign, recipe, parameters, options.base or "", options.part),
    )


def _publish(shown: Shown, text: PullRequestText) -> RunResult:
    run = shown.run
    published = publish_changeset(asdict(_publication(shown, text)))
    present_result(shown, text.body, published["address"])
    said = [what_was_set_aside(run), *published["notes"]]
    return replace(
        run.result("published", " ".join(filter(None, said))),
        head=published["head"],
        pull_request=published["address"],
    )


def _open_draft(shown: Shown, text: PullRequestText) -> Run:
    """Show the change on a draft pull request, where it can be answered."""
    published = publish_changeset(
        asdict(replace(_publication(shown, text), is_draft=True, may_be_ready=False))
    )
    return replace(shown.run, pull_request=published["address"])


def _publication(shown: Shown, text: PullRequestText) -> Publication:
    run = shown.run
    wanted = run.options.pull_request
    mirror, head = mirror_of(run.repository), run.edited_result.head
    return Publication(
        repository=run.repository, campaign=run.options.campaign or run.recipe, run_id=run.id, base=run.base_of_run,
        head=head, branch=run.branch, title=text.title, body=text.body, page=text.html,
        replayed=run.replayed, is_draft=wanted.draft, may_be_ready=True, labels=wanted.labels,
        reviewers=reviewers_of(mirror, run.base_commit, head, wanted.reviewers),
        check=check_of(shown.evidence) if wanted.check else None, merge=wanted.merge, continues=run.options.continues,
    )  # fmt: skip


def _state(result: RunResult) -> State[Any]:
    status: RunStatus = result.status
    make = Failed if status in FAILED_STATUSES else Completed
    return make(name=status.capitalize(), message=result.message or None, data=result.to_json())
