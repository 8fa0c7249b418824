"""A model's review of a change: a bounded conversation with tools that only read, and its answer checked."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from overhaul.flows.kept_steps import KeptSteps
from overhaul.flows.progress import tell
from overhaul.flows.review_prompt import review_task
from overhaul.flows.review_workspace import CommitWorkspace, review_tools
from overhaul.flows.views.patch import FilePatch
from overhaul.refactors.agent.conversation import Model
from overhaul.refactors.agent.limits import Limits
from overhaul.refactors.agent.loop import Agent, State
from overhaul.refactors.agent.permissions import Rights, Wish
from overhaul.refactors.agent.tools import Toolbox
from overhaul.refactors.index import Index
from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.changed_lines import Side
from overhaul.refactors.reviewing.claims import Answer, check_claims, read_answer
from overhaul.refactors.reviewing.trees import Trees

RETRIES = 1


@dataclass(frozen=True, slots=True)
class ModelReview:
    """What a model said; `status` is `done`, or why there is no answer, with `message`."""

    name: str
    status: str
    message: str = ""
    findings: tuple[Finding, ...] = ()
    dropped: Counter[str] = field(default_factory=Counter)
    explanation: str = ""
    confidence: float = 0.0
    tokens: int = 0
    steps: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "status": self.status, "message": self.message, "tokens": self.tokens,
            "steps": self.steps, "explanation": self.explanation,
        }  # fmt: skip


class _Nobody:
    """Nobody grants a review anything."""

    def grants(self, wish: Wish) -> bool:
        del wish
        return False


def review_with(
    model: Model, trees: Trees, files: Sequence[FilePatch], proved: Sequence[Finding], index: Index,
    *, limits: Limits, kept_in: Path,
) -> ModelReview:  # fmt: skip
    """Have a model review a change. An answer without the form is sent back once; a failure is a status.

    What was said is kept below `kept_in`: the same question is not paid for twice.
    """
    task = review_task(files, trees.base.tree, proved)
    asked = f"{model.name}\n{review_instructions()}\n{task}".encode()
    workspace = CommitWorkspace(trees.head.tree, index)
    agent = Agent(
        model,
        Toolbox(workspace, Rights("read-only"), _Nobody(), review_tools(workspace, files)),
        limits,
        KeptSteps(kept_in / hashlib.sha256(asked).hexdigest()[:16]),
        time.monotonic,
        effort=lambda _: "high",
        watch=lambda state: tell(f"the model reviews, step {state.steps}, {state.usage.total:,} tokens"),
        cache_key=f"review-{trees.head.tree.commit_id[:16]}",
        instructions=review_instructions(),
    )
    state, answer = _asked(agent, task)
    said = ModelReview(model.name, state.status, tokens=state.usage.total, steps=state.steps)
    if isinstance(answer, str):
        status = "bad answer" if state.status == "done" else state.status
        return replace(said, status=status, message=answer)
    checked = check_claims(answer.findings, trees.lines, lambda path, side: _lines(trees, path, side))
    return replace(
        said, findings=tuple(checked.findings), dropped=checked.dropped,
        explanation=answer.overall_explanation, confidence=answer.overall_confidence_score,
    )  # fmt: skip


def _asked(agent: Agent, task: str) -> tuple[State, Answer | str]:
    """The state at the end and the answer, or why there is none."""
    state = agent.run(agent.begin(task))
    for attempt in range(RETRIES + 1):
        if state.status != "done":
            return state, state.message
        try:
            return state, read_answer(state.message)
        except ValueError as error:
            if attempt == RETRIES:
                return state, str(error)
            said = f"Your answer cannot be used: {error}. Answer again, with the JSON object alone."
            state = agent.run(state.told(said))
    raise AssertionError("the last attempt returns")


def _lines(trees: Trees, path: str, side: Side) -> list[str]:
    tree = trees.head.tree if side == "head" else trees.base.tree
    try:
        return tree.read(path).decode(errors="replace").split("\n")
    except FileNotFoundError:
        return []


@cache
def review_instructions() -> str:
    """What a reviewing model is told first; it never changes within a release."""
    return (package_files("overhaul.refactors.reviewing") / "prompts" / "review.md").read_text(
        encoding="utf-8"
    )
