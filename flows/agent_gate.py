"""What the agent may not do by itself, asked at a gate of the run: the run is parked until a person has answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from overhaul.flows.deciding import decide_about
from overhaul.flows.evidence import agent_question
from overhaul.flows.gate_rules import Decision
from overhaul.flows.mirror import Mirror
from overhaul.flows.run_context import Run
from overhaul.refactors.agent.permissions import Refused, Wish
from overhaul.refactors.agent.tasks import returned_message


@dataclass(frozen=True)
class GateGrants:
    """Satisfies `refactors.agent.permissions.Grants`.

    `run` gives the run as it is known now, `tree` the files as the call that wishes something left them: an answer
    holds for these contents of the files concerned. `take_over` goes on from a commit that a person has handed back; it
    returns its tree and the files that they have changed.
    """

    run: Callable[[], Run]
    mirror: Mirror
    tree: Callable[[], str]
    take_over: Callable[[str], tuple[str, list[str]]]

    def grants(self, wish: Wish) -> bool:
        run = self.run()
        if run.options.mode == "read-only":
            return False
        question = agent_question(run, self.mirror, wish, self.tree())
        verdict = decide_about(run.options, question, needed=wish.kind == "CI files")
        if verdict.commit:
            tree, files = self.take_over(verdict.commit)
            raise Refused(returned_message(files, verdict.comment), tree)
        if verdict.decision is not Decision.approve or verdict.set_aside:
            without = f"not with {', '.join(verdict.set_aside)}" if verdict.set_aside else ""
            raise Refused(verdict.comment or without or "a person said no")
        return True
