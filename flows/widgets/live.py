"""What all forms share: shown live in a notebook and as plain HTML in a record of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets

from overhaul.flows.views.shown import Shown

WIDE = {"width": "100%"}


def mime_bundle(widget: Any, still: Shown) -> dict[str, Any]:
    """A live form where a notebook has a kernel; where there is none any more, what it showed at first."""
    live: dict[str, Any] = widget._repr_mimebundle_()
    return {**live, "text/html": still._repr_html_(), "text/plain": still.text}


def show(place: Any, shown: Shown) -> None:
    """Put something into an HTML widget."""
    place.value = shown._repr_html_()


def labelled(widget: Any, words: str) -> Any:
    """A field with what it means beside it."""
    return ipywidgets.HBox([widget, ipywidgets.HTML(escape(words), layout={"flex": "1"})])


class Debounced:
    """Calls something once a person has paused: each new call puts it off."""

    def __init__(self, call: Callable[[], None], seconds: float = 0.4) -> None:
        self._call = call
        self._seconds = seconds
        self._planned: asyncio.TimerHandle | None = None

    def __call__(self, _change: object = None) -> None:
        if self._planned is not None:
            self._planned.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._call()  # no kernel that could call later
        else:
            self._planned = loop.call_later(self._seconds, self._call)
