"""From a tested head commit to a branch and a pull request: written to the ledger first, the same when run twice."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import git

from overhaul.flows.errors import PublishError
from overhaul.flows.forges.accounts import parse_address
from overhaul.flows.forges.base import Check, Forge, Merging, PullRequest, PullRequestDraft
from overhaul.flows.ledger import Changeset, Ledger, now
from overhaul.flows.mirror import Base, Mirror


@dataclass(frozen=True, slots=True)
class Publication:
    """All that publishing one changeset needs. A draft that `may_be_ready` stays as it is if a person made it ready.

    `replayed` is the branch's head whose commits of people the head holds as well. One that `continues` has the branch
    itself as its base, and goes into the open pull request of that.
    """

    repository: str
    campaign: str
    run_id: str
    base: Base
    head: str
    branch: str
    title: str
    body: str
    page: str
    is_draft: bool = False
    may_be_ready: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    replayed: str = ""
    merge: Merging = "people"
    continues: bool = False
    check: Check | None = None


def branch_name(
    campaign: str, recipe: str, parameters: Mapping[str, Any], base: str = "", part: str = ""
) -> str:
    """The branch of a changeset: the same campaign or recipe with the same parameters gives the same branch.

    So do the same base branch, where it was named, and the same part of a repository.
    """
    parts = [campaign, recipe, parameters, *([base] if base else []), *([{"part": part}] if part else [])]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:8]
    words = campaign or "-".join([recipe, *(str(value) for value in list(parameters.values())[:2])])
    slug = re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-").lower()[:60].strip("-")
    return f"overhaul/{slug}-{digest}"


def filled_in(text: str, parameters: Mapping[str, Any]) -> str:
    """A text with parameters in place of their names in braces; other braces stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda found: str(parameters.get(found[1], found[0])), text)


def publish(
    mirror: Mirror, forge: Forge, ledger: Ledger, publication: Publication
) -> tuple[PullRequest, str]:
    """Push the branch and find or make its pull request; return it with the commit at the branch's head.

    A head of an earlier run with the same files on the same base stays.

    Raises PublishError if the branch holds commits that no run of ours has put there, or the push is refused.
    """
    pushed_before = ledger.pushed_commits(publication.branch)
    there = mirror.remote_head(publication.branch)
    ours = {publication.head, publication.replayed, *pushed_before}
    if there is not None and there not in ours:
        raise PublishError(
            f"branch {publication.branch} of {publication.repository} holds commit {there[:12]}, which no run of ours"
            " has put there. It is left as it is; rename or delete that branch, then: overhaul resume"
            f" {publication.run_id}"
        )
    if there is not None and there in pushed_before and _same_content(mirror, there, publication):
        publication = replace(publication, head=there)
    if publication.continues:
        publication = _continued(forge, ledger, publication, there)
    row = ledger.intend(
        Changeset(
            campaign=publication.campaign, repository=publication.repository, branch=publication.branch,
            base_branch=publication.base.branch, base_commit=publication.base.commit, head_commit=publication.head,
            run_id=publication.run_id, forge=forge.name, state="intended", updated_at=now(),
        )
    )  # fmt: skip
    if there != publication.head:
        _push(mirror, publication, there)
    ledger.record(row.id, "pushed", pushed_commit=publication.head)
    if publication.is_draft and publication.may_be_ready:
        known = forge.find(publication.repository, publication.branch)
        publication = replace(publication, is_draft=known is None or known.state != "open")
    pull_request = forge.publish(
        PullRequestDraft(
            publication.repository, publication.branch, publication.base.branch, publication.head,
            publication.title, publication.body, publication.page, publication.is_draft,
            tuple(publication.labels), tuple(publication.reviewers), publication.merge,
            publication.continues, publication.check, head_owner(mirror),
        )
    )  # fmt: skip
    ledger.record(row.id, "open", pull_request=pull_request.address)
    return pull_request, publication.head


def head_owner(mirror: Mirror) -> str:
    """Who owns the fork to which our branches go; empty without one."""
    address = parse_address(mirror.fork)
    return address.owner if address else ""


def _continued(forge: Forge, ledger: Ledger, publication: Publication, there: str | None) -> Publication:
    """The publication on the base of what it goes on with. Raises PublishError if that is over, or has gone on."""
    repository, branch = publication.repository, publication.branch
    known = ledger.changeset(repository, branch)
    found = forge.find(repository, branch)
    if known is None or found is None or found.state not in {"draft", "open"}:
        raise PublishError(f"branch {branch} of {repository} has no open pull request of ours to go on with.")
    own = known.pushed_commit if known.run_id == publication.run_id else None
    if there not in {publication.base.commit, publication.head, own}:
        raise PublishError(
            f"branch {branch} of {repository} has gone on since {publication.base.commit[:12]}, on which these commits"
            " stand: they are not pushed."
        )
    return replace(publication, base=Base(known.base_branch, known.base_commit))


def _same_content(mirror: Mirror, there: str, publication: Publication) -> bool:
    """Whether the branch already holds the same files on the same base: then a second run changes nothing."""
    try:
        base = mirror.text("merge-base", there, publication.base.commit)
        return base == publication.base.commit and mirror.tree_of(there) == mirror.tree_of(publication.head)
    except git.GitCommandError:
        return False


def _push(mirror: Mirror, publication: Publication, expected: str | None) -> None:
    try:
        mirror.push(publication.head, publication.branch, expected)
    except git.GitCommandError as error:
        message = str(error.stderr).strip().removeprefix("stderr: ").strip("'\n ")
        raise PublishError(
            f"{publication.repository} refused the push of branch {publication.branch}:"
            f" {_reason(message)}. Mend the cause, then: overhaul resume {publication.run_id}"
        ) from error


def _reason(message: str) -> str:
    """What git says of a refused push, without its hints and the summary that repeats the address."""
    lines = [line.strip() for line in message.splitlines() if line.strip() and not line.startswith("hint:")]
    telling = [line for line in lines if not line.startswith(("error: failed to push", "To "))]
    return "; ".join(telling[:3]) or "no reason given"
