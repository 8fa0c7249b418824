"""Search the logs of a run as you type."""

from __future__ import annotations

from typing import Any

import ipywidgets

from overhaul.flows.opened_run import OpenedRun
from overhaul.flows.widgets.live import WIDE, Debounced, mime_bundle, show

ALL = "all logs"


class LogSearch:
    """A field for words, the logs to choose from, and the lines that contain the words."""

    def __init__(self, run: OpenedRun, search: str = "") -> None:
        self.run = run
        self.search = ipywidgets.Text(value=search, description="search", placeholder="words in a line")
        self.log = ipywidgets.Dropdown(options=[ALL, *run.log_names], description="in")
        self._lines = ipywidgets.HTML(layout=WIDE)
        self.widget = ipywidgets.VBox([ipywidgets.HBox([self.search, self.log]), self._lines], layout=WIDE)
        later = Debounced(self._refresh)
        self.search.observe(later, "value")
        self.log.observe(later, "value")
        self._refresh()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return mime_bundle(self.widget, self.run.logs(self.search.value))

    def _refresh(self) -> None:
        log = "" if self.log.value == ALL else self.log.value
        show(self._lines, self.run.logs(self.search.value, log))
