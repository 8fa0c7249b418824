"""Answer a gate from where it was shown."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

from prefect.client.orchestration import SyncPrefectClient

from overhaul.flows.errors import AnswerRefused, NothingToAnswer
from overhaul.flows.gate_rules import Decision, Given
from overhaul.flows.gates import OpenGate, answer
from overhaul.flows.runs import gate_of


def decisions() -> list[str]:
    """What may be decided, as the gate's form has it."""
    return [each.value for each in Decision]


def answer_shown(client: SyncPrefectClient, shown: OpenGate, given: Given) -> None:
    """Give an answer to what was shown.

    Raises NothingToAnswer if the gate shows something else by now, and AnswerRefused if the answer could not count.
    """
    gate = gate_of(client, shown.run_id)
    if (gate.key, gate.question.hash) != (shown.key, shown.question.hash):
        raise NothingToAnswer(
            "the gate shows something else by now, and nothing was answered. Open the run again."
        )
    answer(client, gate, given)


def given_in_notebook(decision: str, comment: str, approver: str, set_aside: Sequence[str]) -> Given:
    """The answer with the name of this user where none is filled in. Raises AnswerRefused for an unknown decision."""
    if decision not in decisions():
        raise AnswerRefused(f"'{decision}' is no decision. Choose one of: {', '.join(decisions())}.")
    who = approver.strip() or getpass.getuser()
    return Given(Decision(decision), comment, who, tuple(set_aside), "notebook")
