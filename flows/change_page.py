"""A change as one self-contained page: what a gate asks about and what a pull request holds look the same."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment as Templates
from markupsafe import Markup

from overhaul.flows.mirror import Mirror
from overhaul.flows.plain_text import visible
from overhaul.flows.run_context import Run
from overhaul.flows.views.agent import agent_shown
from overhaul.flows.views.diff import LINES_AT_MOST, OPEN_FILES, diff_html, path_html
from overhaul.flows.views.patch import FilePatch, finding_notes, joined_notes, notes_of, read_patch
from overhaul.flows.views.style import STYLE
from overhaul.flows.views.tables import findings_html, lines_html, sites_html, tests_html
from overhaul.flows.views.templates import html_templates
from overhaul.refactors.recipe import Site
from overhaul.refactors.review import Finding

FILES_LISTED = 200


@dataclass(frozen=True, slots=True)
class Part:
    """What is reviewed in one go: a batch's commit, or all of a plan of which nothing is committed yet."""

    title: str
    anchor: str
    commit: str
    tests: str
    files: tuple[FilePatch, ...]
    html: str

    @property
    def added(self) -> int:
        return sum(file.added for file in self.files)

    @property
    def removed(self) -> int:
        return sum(file.removed for file in self.files)


def change_page(facts: Mapping[str, Any], mirror: Mirror) -> str:
    """Return the page.

    `facts` are those of `evidence.facts_of` with `review`, `verdict`, `question` and `checks`, each None or empty
    where there is none yet, and `seconds`, the work so far.
    """
    run: Run = facts["run"]
    evidence, review = facts["evidence"], facts["review"]
    logs = [facts["base_log"], *([facts["head_log"]] if facts["head_log"] else [])]
    views = {
        "tests": tests_html(evidence.baseline, evidence.head, evidence.comparison, logs),
        "lines": lines_html(facts["coverage"]) if evidence.head else "",
        "findings": findings_html(review) if review else "",
        "sites": sites_html(
            [site for site in facts["sites"] if site not in facts["agent_sites"] + facts["people_sites"]]
        ),
        "by_model": agent_shown(run.agent, facts["agent_sites"]).html if run.agent else "",
    }
    page = (
        _templates()
        .get_template("change.html.j2")
        .render(
            {**facts, **{name: Markup(html) for name, html in views.items()}},  # noqa: S704  (escaped by the views)
            style=Markup(STYLE + _page_style()),  # noqa: S704  (our own)
            style_hash=_hash_of(STYLE + _page_style()),
            parts=list(_parts(run, mirror, facts["sites"], review.findings if review else ())),
            tokens=run.result("waiting", "").tokens,
            files_listed=FILES_LISTED,
        )
    )
    return visible(page)


def _parts(run: Run, mirror: Mirror, sites: list[Site], findings: Sequence[Finding]) -> Iterator[Part]:
    """The change as a person goes through it; together they show no more than one page can."""
    by_path: dict[str, list[Site]] = {}
    for site in sites:
        by_path.setdefault(site.path, []).append(site)
    room, open_files = LINES_AT_MOST, OPEN_FILES
    for number, (title, commit, tests, patch) in enumerate(_patches(run, mirror), 1):
        files = read_patch(patch)
        touched = [site for file in files for site in by_path.get(file.old_path, ())]
        anchor = f"batch-{number}"
        notes = joined_notes(notes_of(patch, touched), finding_notes(patch, findings))
        html = diff_html(patch, notes, anchor=anchor, lines_at_most=room, open_files=open_files)
        room = max(0, room - sum(len(hunk.rows) for file in files for hunk in file.hunks))
        open_files = max(0, open_files - len(files))
        yield Part(title, anchor, commit, tests, tuple(files), Markup(html))  # noqa: S704  (escaped by the view)


def _patches(run: Run, mirror: Mirror) -> Iterator[tuple[str, str, str, bytes]]:
    """Title, commit, tests and patch of each batch; before anything is committed, all that is planned in one."""
    if run.edited is None:
        tree = mirror.change_tree(run.base_commit, run.analysis_result.changes())
        yield "All that is planned", "", "", mirror.diff(run.base_commit, tree)
        return
    parent = run.base_commit
    for number, batch in enumerate(run.edited.batches, 1):
        passed = "" if batch.tests.head is None else f"{batch.tests.head:,} passed"
        by = {"agent": ", by a model", "person": ", by a person"}.get(batch.by, "")
        title = f"Batch {number} of {len(run.edited.batches)}{by}"
        yield title, batch.commit, passed, mirror.diff(parent, batch.commit)
        parent = batch.commit


@cache
def _page_style() -> str:
    return (files("overhaul.flows") / "templates" / "page.css").read_text(encoding="utf-8")


def _hash_of(style: str) -> str:
    """The style sheet as the page's Content-Security-Policy names it."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


@cache
def _templates() -> Templates:
    templates = html_templates()
    templates.filters["base64"] = lambda data: base64.b64encode(data).decode()
    templates.filters["span"] = _span
    templates.filters["path"] = lambda file: Markup(path_html(file))  # noqa: S704  (escaped by the view)
    return templates


def _span(seconds: float) -> str:
    """`12 s`, `3 min`, `2 h 5 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
