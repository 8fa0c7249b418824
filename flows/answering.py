"""Answer a gate from where it was shown, and have the run go on in a process of its own."""

from __future__ import annotations

import getpass
import subprocess
import sys

from prefect.client.orchestration import SyncPrefectClient

from overhaul.flows.errors import NothingToAnswer
from overhaul.flows.gates import Decision, OpenGate, answer
from overhaul.flows.runs import gate_of
from overhaul.flows.settings import Settings

LOG = "carried-on.log"


def decisions() -> list[str]:
    """What may be decided, as the gate's form has it."""
    return [each.value for each in Decision]


def answer_shown(
    client: SyncPrefectClient, shown: OpenGate, decision: str, comment: str, approver: str
) -> None:
    """Give an answer to what was shown. Raises NothingToAnswer if the gate shows something else by now.

    Nothing but an approval goes without a comment.
    """
    if decision not in decisions():
        raise NothingToAnswer(f"'{decision}' is no decision. Choose one of: {', '.join(decisions())}.")
    if decision != Decision.approve and not comment.strip():
        raise NothingToAnswer(f"to {decision} needs a comment that says why.")
    gate = gate_of(client, shown.run_id)
    if (gate.key, gate.question.hash) != (shown.key, shown.question.hash):
        raise NothingToAnswer(
            "the gate shows something else by now, and nothing was answered. Open the run again."
        )
    answer(client, gate, Decision(decision), comment, approver.strip() or getpass.getuser())


def carry_on(run_id: str, settings: Settings) -> subprocess.Popen[bytes]:
    """Go on with a run that has no deployment, in a process that outlives this one; what it says is in its folder."""
    folder = settings.run_folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "overhaul.flows.command_line", "resume", run_id, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
        )
