"""What the Prefect UI shows of a run: a handful of artifacts with keys that stay the same from gate to gate.

They are few, as each is a request, and small: the UI takes 15 s to open one of 1.4 MB.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate

from overhaul.flows.evidence import agent_summary, fenced, sites_of
from overhaul.flows.gate_page import Shown, page_path, write_gate_page
from overhaul.flows.gates import Question
from overhaul.flows.page_server import link_to
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.run_context import Run
from overhaul.flows.settings import Settings

DIFF_CHARACTERS = 100_000
ROWS_AT_MOST = 200
SECONDS_BETWEEN = 1.0
PICTURE_BYTES, PICTURES_AT_MOST = 300_000, 6

_LOG = logging.getLogger("prefect.overhaul.artifacts")


def present(shown: Shown, question: Question) -> Question:
    """Write the page of a question and the run's artifacts; a question that was shown before is not shown anew."""
    settings = Settings.from_environment()
    page = page_path(question, shown.run.id, settings)
    if not page.exists():
        write_gate_page(shown, question, page)
        _create(shown.run.id, _artifacts(shown, question.summary, link_to(page, settings)))
    return replace(question, page=str(page))


def present_result(shown: Shown, summary: str, pull_request: str) -> None:
    """Show how a run has ended: the pull request's text, and where its page is."""
    settings = Settings.from_environment()
    address = pull_request
    if pull_request.startswith("file://"):
        address = link_to(Path(pull_request.removeprefix("file://")), settings)
    _create(shown.run.id, _artifacts(shown, summary, address))


class BatchProgress:
    """A progress artifact over the batches of a run; none where there is only one."""

    def __init__(self, run_id: str, batches: int) -> None:
        self._batches = batches
        self._artifact: UUID | None = None
        if batches > 1:
            made = _create(run_id, [("batches", "progress", f"{batches} batches to edit and test", 0.0)])
            self._artifact = made[0] if made else None

    def done(self, number: int) -> None:
        """Say that so many batches are edited and tested."""
        if self._artifact is not None:
            with _forgiving("batches"), get_client(sync_client=True) as client:
                client.update_artifact(self._artifact, ArtifactUpdate(data=100.0 * number / self._batches))


class AgentProgress:
    """A live artifact of what the agent does: its todo list, its last calls, what it has used."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._artifact: UUID | None = None
        self._shown_at = 0.0

    def show(self, run: Run) -> None:
        """Show how far it is: once a second while it works, which takes as long as many a turn, and where it ends."""
        is_working = run.agent is not None and run.agent.status == "working"
        if is_working and time.monotonic() - self._shown_at < SECONDS_BETWEEN:
            return
        self._shown_at = time.monotonic()
        text = agent_summary(run)
        if self._artifact is None:
            made = _create(self._run_id, [("agent", "markdown", "What the model does", text)])
            self._artifact = made[0] if made else None
            return
        with _forgiving("agent"), get_client(sync_client=True) as client:
            client.update_artifact(self._artifact, ArtifactUpdate(data=text))


Draft = tuple[str, str, str, Any]


def _artifacts(shown: Shown, summary: str, address: str) -> Iterator[Draft]:
    """The name, type, description and data of each."""
    yield "summary", "markdown", "What is asked, or has been done", summary
    yield "tests", "table", "Tests at base and at head", json.dumps(list(_tests(shown)))
    yield (
        "sites",
        "table",
        "Sites that are left, then those that were proved",
        json.dumps(list(_sites(shown))),
    )
    yield "diff", "markdown", "The difference", _diff(shown)
    if address.startswith(("http://", "https://")):
        yield "page", "markdown", "Everything on one page", f"[Open the page]({address})"
    yield from _pictures(shown)


def _tests(shown: Shown) -> Iterator[dict[str, str]]:
    evidence = shown.evidence
    if evidence.comparison:
        for failure in evidence.comparison.new_failures[:ROWS_AT_MOST]:
            yield {"test": _plain(failure.id), "base": "", "head": failure.kind}
    head = evidence.head.counts if evidence.head else {}
    for outcome in dict.fromkeys((*evidence.baseline.counts, *head)):
        base = str(evidence.baseline.counts.get(outcome, 0))
        yield {"test": f"all {outcome}", "base": base, "head": str(head.get(outcome, 0)) if head else ""}


def _sites(shown: Shown) -> Iterator[dict[str, str]]:
    from overhaul.flows.analysis import read_sites

    sites = read_sites(shown.mirror, shown.run.analysis_result)
    unresolved = [each for each in sites if each.status == "unresolved"]
    by_model, by_people = (sites_of(by, shown.run, shown.mirror, unresolved) for by in ("agent", "person"))
    for site in sorted(sites, key=lambda each: each.status != "unresolved")[:ROWS_AT_MOST]:
        by = "edited by a model" if site in by_model else "edited by a person" if site in by_people else ""
        yield {
            "where": _plain(f"{site.path}:{site.line}:{site.column}"),
            "status": by or site.status,
            "why": _plain(site.reason),
        }
    if len(sites) > ROWS_AT_MOST:
        yield {"where": f"and {len(sites) - ROWS_AT_MOST} more", "status": "", "why": ""}


def _diff(shown: Shown) -> str:
    run, mirror = shown.run, shown.mirror
    if run.edited is None:
        head = mirror.change_tree(run.base_commit, run.analysis_result.changes())
    else:
        head = run.edited.head
    text = mirror.diff(run.base_commit, head).decode(errors="replace")
    left_out = (
        ""
        if len(text) <= DIFF_CHARACTERS
        else f"\n\nThe rest is on the page: `overhaul show {run.id[:8]} --page`"
    )
    return fenced(text[:DIFF_CHARACTERS], "diff") + left_out


def _pictures(shown: Shown) -> Iterator[Draft]:
    pairs = shown.evidence.pictures.pairs() if shown.evidence.pictures else []
    after = [
        pair for pair in pairs if pair.differs and pair.after and len(pair.after.picture) <= PICTURE_BYTES
    ]
    for number, pair in enumerate(after[:PICTURES_AT_MOST], 1):
        if pair.after:
            data = f"data:image/png;base64,{base64.b64encode(pair.after.picture).decode()}"
            yield f"picture-{number}", "image", fenced(f"{pair.page}: {pair.difference}"), data


def _create(run_id: str, drafts: Iterable[Draft]) -> list[UUID]:
    """Create artifacts of a run. The run goes on without them: they show what is decided, and decide nothing."""
    made: list[UUID] = []
    with get_client(sync_client=True) as client:
        for name, kind, description, data in drafts:
            artifact = ArtifactCreate(
                key=f"run-{run_id[:8]}-{name}", type=kind, description=description, data=data, flow_run_id=UUID(run_id),
            )  # fmt: skip
            with _forgiving(name):
                made.append(client.create_artifact(artifact).id)
    return made


@contextmanager
def _forgiving(name: str) -> Iterator[None]:
    """Log that an artifact could not be shown, and go on."""
    try:
        yield
    except httpx.HTTPError as error:
        _LOG.warning("the artifact %s is not shown in the Prefect UI: %s", name, error)


def _plain(text: str) -> str:
    """Text for a cell: the UI makes links of what looks like one in square brackets."""
    return on_one_line(text).replace("](", "] (")
