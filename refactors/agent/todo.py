"""The agent's plan as a todo list, kept outside the conversation: it survives compaction, and people watch it live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["pending", "in_progress", "completed"]
LONGEST_LIST, LONGEST_STEP = 50, 300


@dataclass(frozen=True, slots=True)
class Todo:
    """One step of the plan."""

    step: str
    status: Status


def read_plan(arguments: Mapping[str, Any]) -> tuple[Todo, ...]:
    """Read `{"plan": [{"step", "status"}]}` as the model wrote it. Raises ValueError that says what is wrong."""
    rows = arguments.get("plan")
    if not isinstance(rows, list) or not 0 < len(rows) <= LONGEST_LIST:
        raise ValueError(f"plan must be a list of 1 to {LONGEST_LIST} steps")
    todos = []
    for number, row in enumerate(rows, 1):
        step = row.get("step") if isinstance(row, dict) else None
        status = row.get("status") if isinstance(row, dict) else None
        if not isinstance(step, str) or not step.strip():
            raise ValueError(f"step {number} of the plan has no text")
        if status not in ("pending", "in_progress", "completed"):
            raise ValueError(f"step {number} has status {status!r}; it takes pending, in_progress, completed")
        todos.append(Todo(" ".join(step.split())[:LONGEST_STEP], status))
    if sum(todo.status == "in_progress" for todo in todos) > 1:
        raise ValueError("at most one step can be in_progress")
    return tuple(todos)


def as_text(todos: tuple[Todo, ...]) -> str:
    """The list as a person and a model read it."""
    marks = {"pending": "[ ]", "in_progress": "[>]", "completed": "[x]"}
    return "\n".join(f"{marks[todo.status]} {todo.step}" for todo in todos)


def to_json(todos: tuple[Todo, ...]) -> list[dict[str, Any]]:
    return [asdict(todo) for todo in todos]


def from_json(rows: list[dict[str, Any]]) -> tuple[Todo, ...]:
    return tuple(Todo(**row) for row in rows)
