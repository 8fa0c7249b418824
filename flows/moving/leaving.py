"""A run leaves this machine: everything that is needed to go on with it elsewhere, in one file that git can read."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import git
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun

from overhaul.flows.errors import HandoffError
from overhaul.flows.gate_rules import Decision, settle
from overhaul.flows.gates import Question, has_runner, record_once, recorded, verdicts
from overhaul.flows.handoff import run_file_of
from overhaul.flows.hardened_git import first_lines, said_by
from overhaul.flows.images import read_images
from overhaul.flows.mirror import Author, Mirror
from overhaul.flows.moving.contents import check_step, steps_of, write_contents
from overhaul.flows.moving.document import (
    IMAGES,
    STEPS,
    TREES,
    MovedRun,
    SaidThere,
    Signature,
    StepDone,
)
from overhaul.flows.moving.pack_sizes import LARGEST_FILE, read_bundle
from overhaul.flows.moving.whereabouts import Whereabouts, check_here, from_stored
from overhaul.flows.options import RunOptions
from overhaul.flows.run_file import RunFile
from overhaul.flows.run_lock import working_on
from overhaul.flows.run_steps import RECORDING_SECONDS, task_runs_of
from overhaul.flows.settings import Settings
from overhaul.flows.signing import signed
from overhaul.flows.worktree import author_of
from overhaul.refactors.agent.conversation import Turn
from overhaul.refactors.registry import recipe_ids
from overhaul.sandbox.redact import Redactor

REFERENCE = "refs/overhaul/moves"
# What a provider reads again must come as it was; ids and images are no text of anybody's.
_AS_THEY_ARE = {"record", "images", "tree", "id", "call_id", "kind", "by"}

Steps = dict[tuple[str, str], str]


def leave(client: SyncPrefectClient, flow_run: FlowRun, file: Path, settings: Settings) -> RunFile:
    """Write a run into a new file, and have it rest here until it comes back.

    Raises HandoffError, RunElsewhere and BusyRun.
    """
    if file.exists():
        raise HandoffError(f"{file} is there already. Name another file.")
    with working_on(str(flow_run.id), settings):
        found = check_here(str(flow_run.id), recorded(client, flow_run.id, ""))
        run = run_file_of(client, flow_run, settings)
        _refuse_what_stays(flow_run, run)
        source = str(flow_run.parameters["repository"])
        mirror = Mirror.of(source, settings.mirrors)
        document, commit = _packed(client, flow_run, run, found, mirror)
        write_file(mirror, document, commit, file)
        left = {"commit": commit, "file": file.name, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        if not record_once(client, flow_run.id, f"left-{document.move}", left):
            file.unlink()
            raise HandoffError(f"run {flow_run.name} has just left in another file.")
    return document.run


def take_back(client: SyncPrefectClient, flow_run: FlowRun) -> None:
    """Have a run go on here as it was when it left. Raises HandoffError if it has not left."""
    found = from_stored(recorded(client, flow_run.id, ""))
    if not found.is_elsewhere:
        raise HandoffError(
            f"run {str(flow_run.id)[:8]} has not left this machine: there is nothing to take back."
        )
    record_once(client, flow_run.id, f"taken-back-{found.left}", {})


def _refuse_what_stays(flow_run: FlowRun, run: RunFile) -> None:
    """Raises HandoffError for a run that something on this machine has a hold of, or that has ended."""
    options = RunOptions.model_validate(run.options)
    why = ""
    if has_runner(flow_run):
        why = "it belongs to a deployment, whose runner is here"
    elif flow_run.parent_task_run_id is not None or options.hold:
        why = "it is one of a campaign's, which goes on here"
    elif options.continues or options.part:
        why = "it makes a part of a change of which other parts are made here"
    elif signed(author_of(str(flow_run.parameters["repository"]), 0), options.sign).signing:
        why = "its commits are signed, with a key that is here (with --no-sign they are not)"
    elif options.beside:
        why = "it is refactored together with other repositories, whose runs are here"
    elif run.status not in {"waiting", "interrupted", "failed"}:
        why = f"it is {run.status}: nothing of it is left to be done"
    elif options.gates.rule("publish").policy == "draft":
        why = "it asks on a draft pull request, which only this machine knows for its own"
    elif run.recipe not in {"prompt", *recipe_ids()} and not run.recipe.startswith("distilled:"):
        why = f"its recipe, {run.recipe}, is code of this machine's"
    if why:
        raise HandoffError(
            f"run {flow_run.name} cannot leave this machine: {why}."
            " For its files alone: overhaul checkout RUN FOLDER"
        )


def _packed(
    client: SyncPrefectClient, flow_run: FlowRun, run: RunFile, found: Whereabouts, mirror: Mirror
) -> tuple[MovedRun, str]:
    """The run as a document, and the commit that holds it with all it speaks of."""
    redactor = Redactor(os.environ)
    brought, options = found.brought, RunOptions.model_validate(run.options)
    steps = _steps(client, flow_run, found, run.agent.steps if run.agent else 0, mirror)
    blobs, trees = [], dict[str, None]()
    for (_, key), blob in steps.items():
        content = without_secrets(mirror.read_blob(blob), redactor)
        if tree := check_step(key, content):
            trees[tree] = None
        blobs.append(mirror.blob_of(content))
    images = [mirror.blob_of(each) for each in read_images(options.images)]
    created = int((flow_run.created or datetime.now(UTC)).timestamp())
    author = brought.author if brought else author_of(mirror.source, created)
    document = MovedRun(
        run=run.model_copy(update={"run_id": brought.origin if brought else run.run_id}),
        author=_signature(author), move=found.moves + 1, follows=brought.commit if brought else "",
        said=tuple(_said(client, flow_run, found)), images=len(images),
        steps=tuple(StepDone(parent=parent, key=key) for parent, key in steps),
    )  # fmt: skip
    told = document.model_dump_json()
    if redactor.text(told) != told:
        raise HandoffError(
            f"run {flow_run.name} cannot leave this machine: its parameters, prompt or remarks hold a secret of this"
            " environment's, or something that looks like one."
        )
    parts = {STEPS: blobs, TREES: list(trees), IMAGES: images}
    return document, write_contents(mirror, document, parts, _commits(document))


def _signature(author: Author) -> Signature:
    """Names without what git leaves out of them, too."""
    name, email = (re.sub(r"[\x00-\x1f<>]", "", each) for each in (author.name, author.email))
    return Signature(name=name, email=email, timestamp=author.timestamp)


def _steps(
    client: SyncPrefectClient, flow_run: FlowRun, found: Whereabouts, asked: int, mirror: Mirror
) -> Steps:
    """The blobs of all steps of the model's, which was asked so often: those that came along, then those done here."""
    move = found.brought.move if found.brought else 0
    steps = steps_of(mirror, found.brought.commit) if found.brought else {}
    for _ in range(RECORDING_SECONDS):
        steps |= dict(_steps_done_here(client, flow_run, move))
        if _are_all(steps, asked, mirror):
            return steps
        time.sleep(1)  # the server records steps in batches, up to a second late
    raise HandoffError(
        f"run {flow_run.name} cannot leave this machine: its Prefect server does not know all steps of the model."
    )


