"""A run between a person and the agent: its change as a work tree of theirs, and their commits back at its gate.

No hook, filter or configuration of the repository takes part: git runs hardened, on what is in our mirror.
"""

from __future__ import annotations

import getpass
import re
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import git
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun

from overhaul.flows.errors import BusyRun, HandoffError
from overhaul.flows.gate_rules import Decision, Given
from overhaul.flows.gates import OpenGate, answer, open_gate
from overhaul.flows.hardened_git import (
    NO_OUTSIDE_CONFIGURATION,
    UPLOAD_PACK,
    first_lines,
    run_git,
    said_by,
)
from overhaul.flows.history import commits_since, is_ancestor
from overhaul.flows.mirror import Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.publishing import branch_name
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.flows.results import RunResult
from overhaul.flows.run_file import AgentSoFar, CommitMade, RunFile, read_run_file
from overhaul.flows.run_labels import repository_name
from overhaul.flows.runs import seen_from_outside
from overhaul.flows.settings import Settings
from overhaul.flows.signing import signed
from overhaul.flows.worktree import author_of, unsaved_files

FILE = Path("overhaul") / "run.json"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """A person's work tree of a run: its top folder, its git folder, and the file that came with it."""

    folder: Path
    git_folder: Path
    run: RunFile


def run_file_of(client: SyncPrefectClient, flow_run: FlowRun, settings: Settings) -> RunFile:
    """A run as it stands. Raises BusyRun while a process works on it, and HandoffError before it has fetched."""
    result = seen_from_outside(client, flow_run, settings)
    if result.status == "running":
        raise BusyRun(
            f"run {flow_run.name} is being worked on. Wait until it asks or ends, then check it out."
        )
    options = RunOptions.model_validate(flow_run.parameters.get("options") or {})
    recipe, parameters = flow_run.parameters["recipe"], flow_run.parameters["parameters"]
    mirror = Mirror.of(result.repository, settings.mirrors)
    base, head = _base_and_head(mirror, result, flow_run)
    gate = open_gate(client, flow_run).question if result.status == "waiting" else None
    agent = result.agent
    return RunFile(
        run_id=flow_run.id, name=flow_run.name, repository=_without_credentials(result.repository),
        base_branch=options.base or _branch_at(mirror, base), base=base,
        branch=result.branch or branch_name(
            options.campaign, recipe, find_recipe(recipe).bind(parameters).parameter_values,
            options.base or "", options.part,
        ),
        head=head, status=result.status, gate=gate.gate if gate else "", hash=gate.hash if gate else "",
        recipe=recipe, parameters=parameters, options=options.model_dump(mode="json"),
        commits=tuple(
            CommitMade(commit=each.commit, by=each.by, author=each.author, files=tuple(each.files))
            for each in result.batches
        ),
        agent=AgentSoFar(
            model=agent.model, status=agent.status, message=agent.message, steps=agent.steps, tokens=agent.tokens,
            todos=tuple(agent.todos),
        ) if agent else None,
    )  # fmt: skip


def check_out(run: RunFile, source: str, folder: Path, settings: Settings) -> None:
    """Make a work tree of the run's head in a new or empty folder, on the run's branch.

    `source` is the repository that it is of. Raises HandoffError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HandoffError(
            f"{folder} is there already and not empty. Name another: overhaul checkout RUN FOLDER"
        )
    was_there, folder = folder.exists(), folder.absolute()
    mirror = Mirror.of(source, settings.mirrors)
    mirror.keep(f"checkouts/{run.run_id}", run.head)
    mirror.keep(f"bases/{run.run_id}", run.base)
    try:
        _make_work_tree(run, source, folder, mirror)
    except git.GitCommandError as error:
        shutil.rmtree(folder if not was_there else folder / ".git", ignore_errors=True)
        raise HandoffError(
            f"git cannot make a work tree of {run.head[:12]} in {folder}: {first_lines(said_by(error))}"
        ) from error


def default_folder(run: RunFile) -> Path:
    """`acme-b26220a8`, in the present folder."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", repository_name(run.repository)).lstrip(".-")
    return Path(f"{name or 'repository'}-{str(run.run_id)[:8]}")


