"""Pictures that go back to the model: what is sent on both wires, what is bounded, and what a blind model is sent."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from overhaul.refactors.agent.model import Wire
from overhaul.refactors.agent.pictures import LARGEST_PICTURE, MOST_PICTURES, Page
from overhaul.refactors.agent.tools import BUILT_IN, page_tools
from tests.refactors.agent.model_server import Say
from tests.refactors.agent.test_loop import agent, outputs, run

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
VIEW = ("view_image", '{"path": "logo.png"}')


def sent(body: Any) -> list[str]:
    """The pictures in a request of either wire."""
    found: list[str] = []
    for item in body.get("input") or body.get("messages"):
        parts = item.get("output") or item.get("content")
        for part in parts if isinstance(parts, list) else ():
            url = part.get("image_url")
            found += [url["url"] if isinstance(url, dict) else url] if url else []
    return found


@pytest.mark.parametrize("wire", ["responses", "chat"])
def test_pictures_of_files_and_pages_reach_the_model(tmp_path: Path, wire: Wire) -> None:
    big = PNG + b"\0" * LARGEST_PICTURE
    pages = [Page("/", "HTTP 200", PNG), Page("/big", "HTTP 500; script error: x", big)]
    steps = [Say("", (VIEW,)), Say("", (("view_pages", "{}"),)), Say("Done.")]
    with agent(tmp_path, *steps, wire=wire) as (made, server, workspace):
        workspace.write({"logo.png": PNG})
        box = replace(made.toolbox, tools={**BUILT_IN, **page_tools(lambda: pages)})
        state = run(replace(made, toolbox=box))
    assert state.status == "done", state.message
    assert [sent(body) for body in server.bodies] == [[], [URL], [URL, URL]]
    file, looks = outputs(state)
    assert file == "logo.png: 14 bytes"
    first, second = looks.splitlines()
    assert first == "/: HTTP 200"
    assert second.startswith("/big: HTTP 500; script error: x; it has 2,000,014 bytes;")
    assert second.endswith("[not shown]")


def test_what_is_no_picture_or_one_too_many_is_a_mistake(tmp_path: Path) -> None:
    def no_pages() -> list[Page]:
        raise ValueError("the server did not start")

    calls = (
        ("view_image", '{"path": "shop.py"}'),
        ("view_image", '{"path": "lago.png"}'),
        ("view_pages", "{}"),
    )
    names = [f"{number}.png" for number in range(MOST_PICTURES + 1)]
    many = [Say(name, (("view_image", json.dumps({"path": name})),)) for name in names]
    with agent(tmp_path, Say("", calls), *many, Say("Done.")) as (made, server, workspace):
        workspace.write({"logo.png": PNG, **dict.fromkeys(names, PNG)})
        box = replace(made.toolbox, tools={**BUILT_IN, **page_tools(no_pages)})
        state = run(replace(made, toolbox=box))
    said = outputs(state)
    for words, each in zip(["no PNG", "Did you mean 'logo.png'", "did not start"], said, strict=False):
        assert words in each
    assert said[-1] == f"error: you have seen {MOST_PICTURES} pictures, and more are not shown"
    assert len(sent(server.bodies[-1])) == MOST_PICTURES


def test_model_that_takes_no_pictures_goes_on_without_them(tmp_path: Path) -> None:
    with agent(tmp_path, Say("", (VIEW,)), Say("Done.")) as (made, server, workspace):
        workspace.write({"logo.png": PNG})
        server.refuses = lambda body: bool(sent(body))
        state = run(made)
    assert (state.status, state.message) == ("done", "Done.")
    assert "the model takes no pictures" in json.dumps(server.bodies[-1])
