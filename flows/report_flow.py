"""`overhaul report` as a flow: the notebook is executed in a step whose progress the Prefect UI shows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact

from overhaul.flows.progress import also_watched_by
from overhaul.flows.reports import Record, report_on_campaign, report_on_run
from overhaul.flows.settings import Settings

About = Literal["campaign", "run"]


def _name() -> str:
    from prefect.runtime import flow_run

    parameters = flow_run.get_parameters()
    return f"report: {parameters['about']} {parameters['name']}"


@flow(name="report", flow_run_name=_name)
def report(about: About, name: str) -> dict[str, Any]:
    """Keep the record of a campaign or run.

    Args:
        about: what it is about.
        name: the campaign's name, or the run's id.
    """
    return execute_notebook(about, name)


@task(name="execute notebook", task_run_name="execute notebook")
def execute_notebook(about: About, name: str) -> dict[str, Any]:
    """Execute the notebook and keep what comes of it; return the paths."""
    artifact = create_progress_artifact(
        progress=0.0, description=f"cells of the notebook about {about} {name}"
    )

    def progressed(_doing: str, done: int | None = None, total: int | None = None) -> None:
        if done is not None and total:
            update_progress_artifact(artifact, progress=100.0 * done / total)  # type: ignore[arg-type]

    settings = Settings.from_environment()
    with also_watched_by(progressed):
        record: Record = (report_on_campaign if about == "campaign" else report_on_run)(name, settings)
    get_run_logger().info("kept in %s", record.notebook.parent)
    return {key: str(path) if path else None for key, path in asdict(record).items()}
