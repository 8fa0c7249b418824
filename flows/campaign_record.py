"""What became of a campaign, repository by repository: read from the runs, the forge and the mirrors."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

import git
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun

from overhaul.flows.errors import UnknownCampaign
from overhaul.flows.mirror import Mirror
from overhaul.flows.parts import said_part
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.results import RunResult
from overhaul.flows.run_labels import campaign_of
from overhaul.flows.runs import list_runs, pull_request_of, seen_from_outside
from overhaul.flows.settings import Settings
from overhaul.refactors.errors import did_you_mean

# A repository with one of these has nothing left to be done by the campaign.
DONE = frozenset({"published", "planned", "unchanged", "not found", "rejected"})


@dataclass(frozen=True, slots=True)
class RepositoryRow:
    """The newest run of one repository. `wave` is empty where runs have none.

    `lines_changed` are those that the diff adds; `lines_with_code` those of them that hold code, of which tests have
    executed `lines_executed` (None: not measured). `pull_request_state` is open, merged or empty. Times are in UTC.
    """

    repository: str
    base: str
    part: str
    run_id: str
    wave: str
    status: str
    files_edited: int
    unresolved_sites: int
    tests_at_base: int | None
    tests_at_head: int | None
    new_failures: int
    lines_changed: int
    lines_with_code: int | None
    lines_executed: int | None
    seconds: float
    tokens: int
    pull_request: str
    pull_request_state: str
    started_at: datetime | None
    ended_at: datetime | None
    message: str

    @property
    def name(self) -> str:
        name = Path(self.repository.rstrip("/")).name.removesuffix(".git")
        return name + (f" ({self.base})" if self.base else "") + said_part(self.part)

    @property
    def is_done(self) -> bool:
        return self.status in DONE


def read_campaign(client: SyncPrefectClient, name: str, settings: Settings) -> list[RepositoryRow]:
    """One row per repository, in the order in which they were begun. Raises UnknownCampaign."""
    runs = list_runs(client, name) if name else []
    if not runs:
        known = sorted({campaign_of(each) for each in list_runs(client)} - {""})
        hint = did_you_mean(name, known) or (f" There are: {', '.join(known[:10])}." if known else "")
        raise UnknownCampaign(f"no run belongs to a campaign {name!r}.{hint} See: overhaul status")
    newest: dict[tuple[str, ...], FlowRun] = {}
    for flow_run in runs:
        newest.setdefault((str(flow_run.parameters.get("repository", "")), *_within(flow_run)), flow_run)
    return [_row(client, flow_run, settings) for flow_run in reversed(newest.values())]


def to_csv(rows: Sequence[RepositoryRow]) -> str:
    """The rows as CSV with a header; no cell is taken for a formula by a spreadsheet."""
    names = [each.name for each in fields(RepositoryRow)]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in names])
    return written.getvalue()


def failure_groups(rows: Sequence[RepositoryRow]) -> list[tuple[str, list[str]]]:
    """What went wrong with the repositories it went wrong with, the most frequent first.

    Messages that differ only in paths, ids, numbers and quoted names are one group.
    """
    groups: dict[str, list[RepositoryRow]] = {}
    for row in rows:
        if not row.is_done and row.status not in {"waiting", "running"}:
            groups.setdefault(f"{row.status}: {_pattern(row)}", []).append(row)
    ordered = sorted(groups.values(), key=lambda group: -len(group))
    return [(f"{group[0].status}: {group[0].message}", [row.name for row in group]) for group in ordered]


def _within(flow_run: FlowRun) -> tuple[str, str]:
    """The branch that a run was to change, and whose files, where that was said."""
    options = flow_run.parameters.get("options") or {}
    return str(options.get("base") or ""), str(options.get("part") or "")


def _row(client: SyncPrefectClient, flow_run: FlowRun, settings: Settings) -> RepositoryRow:
    result = seen_from_outside(client, flow_run, settings)
    lines = result.changed_lines
    measured = lines is not None and not (lines.reason and not lines.changed)
    pull_request = (pull_request_of(result) or {}) if result.pull_request else {}
    base, part = _within(flow_run)
    return RepositoryRow(
        repository=result.repository,
        base=base,
        part=part,
        run_id=result.run_id,
        wave=next((tag.removeprefix("wave:") for tag in flow_run.tags if tag.startswith("wave:")), ""),
        status=result.status,
        files_edited=result.edits,
        unresolved_sites=result.unresolved,
        tests_at_base=result.tests.base,
        tests_at_head=result.tests.head,
        new_failures=result.tests.new_failures,
        lines_changed=_lines_added(result, settings),
        lines_with_code=lines.changed if lines and measured else None,
        lines_executed=lines.executed if lines and measured else None,
        seconds=round(flow_run.total_run_time.total_seconds(), 1),
        tokens=result.tokens,
        pull_request=result.pull_request or "",
        pull_request_state=str(pull_request.get("state", "")),
        started_at=flow_run.start_time,
        ended_at=flow_run.end_time,
        message=result.message,
    )


def _lines_added(result: RunResult, settings: Settings) -> int:
    if not result.base or not result.head:
        return 0
    mirror = Mirror.of(result.repository, settings.mirrors)
    try:
        counted = mirror.git("diff-tree", "-r", "-M", "--numstat", "-z", result.base, result.head)
    except git.GitCommandError:
        return 0  # the mirror was removed since
    return sum(_numbers(counted.split(b"\0")))


def _numbers(entries: Sequence[bytes]) -> Iterator[int]:
    """The added lines of `--numstat -z`; a binary file has none, and a moved one names its paths by themselves."""
    for entry in entries:
        first, tab, _ = entry.partition(b"\t")
        if tab and first.isdigit():
            yield int(first)


def _pattern(row: RepositoryRow) -> str:
    text = row.message.replace(row.repository, "…").replace(row.name, "…")
    return re.sub(r"'[^']*'|\S*/\S*|\b[0-9a-f]{7,}\b|\d+", "…", text)


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if not isinstance(value, str):
        return "" if value is None else value
    text = on_one_line(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
