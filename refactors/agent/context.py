"""Shorten a conversation that has become too long for the model, without another paid call.

The task, the model's own words, its calls and its patches stay: they are its decisions. What goes is the bulk of old
tool results, which can be looked up again; the todo list is kept elsewhere anyway.
"""

from __future__ import annotations

from dataclasses import replace

from overhaul.refactors.agent.conversation import Item, Message, Reasoning, ToolCall, ToolResult

KEPT_LINES, KEPT_CHARACTERS = 3, 400
RECENT = 8


def compact(items: tuple[Item, ...], harder: bool = False) -> tuple[Item, ...]:
    """Cut old results to their first and last lines; `harder` leaves out the oldest exchanges altogether.

    The first message, the task, is never touched. Unchanged if there is nothing left to cut.
    """
    old, recent = items[:-RECENT], items[-RECENT:]
    if harder:
        return _without_oldest(items)
    shorter = tuple(_cut(item) for item in old if not isinstance(item, Reasoning))
    return (*shorter, *recent) if shorter != old else _without_oldest(items)


def _cut(item: Item) -> Item:
    if not isinstance(item, ToolResult) or len(item.output) <= KEPT_CHARACTERS:
        return replace(item, images=()) if isinstance(item, ToolResult) and item.images else item
    lines = item.output.splitlines()
    first, last = "\n".join(lines[:KEPT_LINES]), "\n".join(lines[-KEPT_LINES:])
    half = KEPT_CHARACTERS // 2
    text = f"{first[:half]}\n[... left out to save room; look it up again ...]\n{last[-half:]}"
    return replace(item, output=text, images=())


def _without_oldest(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Leave out the older half after the task: calls always together with their results."""
    task, rest = items[:1], items[1:]
    cut = len(rest) // 2
    while cut < len(rest) and isinstance(rest[cut], ToolResult):
        cut += 1
    if cut == 0 or not rest[cut:]:
        return items
    calls = {item.id for item in rest[cut:] if isinstance(item, ToolCall)}
    kept = [item for item in rest[cut:] if not isinstance(item, ToolResult) or item.call_id in calls]
    note = Message("user", "Earlier steps are left out to save room; the files are as you left them.")
    return (*task, note, *kept)
