"""What the agent may not do by itself, asked at a gate of the run: the run is parked until a person has answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from overhaul.flows.deciding import decide_about
from overhaul.flows.errors import HandoffError
from overhaul.flows.evidence import agent_question
from overhaul.flows.gate_rules import Decision
from overhaul.flows.mirror import Mirror
from overhaul.flows.moving.whereabouts import BROUGHT
from overhaul.flows.run_context import Run
from overhaul.refactors.agent.permissions import Refused, Wish
from overhaul.refactors.agent.tasks import returned_message


@dataclass(frozen=True)
class GateGrants:
    """Satisfies `refactors.agent.permissions.Grants`.

    `run` gives the run as it is known now, `tree` the files as the call that wishes something left them: an answer
    holds for these contents of the files concerned. `take_over` goes on from a commit that a person has handed back; it
    returns its tree and the files that they have changed. `is_built_on`: the run has come from another machine, where
    it was allowed and the model has gone on from it.
    """

    run: Callable[[], Run]
    mirror: Mirror
    tree: Callable[[], str]
    take_over: Callable[[str], tuple[str, list[str]]]
    is_built_on: Callable[[], bool] = lambda: False

    def grants(self, wish: Wish) -> bool:
        run = self.run()
        if run.options.mode == "read-only":
            return False
        question = agent_question(run, self.mirror, wish, self.tree())
        verdict = decide_about(run.options, question, needed=wish.kind == "CI files")
        refused = verdict.decision is not Decision.approve or verdict.set_aside or verdict.commit
        if refused and verdict.via != BROUGHT and self.is_built_on():
            raise HandoffError(
                f"{verdict.approver or 'somebody'} does not allow here what was allowed where the run came from"
                f" ({wish.kind}: {', '.join(wish.paths[:5])}), and all that the model did since is built on it."
                " Start another run here; or have this one go on where it came from, and leave the files out at gate"
                " publish: overhaul approve RUN --without PATH"
            )
        if verdict.commit:
            tree, files = self.take_over(verdict.commit)
            raise Refused(returned_message(files, verdict.comment), tree)
        if verdict.decision is not Decision.approve or verdict.set_aside:
            without = f"not with {', '.join(verdict.set_aside)}" if verdict.set_aside else ""
            raise Refused(verdict.comment or without or "a person said no")
        return True