def open_checkout(folder: Path) -> CheckedOut:
    """The checkout in which a folder is. Raises HandoffError."""
    folder = folder.absolute()
    try:
        top = run_git(["-C", str(folder), "rev-parse", "--show-toplevel"]).decode().strip()
        inside = run_git(["-C", top, "rev-parse", "--git-common-dir"]).decode().strip()
    except git.GitCommandError as error:
        raise HandoffError(
            f"{folder} is in no checkout of a run. Go into one, or name it with --folder."
        ) from error
    git_folder = (Path(top) / inside).resolve()
    return CheckedOut(Path(top), git_folder, read_run_file(git_folder / FILE))


def take_commit(checkout: CheckedOut, mirror: Mirror, message: str | None) -> str:
    """Bring the head of a checkout into the mirror; return it. With a message, uncommitted changes are committed first.

    Raises HandoffError.
    """
    if under_way := [name for name in _UNDER_WAY if (checkout.git_folder / name).exists()]:
        raise HandoffError(
            f"a {_UNDER_WAY[under_way[0]]} is under way in {checkout.folder}. Finish it or give it up first."
        )
    name = f"incoming/{checkout.run.run_id}"
    try:
        head = mirror.take_from(checkout.git_folder, "HEAD", name)
        if not (changed := unsaved_files(checkout.folder, checkout.git_folder, head, mirror)):
            return head
        if not (message or "").strip():
            names = ", ".join(changed[:SHOWN])
            more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
            raise HandoffError(
                f"{checkout.folder} has changes that are not committed: {names}{more}. Commit them, or do both:"
                " overhaul return --commit MESSAGE"
            )
        return _commit_all(checkout, mirror, head, str(message).strip())
    except git.GitCommandError as error:
        raise HandoffError(
            f"git cannot take over what is in {checkout.folder}: {first_lines(said_by(error))}"
        ) from error


def hand_back(
    client: SyncPrefectClient, gate: OpenGate, checkout: CheckedOut, commit: str, given: Given
) -> list[str]:
    """Answer a run's gate with a person's commit; return the run's own commits that it leaves out.

    Raises HandoffError if the commit does not fit to what the run has shown.
    """
    question = gate.question
    so_far = RunResult.from_json(question.so_far)
    settings = Settings.from_environment()
    mirror = Mirror.of(question.repository, settings.mirrors)
    if question.gate == "plan":
        raise HandoffError(
            f"run {gate.run_name} waits at gate 'plan': nothing is edited yet. Approve the plan; before anything"
            " leaves, it asks again, and then you can hand your commits back."
        )
    base = str(so_far.base)
    shown = head_of(so_far) or base
    if commit == shown:
        raise HandoffError(
            f"{checkout.folder} stands at {commit[:12]}, as the run has shown it: nothing is changed. Answer with:"
            " overhaul approve | reject | revise"
        )
    commits = commits_since(mirror, base, commit)
    if not is_ancestor(mirror, shown, commit) and checkout.run.hash != question.hash:
        raise HandoffError(
            f"the run has gone on since this was checked out: it is at {shown[:12]} now, which your commits lack."
            f" Check it out once more and take them over: overhaul checkout {gate.run_id[:8]} NEW_FOLDER, and there"
            f" git pull --rebase {checkout.folder}"
        )
    mirror.keep(f"returns/{gate.run_id}/{commit[:16]}", commit)
    answer(client, gate, replace(given, decision=Decision.revise, commit=commit, via="return"))
    there = {each.commit for each in commits}
    return [each.commit for each in so_far.batches if each.commit not in there]


def head_of(result: RunResult) -> str:
    """The commit to which a run has come, as it is shown: while the agent works, that is what it has done so far."""
    agent = result.agent
    if agent and agent.commit and (agent.status in {"working", "model failed"} or not result.head):
        return agent.commit
    return result.head or ""


def gate_for(client: SyncPrefectClient, flow_run: FlowRun) -> OpenGate:
    """The gate at which a run takes something back. Raises HandoffError where it waits at none."""
    state = flow_run.state
    if state is None or not state.is_paused():
        status = (state.name or state.type.value).lower() if state else "unknown"
        ended = state is not None and state.is_completed()
        what = (
            "It has ended: push your commits with git, or start another run."
            if ended
            else f"Go on with it until it asks: overhaul resume {str(flow_run.id)[:8]}"
        )
        raise HandoffError(f"run {flow_run.name} waits at no gate; it is {status}. {what}")
    return open_gate(client, flow_run)


