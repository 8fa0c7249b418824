"""What comes of every fault that servers really produce, on both wires, over real HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from overhaul.refactors.agent.conversation import (
    Message,
    Reasoning,
    Request,
    ToolCall,
    ToolDefinition,
    ToolResult,
    Turn,
    Usage,
)
from overhaul.refactors.agent.model import OpenAIModel
from overhaul.refactors.agent.provider import Provider, Wire
from overhaul.refactors.agent.wires import chat_request
from overhaul.refactors.errors import ContextFull, ModelRefused, ModelUnavailable
from tests.refactors.agent.model_server import (
    Cut,
    Drip,
    DripHeaders,
    ModelServer,
    Raw,
    Refuse,
    Say,
    Step,
    serving,
)

WIRES: tuple[Wire, ...] = ("responses", "chat")
SHELL = ToolDefinition("shell", "Run it.", {"type": "object", "properties": {"command": {"type": "string"}}})
PATCH = ToolDefinition("apply_patch", "Edit.", {"type": "object"}, grammar="start: /.+/")
ASK = Request("Be brief.", (Message("user", "hello"),), (SHELL, PATCH), "low", "thread-1")
HELLO = Say("hello", (("shell", '{"command": "ls"}'),))


def model(server: ModelServer, wire: Wire, waits: list[float], deadline_seconds: float = 20.0) -> OpenAIModel:
    return OpenAIModel(Provider(server.base_url, "key", deadline_seconds), "scripted", wire, waits.append)


@pytest.fixture
def waits() -> list[float]:
    """The waits between attempts, which nobody waits for."""
    return []


@pytest.mark.parametrize("wire", WIRES)
def test_answer_comes_whole_with_calls_and_tokens(wire: Wire, waits: list[float]) -> None:
    with serving(HELLO) as server:
        turn = model(server, wire, waits).ask(ASK)
    assert (turn.text, turn.usage) == ("hello", Usage(100, 0, 10, 0))
    assert [(call.name, call.arguments) for call in turn.calls] == [("shell", '{"command": "ls"}')]
    assert waits == []
    assert Turn.from_json(json.loads(json.dumps(turn.to_json()))) == turn


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "fault",
    [
        Refuse(429, {"error": {"message": "slow down"}}),
        Refuse(500, "oh no", kind="text/plain"),
        Refuse(503, {"error": {"message": "busy"}}),
        Refuse(200, "<html>maintenance</html>", kind="text/html"),
        Refuse(200, {"error": {"message": "oops"}}),
        Cut(HELLO, 1),
        Cut(HELLO, 3),
        Raw(('data: {"error": {"message": "overloaded"}}',)),
        Raw(("data: {not json",)),
        Raw(('data: {"choices": null}',)),
        Raw(("data: [DONE]",)),
        Raw(()),
    ],
    ids=str,
)
def test_fault_is_asked_again_and_nothing_of_it_is_used(wire: Wire, fault: Step, waits: list[float]) -> None:
    with serving(fault, Say("fine")) as server:
        turn = model(server, wire, waits).ask(ASK)
    assert (turn.text, turn.calls) == ("fine", ())
    assert len(waits) == 1
    assert 1 <= waits[0] <= 1.5


@pytest.mark.parametrize("wire", WIRES)
def test_server_says_how_long_to_wait(wire: Wire, waits: list[float]) -> None:
    busy = {"error": {"message": "slow down"}}
    with serving(
        Refuse(429, busy, {"retry-after": "7"}), Refuse(429, busy, {"retry-after": "9999"}), HELLO
    ) as server:
        model(server, wire, waits).ask(ASK)
    assert waits == [7.0, 120.0]


@pytest.mark.parametrize("wire", WIRES)
def test_attempts_have_an_end(wire: Wire, waits: list[float]) -> None:
    with serving(*[Refuse(503, {"error": {"message": "busy"}})] * 9) as server:
        with pytest.raises(ModelUnavailable, match=r"did not answer in 4 attempts: HTTP 503: busy\.$"):
            model(server, wire, waits).ask(ASK)
        assert len(server.requests) == 4
    assert waits == sorted(waits)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("drip", [Drip(), DripHeaders()], ids=str)
def test_server_that_drips_for_ever_is_left_at_the_deadline(
    wire: Wire, drip: Step, waits: list[float]
) -> None:
    with serving(drip, HELLO) as server:
        assert model(server, wire, waits, deadline_seconds=0.3).ask(ASK).text == "hello"
    assert len(waits) == 1


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            Refuse(429, {"error": {"code": "insufficient_quota", "message": "pay"}}),
            ModelRefused,
            "Add credit",
        ),
        (Refuse(401, {"error": {"message": "bad key"}}), ModelRefused, "Set OPENAI_API_KEY"),
        (Refuse(400, {"error": {"message": "no such effort"}}), ModelRefused, "no such effort"),
        (
            Refuse(400, {"error": {"code": "context_length_exceeded", "message": "x"}}),
            ContextFull,
            "scripted",
        ),
    ],
)
def test_what_asking_again_cannot_mend_ends_at_once(
    wire: Wire, answer: Refuse, error: type[Exception], words: str, waits: list[float]
) -> None:
    with serving(answer, HELLO) as server, pytest.raises(error, match=words):
        model(server, wire, waits).ask(ASK)
    assert (waits, len(server.requests)) == ([], 1)


def test_same_beginning_gives_the_same_bytes(waits: list[float]) -> None:
    longer = Request(
        ASK.instructions,
        (*ASK.items, Message("assistant", "hi"), Message("user", "more")),
        ASK.tools,
        "low",
        "thread-1",
    )
    with serving(HELLO, HELLO) as server:
        for request in (ASK, longer):
            model(server, "responses", waits).ask(request)
    first, second = (body for _, body in server.requests)
    cut = first.rindex(b"hello")
    assert second.startswith(first[: cut + len(b"hello")])


def test_calls_and_results_go_back_as_they_came(waits: list[float]) -> None:
    record = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "secret"}
    items = (
        Message("user", "go"), Reasoning(record), ToolCall("c1", "shell", '{"command": "ls"}'),
        ToolResult("c1", "a.py"), ToolCall("c2", "apply_patch", "*** Begin Patch", True),
        ToolResult("c2", "done", True, ("data:image/png;base64,AA==",)),
    )  # fmt: skip
    with serving(HELLO) as server:
        model(server, "responses", waits).ask(Request("x", items, (SHELL, PATCH)))
    (body,) = server.bodies
    assert [row["type"] for row in body["input"]] == [
        "message", "reasoning", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output",
    ]  # fmt: skip
    assert body["input"][1] == record
    assert body["input"][5]["output"][1] == {"type": "input_image", "image_url": "data:image/png;base64,AA=="}
    assert [tool["type"] for tool in body["tools"]] == ["function", "custom"]
    assert (body["store"], body["parallel_tool_calls"], body["stream"]) == (False, True, True)


def test_freeform_calls_and_reasoning_come_back(waits: list[float]) -> None:
    with serving(Say("", (("apply_patch!", "*** Begin Patch\n"),), reasoning="sealed")) as server:
        turn = model(server, "responses", waits).ask(ASK)
    assert turn.calls == (ToolCall("call_1_0", "apply_patch", "*** Begin Patch\n", True),)
    (thought,) = [item for item in turn.items if isinstance(item, Reasoning)]
    assert thought.record["encrypted_content"] == "sealed"


def test_chat_puts_calls_of_one_turn_into_one_message() -> None:
    items = (
        Message("user", "go"), Message("assistant", "I look"), ToolCall("a", "shell", "{}"), ToolCall("b", "shell", "{}"),
        ToolResult("a", "1", images=("data:image/png;base64,AA==",)), ToolResult("b", "2"), Message("assistant", "done"),
        Message("assistant", "really"), Message("user", "thanks"),
    )  # fmt: skip
    messages: list[dict[str, Any]] = chat_request(Request("x", items, (SHELL,)), "m")["messages"]
    assert [message["role"] for message in messages] == [
        "system", "user", "assistant", "tool", "tool", "user", "assistant", "assistant", "user",
    ]  # fmt: skip
    assert [call["id"] for call in messages[2]["tool_calls"]] == ["a", "b"]
    assert messages[5]["content"][1]["type"] == "image_url"
    assert all(message.get("tool_calls") != [] for message in messages)


def test_search_of_the_providers_own_is_declared_and_replayed(waits: list[float]) -> None:
    search = ToolDefinition("web_search", "", {}, is_hosted=True)
    found = {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "x"},
    }
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "y"}]}
    done = {"type": "response.completed", "response": {"output": [found, said]}}
    with serving(Raw((f"data: {json.dumps(done)}",)), HELLO, HELLO) as server:
        turn = model(server, "responses", waits).ask(Request("x", (Message("user", "go"),), (SHELL, search)))
        model(server, "responses", waits).ask(Request("x", turn.items, (SHELL, search)))
        model(server, "chat", waits).ask(Request("x", turn.items, (SHELL, search)))
    first, second, chat = server.bodies
    assert first["tools"][1] == {"type": "web_search"}
    assert second["input"][0] == found
    assert [tool["function"]["name"] for tool in chat["tools"]] == ["shell"]
