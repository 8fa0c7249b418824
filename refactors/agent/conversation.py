"""What is said between the agent and a model, free of any wire: stored as JSON, sent in either of two forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

Effort = Literal["minimal", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Message:
    """Text of one side; `images` are data URLs."""

    role: Literal["user", "assistant"]
    text: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What the model wants done: `arguments` as it wrote them, JSON or, if `is_freeform`, any text."""

    id: str
    name: str
    arguments: str
    is_freeform: bool = False


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call. `is_freeform` as in the call."""

    call_id: str
    output: str
    is_freeform: bool = False
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A provider's own record of how the model thought, or searched the web, replayed to it as it came."""

    record: Mapping[str, Any]


Item = Message | ToolCall | ToolResult | Reasoning
_KINDS: dict[str, type[Any]] = {
    "message": Message, "call": ToolCall, "result": ToolResult, "reasoning": Reasoning,
}  # fmt: skip
_NAMES = {kind: name for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as a model sees it.

    `schema` is the JSON Schema of its arguments. A freeform tool has a `grammar` (lark) besides, for providers that
    take arguments as text; the others give it as the one property of the schema. One that `is_hosted` is carried out by
    the provider itself; chat completions have none.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    grammar: str | None = None
    is_hosted: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model. The same beginning of `items` gives the same beginning of bytes, for caches."""

    instructions: str
    items: tuple[Item, ...]
    tools: tuple[ToolDefinition, ...] = ()
    effort: Effort | None = None
    cache_key: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call as the provider counted them; `cached` are among `input`, `reasoning` among `output`."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.cached + other.cached,
            self.output + other.output,
            self.reasoning + other.reasoning,
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """A model's whole answer; one that was cut off is never a Turn."""

    items: tuple[Item, ...]
    usage: Usage = field(default_factory=Usage)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return tuple(item for item in self.items if isinstance(item, ToolCall))

    @property
    def text(self) -> str:
        return "\n".join(item.text for item in self.items if isinstance(item, Message))

    def to_json(self) -> dict[str, Any]:
        return {"items": items_to_json(self.items), "usage": asdict(self.usage)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Turn:
        return cls(items_from_json(data["items"]), Usage(**data["usage"]))


class Model(Protocol):
    """Whoever answers."""

    name: str

    def ask(self, request: Request) -> Turn:
        """Return the whole answer. Raises ModelError."""


def items_to_json(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [{"kind": _NAMES[type(item)], **asdict(item)} for item in items]


def items_from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    made: list[Item] = []
    for row in rows:
        values = {name: value for name, value in row.items() if name != "kind"}
        if "images" in values:
            values["images"] = tuple(values["images"])
        made.append(_KINDS[row["kind"]](**values))
    return tuple(made)
