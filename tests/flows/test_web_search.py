"""Web search by a command or an address of the user's, and where it is not offered."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from overhaul.flows.settings import Settings
from overhaul.flows.web_search import LONGEST_ANSWER, search_tools
from overhaul.refactors.agent.permissions import Mode, Rights
from overhaul.refactors.agent.tools import Toolbox
from tests.flows.test_mcp_tools import Nobody, call
from tests.refactors.agent.folder_workspace import FolderWorkspace

WORD = "not-to-be-seen"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SEARCH_WORD", WORD)
    monkeypatch.setenv("OPENAI_API_KEY", "another-secret")
    return Settings(tmp_path)


def by_command(settings: Settings, code: str, timeout_seconds: float = 30.0) -> None:
    command = json.dumps([sys.executable, "-c", code, "{query}"])
    settings.file.write_text(
        f'[web_search]\ncommand = {command}\nvariables = ["SEARCH_WORD"]\ntimeout_seconds = {timeout_seconds}\n'
    )


def search(settings: Settings, query: str) -> str:
    tools = search_tools(settings, "full")
    box = Toolbox(FolderWorkspace(settings.home / "work", {}), Rights("full"), Nobody(), tools)
    return call(box, "web_search", query=query)


@pytest.mark.parametrize(
    ("mode", "network", "is_offered"),
    [
        ("read-only", ("full",), False),
        ("auto", (), False),
        ("auto", ("api.example.org",), False),
        ("auto", ("full",), True),
        ("full", (), True),
    ],
)
def test_search_is_offered_only_where_the_network_is_allowed(
    settings: Settings, mode: Mode, network: tuple[str, ...], is_offered: bool
) -> None:
    settings.file.write_text("[web_search]\nprovider = true\n")
    assert bool(search_tools(settings, mode, network)) is is_offered


def test_without_a_backend_there_is_no_search(settings: Settings) -> None:
    assert search_tools(settings, "full") == {}


def test_command_gets_the_query_as_one_word_and_none_of_the_keys(settings: Settings) -> None:
    by_command(
        settings,
        "import os, sys; print(sys.argv[1:], 'OPENAI_API_KEY' in os.environ, os.environ['SEARCH_WORD'])",
    )
    answer = search(settings, "--exec rm; $(id) 'x'\0")
    assert answer.startswith("""["exec rm; $(id) 'x'"] False""")
    assert WORD not in answer


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys; sys.exit(3)", "error: the search failed with exit code 3"),
        ("import threading; threading.Event().wait()", "error: the search took longer than 1 s"),
        ("", "nothing was found."),
    ],
)
def test_search_that_fails_is_an_answer_to_the_model(settings: Settings, code: str, words: str) -> None:
    by_command(settings, code, timeout_seconds=1.0 if "Event" in code else 30.0)
    assert search(settings, "x") == words
    assert search(settings, "--") == "error: the query is empty"


@pytest.fixture
def served() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    seen: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers["Authorization"]))
            self.send_response(200 if "good" in self.path else 503)
            self.end_headers()
            self.wfile.write(b"found " + b"x" * 200_000)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/find?q={{query}}", seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_address_gets_the_query_quoted_and_its_answer_is_cut(
    settings: Settings, served: tuple[str, list[tuple[str, str]]]
) -> None:
    url, seen = served
    settings.file.write_text(
        f'[web_search]\nurl = "{url}"\nvariables = ["SEARCH_WORD"]\nheaders = {{Authorization = "Bearer $SEARCH_WORD"}}\n'
    )
    answer = search(settings, "good & evil")
    assert answer.startswith("found x")
    assert len(answer) == LONGEST_ANSWER
    assert seen == [("/find?q=good%20%26%20evil", f"Bearer {WORD}")]
    assert search(settings, "bad") == "error: the search failed with HTTP 503"
