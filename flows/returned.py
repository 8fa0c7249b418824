"""A change that a person has handed back: their commits stand as they are, tested, and told apart from all others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from prefect import task

from overhaul.flows.analysis import read_sites
from overhaul.flows.batching import compare_with_base
from overhaul.flows.evidence import sites_of
from overhaul.flows.history import commits_since
from overhaul.flows.mirror import FileChange
from overhaul.flows.results import BatchResult, TestCounts
from overhaul.flows.run_context import Edited, Evidence, Run, count_tests
from overhaul.flows.tasks import STEP, commit_edits, keyed, mirror_of


@task(name="return", task_run_name="{name}", cache_key_fn=keyed("return", "run_id", "base", "commit"), **STEP)
def read_return(run_id: str, source: str, base: str, commit: str, name: str) -> list[dict[str, Any]]:  # noqa: ARG001
    """The commits of a person's from base on. Raises HandoffError."""
    mirror = mirror_of(source)
    commits = commits_since(mirror, base, commit)
    mirror.keep(f"returns/{run_id}/{commit[:16]}", commit)
    return [asdict(each) for each in commits]


def batches_of(run: Run, commit: str, ours: Iterable[BatchResult]) -> list[BatchResult]:
    """All commits up to the one that was handed back; those that are not `ours` are a person's."""
    known = {each.commit: each for each in ours}
    return [
        known.get(each["commit"])
        or BatchResult(each["commit"], each["files"], TestCounts(), "person", each["author"])
        for each in read_return(
            run.id, run.repository, run.base_commit, commit, f"return {commit[:8]}"
        )
    ]  # fmt: skip


def with_return(run: Run, evidence: Evidence, commit: str, ours: Iterable[BatchResult] = ()) -> Run:
    """Put a person's version in the place of the run's own, and test it.

    `ours` are commits of the run besides those that were shown. What breaks tests is not left out: people decide.
    """
    *before, last = batches_of(run, commit, [*run.shown, *ours])
    attempt = compare_with_base(run, evidence, commit, f"return {commit[:8]}")
    batches = [*before, replace(last, tests=count_tests(attempt.comparison))]
    return counted(
        replace(run, edited=Edited(commit, batches, attempt.report, attempt.log, attempt.comparison))
    )


def with_files_put_back(run: Run, evidence: Evidence) -> Run:
    """Leave out what people set aside of a change that was handed back: one more commit, as history stays."""
    if not run.revision.put_back:
        return run
    edited, mirror = run.edited_result, mirror_of(run.repository)
    at_base = {each.path: each.blob for each in mirror.changes(edited.head, run.base_commit)}
    paths = [path for path in run.revision.put_back if path in at_base]
    if not paths:
        return run
    changes = [asdict(FileChange(path, at_base[path])) for path in paths]
    message = f"Leave out {', '.join(paths[:5])}\n\nOverhaul-Run: {run.origin}\n"
    commit = commit_edits(
        run.id, run.repository, edited.head, changes, message, asdict(run.author), "edit left out"
    )
    attempt = compare_with_base(run, evidence, commit, "left out")
    left_out = BatchResult(commit, paths, count_tests(attempt.comparison), "person", run.author.name)
    batches = [*edited.batches, left_out]
    return counted(
        replace(run, edited=Edited(commit, batches, attempt.report, attempt.log, attempt.comparison))
    )


def counted(run: Run) -> Run:
    """With the files of the agent's commits, and the numbers of unproved sites that it and people have edited."""
    mirror = mirror_of(run.repository)
    left = [site for site in read_sites(mirror, run.analysis_result) if site.status == "unresolved"]
    by_agent = sites_of("agent", run, mirror, left)
    by_people = [site for site in sites_of("person", run, mirror, left) if site not in by_agent]
    if run.agent:
        files = [path for batch in run.edited_result.batches if batch.by == "agent" for path in batch.files]
        agent = replace(run.agent, files=list(dict.fromkeys(files)), sites_edited=len(by_agent))
        run = replace(run, agent=agent)
    return replace(run, sites_by_people=len(by_people))
