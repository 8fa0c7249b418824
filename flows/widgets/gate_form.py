"""Answer a run's open gate from a notebook, and see how the run goes on."""

from __future__ import annotations

import asyncio
import getpass
import subprocess
from typing import Any

import ipywidgets

from overhaul.flows.answering import decisions
from overhaul.flows.errors import OverhaulError
from overhaul.flows.opened_run import OpenedRun
from overhaul.flows.views.shown import Shown, empty, facts, problem, together
from overhaul.flows.widgets.live import WIDE, mime_bundle, show

STYLE = {"description_width": "6rem"}
LAYOUT = {"width": "40rem"}
FOLLOWED_EVERY_SECONDS = 1.0


class GateForm:
    """The question of the gate at which a run waits, and a form for the answer; where none is open, that it is so."""

    def __init__(self, run: OpenedRun) -> None:
        self.run = run
        self._following: asyncio.Task[None] | None = None
        self._question = ipywidgets.HTML(layout=WIDE)
        self._said = ipywidgets.HTML(layout=WIDE)
        self.decision = ipywidgets.ToggleButtons(
            options=[(each.replace("_", " "), each) for each in decisions()], value=None, description="decision",
            style=STYLE,
        )  # fmt: skip
        self.comment = ipywidgets.Textarea(
            description="comment", rows=3, style=STYLE, layout=LAYOUT,
            placeholder="Why; it is kept with the run and shown in the pull request",
        )  # fmt: skip
        self.approver = ipywidgets.Text(
            value=getpass.getuser(), description="who", style=STYLE, layout=LAYOUT
        )
        self._send = ipywidgets.Button(description="Answer", button_style="primary", icon="check")
        self._send.on_click(lambda _: self._answer())
        self.set_aside = ipywidgets.SelectMultiple(
            description="leave out", style=STYLE, layout=LAYOUT, rows=4, tooltip="Files that stay as they are"
        )
        self._fields = ipywidgets.VBox(
            [self.decision, self.comment, self.set_aside, self.approver, self._send]
        )
        self.widget = ipywidgets.VBox([self._question, self._fields, self._said], layout=WIDE)
        self._show_gate()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        how = f"Answer with: overhaul approve {self.run.id[:8]}, or reject {self.run.id[:8]} --comment TEXT"
        parts = [self.run.question(), *([empty(how)] if self.run.record.gate else [])]
        return mime_bundle(self.widget, together(*parts))

    def _show_gate(self) -> None:
        show(self._question, self.run.question())
        gate = self.run.record.gate
        self._fields.layout.display = "" if gate else "none"
        self.set_aside.options = gate.question.files if gate else []
        self._send.disabled = False

    def _answer(self) -> None:
        if self.decision.value is None:
            show(self._said, problem("Choose a decision first."))
            return
        self._send.disabled = True
        try:
            process = self.run.answer(
                self.decision.value, self.comment.value, self.approver.value, self.set_aside.value
            )
        except OverhaulError as error:
            self._send.disabled = False
            show(self._said, problem(str(error)))
            return
        show(self._said, self._told("the run goes on"))
        self._following = asyncio.get_running_loop().create_task(self._follow(process))

    async def _follow(self, process: subprocess.Popen[bytes] | None) -> None:
        """Tell of the run once it rests: ended, or at a gate again. Another process may be at work on it."""
        try:
            while process is not None and process.poll() is None:
                await asyncio.sleep(FOLLOWED_EVERY_SECONDS)
            while (await asyncio.to_thread(self.run.refresh)).status == "running":
                await asyncio.sleep(FOLLOWED_EVERY_SECONDS)
        except OverhaulError as error:
            show(self._said, problem(str(error)))
            return
        self.decision.value, self.comment.value = None, ""
        self._show_gate()
        show(self._said, together(self._told(self.run.status), self.run.decisions()))

    def _told(self, status: str) -> Shown:
        address = self.run.record.described["pull_request"]
        told = [("answered", self.run.id[:8]), ("status", status)]
        return facts([*told, ("pull request", address)] if address else told)
