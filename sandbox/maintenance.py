"""Bring an environment that is kept up to date: by the repository's own script, or by making it again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from overhaul.sandbox.environment_record import RecordBook
from overhaul.sandbox.errors import EnvironmentFailed
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Environment


def why_due(record: Mapping[str, Any], plan: EnvironmentPlan, days: float) -> str | None:
    """Why an environment has to be refreshed before its next use, or None.

    Age alone (in days) is a reason only where the repository has a script for it.
    """
    if record.get("refresh"):
        return "a refresh was asked for"
    if plan.maintenance and time.time() - float(record.get("made", 0.0)) > days * 86_400:
        return f"older than {days:g} days"
    return None


def maintenance_plan(plan: EnvironmentPlan) -> EnvironmentPlan:
    """What is run in an environment that is there: the script, then the health check."""
    script = Step("script", ("bash", f"{{source}}/{plan.maintenance}"), "to bring it up to date")
    checks = [step for step in plan.steps if step.name == "check"]
    return replace(plan, steps=(script, *checks), system_packages=())


@dataclass(frozen=True, slots=True)
class Kept:
    """An environment that is there, under its record's `key`, and why it is `due` for a refresh."""

    key: str
    environment: Environment
    due: str


def refresh(
    book: RecordBook,
    kept: Kept,
    plan: EnvironmentPlan,
    maintain: Callable[[str], Environment],
    make: Callable[[str], Environment],
) -> Environment:
    """Refresh an environment whose lock is held; as it is, if somebody uses it now.

    `maintain` runs the script and the check, `make` makes it anew; both take the reason and write the record.
    """
    due = kept.due
    with book.unused(kept.key) as is_free:
        if not is_free:
            return replace(kept.environment, reason=f"found; to be refreshed when nobody uses it: {due}")
        # Until there is a record again it counts as none: a crash leads to making it anew.
        book.forget(kept.key)
        if plan.maintenance is None:
            return make(f"made again: {due}")
        try:
            return maintain(f"refreshed by {plan.maintenance}: {due}")
        except EnvironmentFailed as error:
            first = str(error).splitlines()[0]
            return make(f"made again: {due}, and {plan.maintenance} failed: {first}")
