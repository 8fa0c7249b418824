"""The effort of a step, from size and history."""

from __future__ import annotations

import pytest

from overhaul.refactors.agent.conversation import Item, ToolCall, ToolResult
from overhaul.refactors.agent.effort import Size, choose


def history(*outputs: str) -> list[Item]:
    return [
        item
        for number, output in enumerate(outputs)
        for item in (ToolCall(str(number), "shell", "{}"), ToolResult(str(number), output))
    ]


ONE, MANY = Size(1, 1, 1), Size(9, 3, 200)
BAD, GOOD = "error: no", "fine"


@pytest.mark.parametrize(
    ("size", "repairs", "outputs", "effort"),
    [
        (ONE, 0, (), "low"),
        (Size(1, 1, 61), 0, (), "medium"),
        (MANY, 0, (), "medium"),
        (ONE, 1, (), "medium"),
        (ONE, 2, (), "high"),
        (ONE, 2, (GOOD, GOOD, GOOD), "high"),
        (MANY, 1, (), "high"),
        (ONE, 0, (BAD,), "low"),
        (ONE, 0, (BAD, BAD), "medium"),
        (ONE, 0, (BAD, BAD, GOOD), "low"),
        (ONE, 1, (GOOD, GOOD, GOOD), "low"),
    ],
)
def test_effort_rises_with_size_and_failure_and_comes_down_again(
    size: Size, repairs: int, outputs: tuple[str, ...], effort: str
) -> None:
    choice = choose(size, repairs, history(*outputs))
    assert choice.effort == effort
    assert f"{repairs} repairs" in choice.reason
