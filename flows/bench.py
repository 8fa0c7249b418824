"""A benchmark: each instance goes through a run of its own, and what the run has made is graded.

Everything is gone on with where it was left: what is graded stays, a run keeps each answer that was paid for.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from overhaul.flows.bench_grading import Bench, grade
from overhaul.flows.bench_instances import Instance
from overhaul.flows.bench_patches import patch_between
from overhaul.flows.bench_predictions import Predictions
from overhaul.flows.bench_repositories import find_source, instance_repository
from overhaul.flows.bench_results import InstanceResult, Record, Spent
from overhaul.flows.errors import BenchError, OverhaulError
from overhaul.flows.options import RunOptions
from overhaul.flows.results import RunResult
from overhaul.flows.whole_files import write_whole
from overhaul.refactors.errors import RefactorError
from overhaul.sandbox.errors import SandboxError

# `execute` of `runs`, with whatever the command puts around it.
Execute = Callable[[str], RunResult]
NO_PREDICTION = "there is no prediction for it"
_CAN_GO_ON = ("working", "done", "model failed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is benchmarked. `beside` is where the file of the instances is, `given` are predictions that need no run."""

    name: str
    model: str
    output: Path
    beside: Path
    repositories: Path | None
    options: RunOptions
    given: Predictions | None

    def record_of(self, instance: Instance) -> Record:
        """What is known of an instance. Raises BenchError if it is of another instance, model or prediction."""
        patch = "a run" if self.given is None else str(self.given.patches.get(instance.id))
        parts = f"{instance.digest}\n{self.model}\n{patch}".encode("utf-8", "surrogateescape")
        return Record.at(self.output / "instances" / f"{instance.id}.json", sha256(parts).hexdigest())


def needs_model(instances: Sequence[Instance], wanted: Wanted) -> bool:
    """Whether a model will be asked."""
    return wanted.given is None and any(
        each.task and wanted.record_of(each).patch is None for each in instances
    )


def run_instances(
    instances: Sequence[Instance], wanted: Wanted, execute: Execute
) -> Iterator[tuple[Instance, Record, bool]]:
    """Go through the instances; give each as it is done, and whether that was so before.

    What goes wrong with one is its result, and the next one's turn.
    """
    for instance in instances:
        record = wanted.record_of(instance)
        if record.is_done:
            yield instance, record, True
            continue
        try:
            record.result = _result(instance, wanted, record, execute)
        except Exception as error:  # whatever it is, the next instance has its turn
            reason, log = _explained(error, wanted.output / "grading" / instance.id / "logs" / "error.log")
            record.result = InstanceResult(
                instance.id, "error", reason, log=log, run_id=record.run_id, spent=record.spent
            )
        record.keep()
        yield instance, record, False


def _explained(error: Exception, log: Path) -> tuple[str, str]:
    """What went wrong, and for what nobody has foreseen also where that is told in full."""
    if isinstance(error, OverhaulError | RefactorError | SandboxError):
        return str(error), ""
    write_whole(log, "".join(traceback.format_exception(error)))
    return f"{type(error).__name__}: {error}", str(log)


def _result(instance: Instance, wanted: Wanted, record: Record, execute: Execute) -> InstanceResult:
    given = wanted.given
    if given is not None and instance.id not in given.patches:
        return InstanceResult(instance.id, "not resolved", NO_PREDICTION)
    bench = _bench(instance, wanted)
    if record.patch is None:
        _make_patch(instance, bench, record, given, execute)
    judged = grade(instance, bench, record.patch or "")
    return InstanceResult.graded(instance.id, judged, record.run_id, record.spent)


def _bench(instance: Instance, wanted: Wanted) -> Bench:
    source = find_source(instance.repo, wanted.beside, wanted.repositories)
    repository = instance_repository(instance, source, wanted.output / "repositories" / instance.id)
    options = wanted.options
    packages = tuple(dict.fromkeys((*options.packages, *instance.packages)))
    options = options.model_copy(update={"packages": packages})
    return Bench(repository, options, wanted.output / "grading" / instance.id)


def _make_patch(
    instance: Instance, bench: Bench, record: Record, given: Predictions | None, execute: Execute
) -> None:
    """Have the record hold a patch: the given one, or what the instance's run has made. Raises BenchError."""
    if given is not None:
        record.patch = given.patches[instance.id]
    else:
        if not record.run_id:
            record.run_id = _create_run(instance, bench)
            record.keep()  # before anything is paid for
        began = time.monotonic()
        run = execute(record.run_id)
        record.spent = Spent.of(run, time.monotonic() - began)
        record.patch = _patch_of(run, bench)
    record.keep()


def _create_run(instance: Instance, bench: Bench) -> str:
    """Register the run. All that it is told of the instance is its task, or its recipe."""
    from overhaul.flows.runs import Request, create_run

    recipe, parameters = instance.recipe, instance.parameters
    if not recipe:
        recipe, parameters = "prompt", {"name": f"{instance.id}.md", "task": instance.task}
    return create_run(Request(bench.repository, recipe, parameters, bench.options))


def _patch_of(run: RunResult, bench: Bench) -> str:
    """What a run has changed, also if that breaks tests. Raises BenchError for one that has not come to an end."""
    agent = run.agent
    used_up = agent is not None and agent.status not in _CAN_GO_ON
    if run.status in ("interrupted", "running", "scheduled") or (run.status == "failed" and not used_up):
        raise BenchError(f"the run {run.run_id[:8]} is {run.status}: {run.message}")
    made = run.head or (agent.commit if agent else "")
    return patch_between(bench.mirror, str(run.base), made) if made else ""
