"""A scripted model over real HTTP: both wires, and the faults that real servers produce.

Each request takes the next step of the script, on whichever wire it comes. What was asked is kept as raw bytes.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Say:
    """A whole answer: text, then calls as (name, arguments); a name ending in `!` is a freeform call."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    usage: tuple[int, int] = (100, 10)
    reasoning: str = ""


@dataclass(frozen=True)
class Refuse:
    """An answer with a status, headers and a body."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"


@dataclass(frozen=True)
class Cut:
    """An answer whose stream ends after so many events."""

    whole: Say
    after_events: int


@dataclass(frozen=True)
class Drip:
    """A comment line for ever, one every few milliseconds: never quiet, never done."""


@dataclass(frozen=True)
class DripHeaders:
    """Likewise, before the headers are done."""


@dataclass(frozen=True)
class Raw:
    """Lines sent as they are, as a stream of events."""

    lines: tuple[str, ...]


Step = Say | Refuse | Cut | Drip | DripHeaders | Raw


class ModelServer:
    """A server with a script. `requests` are (path, body bytes) in order, `headers` those of each.

    `arrived` and `answered` are when each had come wholly, and when its answer was sent, in seconds of one clock.
    What `refuses` holds for is a bad request and takes no step.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        self.requests: list[tuple[str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.arrived: list[float] = []
        self.answered: list[float] = []
        self.refuses: Callable[[Any], bool] = lambda _: False
        self.ending = threading.Event()
        self._lock = threading.Lock()
        self.only: str | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer._answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.requests]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        arrived = time.monotonic()
        wire = "responses" if handler.path.partition("?")[0].endswith("/responses") else "chat"
        if self.only and wire != self.only:
            _send(handler, Refuse(404, {"error": {"message": "unknown path", "code": "not_found"}}))
            return
        if self.refuses(json.loads(body)):
            _send(handler, Refuse(400, {"error": {"message": "unsupported parameter"}}))
            return
        with self._lock:
            self.requests.append((handler.path, body))
            self.arrived.append(arrived)
            self.headers.append({name.lower(): value for name, value in handler.headers.items()})
            step = (
                self.steps.pop(0) if self.steps else Refuse(500, {"error": {"message": "the script is over"}})
            )
            number = len(self.requests)
        if isinstance(step, Refuse):
            _send(handler, step)
            return
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        if isinstance(step, DripHeaders):
            handler.flush_headers()
            self._drip(handler, b"x-still: there\r\n")
            return
        handler.end_headers()
        if isinstance(step, Drip):
            self._drip(handler, b": still there\n\n")
            return
        lines = step.lines if isinstance(step, Raw) else tuple(_lines(step, wire, number))
        for line in lines:
            handler.wfile.write(line.encode() + b"\n\n")
        handler.wfile.flush()
        self.answered.append(time.monotonic())

    def _drip(self, handler: BaseHTTPRequestHandler, line: bytes) -> None:
        while not self.ending.wait(0.02):
            try:
                handler.wfile.write(line)
                handler.wfile.flush()
            except OSError:
                return


@contextmanager
def serving(*steps: Step) -> Iterator[ModelServer]:
    """A server that answers by the script, until the block ends."""
    server = ModelServer(steps)
    thread = threading.Thread(
        target=server._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server._server.shutdown()
        server._server.server_close()
        thread.join()


def _send(handler: BaseHTTPRequestHandler, step: Refuse) -> None:
    body = step.body.encode() if isinstance(step.body, str) else json.dumps(step.body).encode()
    handler.send_response(step.status)
    for name, value in step.headers.items():
        handler.send_header(name, value)
    handler.send_header("content-type", step.kind)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _lines(step: Say | Cut, wire: str, number: int) -> Iterator[str]:
    say = step.whole if isinstance(step, Cut) else step
    make = _responses_events if wire == "responses" else _chat_events
    lines = list(make(say, number))
    yield from lines[: step.after_events] if isinstance(step, Cut) else lines


def _responses_events(say: Say, number: int) -> Iterator[str]:
    output: list[dict[str, Any]] = []
    if say.reasoning:
        output.append(
            {"type": "reasoning", "id": f"rs_{number}", "summary": [], "encrypted_content": say.reasoning}
        )
    if say.text:
        content = [{"type": "output_text", "text": say.text, "annotations": []}]
        output.append(
            {
                "type": "message", "id": f"msg_{number}", "role": "assistant", "status": "completed",
                "content": content,
            }
        )  # fmt: skip
    for index, (name, arguments) in enumerate(say.calls):
        call = {"id": f"fc_{number}_{index}", "call_id": f"call_{number}_{index}", "status": "completed"}
        if name.endswith("!"):
            output.append({"type": "custom_tool_call", "name": name[:-1], "input": arguments, **call})
        else:
            output.append({"type": "function_call", "name": name, "arguments": arguments, **call})
    answer = {
        "id": f"resp_{number}", "object": "response", "created_at": 0, "model": "scripted", "output": output,
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        "usage": {
            "input_tokens": say.usage[0], "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": say.usage[1], "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": sum(say.usage),
        },
    }  # fmt: skip
    yield _event("response.created", response={**answer, "output": [], "status": "in_progress"})
    for index, item in enumerate(output):
        yield _event("response.output_item.added", output_index=index, item=item)
        yield _event("response.output_item.done", output_index=index, item=item)
    yield _event("response.completed", response={**answer, "status": "completed"})


def _event(kind: str, **values: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, 'sequence_number': 0, **values})}"


def _chat_events(say: Say, number: int) -> Iterator[str]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return "data: " + json.dumps({**head, "choices": [choice]})

    head = {"id": f"chat_{number}", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}
    yield chunk({"role": "assistant", "content": ""})
    if say.text:
        middle = len(say.text) // 2
        yield chunk({"content": say.text[:middle]})
        yield chunk({"content": say.text[middle:]})
    for index, (name, arguments) in enumerate(say.calls):
        middle = len(arguments) // 2
        function = {"name": name.removesuffix("!"), "arguments": arguments[:middle]}
        yield chunk(
            {
                "tool_calls": [
                    {"index": index, "id": f"call_{number}_{index}", "type": "function", "function": function}
                ]
            }
        )
        yield chunk({"tool_calls": [{"index": index, "function": {"arguments": arguments[middle:]}}]})
    yield chunk({}, "tool_calls" if say.calls else "stop")
    usage = {
        "prompt_tokens": say.usage[0], "completion_tokens": say.usage[1], "total_tokens": sum(say.usage)
    }  # fmt: skip
    yield "data: " + json.dumps({**head, "choices": [], "usage": usage})
    yield "data: [DONE]"
