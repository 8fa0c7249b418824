"""Commits of people on a pull request's branch, put on top of the change when that is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import git
from prefect import task

from overhaul.flows.batching import compare_with_base
from overhaul.flows.errors import HandoffError
from overhaul.flows.history import Commit
from overhaul.flows.mirror import Author, Mirror
from overhaul.flows.results import BatchResult
from overhaul.flows.returned import counted
from overhaul.flows.run_context import Edited, Evidence, Run, count_tests
from overhaul.flows.tasks import STEP, keyed, mirror_of

# What each commit of ours says at its end.
OURS = "Overhaul-Run: "


@task(name="replay", task_run_name="replay", cache_key_fn=keyed("replay", "run_id", "base", "head"), **STEP)
def replay(
    run_id: str, source: str, base: str, branch: str, head: str, committer: dict[str, Any]
) -> dict[str, Any]:
    """Put what people have committed on a branch on top of a head.

    Returns the branch's head as `replaced`, empty if nobody has committed anything, and the new `commits`.
    Raises HandoffError where that is not possible.
    """
    mirror = mirror_of(source)
    there = mirror.remote_head(branch)
    theirs = list(_commits_of_people(mirror, base, there)) if there else []
    made: list[Commit] = []
    for commit in theirs:
        parent, head = head, _on_top(mirror, commit, head, branch, Author(**committer))
        if parent != head:
            author = mirror.text("log", "-1", "--format=%an", head)
            made.append(Commit(head, author, [each.path for each in mirror.changes(parent, head)]))
    mirror.keep(f"replays/{run_id}/{head[:16]}", head)
    return {"replaced": there if theirs else "", "commits": [asdict(each) for each in made]}


def with_commits_of_people(run: Run, evidence: Evidence) -> Run:
    """The change with what people have put on its branch on top, tested; as it is where nobody has.

    Raises HandoffError where that breaks tests or cannot be put there: the branch stays as it is.
    """
    edited = run.edited_result
    if run.options.pull_request.human_commits != "replay" or not edited.batches:
        return run
    found = replay(run.id, run.repository, run.base_commit, run.branch, edited.head, asdict(run.author))
    run = replace(run, replayed=found["replaced"])
    if not found["commits"]:
        return run
    head = found["commits"][-1]["commit"]
    attempt = compare_with_base(run, evidence, head, "with others' commits")
    names = sorted({each["author"] for each in found["commits"]})
    if not attempt.passes:
        broken = ", ".join(failure.id for failure in attempt.comparison.new_failures[:5])
        raise HandoffError(
            f"with the commits of {', '.join(names)} on branch {run.branch}, tests fail that pass at base: {broken}."
            f" The branch is left as it is. Log: {attempt.log}"
        )
    tests = count_tests(attempt.comparison)
    theirs = [
        BatchResult(each["commit"], each["files"], tests, "person", each["author"])
        for each in found["commits"]
    ]
    batches = [*edited.batches, *theirs]
    return counted(
        replace(
            run,
            edited=Edited(head, batches, attempt.report, attempt.log, attempt.comparison, edited.set_aside),
        )
    )


def _commits_of_people(mirror: Mirror, base: str, there: str) -> Iterator[str]:
    """Those on a branch that are not ours, oldest first; merges of other branches that changed nothing by themselves
    are none.
    """
    try:
        mirror.git("cat-file", "-e", f"{there}^{{commit}}")
    except git.GitCommandError:
        mirror.fetch(None)
    for row in mirror.text(
        "rev-list", "--reverse", "--topo-order", "--parents", there, f"^{base}"
    ).splitlines():
        commit, *parents = row.split()
        if len(parents) > 1:
            if not _is_plain_merge(mirror, commit, parents):
                raise HandoffError(
                    f"commit {commit[:12]} on the branch is a merge with changes of its own, which cannot be put on the"
                    " change as it is made anew. The branch is left as it is."
                )
        elif not any(line.startswith(OURS) for line in _message(mirror, commit).splitlines()):
            yield commit


def _is_plain_merge(mirror: Mirror, commit: str, parents: list[str]) -> bool:
    try:
        merged = mirror.text("merge-tree", "--write-tree", "--no-messages", *parents)
    except git.GitCommandError:
        return False
    return merged == mirror.tree_of(commit)


def _on_top(mirror: Mirror, commit: str, head: str, branch: str, committer: Author) -> str:
    """The change of a commit on top of a head, by the same author; the head where it has it already."""
    name, mail, stamp = mirror.text("log", "-1", "--format=%an%n%ae%n%at", commit).split("\n")
    # Two descendants of the commit's parent: the head's files, and the commit. git 2.39 is told no other merge base.
    beside = mirror.commit_tree(mirror.tree_of(head), f"{commit}^", "side", replace(committer, signing=()))
    try:
        tree = mirror.text("merge-tree", "--write-tree", "--no-messages", beside, commit)
    except git.GitCommandError as error:
        if error.status != 1:
            raise
        raise HandoffError(
            f"commit {commit[:12]} of {name} on branch {branch} changes lines that the change as it is made anew has"
            " otherwise. The branch is left as it is: merge the base branch into it by hand, or take the commit off it."
        ) from error
    if tree == mirror.tree_of(head):
        return head
    theirs = replace(committer, for_whom=Author(name, mail, int(stamp)))
    return mirror.commit_tree(tree, head, _message(mirror, commit), theirs)


def _message(mirror: Mirror, commit: str) -> str:
    return mirror.git("log", "-1", "--format=%B", commit).decode(errors="replace").strip() + "\n"
