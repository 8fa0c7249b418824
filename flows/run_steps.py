"""The steps of a run as the Prefect server has recorded them."""

from __future__ import annotations

import time
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, TaskRun
from prefect.client.schemas.sorting import TaskRunSort

PAGE = 200
RECORDING_SECONDS = 15
ENDED = {"completed", "cached"}


def steps_of(client: SyncPrefectClient, flow_run: FlowRun) -> list[dict[str, Any]]:
    """One row per step: a resumed run meets its finished steps again as cached task runs.

    The server records steps in batches, up to a second late: those of an ended run are waited for.
    """
    ended = flow_run.state is not None and flow_run.state.is_completed()
    for _ in range(RECORDING_SECONDS):
        rows = _recorded_steps(client, flow_run)
        if not ended or all(row["status"] in {*ENDED, "failed"} for row in rows):
            break
        time.sleep(1)
    return rows


def task_runs_of(client: SyncPrefectClient, flow_run: FlowRun) -> list[TaskRun]:
    """The runs of a run's steps, oldest first: a resumed run meets its finished steps again as cached ones."""
    task_runs: list[TaskRun] = []
    while True:
        page = client.read_task_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run.id])),
            sort=TaskRunSort.EXPECTED_START_TIME_ASC,
            limit=PAGE,
            offset=len(task_runs),
        )
        task_runs += page
        if len(page) < PAGE:
            # One that was killed before Prefect had given it the step's name has done nothing.
            return [each for each in task_runs if not each.name.endswith(f"-{each.dynamic_key[:3]}")]


def _recorded_steps(client: SyncPrefectClient, flow_run: FlowRun) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for task_run in task_runs_of(client, flow_run):
        row = rows.setdefault(
            task_run.name,
            {"name": task_run.name, "status": "", "attempts": 0, "completed": 0, "seconds": 0.0},
        )
        status = (task_run.state.name or task_run.state.type.value).lower() if task_run.state else "unknown"
        # An attempt that was killed stays "running" for ever; what counts is that another one was completed.
        row["status"] = row["status"] if row["status"] in ENDED else status
        if status != "cached":
            row["attempts"] += max(task_run.run_count, 1)
            row["completed"] += int(status == "completed")
            row["seconds"] = round(row["seconds"] + task_run.total_run_time.total_seconds(), 3)
    return list(rows.values())
