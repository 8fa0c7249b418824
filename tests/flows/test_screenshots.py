"""Pictures of a project's pages, from its settings to the gate and the pull request."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul
from tests.flows.repositories import make_repository
from tests.flows.test_agent_runs import at_home, model, patch, swap
from tests.flows.test_gate_page import artifacts_of
from tests.refactors.agent.model_server import Say

__all__ = ["at_home"]

SERVER = """
import http.server, sys
from shop.words import greeting
class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(greeting("shop").encode() if self.path == "/" else b"about")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Pages).serve_forever()
"""
WORDS = """
def greeting(name):
    return shout(name)

def shout(name):
    return f"<h1>{name}</h1>"

def loud(name):
    return f"<h1 style='font-size: 200px'>{name}</h1>"
"""
FILES = {
    ".overhaul/screenshots.toml": 'serve = ["{python}", "serve.py", "{port}"]\npages = ["/", "/about"]\n',
    "serve.py": SERVER,
    "shop/__init__.py": "",
    "shop/words.py": WORDS,
    "tests/test_words.py": "from shop.words import greeting\ndef test_greeting(): assert 'me' in greeting('me')\n",
}
CHANGE = ["replace-call", "-p", "pattern=shop.words.shout($N)", "-p", "template=shop.words.loud($N)"]


def test_reviewer_sees_which_pages_look_different(overhaul: Overhaul, home: Settings, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", FILES)
    here = ["--sandbox", "process", "--python", sys.executable]
    done = overhaul("run", *CHANGE, str(repository), *here, "--json")
    (run,) = done.json["runs"]
    (gate,) = [each for each in overhaul("gates", "--json").json["gates"] if each["run_id"] == run["run_id"]]
    assert "Pages looked at: 2, of which 1 differs." in str(gate), gate
    assert "of pixels differ" in str(gate)
    pictures = {
        name: data for name, data in artifacts_of(home, run["run_id"]).items() if name.startswith("picture")
    }
    assert (list(pictures), pictures["picture-1"][0][:22]) == (["picture-1"], "data:image/png;base64,")
    assert overhaul("approve", run["run_id"]).exit_code == 0
    (published,) = overhaul("resume", run["run_id"], "--json").json["runs"]
    page = Path(published["pull_request"].removeprefix("file://")).read_text()
    assert page.count("data:image/png;base64,") == 3


def test_model_sees_the_pages_that_it_has_changed(
    at_home: Callable[..., None], home: Settings, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "shop", {**FILES, "unique.txt": str(tmp_path)})
    louder = patch("    return shout(name)", "    return loud(name)", "shop/words.py")
    look = ("view_pages", "{}")
    with model(Say("", (louder, look)), Say("It is louder.")) as (asked, variables):
        at_home(variables)
        run = swap(repository, home)
    assert run.status == "waiting", run.message
    offered = {tool["name"] for tool in asked.bodies[0]["tools"]}
    assert {"view_pages", "view_image"} <= offered
    said = asked.bodies[1]["input"][-1]["output"]
    assert said[0]["text"] == "/: HTTP 200\n/about: HTTP 200"
    assert [each["image_url"][:22] for each in said[1:]] == ["data:image/png;base64,"] * 2
    pictures = [name for name in artifacts_of(home, run.run_id) if name.startswith("picture")]
    assert pictures == ["picture-1"], "the reviewer sees the page that looks different, too"
