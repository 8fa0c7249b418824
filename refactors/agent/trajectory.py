"""What an agent did, as a person reads it: asks, calls and answers in order, with the tokens used."""

from __future__ import annotations

from collections.abc import Iterator

from overhaul.refactors.agent import todo
from overhaul.refactors.agent.conversation import Item, Message, ToolCall, ToolResult
from overhaul.refactors.agent.limits import ERROR
from overhaul.refactors.agent.loop import State

SHOWN_LINES = 30


def as_text(state: State, model: str) -> str:
    """The whole trajectory; long texts are cut to their first lines."""
    usage = state.usage
    used = f"{usage.input:,} tokens in ({usage.cached:,} cached), {usage.output:,} out ({usage.reasoning:,} reasoning)"
    lines = [f"model {model}: {state.status}, {state.steps} steps, {state.seconds:.0f} s, {used}"]
    if state.compactions:
        lines.append(
            f"the conversation was shortened {state.compactions} times: older steps are not shown whole"
        )
    if state.todos:
        lines += ["todo list", *(f"  {line}" for line in todo.as_text(state.todos).splitlines())]
    for item in state.items:
        lines += ["", *_item(item)]
    return "\n".join([*lines, "", f"{state.status}{': ' + state.message if state.message else ''}", ""])


def calls(state: State) -> list[tuple[str, str, bool]]:
    """The calls in order: the tool, the beginning of what it was given, and whether it was an error."""
    failed = {
        item.call_id for item in state.items if isinstance(item, ToolResult) and item.output.startswith(ERROR)
    }
    return [
        (item.name, " ".join(item.arguments.split())[:120], item.id in failed)
        for item in state.items
        if isinstance(item, ToolCall)
    ]


def open_calls(state: State) -> list[str]:
    """The calls of the last answer, which have no result yet: the tool and the beginning of what it is given."""
    done = {item.call_id for item in state.items if isinstance(item, ToolResult)}
    waiting = [item for item in state.items if isinstance(item, ToolCall) and item.id not in done]
    return [f"{item.name} {' '.join(item.arguments.split())}"[:120] for item in waiting]


def _item(item: Item) -> Iterator[str]:
    if isinstance(item, Message):
        yield "the task, or what was said to it:" if item.role == "user" else "model:"
        yield from _indented(item.text)
    elif isinstance(item, ToolCall):
        yield f"call {item.name}:"
        yield from _indented(item.arguments)
    elif isinstance(item, ToolResult):
        yield "result:"
        yield from _indented(item.output)
    else:
        yield "model: (thinks)"


def _indented(text: str) -> Iterator[str]:
    lines = text.splitlines()
    yield from (f"  {line}" for line in lines[:SHOWN_LINES])
    if len(lines) > SHOWN_LINES:
        yield f"  [{len(lines) - SHOWN_LINES} more lines]"
