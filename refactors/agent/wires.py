"""The two forms in which providers are spoken to: OpenAI's Responses, and chat completions, which all others have.

Requests become dictionaries whose order is fixed; streams of events become a Turn, or an error if they end early:
the SDK says nothing of a stream that was cut off (MODEL_API.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from overhaul.refactors.agent.conversation import (
    Item,
    Message,
    Reasoning,
    Request,
    ToolCall,
    ToolDefinition,
    ToolResult,
    Turn,
    Usage,
)
from overhaul.refactors.errors import BadAnswer, TruncatedAnswer

Event = Mapping[str, Any]


def responses_request(request: Request, model: str, lacks: Set[str] = frozenset()) -> dict[str, Any]:
    """The body of `POST /responses`, without `stream`. `lacks`: a server without effort seals no reasoning either."""
    has_freeform = "freeform tools" not in lacks
    body: dict[str, Any] = {
        "model": model,
        "instructions": request.instructions,
        "tools": [_responses_tool(tool, has_freeform) for tool in request.tools],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "store": False,
        **({} if "effort" in lacks else {"include": ["reasoning.encrypted_content"]}),
        "input": [_responses_item(item) for item in request.items],
    }
    if request.cache_key:
        body["prompt_cache_key"] = request.cache_key
    if request.effort and "effort" not in lacks:
        body["reasoning"] = {"effort": request.effort}
    return body


def chat_request(request: Request, model: str, lacks: Set[str] = frozenset()) -> dict[str, Any]:
    """The body of `POST /chat/completions`, without `stream`."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": request.instructions}, *_chat_messages(request.items)],
    }
    tools = [tool for tool in request.tools if not tool.is_hosted]
    if tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.schema),
                },
            }
            for tool in tools
        ]
    if request.effort and "effort" not in lacks:
        body["reasoning_effort"] = request.effort
    return body


def responses_turn(events: Iterable[Event]) -> Turn:
    """Read a stream of Responses events. Raises TruncatedAnswer, BadAnswer."""
    for event in events:
        kind = event.get("type")
        if kind == "response.completed":
            return _responses_answer(event.get("response"))
        if kind == "response.incomplete":
            reason = _get(event, "response", "incomplete_details", "reason") or "no reason given"
            raise TruncatedAnswer(f"the model's answer is incomplete: {reason}.")
        if kind in {"response.failed", "error"}:
            error = _get(event, "response", "error") or event.get("error") or event
            raise BadAnswer(f"the provider failed while answering: {_message(error)}")
    raise TruncatedAnswer("the stream ended before the model's answer was complete.")


def chat_turn(events: Iterable[Event]) -> Turn:
    """Read a stream of chat completion chunks. Raises TruncatedAnswer, BadAnswer."""
    text: list[str] = []
    calls: dict[int, dict[str, str]] = {}
    finish, usage = None, Usage()
    for event in events:
        if event.get("error"):
            raise BadAnswer(f"the provider failed while answering: {_message(event['error'])}")
        if counted := event.get("usage"):
            usage = _chat_usage(counted)
        for choice in (event.get("choices") or ())[:1]:
            delta = choice.get("delta") or {}
            text.append(delta.get("content") or "")
            for part in delta.get("tool_calls") or ():
                call = calls.setdefault(int(part.get("index") or 0), {"id": "", "name": "", "arguments": ""})
                function = part.get("function") or {}
                call["id"] = call["id"] or part.get("id") or ""
                call["name"] += function.get("name") or ""
                call["arguments"] += function.get("arguments") or ""
            finish = choice.get("finish_reason") or finish
    if finish is None:
        raise TruncatedAnswer("the stream ended before the model's answer was complete.")
    if finish in {"length", "content_filter"}:
        raise TruncatedAnswer(f"the model's answer is incomplete: {finish}.")
    said = "".join(text)
    items: list[Item] = [Message("assistant", said)] if said else []
    items += [
        ToolCall(call["id"] or f"call_{number}", call["name"], call["arguments"])
        for number, call in sorted(calls.items())
    ]
    return _checked(items, usage)


def _responses_tool(tool: ToolDefinition, has_freeform: bool) -> dict[str, Any]:
    if tool.is_hosted:
        return {"type": tool.name}
    if tool.grammar is not None and has_freeform:
        grammar = {"type": "grammar", "syntax": "lark", "definition": tool.grammar}
        return {"type": "custom", "name": tool.name, "description": tool.description, "format": grammar}
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "strict": False,
        "parameters": dict(tool.schema),
    }


def _responses_item(item: Item) -> dict[str, Any]:
    if isinstance(item, Reasoning):
        return dict(item.record)
    if isinstance(item, ToolCall):
        if item.is_freeform:
            return {
                "type": "custom_tool_call",
                "call_id": item.id,
                "name": item.name,
                "input": item.arguments,
            }
        return {"type": "function_call", "call_id": item.id, "name": item.name, "arguments": item.arguments}
    if isinstance(item, ToolResult):
        kind = "custom_tool_call_output" if item.is_freeform else "function_call_output"
        output: Any = item.output
        if item.images:
            output = [{"type": "input_text", "text": item.output}, *_responses_images(item.images)]
        return {"type": kind, "call_id": item.call_id, "output": output}
    kind = "input_text" if item.role == "user" else "output_text"
    content = [{"type": kind, "text": item.text}, *_responses_images(item.images)]
    return {"type": "message", "role": item.role, "content": content}


