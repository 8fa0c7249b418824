"""Tools of the user's own MCP servers for the agent: only those that a person approved, as they were then.

The model sees the descriptions that were approved, never those that a server sends now. A server whose tools are
described otherwise by now is not called until somebody approves them again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from overhaul.flows.errors import SettingsError, UnknownServer
from overhaul.flows.given_variables import filled_headers, named_variables, redactor_of
from overhaul.flows.settings import Settings
from overhaul.flows.settings_file import McpForm, read_settings
from overhaul.flows.whole_files import write_whole
from overhaul.refactors.agent.conversation import ToolDefinition
from overhaul.refactors.agent.mcp_servers import (
    McpConnection,
    McpServer,
    McpTool,
    connected,
    offered_names,
)
from overhaul.refactors.agent.tools import Tool, Toolbox, ToolError
from overhaul.refactors.errors import McpFailed, did_you_mean


def server_of(settings: Settings, name: str, environment: Mapping[str, str] = os.environ) -> McpServer:
    """A server with the variables that it may have. Raises UnknownServer, SettingsError."""
    form = _form(settings, name)
    values = named_variables(settings, f"mcp.{name}", form.variables, environment)
    headers = filled_headers(settings, f"mcp.{name}", form.headers, values)
    given = values if form.command else {}
    return McpServer(name, form.command, form.url, given, headers, form.timeout_seconds)


def offers(settings: Settings, connection: McpConnection) -> tuple[McpTool, ...]:
    """The tools of a server that the user wants. Raises McpFailed."""
    wanted = _form(settings, connection.server.name).tools
    found = tuple(tool for tool in connection.tools() if not wanted or tool.name in wanted)
    offered_names(connection.server.name, found)
    return found


def approved(settings: Settings, name: str) -> tuple[McpTool, ...] | None:
    """The wanted tools as they were approved; None if they never were, or the server is reached otherwise by now."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads(_approval(settings, name).read_text(encoding="utf-8"))
        form = _form(settings, name)
        if data["server"] == _identity(form):
            tools = (McpTool(row["name"], row["description"], row["schema"]) for row in data["tools"])
            return tuple(tool for tool in tools if not form.tools or tool.name in form.tools)
    return None


def approve(settings: Settings, name: str, tools: Sequence[McpTool]) -> None:
    """Keep these as what the agent may use."""
    rows = [
        {"name": tool.name, "description": tool.description, "schema": tool.schema, "pin": tool.pin}
        for tool in tools
    ]
    kept = {"server": _identity(_form(settings, name)), "tools": rows}
    write_whole(_approval(settings, name), json.dumps(kept, indent=2))


def revoke(settings: Settings, name: str) -> bool:
    """Take an approval back; say whether there was one. Raises UnknownServer."""
    _form(settings, name)
    path = _approval(settings, name)
    was_there = path.exists()
    path.unlink(missing_ok=True)
    return was_there


@contextmanager
def approved_tools(settings: Settings) -> Iterator[dict[str, Tool]]:
    """The approved tools of all servers, by the names that a model calls them by.

    Servers are started by the first call and end with the block. Raises SettingsError.
    """
    tools: dict[str, Tool] = {}
    with ExitStack() as stack:
        for name in read_settings(settings).mcp:
            if pinned := approved(settings, name):
                reached = _Reached(settings, name, pinned, stack)
                for offered, tool in offered_names(name, pinned).items():
                    definition = ToolDefinition(offered, tool.description, tool.schema)
                    tools[offered] = Tool(
                        definition, reached.caller(tool.name), changes=True, is_foreign=True
                    )
        yield tools


class _Reached:
    """A server that is started when it is first called."""

    def __init__(self, settings: Settings, name: str, pinned: Sequence[McpTool], stack: ExitStack) -> None:
        self._settings = settings
        self._name = name
        self._pinned = pinned
        self._stack = stack
        self._connection: McpConnection | None = None

    def caller(self, tool: str) -> Callable[[Toolbox, Mapping[str, Any]], str]:
        """What carries a call of this tool out."""
        return lambda _, arguments: self._call(tool, arguments)

    def _call(self, tool: str, arguments: Mapping[str, Any]) -> str:
        try:
            server = server_of(self._settings, self._name)
        except (SettingsError, UnknownServer) as error:
            raise ToolError(str(error)) from None
        redactor = redactor_of(server.environment, server.headers)
        try:
            output, is_error = self._connected(server).call(tool, arguments)
        except McpFailed as error:
            raise ToolError(redactor.text(str(error))) from None
        if is_error:
            raise ToolError(redactor.text(output))
        return redactor.text(output)

    def _connected(self, server: McpServer) -> McpConnection:
        if self._connection is None:
            with ExitStack() as opening:
                connection = opening.enter_context(connected(server))
                now = {tool.name: tool.pin for tool in connection.tools()}
                if changed := [tool.name for tool in self._pinned if now.get(tool.name) != tool.pin]:
                    raise McpFailed(
                        f"MCP server {self._name} describes {', '.join(changed)} otherwise than when it was approved."
                        f" Do without it; a person looks at it with: overhaul mcp approve {self._name}"
                    )
                self._stack.push(opening.pop_all())
                self._connection = connection
        return self._connection


def _form(settings: Settings, name: str) -> McpForm:
    forms = read_settings(settings).mcp
    if name not in forms:
        raise UnknownServer(
            f"no MCP server {name!r} is in {settings.file}.{did_you_mean(name, forms)}"
            f" Add one: [mcp.{name}] and below it command = [...] or url = ..."
        )
    return forms[name]


def _identity(form: McpForm) -> str:
    """Another one as soon as the server is reached otherwise, or is given something else."""
    said = form.model_dump(include={"command", "url", "variables", "headers"}, mode="json")
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _approval(settings: Settings, name: str) -> Path:
    return settings.approvals / f"{name}.json"
