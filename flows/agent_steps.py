"""Each question to a model and each call of a tool as a persisted step: what is paid is kept, what is done is done.

What a step gave is a blob in the mirror; its result in Prefect is the blob's id, the seconds and the tokens.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from prefect import task
from prefect.logging import get_run_logger
from prefect.utilities.annotations import quote

from overhaul.flows.mirror import Mirror
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

    run_id: str
    parent: str
    mirror: Mirror
    before: Callable[[str], None]
    about: Callable[[str], str]

    def __call__(self, key: str, work: Work) -> JSON:
        def kept() -> dict[str, Any]:
            self.before(key)
            done = work()
            tokens = done["value"].get("usage", {})
            get_run_logger().info(on_one_line(_logged(key, self.about(key), done, tokens)))
            blob = self.mirror.blob_of(json.dumps(done).encode())
            return {"blob": blob, "seconds": done["seconds"], "tokens": tokens}

        result = agent_step(self.run_id, self.parent, key, quote(kept))
        value: JSON = json.loads(self.mirror.read_blob(result["blob"]))
        return value


def _logged(key: str, about: str, done: JSON, tokens: dict[str, int]) -> str:
    """`agent ask/3/0 (effort low: ...): 1.2 s, 2,310 tokens in, 80 out`."""
    words = [f"{done['seconds']:.1f} s"]
    if tokens:
        words.append(f"{tokens['input']:,} tokens in ({tokens['cached']:,} cached), {tokens['output']:,} out")
    result = done["value"].get("result")
    if result:
        words.append(result["output"].strip().rpartition("\n")[2][:120])
    return f"agent {key}{f' ({about})' if about else ''}: {', '.join(words)}"
