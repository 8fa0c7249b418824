"""Have a model write a recipe: it hands one in, is told what did not hold, and hands in another, within limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Protocol

from overhaul.refactors.agent.conversation import Item, Message, Model, Request, ToolResult, Turn, Usage
from overhaul.refactors.agent.limits import Limits
from overhaul.refactors.agent.loop import Steps
from overhaul.refactors.distillation.draft import WRITE_RECIPE, Draft, read_draft
from overhaul.refactors.distillation.reproduction import Reproduction
from overhaul.refactors.errors import ModelError

LONGEST_ANSWER = 8_000
LONGEST_DIFF = 100_000


class Check(Protocol):
    """Tries a draft where nothing can go wrong; what it says of the files is empty if it did not come to them."""

    def __call__(self, draft: Draft) -> Reproduction: ...


@dataclass(frozen=True, slots=True)
class Best:
    """A draft that holds, with what it reproduces."""

    draft: Draft
    reproduction: Reproduction


@dataclass
class Distillation:
    """A conversation that ends with the best recipe or none; `status` says why it ended (`done`, a limit, ...)."""

    model: Model
    check: Check
    limits: Limits
    steps: Steps
    clock: Callable[[], float]
    watch: Callable[[str], None] = lambda _: None
    best: Best | None = None
    status: str = "working"
    problems: str = ""
    tries: int = 0
    usage: Usage = field(default_factory=Usage)

    def run(self, task: str) -> Best | None:
        """Ask until a draft reproduces all that a recipe can reach, or a limit is there."""
        items: tuple[Item, ...] = (Message("user", task),)
        began = self.clock()
        while self.status == "working":
            stop = self.limits.reached(self.tries, self.clock() - began, self.usage)
            if stop is not None:
                self.status = stop
                break
            self.watch(f"the model writes, try {self.tries + 1} of at most {self.limits.steps}")
            try:
                turn = self._ask(items)
            except ModelError as error:
                self.status, self.problems = "model failed", str(error)
                break
            items = (*items, *turn.items, *self._answers(turn))
        return self.best

    def _ask(self, items: tuple[Item, ...]) -> Turn:
        self.tries += 1
        request = Request(instructions(), items, (WRITE_RECIPE,), "high", "distill")
        kept = self.steps(f"ask/{self.tries}", lambda: self.model.ask(request).to_json())
        turn = Turn.from_json(kept)
        self.usage = self.usage + turn.usage
        return turn

    def _answers(self, turn: Turn) -> list[Item]:
        if not turn.calls:
            self.problems = "it did not call write_recipe."
            return [Message("user", "Call write_recipe with the whole recipe; nothing else counts.")]
        last = turn.calls[-1]
        answers: list[Item] = [
            ToolResult(call.id, "error: only the last call of an answer counts.", call.is_freeform)
            for call in turn.calls[:-1]
        ]
        if last.name != WRITE_RECIPE.name:
            self.problems = f"it called {last.name}, which there is not."
            said = f"error: there is no tool {last.name}; call write_recipe."
        else:
            said = self._tried(last.arguments)
        return [*answers, ToolResult(last.id, said, last.is_freeform)]

    def _tried(self, arguments: str) -> str:
        """Try what was handed in; keep it if it holds and does more than the last one that did."""
        try:
            draft = read_draft(arguments)
        except ValueError as error:
            self.problems = str(error)
            return f"error: {error}"
        self.watch("trying the recipe in the sandbox")
        found = self.check(draft)
        if found.problems:
            self.problems = "\n".join(found.problems)
            return f"error: it is refused.\n{self.problems}"[:LONGEST_ANSWER]
        if found.reproduced and (self.best is None or found.reproduced > self.best.reproduction.reproduced):
            self.best = Best(draft, found)
        if not found.missing:
            self.status, self.problems = "done", ""
            return "It holds, and does all of the change that a recipe can reach."
        self.problems = "it leaves out " + ", ".join(found.missing)
        return (
            f"error: nothing is wrong, but {self.problems}. Have it do these, too, if that can be told apart."
        )


def distillation_task(title: str, task: str, diff: str) -> str:
    """What the model is told: the task of the change and its diff."""
    shown = diff if len(diff) <= LONGEST_DIFF else diff[:LONGEST_DIFF] + "\n[the rest is left out]"
    return f"# The task that was carried out: {title}\n\n{task}\n\n# The change\n\n{shown}"


@cache
def instructions() -> str:
    """What every distillation is told first; it never changes within a release."""
    return (files("overhaul.refactors.distillation") / "prompts" / "distill.md").read_text(encoding="utf-8")
