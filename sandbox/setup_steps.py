"""Fill a plan's placeholders in and run its steps one after the other, all output in one log."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from overhaul.sandbox.errors import EnvironmentFailed
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Outcome
from overhaul.sandbox.redact import Redactor

RunStep = Callable[[Step, tuple[str, ...], Callable[[bytes], None]], Outcome]
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class SetupLog:
    """Where the output of a setup goes, without secrets.

    `remarks` go in first, and what the network has `refused` by the end of a step that fails.
    """

    path: Path
    redactor: Redactor
    remarks: Sequence[str] = ()
    refused: Sequence[str] = ()


def run_steps(plan: EnvironmentPlan, places: Mapping[str, str], run: RunStep, output: SetupLog) -> None:
    """Run all steps; `places` are the values of the placeholders.

    Raises EnvironmentFailed at the first step that fails.
    """
    log, redactor, refused = output.path, output.redactor, output.refused
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        stream = redactor.stream(file.write)
        stream.add("".join(f"# {reason}\n" for reason in (*plan.reasons, *output.remarks)).encode())
        for step in plan.steps:
            arguments = fill(step.arguments, places)
            stream.add(f"$ {' '.join(arguments)}    # {step.reason}\n".encode())
            outcome = run(step, arguments, stream.add)
            stream.flush()
            if outcome.status == "exited" and outcome.exit_code == 0:
                continue
            how = f"exit code {outcome.exit_code}" if outcome.status == "exited" else outcome.status
            stream.add(f"# step {step.name!r} failed: {how}\n".encode())
            stream.add("".join(f"# not let out: {words}\n" for words in refused).encode())
            stream.flush()
            if step.required:
                last = redactor.text(outcome.output.decode(errors="replace")).strip().splitlines()[-12:]
                last += [f"not let out: {words}" for words in refused]
                words = "\n".join(f"  {line}" for line in last)
                raise EnvironmentFailed(
                    f"the environment of {plan.project!r} could not be made: step {step.name!r}: {how}\n{words}\n"
                    f"  the whole log: {log}"
                )


def fill(arguments: tuple[str, ...], places: Mapping[str, str]) -> tuple[str, ...]:
    """Replace each known placeholder; other braces belong to the command."""
    return tuple(_PLACEHOLDER.sub(lambda match: places.get(match[1], match[0]), word) for word in arguments)
