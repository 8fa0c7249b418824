"""Each question to a model and each call of a tool as a persisted step: what is paid is kept, what is done is done.

What a step gave is a blob in the mirror; its result in Prefect is the blob's id, the seconds and the tokens.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from prefect import task
from prefect.logging import get_run_logger
from prefect.utilities.annotations import quote

from overhaul.flows.errors import HandoffError
from overhaul.flows.mirror import Mirror
from overhaul.flows.moving.contents import steps_of
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.run_context import Run
from overhaul.flows.settings import Settings
from overhaul.flows.tasks import STEP, keyed
from overhaul.refactors.agent.limits import Price
from overhaul.refactors.agent.loop import JSON

Work = Callable[[], JSON]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model that answers in a run; its price as it was known when the run began."""

    name: str
    price: Price | None


@task(name="model", task_run_name="model", cache_key_fn=keyed("model", "run_id"), **STEP)
def choose_model(run_id: str, limits_money: bool) -> dict[str, Any]:  # noqa: ARG001  (it is the key)
    """Find the configured model and what it costs. Raises an error that says what to set if either is needed."""
    from overhaul.flows.prices import price_for_limit, price_of
    from overhaul.flows.providers import model_of

    settings = Settings.from_environment()
    name = model_of(settings).name
    price = price_for_limit(settings, name) if limits_money else price_of(settings, name)
    return {"name": name, "price": asdict(price) if price else None}


def model_of_run(run: Run) -> Chosen:
    """Call `choose_model`."""
    found = choose_model(run.id, run.options.budget.dollars is not None)
    return Chosen(found["name"], Price(**found["price"]) if found["price"] else None)


@task(
    name="agent", task_run_name="agent {key}", cache_key_fn=keyed("agent", "run_id", "parent", "key"), **STEP
)
def agent_step(run_id: str, parent: str, key: str, work: Any) -> dict[str, Any]:  # noqa: ARG001
    """Do one step of the agent that started from a commit: `key` names it within the run, `work` does it."""
    result: dict[str, Any] = work()
    return result


@dataclass
class DurableSteps:
    """Satisfies `refactors.agent.loop.Steps` within a flow run.

    `before` is told the key of each step that is really done, `about` says with what it is done, for the log.
    """

    run: Run
    mirror: Mirror
    before: Callable[[str], None]
    about: Callable[[str], str]

    def __call__(self, key: str, work: Work) -> JSON:
        parent, move = self.run.agent_parent, self.run.brought.move if self.run.brought else 0
        if (there := self._there(parent, key)) is not None:
            return there

        done_now: list[str] = []

        def kept() -> dict[str, Any]:
            self.before(key)
            done = work()
            tokens = done["value"].get("usage", {})
            get_run_logger().info(on_one_line(_logged(key, self.about(key), done, tokens)))
            done_now[:] = [json.dumps(done)]
            blob = self.mirror.blob_of(done_now[0].encode())
            where = {"parent": parent, "key": key, "move": move}
            return {"blob": blob, "seconds": done["seconds"], "tokens": tokens, **where}

        # What was done here before the run was elsewhere has gone along with it, and is what has come back.
        of_run = f"{self.run.id} after move {move}" if move else self.run.id
        result = agent_step(of_run, parent, key, quote(kept))
        value: JSON = json.loads(done_now[0] if done_now else self.mirror.read_blob(result["blob"]))
        return value

    def goes_on_after(self, step: int) -> bool:
        """Whether the model went on after this step where the run has come from."""
        return any(int(key.split("/")[1]) > step for _, key in self._brought)

    def _there(self, parent: str, key: str) -> JSON | None:
        """What a step gave where the run has come from, if it was done there."""
        if (blob := self._brought.get((parent, key))) is not None:
            value: JSON = json.loads(self.mirror.read_blob(blob))
            return value
        if self._brought and key.startswith("ask/1/") and parent not in {each for each, _ in self._brought}:
            expected = next(iter(self._brought))[0]
            raise HandoffError(
                f"what the model has done stands on commit {expected[:12]}; here the recipe has come to {parent[:12]}:"
                " the tests, the formatter or the version of overhaul differ. Its answers do not fit and are not paid"
                " for anew. Go on where it came from (overhaul return RUN --take-back), or start another run here."
            )
        return None

    @cached_property
    def _brought(self) -> dict[tuple[str, str], str]:
        return steps_of(self.mirror, self.run.brought.commit) if self.run.brought else {}


def _logged(key: str, about: str, done: JSON, tokens: dict[str, int]) -> str:
    """`agent ask/3/0 (effort low: ...): 1.2 s, 2,310 tokens in, 80 out`."""
    words = [f"{done['seconds']:.1f} s"]
    if tokens:
        words.append(f"{tokens['input']:,} tokens in ({tokens['cached']:,} cached), {tokens['output']:,} out")
    result = done["value"].get("result")
    if result:
        words.append(result["output"].strip().rpartition("\n")[2][:120])
    return f"agent {key}{f' ({about})' if about else ''}: {', '.join(words)}"
