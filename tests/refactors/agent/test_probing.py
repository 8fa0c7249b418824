"""What is found out about servers that differ, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from overhaul.refactors.agent.model import OpenAIModel
from overhaul.refactors.agent.probing import QUESTION, Manner, find_manner
from overhaul.refactors.agent.provider import Feature, Provider, Wire
from overhaul.refactors.errors import ModelRefused, NoAccess
from tests.refactors.agent.model_server import ModelServer, Refuse, Say, serving

CALL = Say("", (("report", '{"word": "ok"}'),))


def found(server: ModelServer, wire: Wire | None = None) -> Manner:
    return find_manner(Provider(server.base_url, "key"), "scripted", wire, wait=lambda _: None)


@pytest.mark.parametrize("wire", ["responses", "chat"])
def test_wire_is_found_by_asking(wire: Wire) -> None:
    with serving(CALL) as server:
        server.only = wire
        assert found(server) == Manner(wire)


def has_freeform(body: Any) -> bool:
    return any(tool["type"] == "custom" for tool in body["tools"])


def has_effort(body: Any) -> bool:
    return bool({"reasoning", "include", "reasoning_effort"} & set(body))


@pytest.mark.parametrize(
    ("refuses", "wire", "lacks"),
    [
        (has_freeform, "responses", {"freeform tools"}),
        (has_effort, "responses", {"effort"}),
        (lambda body: has_freeform(body) or has_effort(body), "responses", {"freeform tools", "effort"}),
        (lambda body: has_effort(body) or "input" in body, "chat", {"effort"}),
    ],
)
def test_what_a_server_refuses_is_left_out_from_then_on(
    refuses: Callable[[Any], bool], wire: Wire, lacks: set[Feature]
) -> None:
    with serving(CALL, CALL) as server:
        server.refuses = refuses
        manner = found(server)
        assert (manner.wire, manner.lacks) == (wire, lacks)
        OpenAIModel(Provider(server.base_url, "key"), "scripted", wire, lacks=manner.lacks).ask(QUESTION)


def test_server_that_drops_freeform_tools_gets_functions() -> None:
    with serving(Say("I see no tool."), CALL) as server:
        assert found(server) == Manner("responses", frozenset({"freeform tools"}))


def test_model_that_calls_no_tools_is_known_as_one() -> None:
    with serving(*[Say("ok")] * 6) as server:
        assert found(server) == Manner("responses", calls_tools=False)
        assert len(server.requests) == 6


def test_refused_key_ends_the_probing_at_once() -> None:
    with serving(Refuse(401, {"error": {"message": "bad key"}})) as server, pytest.raises(NoAccess):
        found(server)
    assert len(server.requests) == 1


def test_wire_that_is_out_of_order_is_not_ruled_out_for_ever() -> None:
    with serving(*[Refuse(503, {"error": {"message": "busy"}})] * 2, CALL) as server:
        manner = found(server)
    assert (manner.wire, manner.is_sure) == ("chat", False)


def test_server_with_neither_wire_is_refused_with_both_reasons() -> None:
    with serving() as server:
        server.refuses = lambda _: True
        with pytest.raises(ModelRefused, match=r"responses: .*HTTP 400.*; chat: .*HTTP 400"):
            found(server)


def test_only_the_wire_that_is_said_is_tried() -> None:
    with serving(CALL) as server:
        assert found(server, "chat").wire == "chat"
    assert [path for path, _ in server.requests] == ["/v1/chat/completions"]
