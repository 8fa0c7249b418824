"""Take a campaign back: close what is open, propose the reverse of what was merged, delete the branches."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import git

from overhaul.flows.campaigns.advancing import Member
from overhaul.flows.campaigns.records import CampaignStore, KnownCampaign
from overhaul.flows.campaigns.refreshing import Refresher
from overhaul.flows.campaigns.requests import branch_of
from overhaul.flows.errors import OverhaulError, PublishError
from overhaul.flows.forges.base import Forge
from overhaul.flows.forges.choose import forge_of
from overhaul.flows.ledger import Ledger
from overhaul.flows.mirror import Base, Mirror
from overhaul.flows.progress import tell
from overhaul.flows.publishing import Publication, publish
from overhaul.flows.run_lock import working_on
from overhaul.flows.settings import Settings
from overhaul.flows.signing import signed
from overhaul.flows.worktree import author_of

REASON = "The campaign was rolled back."


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of one repository: `did` says it in words, `address` is that of a pull request that reverts."""

    repository: str
    did: str
    address: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Rollback:
    """One campaign to be taken back. It may be run again, for what could not be taken back."""

    name: str
    known: KnownCampaign
    settings: Settings

    def run(self) -> list[TakenBack]:
        """Take back what there is in each repository. Raises BusyRun while the campaign is worked on."""
        done = []
        with (
            working_on(f"campaign-{self.name}", self.settings),
            closing(Ledger(self.settings.ledger_url)) as ledger,
        ):
            store = CampaignStore(ledger, self.name)
            Refresher(store, self.known.form, Path(self.known.folder), self.settings).pull_requests()
            members = [each for each in store.members() if each.state in {"published", "merged"}]
            for number, member in enumerate(members):
                tell("taking back", number, len(members))
                try:
                    result = self._take_back(member, ledger)
                except (OverhaulError, git.GitCommandError) as error:
                    done.append(TakenBack(member.source, str(error), failed=True))
                    continue
                done.append(result)
                if not result.failed:
                    # Decided against: the next go does not make it again where it is taken back.
                    store.record(member, state="closed", message=f"rolled back: {result.did}")
        return done

    def _take_back(self, member: Member, ledger: Ledger) -> TakenBack:
        branch = branch_of(self.known.form, member, Path(self.known.folder))
        mirror = Mirror.of(member.source, self.settings.mirrors)
        with forge_of(member.source) as (forge, _):
            if member.state == "published":
                forge.close(member.source, branch, REASON)
                return TakenBack(member.source, f"closed; {_without_branch(mirror, branch, ledger)}")
            return self._revert(member, branch, mirror, forge, ledger)

    def _revert(self, member: Member, branch: str, mirror: Mirror, forge: Forge, ledger: Ledger) -> TakenBack:
        """Propose the reverse of what was merged, on top of what has come since."""
        made = ledger.changeset(mirror.source, branch)
        if made is None or made.pushed_commit is None:
            return TakenBack(member.source, "nothing in the ledger says what was merged", failed=True)
        base = mirror.fetch(made.base_branch)
        author = author_of(member.source, int(made.updated_at.timestamp()))
        author = signed(author, self.known.form.pull_request.sign)
        # Two descendants of what was merged: the present files, and those from before. Their merge is the reverse.
        sides = [
            mirror.commit_tree(
                mirror.tree_of(commit), made.pushed_commit, "side", replace(author, signing=())
            )
            for commit in (base.commit, made.base_commit)
        ]
        try:
            tree = mirror.text("merge-tree", "--write-tree", "--no-messages", *sides)
        except git.GitCommandError as error:
            if error.status != 1:
                raise
            why = "it cannot be taken back by itself: the same lines have changed since"
            return TakenBack(member.source, why, failed=True)
        if tree == mirror.tree_of(base.commit):
            return TakenBack(member.source, "nothing of it is left")
        title = f'Revert "{self.known.form.description or self.name}"'
        body = f"{REASON} This takes back what {made.pull_request} brought.\n\nTests were not run on it."
        head = mirror.commit_tree(tree, base.commit, f"{title}\n\n{body}", author)
        publication = Publication(
            repository=member.source, campaign=self.name, run_id=made.run_id, base=Base(made.base_branch, base.commit),
            head=head, branch=f"{branch}-revert", title=title, body=body, page=_page(title, body),
        )  # fmt: skip
        with mirror.locked():
            pull_request, _ = publish(mirror, forge, ledger, publication)
        return TakenBack(member.source, "its reverse is proposed", pull_request.address)


def _without_branch(mirror: Mirror, branch: str, ledger: Ledger) -> str:
    """Delete a branch unless somebody else has put commits there."""
    there = mirror.remote_head(branch)
    if there is None:
        return "there is no branch"
    if there not in ledger.pushed_commits(branch):
        return f"branch {branch} holds commits of somebody else and stays"
    try:
        mirror.delete_branch(branch, there)
    except git.GitCommandError as error:
        raise PublishError(f"branch {branch} cannot be deleted: {str(error.stderr).strip()}") from error
    return "branch deleted"


def _page(title: str, body: str) -> str:
    from html import escape

    head = f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title>"
    return f"{head}<h1>{escape(title)}</h1><pre>{escape(body)}</pre>"
