"""The web server for webhooks: it checks who sends, records what came, answers, and leaves doing it to the worker."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from overhaul.flows.webhooks.payloads import Event, is_known, read_payload
from overhaul.flows.webhooks.senders import Doorkeeper, envelope_of, vouching

# What GitHub sends at most.
LARGEST = 25 << 20
BODY_SECONDS = 30.0
# Whoever knows no secret can make us keep this many bodies.
BODIES_AT_ONCE = 8
CONNECTIONS_AT_ONCE = 64

Take = Callable[[str, str, Event], bool]


class TooLarge(Exception):
    """A body is larger than any webhook."""


def application(doorkeeper: Doorkeeper, take: Take, *, body_seconds: float = BODY_SECONDS) -> Starlette:
    """The application. `take` records a delivery by its id and its content's digest, once.

    It answers 202 for what was taken, 200 for what had been, 204 for what concerns nobody, 401 without a right
    signature, 403 to repositories that are not allowed, 400, 408, 413 and 415 to what is no webhook.
    """
    bodies = asyncio.Semaphore(BODIES_AT_ONCE)

    async def receive(request: Request) -> Response:
        envelope = envelope_of(request.headers)
        if envelope is None:
            return _end(401)
        try:
            async with asyncio.timeout(body_seconds), bodies:
                body = await _body_of(request)
        except TooLarge:
            return _end(413)
        except TimeoutError:
            return _end(408)
        except ClientDisconnect:
            return _end(400)
        hosts = vouching(envelope, body, doorkeeper.secrets)
        if not hosts:
            return _end(401)
        if not is_known(envelope.dialect, envelope.event):
            return Response(status_code=204)
        if not request.headers.get("content-type", "").startswith("application/json"):
            return Response("choose application/json as the webhook's content type\n", 415)
        try:
            read = read_payload(envelope.dialect, envelope.event, body)
        except ValueError:
            return Response(status_code=400)
        if not doorkeeper.admits(envelope.dialect, hosts, read.host, read.path):
            return Response(status_code=403)
        if read.event is None:
            return Response(status_code=204)
        digest = hashlib.sha256(body).hexdigest()
        delivery = f"{envelope.dialect}:{envelope.delivery or digest}"
        is_new = await run_in_threadpool(take, delivery, digest, read.event)
        return Response(status_code=202 if is_new else 200)

    return Starlette(routes=[Route("/", receive, methods=["POST"])])


async def _body_of(request: Request) -> bytes:
    """The raw bytes, refused before they are read if they are said to be too many, else as soon as they are."""
    if int(request.headers.get("content-length", 0)) > LARGEST:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise TooLarge
    return bytes(body)


def _end(status: int) -> Response:
    """An answer that says nothing, after which no more is read."""
    return Response(status_code=status, headers={"Connection": "close"})