def _are_all(steps: Steps, asked: int, mirror: Mirror) -> bool:
    """Whether every answer of the model's is there, and what came of all that it called for before its last answer."""
    answers = {int(key.split("/")[1]): blob for (_, key), blob in steps.items() if key.startswith("ask/")}
    keys = {key for _, key in steps}
    if any(number not in answers for number in range(1, asked + 1)):
        return False
    for number in range(1, asked):
        turn = Turn.from_json(json.loads(mirror.read_blob(answers[number]))["value"])
        if any(f"call/{number}/{place}" not in keys for place in range(len(turn.calls))):
            return False
    return True


def _steps_done_here(
    client: SyncPrefectClient, flow_run: FlowRun, move: int
) -> Iterator[tuple[tuple[str, str], str]]:
    for each in task_runs_of(client, flow_run):
        if each.state is None or not each.state.is_completed() or not each.name.startswith("agent "):
            continue
        result = each.state.result(raise_on_failure=False)
        if not isinstance(result, dict) or result.get("key") is None:
            raise HandoffError(
                f"run {flow_run.name} cannot leave this machine: the result of step '{each.name}' is not kept here,"
                " or was kept by an older version."
            )
        if result["move"] == move:
            yield (result["parent"], result["key"]), result["blob"]


def _said(client: SyncPrefectClient, flow_run: FlowRun, found: Whereabouts) -> Iterator[SaidThere]:
    """The answers that count and ask for less, in order; those that came along are among them."""
    if found.brought:
        stored = recorded(client, flow_run.id, f"brought-{found.brought.move}")
        for each in stored[f"brought-{found.brought.move}"]["said"]:
            yield SaidThere.model_validate(each)
    rounds: dict[tuple[str, str], list[tuple[Question, Any]]] = {}
    for question, given in verdicts(client, flow_run.id):
        rounds.setdefault((question.gate, question.hash), []).append((question, given))
    for asked in rounds.values():
        question = asked[-1][0]
        answers = [given for _, given in asked if given is not None and given.via != "policy"]
        shown = (question.hash, question.files)
        verdict = settle(answers, shown, question.gate_rule, question.groups, escalated=True).verdict
        if verdict is None or verdict.decision is Decision.approve:
            continue
        if verdict.decision is Decision.reject and question.gate != "agent":
            continue
        yield SaidThere.model_validate(
            {
                "gate": question.gate, "hash": question.hash, "decision": verdict.decision.value,
                "comment": verdict.comment, "approver": verdict.approver, "set_aside": list(verdict.set_aside),
                "commit": verdict.commit,
            }
        )  # fmt: skip


