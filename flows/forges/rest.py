"""Calls of forges whose libraries hide what a refusal says, or that have no library that may be imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overhaul.flows.errors import PublishError
from overhaul.flows.forges.calls import Answer

if TYPE_CHECKING:
    from requests import Response, Session


class Answered(Exception):
    """An answer that is a refusal, before any library makes something of it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status, answer.message)
        self.answer = answer


def new_session() -> Session:
    """A session that stops at refusals. Raises PublishError without the library."""
    try:
        from requests import Session
    except ImportError as error:
        raise PublishError(
            "the forges' libraries are not installed. Install them with: pip install 'overhaul[forges]'"
        ) from error
    session = Session()
    session.hooks["response"].append(_refuse)
    return session


def answer_in(error: Exception) -> Answer | None:
    """The answer that is in an error of such a session."""
    from requests import RequestException

    if isinstance(error, Answered):
        return error.answer
    return (
        Answer(0, {}, f"the connection failed ({type(error).__name__})")
        if isinstance(error, RequestException)
        else None
    )


def as_object(answer: object) -> dict[str, Any]:
    """Raises ValueError for what is no JSON object: then the answer is unreadable."""
    if not isinstance(answer, dict):
        raise ValueError("no object")  # noqa: TRY004
    return answer


def with_id(answer: object) -> None:
    """Raises ValueError for what is no object with an id."""
    if not as_object(answer).get("id"):
        raise ValueError("no id")


def _refuse(response: Response, *_: object, **__: object) -> None:
    """Stop at a refusal, with its headers."""
    if response.status_code < 400:
        return
    try:
        said = response.json()
        message = said.get("message") or said.get("error")
    except (ValueError, AttributeError):
        message = response.reason
    headers = {name.lower(): value for name, value in response.headers.items()}
    raise Answered(Answer(response.status_code, headers, str(message)))
