"""Who is told of what: real events through a real Prefect server to a real web and mail server."""

from __future__ import annotations

import json
import queue
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient

from overhaul.flows.errors import UnknownNotification
from overhaul.flows.events import GateEvent, campaign_halted, gate_answered, gate_opened, plain
from overhaul.flows.notifications import mail_target, remove
from tests.flows.conftest import Overhaul

PATIENCE = 60


class Requests(BaseHTTPRequestHandler):
    heard: ClassVar[queue.Queue[dict[str, Any]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.put(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


class Letters(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as it takes to be sent a letter."""

    heard: ClassVar[queue.Queue[Message]]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while word := self.rfile.readline()[:4].upper():
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.heard.put(message_from_string(b"".join(lines).decode()))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 well\r\n")


@pytest.fixture
def web() -> Iterator[tuple[str, queue.Queue[Any]]]:
    handler = type("Handler", (Requests,), {"heard": queue.Queue()})
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as port:
        yield f"http://127.0.0.1:{port}/hook?token=s3cret", handler.heard


@pytest.fixture
def mail() -> Iterator[tuple[str, queue.Queue[Any]]]:
    handler = type("Handler", (Letters,), {"heard": queue.Queue()})
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as port:
        yield f"smtp://127.0.0.1:{port}", handler.heard


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def opened(run_id: str, **changes: str) -> GateEvent:
    told = {
        "run_name": "acme: Rename fetch_user",
        "repository": "https://ada:pa55@example.org/acme",
        "campaign": "spring",
        "gate": "publish",
        "summary": "## Publish? <b>[all](https://evil.example)</b> @channel\n\nmore",
        "hash": "abc",
    }
    return GateEvent(run_id, **(told | changes))


def test_web_address_and_people_are_told_of_an_open_gate_and_reminded(
    overhaul: Overhaul, client: SyncPrefectClient, web: tuple[str, Any], mail: tuple[str, Any]
) -> None:
    (url, requests), (smtp, letters) = web, mail
    done = overhaul(
        "notify", "--webhook", url, "--mail", "ada@example.org", "--smtp", smtp, "--remind-after", "10s", "--json"
    )  # fmt: skip
    names = done.json["notifications"]
    assert "overhaul: gate to mail ada@example.org" in names
    assert "s3cret" not in done.stdout + done.stderr

    forgotten, answered = str(uuid4()), str(uuid4())
    for run_id in (forgotten, answered):
        gate_opened(opened(run_id))
        told = requests.get(timeout=PATIENCE)
        assert (told["event"], told["details"]["run_id"]) == ("overhaul.gate.opened", run_id)
        assert told["details"]["summary"] == "Publish? ball(https: //evil.example)/b (at)channel"
        assert told["details"]["repository"] == "https://example.org/acme", "without the password"
    gate_answered(opened(answered), "approve", "ada")
    letter = letters.get(timeout=PATIENCE)
    assert (letter["To"], letter.get_content_type()) == ("ada@example.org", "text/plain")
    assert letter["Subject"] == "Gate publish of acme: Rename fetch_user waits for a decision"

    campaign_halted("spring", "4 of 10 repositories failed")
    said = [requests.get(timeout=PATIENCE) for _ in range(2)]  # in the order in which they are due
    assert {each["event"] for each in said} >= {"overhaul.campaign.halted"}
    reminders = [each for each in said if "still waits" in each["text"]]
    assert [each["details"]["run_id"] for each in reminders] == [forgotten]

    remove(client, "mail ada@example.org")
    left = overhaul("notify", "--remove", "webhook 127.0.0.1", "--json").json["notifications"]
    assert not left
    with pytest.raises(UnknownNotification):
        remove(client, "webhook 127.0.0.1")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--webhook", "file:///etc/passwd"],
        ["--slack", "hooks.example.org"],
        ["--mail", "ada"],
        ["--mail", "ada@example.org&to=all"],
        ["--mail", "ada@example.org", "--smtp", "localhost"],
        ["--webhook", "https://example.org", "--remind-after", "soon"],
    ],
)
def test_wrong_address_is_refused_before_anything_is_made(overhaul: Overhaul, arguments: list[str]) -> None:
    assert overhaul("notify", *arguments).exit_code == 2


def test_mail_is_encrypted_where_a_password_is_sent() -> None:
    address = mail_target(["ada@example.org"], "smtp://me:pw@mail.example.org:587", "o@example.org").address
    assert address.startswith("mailtos://me:pw@mail.example.org:587?")
    assert "mode=starttls" in address


def test_text_of_a_repository_is_plain_in_a_message() -> None:
    assert (
        plain("# a `b` <!channel> @here\n[x](http://y) \x1b[31m")
        == r"a b !channel (at)here x(http: //y) \x1b31m"
    )
    assert len(plain("x" * 1000)) == 300
