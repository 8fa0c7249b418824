"""`mcp`: the user's MCP servers, and the approval of what their tools say about themselves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.output import note, patience, plural, print_json
from overhaul.flows.plain_text import on_one_line, visible
from overhaul.flows.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from overhaul.refactors.agent.mcp_servers import McpTool


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_context
def mcp(context: click.Context, as_json: bool) -> None:
    """List the MCP servers of your settings whose tools the agent may use; approve them, take that back."""
    if context.invoked_subcommand is not None:
        return
    from overhaul.flows.mcp_tools import approved
    from overhaul.flows.settings_file import read_settings

    settings = Settings.from_environment()
    rows: list[dict[str, Any]] = []
    for name, form in read_settings(settings).mcp.items():
        tools = approved(settings, name)
        reached = form.url or " ".join(form.command)
        rows.append(
            {
                "name": name,
                "reached": reached,
                "approved": None if tools is None else [tool.name for tool in tools],
            }
        )
    if as_json:
        print_json({"servers": rows})
        return
    if not rows:
        note(f"no MCP server is in {settings.file} (docs/providers.md says how).")
    for row in rows:
        state = (
            f"not approved: overhaul mcp approve {row['name']}"
            if row["approved"] is None
            else f"{plural(len(row['approved']), 'tool')} approved"
        )
        click.echo(on_one_line(f"{row['name']}  {row['reached']}  {state}"))


@mcp.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def approve(name: str, yes: bool, as_json: bool) -> int:
    """Show what NAME's tools say about themselves now, and offer them to the agent as they are."""
    from overhaul.flows import mcp_tools
    from overhaul.refactors.agent.mcp_servers import connected

    settings = Settings.from_environment()
    server = mcp_tools.server_of(settings, name)
    with patience(f"asking {name} for its tools"), connected(server) as connection:
        now = mcp_tools.offers(settings, connection)
    before = mcp_tools.approved(settings, name)
    rows = _changes(before or (), now)
    if not as_json:
        _show(rows)
    is_new = before is None or any(row["change"] != "same" for row in rows)
    agreed = yes or not is_new
    if not agreed and sys.stdin.isatty() and not as_json:
        agreed = click.confirm("Offer these tools to the agent?", err=True)
    if agreed:
        mcp_tools.approve(settings, name, now)
    if as_json:
        print_json({"server": name, "approved": agreed, "tools": rows})
    note(
        f"{plural(len(now), 'tool')} of {name} approved." if agreed else "nothing is approved; --yes does it."
    )
    return 0 if agreed else 1


@mcp.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Take the approval of NAME's tools back."""
    from overhaul.flows.mcp_tools import revoke

    settings = Settings.from_environment()
    note(f"{name} is not offered any more." if revoke(settings, name) else f"{name} was not approved.")


def _changes(before: Sequence[McpTool], now: Sequence[McpTool]) -> list[dict[str, Any]]:
    """Each tool of then and now with what has become of it, as JSON has it."""
    then = {tool.name: tool for tool in before}
    rows: list[dict[str, Any]] = []
    for tool in now:
        old = then.pop(tool.name, None)
        change = "new" if old is None else "same" if old.pin == tool.pin else "changed"
        rows.append(
            {
                "name": tool.name, "change": change, "description": tool.description, "schema": tool.schema,
                "description_before": old.description if old else None,
            }
        )  # fmt: skip
    return rows + [
        {
            "name": name,
            "change": "gone",
            "description": None,
            "schema": None,
            "description_before": tool.description,
        }
        for name, tool in then.items()
    ]


def _show(rows: Sequence[dict[str, Any]]) -> None:
    import json

    for row in rows:
        click.echo(f"{row['change'].ljust(8)} {on_one_line(row['name'])}")
        if row["change"] == "changed":
            _indented(row["description_before"], "- ")
        if row["change"] != "gone":
            _indented(row["description"], "+ " if row["change"] == "changed" else "  ")
            click.echo(f"           takes {on_one_line(json.dumps(row['schema'], ensure_ascii=False))}")


def _indented(text: str, mark: str) -> None:
    for line in visible(text).splitlines():
        click.echo(f"         {mark}{line}")
