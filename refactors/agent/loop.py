"""The agent's loop: ask the model, carry out what it calls for, until it is done or has to stop.

Each model call and each tool call goes through `Steps`, which remembers results under keys: a run that was killed
anywhere goes on from there, and neither pays twice nor acts twice. All of the state is one JSON document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Protocol
from uuid import uuid4

from overhaul.refactors.agent import todo
from overhaul.refactors.agent.context import compact
from overhaul.refactors.agent.conversation import (
    Effort,
    Item,
    Message,
    Model,
    Request,
    ToolCall,
    ToolResult,
    Turn,
    Usage,
    items_from_json,
    items_to_json,
)
from overhaul.refactors.agent.limits import Limits, Stop, goes_in_circles
from overhaul.refactors.agent.pictures import pictures_left, without_pictures
from overhaul.refactors.agent.tools import Done, Toolbox
from overhaul.refactors.errors import ContextFull, ModelError, ModelRefused, NoAccess

Status = Literal["working", "done", "model failed"] | Stop
JSON = dict[str, Any]


class Steps(Protocol):
    """Remembers what was done under a key. Without a memory: `lambda key, work: work()`."""

    def __call__(self, key: str, work: Callable[[], JSON]) -> JSON:
        """Return what the key's work gave before, or do it now and keep what it gives."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a run of the agent stands; `tree` is the identity of the workspace's contents.

    `compactions` counts how often the conversation was shortened; `seconds` are those of the steps, not of waiting
    for people.
    """

    tree: str
    items: tuple[Item, ...]
    todos: tuple[todo.Todo, ...] = ()
    usage: Usage = field(default_factory=Usage)
    steps: int = 0
    seconds: float = 0.0
    compactions: int = 0
    nudged: bool = False
    status: Status = "working"
    message: str = ""

    def told(self, text: str) -> State:
        """Going on after somebody has said something: test results, or a person's remark."""
        said = (*self.items, Message("user", text))
        return replace(self, items=said, status="working", message="", nudged=False)

    def to_json(self) -> JSON:
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "items": items_to_json(self.items),
            "todos": todo.to_json(self.todos),
            "usage": asdict(self.usage),
        }

    @classmethod
    def from_json(cls, data: JSON) -> State:
        return cls(
            items=items_from_json(data["items"]),
            todos=todo.from_json(data["todos"]),
            usage=Usage(**data["usage"]),
            **{name: data[name] for name in _PLAIN},
        )


_PLAIN = ("tree", "steps", "seconds", "compactions", "nudged", "status", "message")


