"""Tables on the terminal, and how runs stand in them."""

from __future__ import annotations

from typing import Any

from overhaul.flows.plain_text import on_one_line


def make_table(*columns: str) -> Any:
    """An empty table; long cells are folded, not cut."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def add_row(table: Any, *cells: Any) -> None:
    """Add a row of plain texts: `[/red]` as the name of a campaign is no markup."""
    from rich.text import Text

    table.add_row(*(Text(on_one_line(cell)) if isinstance(cell, str) else cell for cell in cells))


def print_table(table: Any) -> None:
    """Print a table as wide as the terminal, or whole."""
    from rich.console import Console

    console = Console()
    # Without a terminal there is no width to fit: a cut address would be useless.
    Console(width=None if console.is_terminal else 240).print(table)


def styled(text: str) -> Any:
    """A status in its colour."""
    from rich.text import Text

    colours = {
        "published": "green", "completed": "green", "waiting": "yellow", "unresolved": "yellow", "unknown": "yellow",
        "blocked": "red", "failed": "red", "rejected": "red", "interrupted": "red",
        "resolved": "green", "not resolved": "yellow", "error": "red",
    }  # fmt: skip
    return Text(text, style=colours.get(text, ""))


def tests_passed(tests: dict[str, Any]) -> str:
    """`6 -> 6`, with new failures; `none run` before there was a test run, `none` after one in which none passed."""
    if not tests["base"] and not tests["head"] and not tests["new_failures"]:
        return "none run" if tests["base"] is None else "none"
    head = "" if tests["head"] is None else f" -> {tests['head']:,}"
    return f"{tests['base']:,}{head}" + (
        f", {tests['new_failures']} new failures" if tests["new_failures"] else ""
    )


def short_name(repository: str) -> str:
    """The last part of a repository\'s address."""
    return on_one_line(repository.rstrip("/").rsplit("/", 1)[-1])
