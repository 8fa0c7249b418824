"""One campaign, opened to be looked at: what it gives shows itself in a notebook, and is exported as HTML and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from overhaul.flows.connection import ask_prefect
from overhaul.flows.errors import UnknownCampaign
from overhaul.flows.settings import Settings
from overhaul.flows.views.burndown import burndown_html
from overhaul.flows.views.durations import span
from overhaul.flows.views.page import whole_page
from overhaul.flows.views.shown import Shown, empty, facts, table, together

if TYPE_CHECKING:
    from overhaul.flows.campaign_record import RepositoryRow


class OpenedCampaign:
    """A campaign as it was when it was opened."""

    def __init__(self, name: str, settings: Settings) -> None:
        if not isinstance(name, str):
            raise UnknownCampaign(
                f"campaign is {name!r}; it takes a campaign's name. See them with: overhaul status"
            )
        from overhaul.flows.campaign_record import read_campaign

        self.name = name
        self.read_at = datetime.now(UTC)
        self.rows: Sequence[RepositoryRow] = ask_prefect(
            settings, lambda client: read_campaign(client, name, settings)
        )

    def __repr__(self) -> str:
        return self._overview().text

    def _repr_html_(self) -> str:
        return self._overview()._repr_html_()

    def burndown(self) -> Shown:
        """How many repositories were left over time."""
        begun = min((row.started_at for row in self.rows if row.started_at), default=self.read_at)
        done = [(row.ended_at or self.read_at, row.name) for row in self.rows if row.is_done]
        html = burndown_html(len(self.rows), done, begun, self.read_at)
        return Shown(html, f"{len(self.rows) - len(done)} of {len(self.rows)} repositories are left")

    def waves(self) -> Shown:
        """How far each wave is; a campaign without waves is one."""
        names = sorted({row.wave for row in self.rows}, key=lambda name: (len(name), name))
        head = ("wave", "repositories", "done", "waiting", "failed", "pull requests", "merged")
        return table(head, [self._wave(name) for name in names], "Waves")

    def merged(self) -> Shown:
        """How many of the pull requests are merged, as their forge says."""
        opened = [row for row in self.rows if row.pull_request]
        if not opened:
            return empty("No pull request was opened yet.")
        merged = sum(row.pull_request_state == "merged" for row in opened)
        rate = f"{merged / len(opened):.0%}"
        return facts([("pull requests", len(opened)), ("merged", merged), ("merge rate", rate)])

    def failures(self) -> Shown:
        """What went wrong, by what was said, the most frequent first."""
        from overhaul.flows.campaign_record import failure_groups

        groups = failure_groups(self.rows)
        if not groups:
            return empty("Nothing has failed.")
        rows = [
            (len(names), said, ", ".join(names[:8]) + (", …" if len(names) > 8 else ""))
            for said, names in groups
        ]
        return table(("repositories", "error", "which"), rows, "Failures")

    def costs(self) -> Shown:
        """Time and tokens of each repository, the longest first. Time at a gate does not count."""
        rows = [
            (row.name, row.status, span(row.seconds), row.tokens)
            for row in sorted(self.rows, key=lambda row: -row.seconds)
        ]
        seconds, tokens = sum(row.seconds for row in self.rows), sum(row.tokens for row in self.rows)
        caption = f"Time and tokens: {span(seconds)} and {tokens:,} together"
        return table(("repository", "status", "time", "tokens"), rows, caption)

    def lines(self) -> Shown:
        """What was proved and what of it the tests have executed."""
        rows = [
            (row.name, row.files_edited, row.lines_changed, row.unresolved_sites,
             "not measured" if row.lines_with_code is None else row.lines_with_code,
             "not measured" if row.lines_executed is None else row.lines_executed)
            for row in self.rows
        ]  # fmt: skip
        head = (
            "repository",
            "files",
            "lines proved",
            "sites unproved",
            "lines with code",
            "executed by tests",
        )
        return table(head, rows, "Lines proved and covered")

    def repositories(self) -> Shown:
        """Every repository with its newest run."""
        rows = [
            (row.name, row.run_id[:8], row.status, row.files_edited, row.unresolved_sites, row.new_failures,
             row.pull_request_state or "none", row.message)
            for row in self.rows
        ]  # fmt: skip
        head = ("repository", "run", "status", "files", "unproved", "new failures", "pull request", "said")
        return table(head, rows, "Repositories")

    def save_csv(self, path: str | Path) -> Path:
        """Write one line per repository; the columns are in docs/notebooks.md."""
        from overhaul.flows.campaign_record import to_csv

        return _written(path, to_csv(self.rows))

    def save_html(self, path: str | Path) -> Path:
        """Write all of it as one page that opens without a server."""
        parts = (self._overview(), self.burndown(), self.waves(), self.merged(), self.failures(), self.costs(),
                 self.lines(), self.repositories())  # fmt: skip
        title = Shown(f"<h1>Campaign {_escaped(self.name)}</h1>", "")
        return _written(path, whole_page(f"Campaign {self.name}", together(title, *parts).html))

    def _wave(self, name: str) -> tuple[object, ...]:
        rows = [row for row in self.rows if row.wave == name]
        done, waiting = sum(row.is_done for row in rows), sum(row.status == "waiting" for row in rows)
        going_on = sum(row.status == "running" for row in rows)
        opened = sum(bool(row.pull_request) for row in rows)
        merged = sum(row.pull_request_state == "merged" for row in rows)
        failed = len(rows) - done - waiting - going_on
        return (name or "without a wave", len(rows), done, waiting, failed, opened, merged)

    def _overview(self) -> Shown:
        rows = self.rows
        measured = [row for row in rows if row.lines_with_code is not None]
        executed = sum(row.lines_executed or 0 for row in measured)
        with_code = sum(row.lines_with_code or 0 for row in measured)
        return facts(
            [
                ("campaign", self.name),
                ("repositories", len(rows)),
                ("done", sum(row.is_done for row in rows)),
                ("waiting for a decision", sum(row.status == "waiting" for row in rows)),
                ("pull requests", sum(bool(row.pull_request) for row in rows)),
                ("lines proved", f"{sum(row.lines_changed for row in rows):,}"),
                ("lines executed", f"{executed:,} of {with_code:,}" if measured else "not measured"),
                ("working time", span(sum(row.seconds for row in rows))),
                ("tokens", f"{sum(row.tokens for row in rows):,}"),
            ]
        )


def _written(path: str | Path, content: str) -> Path:
    target = Path(path).expanduser()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")
    return target


def _escaped(text: str) -> str:
    from html import escape

    from overhaul.flows.plain_text import on_one_line

    return escape(on_one_line(text))
