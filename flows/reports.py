"""Records of runs and campaigns: a notebook executed in a process of its own, kept with a page and a CSV file.

Secrets are taken out of everything that is kept.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import as_file, files
from pathlib import Path
from typing import IO, Any, Literal

from overhaul.flows.errors import ReportError
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.progress import tell
from overhaul.flows.settings import Settings
from overhaul.flows.views.markdown import markdown_html
from overhaul.flows.views.page import whole_page
from overhaul.sandbox.redact import Redactor

NotebookName = Literal["explore", "author_recipe", "inspect_run", "campaign_report"]
LIVE = "application/vnd.jupyter.widget-view+json"
_PROGRESS = re.compile(r"(\d+)/(\d+) \[")


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept: the executed notebook, its page, and for a campaign its rows as CSV."""

    notebook: Path
    page: Path
    table: Path | None = None


def keep_record(name: NotebookName, parameters: Mapping[str, Any], folder: Path, title: str) -> Record:
    """Execute a notebook with these parameters; keep it and its page in a folder as NAME.ipynb and NAME.html.

    Tells a watcher how many cells are done. Raises ReportError with what a cell said if it fails; nothing is kept then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    redactor = _redactor()
    with tempfile.TemporaryDirectory(prefix="overhaul-report-") as scratch:
        executed = Path(scratch) / "executed.ipynb"
        with as_file(files("overhaul") / "notebooks" / f"{name}.ipynb") as source:
            _execute(source, executed, parameters, redactor)
        notebook = _still(executed, redactor)
        # Written whole or not at all: a reader may look at the record of an earlier time meanwhile.
        record = Record(folder / f"{name}.ipynb", folder / f"{name}.html")
        _replace(record.notebook, notebook.text)
        page = whole_page(title, f"<h1>{escape(on_one_line(title))}</h1>{notebook.html}")
        _replace(record.page, redactor.text(page))
    return record


def report_on_run(run_id: str, settings: Settings) -> Record:
    """Keep the record of a run (its whole id) under the home's `reports/runs`."""
    folder = settings.reports / "runs" / run_id
    return keep_record("inspect_run", {"run_id": run_id}, folder, f"Run {run_id[:8]}")


def report_on_campaign(campaign: str, settings: Settings) -> Record:
    """Keep the record of a campaign under the home's `reports/campaigns`, with its rows as CSV."""
    from overhaul.flows.opened_campaign import OpenedCampaign

    opened = OpenedCampaign(campaign, settings)
    folder = settings.reports / "campaigns" / _folder_name(campaign)
    record = keep_record("campaign_report", {"campaign": campaign}, folder, f"Campaign {campaign}")
    table = opened.save_csv(folder / "campaign.csv")
    _replace(table, _redactor().text(table.read_text(encoding="utf-8")))
    return Record(record.notebook, record.page, table)


@dataclass(frozen=True, slots=True)
class _Still:
    """An executed notebook without what needs a kernel: as JSON text, and its outputs as HTML."""

    text: str
    html: str


def _execute(source: Path, target: Path, parameters: Mapping[str, Any], redactor: Redactor) -> None:
    """Run papermill in a process: two at once in one process fail (PREFECT.md)."""
    words = [each for name, value in parameters.items() for each in ("-r", name, str(value))]
    process = subprocess.Popen(
        [
            sys.executable,
            "-P",
            "-m",
            "papermill",
            str(source),
            str(target),
            "--cwd",
            str(target.parent),
            *words,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # The kernel imports nothing from where it happens to be.
        env={**os.environ, "PYTHONSAFEPATH": "1"},
    )
    with process:
        said = _follow(process.stderr, lambda done, total: tell("executing the notebook", done, total))
    if process.returncode:
        last = redactor.text(said).strip().splitlines()
        why = (
            re.sub(r"^\w+: ", "", last[-1])
            if last
            else f"papermill ended with exit code {process.returncode}"
        )
        raise ReportError(why)


def _follow(stream: IO[bytes] | None, progressed: Callable[[int, int], None]) -> str:
    """Read what papermill says, its progress bar as it moves; return the end of it."""
    said = ""
    while stream is not None and (chunk := os.read(stream.fileno(), 4096)):
        text = chunk.decode(errors="replace")
        for done, total in _PROGRESS.findall(text):
            progressed(int(done), int(total))
        said = (said + text)[-20_000:]
    return said


def _still(executed: Path, redactor: Redactor) -> _Still:
    import nbformat

    notebook = nbformat.from_dict(_redacted(nbformat.read(executed, as_version=4), redactor))  # type: ignore[no-untyped-call]
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(LIVE, None)
    # What stands before the parameters tells how to use the notebook.
    first = next(n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ()))
    html = "".join(part for cell in notebook.cells[first:] for part in _parts(cell))
    return _Still(nbformat.writes(notebook), html)  # type: ignore[no-untyped-call]


def _parts(cell: Any) -> Iterator[str]:
    """What a cell shows, without its code: a record is read by people who decide, not by those who program."""
    if cell.cell_type == "markdown":
        yield markdown_html(cell.source)
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "text/html" in data:
            yield _text(data["text/html"])  # made by our own views, which escape
        elif "text/markdown" in data:
            yield markdown_html(_text(data["text/markdown"]))
        elif "text/plain" in data or output.get("name") == "stdout":
            yield f"<pre>{escape(_text(data.get('text/plain') or output.text))}</pre>"


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _redacted(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.text(value)
    if isinstance(value, dict):
        return {key: _redacted(each, redactor) for key, each in value.items()}
    return [_redacted(each, redactor) for each in value] if isinstance(value, list) else value


def _redactor() -> Redactor:
    """As everywhere, and for secrets whose characters HTML writes otherwise."""
    written = {f"HTML_{name}": escape(value) for name, value in os.environ.items()}
    return Redactor({**written, **os.environ})


def _folder_name(campaign: str) -> str:
    """A name that is a folder's, and another one's for another campaign."""
    from hashlib import sha256

    words = re.sub(r"[^A-Za-z0-9]+", "-", campaign).strip("-").lower()[:60]
    return words if words == campaign else f"{words}-{sha256(campaign.encode()).hexdigest()[:8]}"


def _replace(path: Path, content: str) -> None:
    beside = path.with_name(f".{path.name}")
    beside.write_text(content, encoding="utf-8")
    shutil.move(beside, path)