def _responses_images(images: Sequence[str]) -> list[dict[str, str]]:
    return [{"type": "input_image", "image_url": image} for image in images]


def _responses_answer(response: Any) -> Turn:
    output = response.get("output") if isinstance(response, Mapping) else None
    if not isinstance(output, Sequence):
        raise BadAnswer("the provider's answer has no output.")
    items = [item for row in output if isinstance(row, Mapping) for item in _answer_items(row)]
    usage = response.get("usage") or {}
    return _checked(
        items,
        Usage(
            int(usage.get("input_tokens") or 0),
            int(_get(usage, "input_tokens_details", "cached_tokens") or 0),
            int(usage.get("output_tokens") or 0),
            int(_get(usage, "output_tokens_details", "reasoning_tokens") or 0),
        ),
    )


def _answer_items(row: Mapping[str, Any]) -> Iterator[Item]:
    kind = row.get("type")
    if kind == "message":
        parts = [part for part in row.get("content") or () if isinstance(part, Mapping)]
        text = "".join(str(part.get("text") or part.get("refusal") or "") for part in parts)
        if text:
            yield Message("assistant", text)
    elif kind == "function_call":
        yield ToolCall(str(row.get("call_id")), str(row.get("name")), str(row.get("arguments") or ""))
    elif kind == "custom_tool_call":
        yield ToolCall(str(row.get("call_id")), str(row.get("name")), str(row.get("input") or ""), True)
    elif kind == "reasoning":
        # `status` is set by the provider and refused when it is sent back.
        yield Reasoning({key: value for key, value in row.items() if key != "status" and value is not None})
    elif kind == "web_search_call":
        # Reasoning that led to it is refused without it.
        yield Reasoning({key: value for key, value in row.items() if value is not None})


def _chat_messages(items: Sequence[Item]) -> Iterator[dict[str, Any]]:
    """Calls that follow each other belong to one message; what they give as pictures comes as a user's."""
    pictures: tuple[str, ...] = ()
    pending: dict[str, Any] | None = None
    for item in items:
        if isinstance(item, Reasoning):
            continue
        if isinstance(item, ToolCall):
            if pending is None:
                pending = {"role": "assistant", "content": None, "tool_calls": []}
            function = {"name": item.name, "arguments": item.arguments}
            pending["tool_calls"].append({"id": item.id, "type": "function", "function": function})
            continue
        if pending is not None and not (isinstance(item, Message) and item.role == "assistant"):
            yield _without_nothing(pending)
            pending = None
        if isinstance(item, ToolResult):
            yield {"role": "tool", "tool_call_id": item.call_id, "content": item.output}
            pictures += item.images
            continue
        if pictures:
            yield {"role": "user", "content": _chat_content("The pictures:", pictures)}
            pictures = ()
        if item.role == "assistant":
            if pending is not None:
                yield _without_nothing(pending)
            pending = {"role": "assistant", "content": item.text, "tool_calls": []}
        else:
            yield {"role": "user", "content": _chat_content(item.text, item.images)}
    if pending is not None:
        yield _without_nothing(pending)
    if pictures:
        yield {"role": "user", "content": _chat_content("The pictures:", pictures)}


def _without_nothing(message: dict[str, Any]) -> dict[str, Any]:
    """A message without the list of calls if there are none: providers refuse an empty one."""
    return {key: value for key, value in message.items() if key != "tool_calls" or value}


def _chat_content(text: str, images: Sequence[str]) -> Any:
    if not images:
        return text
    return [
        {"type": "text", "text": text},
        *({"type": "image_url", "image_url": {"url": image}} for image in images),
    ]


def _chat_usage(counted: Mapping[str, Any]) -> Usage:
    return Usage(
        int(counted.get("prompt_tokens") or 0),
        int(_get(counted, "prompt_tokens_details", "cached_tokens") or 0),
        int(counted.get("completion_tokens") or 0),
        int(_get(counted, "completion_tokens_details", "reasoning_tokens") or 0),
    )


def _checked(items: Sequence[Item], usage: Usage) -> Turn:
    if not any(isinstance(item, Message | ToolCall) for item in items):
        raise BadAnswer("the model's answer holds neither text nor a tool call.")
    for item in items:
        if isinstance(item, ToolCall) and (not item.name or item.name == "None"):
            raise BadAnswer("the model's answer holds a tool call without a name.")
    return Turn(tuple(items), usage)


def _get(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _message(error: Any) -> str:
    words = error.get("message") or error.get("code") if isinstance(error, Mapping) else error
    return " ".join(str(words or "no reason given").split())[:300]
