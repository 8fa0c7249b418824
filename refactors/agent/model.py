"""A model behind OpenAI's SDK, on either wire, with the faults that servers really produce made bounded and typed.

MODEL_API.md lists the faults. Nothing of an answer that was cut off is used; every wait has an end.
"""

from __future__ import annotations

import json
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from typing import Any

import httpx2
import openai

from overhaul.refactors.agent.conversation import Request, Turn
from overhaul.refactors.agent.provider import Feature, Provider, Wire
from overhaul.refactors.agent.wires import chat_request, chat_turn, responses_request, responses_turn
from overhaul.refactors.errors import (
    BadAnswer,
    ContextFull,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    NoAccess,
    TruncatedAnswer,
)

LONGEST_WAIT_SECONDS = 120.0
QUIET_SECONDS = 60.0
CONNECT_SECONDS = 20.0
SHORTEST_KEY = 8

_FULL = (
    "context_length_exceeded",
    "context length",
    "maximum context",
    "too many tokens",
    "prompt is too long",
)
_NO_MONEY = ("insufficient_quota", "billing_hard_limit", "billing_not_active")


class OpenAIModel:
    """A model of an OpenAI-compatible server. `lacks` is what that refuses; `wait` sleeps, tests pass their own."""

    def __init__(
        self,
        provider: Provider,
        name: str,
        wire: Wire,
        wait: Callable[[float], object] = time.sleep,
        lacks: frozenset[Feature] = frozenset(),
    ) -> None:
        self.name = name
        self.wire = wire
        self.lacks = lacks
        self._provider = provider
        self._wait = wait
        self._client = _client(provider)

    def ask(self, request: Request) -> Turn:
        """Return the whole answer; ask again where that can help, with growing waits.

        Raises ModelUnavailable after the last attempt, ModelRefused and ContextFull at once. The key stands in none of
        them, although servers quote it.
        """
        try:
            return self._without_key(self._ask(request))
        except ModelError as error:
            raise type(error)(self._hidden(str(error))) from None

    def _ask(self, request: Request) -> Turn:
        attempts = self._provider.attempts
        for attempt in range(1, attempts + 1):
            try:
                return self._ask_once(request)
            except _Again as again:
                if attempt == attempts:
                    raise ModelUnavailable(
                        f"model {self.name} at {self._provider.base_url} did not answer in {attempts} attempts:"
                        f" {again}."
                    ) from again
                self._wait(again.after if again.after is not None else _pause(attempt))
        raise AssertionError("the last attempt returns or raises")

    def _without_key(self, turn: Turn) -> Turn:
        said = json.dumps(turn.to_json())
        hidden = self._hidden(said)
        return turn if hidden == said else Turn.from_json(json.loads(hidden))

    def _hidden(self, text: str) -> str:
        key = self._provider.key
        return text.replace(key, "[key]") if len(key) >= SHORTEST_KEY else text

    def _ask_once(self, request: Request) -> Turn:
        try:
            with self._until_deadline():
                if self.wire == "responses":
                    return responses_turn(self._opened_responses(request))
                return chat_turn(self._opened_chat(request))
        except openai.APIStatusError as error:
            raise self._translated(error) from error
        except openai.APITimeoutError as error:
            raise _Again(f"nothing came for {QUIET_SECONDS:.0f} s") from error
        except openai.APIError as error:
            raise self._of_stream(error) from error
        except (TruncatedAnswer, BadAnswer) as error:
            raise _Again(str(error).rstrip(".")) from error

    def _opened_responses(self, request: Request) -> Iterator[dict[str, Any]]:
        body = responses_request(request, self.name, self.lacks)
        return _events(self._client.responses.create(**body, stream=True))

    def _opened_chat(self, request: Request) -> Iterator[dict[str, Any]]:
        body = chat_request(request, self.name, self.lacks)
        return _events(
            self._client.chat.completions.create(**body, stream=True, stream_options={"include_usage": True})
        )

    @contextmanager
    def _until_deadline(self) -> Iterator[None]:
        """End the call at its deadline: a server that drips a byte a minute, of headers too, is never quiet."""
        expired = threading.Event()
        client = self._client

        def end() -> None:
            expired.set()
            with suppress(Exception):
                client.close()

        timer = threading.Timer(self._provider.deadline_seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if expired.is_set():
                raise _Again(
                    f"the answer was not complete after {self._provider.deadline_seconds:.0f} s"
                ) from error
            raise
        finally:
            timer.cancel()
            if expired.is_set():
                self._client = _client(self._provider)

    def _translated(self, error: openai.APIStatusError) -> Exception:
        words = _words(error)
        where = f"model {self.name} at {self._provider.base_url}"
        if any(word in words for word in _NO_MONEY):
            return NoAccess(f"{where} has no quota left: {words}. Add credit, or set another OPENAI_API_KEY.")
        if any(word in words.lower() for word in _FULL):
            return ContextFull(f"{where}: {words}")
        if error.status_code in {408, 409, 425, 429} or error.status_code >= 500:
            return _Again(f"HTTP {error.status_code}: {words}", _retry_after(error))
        if error.status_code in {401, 403}:
            return NoAccess(f"{where} refuses the key: {words}. Set OPENAI_API_KEY.")
        return ModelRefused(f"{where} refuses the request (HTTP {error.status_code}): {words}")

    def _of_stream(self, error: openai.APIError) -> Exception:
        words = " ".join(str(error.message or error).split())
        if any(word in words.lower() for word in _FULL):
            return ContextFull(f"model {self.name}: {words}")
        return _Again(words)


def _client(provider: Provider) -> openai.OpenAI:
    # Retries are ours: the SDK's would ask again where no money is left, and not after a cut stream.
    shared: dict[str, Any] = {
        "max_retries": 0,
        "timeout": openai.Timeout(min(QUIET_SECONDS, provider.deadline_seconds), connect=CONNECT_SECONDS),
        "http_client": openai.DefaultHttpx2Client(verify=_certificates()),
    }
    if not provider.azure_version:
        return openai.OpenAI(base_url=provider.base_url, api_key=provider.key, **shared)
    key: dict[str, Any] = {"azure_ad_token" if provider.is_token else "api_key": provider.key}
    return openai.AzureOpenAI(
        azure_endpoint=provider.base_url, api_version=provider.azure_version, **key, **shared
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Reading them takes longer than all else about a client."""
    return httpx2.create_ssl_context()


class _Again(ModelError):
    """Asking again may help, `after` so many seconds if the server says."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


def _events(opened: Any) -> Iterator[dict[str, Any]]:
    """The events of a stream as dictionaries; what is no stream of events is an error that shows its beginning."""
    with closing(opened.response):
        yield from _read_events(opened)


def _read_events(opened: Any) -> Iterator[dict[str, Any]]:
    kind = opened.response.headers.get("content-type", "")
    if "text/event-stream" not in kind:
        text = opened.response.read()[:300].decode(errors="replace")
        raise BadAnswer(
            f"the provider sent {kind or 'something'} instead of a stream: {' '.join(text.split())}."
        )
    try:
        for event in opened:
            yield event.to_dict() if hasattr(event, "to_dict") else {}
    except (ValueError, AttributeError, TypeError) as error:
        raise BadAnswer(f"the provider's stream cannot be read: {error}.") from error


def _pause(attempt: int) -> float:
    """Seconds before the next attempt: 1, 2, 4 and so on, up to a half more lest all come back at once."""
    return float(min(2 ** (attempt - 1), 30) * (1 + random.random() / 2))  # noqa: S311  (no secret)


def _retry_after(error: openai.APIStatusError) -> float | None:
    with suppress(TypeError, ValueError):
        return min(max(float(error.response.headers.get("retry-after", "")), 0.0), LONGEST_WAIT_SECONDS)
    return None


def _words(error: openai.APIStatusError) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error") if isinstance(body.get("error"), dict) else body
    told = [
        str(inner.get(key))
        for key in ("code", "type", "message")
        if isinstance(inner, dict) and inner.get(key)
    ]
    return " ".join(" ".join(dict.fromkeys(told)).split())[:300] or " ".join(str(error.message).split())[:300]
