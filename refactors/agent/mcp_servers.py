"""Tools of MCP servers: what a server offers, what it answers, with an end to every wait.

A server is configured by the user. What it says is no less hostile for that: it is bounded text, and nothing more.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from overhaul.refactors.errors import McpFailed

MOST_TOOLS, MOST_PAGES = 100, 10
LONGEST_TOOL = 20_000
LONGEST_ANSWER = 40_000
_WORDS_OF_A_FAULT = 500
_CHOOSE = "Name those you want in its `tools` in the settings."
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class McpServer:
    """How a server is reached: a command, which speaks over its standard streams, or an address.

    `environment` and `headers` may hold secrets. `timeout_seconds` ends each single wait.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool as its server describes it."""

    name: str
    description: str
    schema: Mapping[str, Any]

    @property
    def pin(self) -> str:
        """Another one as soon as anything of it changes that a model sees."""
        seen = json.dumps([self.name, self.description, self.schema], sort_keys=True)
        return hashlib.sha256(seen.encode()).hexdigest()

    def offered_as(self, server: str) -> str:
        """The name that a model calls it by."""
        return f"{server}__{_NOT_IN_NAMES.sub('_', self.name)}"[:64]


class McpConnection:
    """A server that answers, until the block of `connected` ends."""

    def __init__(self, server: McpServer, client: Any, run: Callable[[Callable[[], Any]], Any]) -> None:
        self.server = server
        self._client = client
        self._run = run

    def tools(self) -> tuple[McpTool, ...]:
        """What it offers now. Raises McpFailed."""

        async def listed() -> list[Any]:
            found: list[Any] = []
            cursor = None
            for _ in range(MOST_PAGES):
                page = await self._client.list_tools(cursor=cursor, cache_mode="bypass")
                found += page.tools
                cursor = page.next_cursor
                if cursor is None:
                    break
            return found

        found = self._bounded("list its tools", listed)
        return tuple(McpTool(tool.name, tool.description or "", dict(tool.input_schema)) for tool in found)

    def call(self, tool: str, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        """What a tool answers, as text, and whether it calls that an error. Raises McpFailed."""
        result = self._bounded(tool, lambda: self._client.call_tool(tool, dict(arguments)))
        parts = [_text(part) for part in result.content]
        if not parts and result.structured_content is not None:
            parts = [json.dumps(result.structured_content, ensure_ascii=False)]
        return "\n".join(parts)[: 2 * LONGEST_ANSWER], bool(result.is_error)

    def _bounded(self, doing: str, work: Callable[[], Any]) -> Any:
        async def within_time() -> Any:
            import anyio

            with anyio.fail_after(self.server.timeout_seconds):
                return await work()

        return _with_words(self.server, doing, lambda: self._run(within_time))


@contextmanager
def connected(server: McpServer) -> Iterator[McpConnection]:
    """Start or reach a server, and leave it at the end. Raises McpFailed."""
    try:
        from anyio.from_thread import start_blocking_portal
        from mcp import Client
    except ImportError as error:
        raise McpFailed("the library for MCP is not installed: pip install 'overhaul[agent]'") from error
    # It logs each line that is no message, with a traceback: a chatty server would flood the terminal.
    logging.getLogger("mcp.client.stdio").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        said = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))
        portal = stack.enter_context(start_blocking_portal())

        @asynccontextmanager
        async def client() -> Any:
            async with (
                _transport(server, said) as transport,
                Client(transport, read_timeout_seconds=server.timeout_seconds, cache=None) as opened,
            ):
                yield opened

        opening: AbstractContextManager[Any] = portal.wrap_async_context_manager(client())
        opened = _with_words(server, "start", opening.__enter__, said)
        stack.callback(_leave, opening)
        yield McpConnection(server, opened, portal.call)


def _leave(opened: AbstractContextManager[Any]) -> None:
    """Without the block's own error, which would come back as a group; a server that is gone already is no news."""
    with suppress(Exception):
        opened.__exit__(None, None, None)


@asynccontextmanager
async def _transport(server: McpServer, said: Any) -> Any:
    """What the client speaks through; a process of it hears none of this program's variables but the named ones."""
    if server.command:
        from mcp.client.stdio import StdioServerParameters, stdio_client

        program, *arguments = server.command
        how = StdioServerParameters(command=program, args=arguments, env=dict(server.environment))
        yield stdio_client(how, errlog=said)
        return
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    timeout = httpx2.Timeout(server.timeout_seconds)
    async with httpx2.AsyncClient(headers=dict(server.headers), timeout=timeout) as http:
        yield streamable_http_client(server.url, http_client=http)


def _with_words(server: McpServer, doing: str, work: Callable[[], _Result], said: Any = None) -> _Result:
    """Do it; whatever goes wrong in a server or on the way to it is one error, with its last words."""
    try:
        return work()
    except Exception as error:
        words = _last_words(said) or _words(error)
        raise McpFailed(f"MCP server {server.name} failed ({doing}): {words}") from None


def _words(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return " ".join(str(error).split())[:_WORDS_OF_A_FAULT] or type(error).__name__


def _last_words(said: Any) -> str:
    if said is None:
        return ""
    said.seek(0)
    return " ".join(said.read()[-_WORDS_OF_A_FAULT:].split())


def _text(part: Any) -> str:
    text = getattr(part, "text", None)
    return (
        text if isinstance(text, str) else f"[{getattr(part, 'type', 'something')} that is no text: left out]"
    )


def offered_names(server: str, tools: Sequence[McpTool]) -> dict[str, McpTool]:
    """Tools by the names that a model calls them by. Raises McpFailed if they are too many, too long or look alike."""
    if len(tools) > MOST_TOOLS:
        raise McpFailed(
            f"MCP server {server} offers {len(tools)} tools, {MOST_TOOLS} at most are taken. {_CHOOSE}"
        )
    named: dict[str, McpTool] = {}
    for tool in tools:
        name = tool.offered_as(server)
        if len(tool.description) + len(json.dumps(tool.schema)) > LONGEST_TOOL:
            raise McpFailed(f"MCP server {server}: the description of {tool.name!r} is too long. {_CHOOSE}")
        if name in named:
            raise McpFailed(
                f"MCP server {server}: tools {named[name].name!r} and {tool.name!r} look alike ({name})."
            )
        named[name] = tool
    return named
