"""The tools that the agent has from the user's own settings, beside those that are built in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from overhaul.flows.settings import Settings
from overhaul.refactors.agent.permissions import Mode
from overhaul.refactors.agent.tools import Tool


@contextmanager
def user_tools(settings: Settings, mode: Mode, network: Sequence[str] = ()) -> Iterator[dict[str, Tool]]:
    """Approved tools of MCP servers, and web search where the network is allowed; `network` is the run's option.

    For `Toolbox(tools={**BUILT_IN, **tools})`. What was started for them ends with the block. Raises SettingsError.
    """
    from overhaul.flows.mcp_tools import approved_tools
    from overhaul.flows.web_search import search_tools

    with approved_tools(settings) as tools:
        yield {**tools, **search_tools(settings, mode, network)}
