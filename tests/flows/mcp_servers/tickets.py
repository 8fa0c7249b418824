"""A real MCP server over standard streams, made with the library."""

from __future__ import annotations

import os

from mcp.server.mcpserver import MCPServer

server = MCPServer("tickets")


@server.tool()
def find(word: str, limit: int = 3, exact: bool = False) -> str:
    """Find tickets."""
    return f"{word} {limit} {exact}; {sorted(set(os.environ) & {'TICKETS_WORD', 'OPENAI_API_KEY'})}"


@server.tool()
def leak() -> str:
    """Say what is secret."""
    return f"it is {os.environ['TICKETS_WORD']}"


@server.tool()
def lose(number: int) -> str:
    """Lose a ticket."""
    raise LookupError(number)


if __name__ == "__main__":
    server.run()