@dataclass(frozen=True, slots=True)
class Agent:
    """A model with tools and limits. `clock` gives seconds; `watch` is told of each new state.

    `identity` is another one each time that a run goes on.
    """

    model: Model
    toolbox: Toolbox
    limits: Limits
    steps: Steps
    clock: Callable[[], float]
    effort: Callable[[State], Effort | None] = lambda _: None
    watch: Callable[[State], None] = lambda _: None
    cache_key: str = ""
    instructions: str = ""  # other than the usual ones
    identity: str = field(default_factory=lambda: uuid4().hex)

    def begin(self, task: str, images: tuple[str, ...] = ()) -> State:
        """The state before the first step."""
        return State(self.toolbox.workspace.tree, (Message("user", task, images),))

    def run(self, state: State) -> State:
        """Go on until the status says why it ended. What was done by then is in the workspace."""
        while state.status == "working":
            state = self.step(state)
            self.watch(state)
        self.toolbox.workspace.go_to(state.tree)
        return state

    def step(self, state: State) -> State:
        """Ask once and carry out what is called for."""
        stop = self.limits.reached(state.steps, state.seconds, state.usage)
        if stop is not None:
            return replace(state, status=stop, message=f"the limit of {stop} is reached.")
        if circle := goes_in_circles(state.items):
            return replace(state, status="stuck", message=circle)
        try:
            state, turn = self._ask(state)
        except ContextFull:
            shorter = compact(state.items, harder=state.compactions > 0)
            if shorter == state.items:
                return replace(
                    state, status="model failed", message="the task alone is longer than the model takes."
                )
            return replace(state, items=shorter, compactions=state.compactions + 1)
        except ModelRefused as error:
            seen = without_pictures(state.items)
            if isinstance(error, NoAccess) or seen == state.items:
                return replace(state, status="model failed", message=str(error))
            return replace(state, items=seen)  # there are models that take text alone
        except ModelError as error:
            return replace(state, status="model failed", message=str(error))
        if not turn.calls:
            return self._ended(state, turn)
        self.watch(state)
        for number, call in enumerate(turn.calls):
            state = self._carry_out(state, call, f"{state.steps}/{number}")
            self.watch(state)
        return state

    def _ask(self, state: State) -> tuple[State, Turn]:
        request = Request(
            self.instructions or instructions(),
            state.items,
            self.toolbox.definitions,
            self.effort(state),
            self.cache_key,
        )
        key = f"ask/{state.steps + 1}/{state.compactions}"
        kept = self.steps(key, self._timed(lambda: self.model.ask(request).to_json()))
        turn = Turn.from_json(kept["value"])
        asked = replace(
            state,
            items=(*state.items, *turn.items),
            usage=state.usage + turn.usage,
            steps=state.steps + 1,
            seconds=state.seconds + kept["seconds"],
        )
        return asked, turn

    def _carry_out(self, state: State, call: ToolCall, number: str) -> State:
        """Carry a call out on exactly the tree that it was meant for: a killed attempt may have left another one."""

        begun_by = self.identity
        if self.toolbox.acts_outside(call):
            begun_by = self.steps(f"begun/{number}", self._timed(lambda: {"by": self.identity}))["value"][
                "by"
            ]

        def work() -> JSON:
            self.toolbox.workspace.go_to(state.tree)
            self.toolbox.pictures_left = pictures_left(state.items)
            ours = begun_by == self.identity
            return _done_to_json(self.toolbox.call(call) if ours else self.toolbox.cut_off(call))

        kept = self.steps(f"call/{number}", self._timed(work))
        done = self.toolbox.settle(done_from_json(kept["value"]), state.tree)
        return replace(
            state,
            tree=done.tree,
            items=(*state.items, done.result),
            todos=state.todos if done.todos is None else done.todos,
            seconds=state.seconds + kept["seconds"],
        )

    def _ended(self, state: State, turn: Turn) -> State:
        """It says that it is done: believed, unless its own list says otherwise and it was not asked yet."""
        left = [each for each in state.todos if each.status != "completed"]
        if left and not state.nudged:
            question = (
                f"Your todo list is not done:\n{todo.as_text(tuple(left))}\nFinish it, or say why it stays."
            )
            return replace(state, items=(*state.items, Message("user", question)), nudged=True)
        return replace(state, status="done", message=turn.text)

    def _timed(self, work: Callable[[], JSON]) -> Callable[[], JSON]:
        def timed() -> JSON:
            began = self.clock()
            value = work()
            return {"value": value, "seconds": round(self.clock() - began, 3)}

        return timed


@cache
def instructions() -> str:
    """What every run is told first; it never changes within a release, for the providers' caches."""
    return (files("overhaul.refactors.agent") / "prompts" / "instructions.md").read_text(encoding="utf-8")


def _done_to_json(done: Done) -> JSON:
    return {
        "result": asdict(done.result),
        "tree": done.tree,
        "todos": None if done.todos is None else todo.to_json(done.todos),
    }


def done_from_json(data: JSON) -> Done:
    """What a call came to, as its step has kept it."""
    result = data["result"]
    return Done(
        ToolResult(**{**result, "images": tuple(result["images"])}),
        data["tree"],
        None if data["todos"] is None else todo.from_json(data["todos"]),
    )