def _commits(document: MovedRun) -> list[str]:
    """Every commit that the document names, once."""
    run = document.run
    named = [run.head, *(each.commit for each in run.commits), *(each.commit for each in document.said)]
    named += [each.parent for each in document.steps]
    wanted = dict.fromkeys(each for each in named if each and each != run.base)
    return [run.base, *wanted]


def write_file(mirror: Mirror, document: MovedRun, commit: str, file: Path) -> None:
    """Pack the commit that holds a run. Raises HandoffError."""
    reference = f"{REFERENCE}/{document.run.run_id}"
    mirror.git("update-ref", reference, commit)
    try:
        with tempfile.TemporaryDirectory(dir=mirror.folder) as scratch:
            made = Path(scratch) / "run.bundle"
            mirror.git(
                "bundle", "create", "--quiet", "--version=2", str(made), reference, f"^{document.run.base}"
            )
            content = made.read_bytes()
        if len(content) > LARGEST_FILE:
            raise HandoffError(
                f"the run has {len(content):,} bytes; {LARGEST_FILE:,} are the most that move."
            )
        read_bundle(content)  # what the other machine would refuse must not leave
        with file.open("xb") as new:
            new.write(content)
    except git.GitCommandError as error:
        raise HandoffError(f"git cannot pack the run: {first_lines(said_by(error))}") from error
    except OSError as error:
        raise HandoffError(f"{file} cannot be written: {error.strerror}.") from error


def without_secrets(content: bytes, redactor: Redactor) -> bytes:
    """What a step gave, with secrets of this environment replaced wherever a model, a tool or a person wrote them."""
    return json.dumps(_redacted(json.loads(content), redactor)).encode()


def _redacted(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.data(value.encode(errors="surrogatepass")).decode(errors="surrogatepass")
    if isinstance(value, list):
        return [_redacted(each, redactor) for each in value]
    if isinstance(value, dict):
        return {
            name: each if name in _AS_THEY_ARE else _redacted(each, redactor) for name, each in value.items()
        }
    return value