_UNDER_WAY = {
    "rebase-merge": "rebase", "rebase-apply": "rebase", "MERGE_HEAD": "merge", "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}  # fmt: skip


def _base_and_head(mirror: Mirror, result: RunResult, flow_run: FlowRun) -> tuple[str, str]:
    """What a run started from and has come to: what it says, or else what is kept of it."""

    def kept(kind: str) -> str:
        try:
            return mirror.text("rev-parse", "--verify", "--quiet", f"refs/overhaul/{kind}/{flow_run.id}")
        except git.GitCommandError:
            return ""

    base = result.base or kept("bases")
    if not base:
        raise HandoffError(f"run {flow_run.name} has fetched nothing yet: there is nothing to check out.")
    return base, head_of(result) or kept("agents") or kept("runs") or base


def _branch_at(mirror: Mirror, base: str) -> str:
    """A branch of the repository that holds the base; the run itself was started without naming one."""
    rows = mirror.text(
        "for-each-ref", "--contains", base, "--format=%(refname:lstrip=3)", "refs/remotes/origin"
    )
    names = [name for name in rows.split() if not name.startswith("overhaul/")]
    return next((name for name in ("main", "master") if name in names), names[0] if names else "main")


def _make_work_tree(run: RunFile, source: str, folder: Path, mirror: Mirror) -> None:
    run_git(
        ["init", "--quiet", "--template=", f"--initial-branch={run.branch}", "--", str(folder)],
        environment=NO_OUTSIDE_CONFIGURATION,
    )
    git_folder = folder / ".git"

    def inside(*arguments: str) -> None:
        run_git(arguments, git_dir=git_folder, environment=NO_OUTSIDE_CONFIGURATION)

    inside("config", "remote.origin.url", source)
    inside("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    inside(
        "fetch", "--quiet", "--no-tags", "--update-shallow", "--update-head-ok", UPLOAD_PACK, "--", str(mirror.folder),
        f"refs/overhaul/checkouts/{run.run_id}:refs/heads/{run.branch}",
        f"refs/overhaul/bases/{run.run_id}:refs/remotes/origin/{run.base_branch}",
    )  # fmt: skip
    inside(f"--work-tree={folder}", "read-tree", "-m", "-u", "HEAD")
    path = git_folder / FILE
    path.parent.mkdir()
    path.write_text(run.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _commit_all(checkout: CheckedOut, mirror: Mirror, head: str, message: str) -> str:
    """Commit everything that is not ignored, as this person; the checkout then stands at the new commit."""
    with tempfile.TemporaryDirectory(dir=mirror.folder) as scratch:
        index = Path(scratch) / "index"
        environment = {"GIT_INDEX_FILE": str(index)}
        mirror.git("read-tree", head, environment=environment)
        options = ("-c", "core.fileMode=true", f"--work-tree={checkout.folder}")
        run_git([*options, "add", "--all", "--", "."], git_dir=mirror.folder, environment=environment)
        tree = mirror.git("write-tree", environment=environment).decode().strip()
        author = author_of(str(checkout.folder), int(time.time()), getpass.getuser())
        author = signed(author, RunOptions.model_validate(checkout.run.options).sign)
        commit = mirror.commit_tree(tree, head, message + "\n", author)
        mirror.keep(f"incoming/{checkout.run.run_id}", commit)

        def inside(*arguments: str) -> None:
            run_git(arguments, git_dir=checkout.git_folder, environment=NO_OUTSIDE_CONFIGURATION)

        inside(
            "fetch", "--quiet", "--no-tags", "--update-shallow", UPLOAD_PACK, "--", str(mirror.folder),
            f"refs/overhaul/incoming/{checkout.run.run_id}",
        )  # fmt: skip
        inside("update-ref", "-m", "overhaul return", "HEAD", commit, head)
        shutil.copyfile(index, checkout.git_folder / "index")
    return commit


def _without_credentials(source: str) -> str:
    if "://" not in source:
        return source
    parts = urlsplit(source)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
