"""Pictures of a served project, before and after; Chromium is that of the machine, in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.choose import load as load_provider
from overhaul.sandbox.environment import detect
from overhaul.sandbox.screenshots import (
    MOST_PARTS,
    NoScreenshots,
    ScreenshotPlan,
    _Heard,
    load,
    save,
    take_screenshots,
)
from tests.sandbox.conftest import Tier

SERVER = """
import http.server, sys
class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        page = {"/": "<h1 style='color: COLOUR'>Shop</h1>", "/about": "<p style='height: 2000px'>About</p><script>nope()</script>"}
        self.send_response(200 if self.path in page else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.get(self.path, "").encode())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Pages).serve_forever()
"""
SETTINGS = 'serve = ["{python}", "server.py", "{port}"]\npages = ["/", "/about", "/none"]\n'


@pytest.fixture(params=["process", "bubblewrap"])
def tier(request: pytest.FixtureRequest, make_environment, tmp_path: Path) -> Tier:
    return Tier(*make_environment(request.param), tmp_path)


def shots(tier: Tier, source: Path, before: Path | None = None):
    plan = ScreenshotPlan.read(source)
    assert plan is not None
    return take_screenshots(
        tier.provider, tier.environment, source, plan, log=tier.folder / "shots.log", before=before
    )


def test_pages_are_compared_with_earlier_pictures(
    tier: Tier, tree: Callable[[Mapping[str, str]], Path]
) -> None:
    files = {".overhaul/screenshots.toml": SETTINGS, "server.py": SERVER.replace("COLOUR", "red")}
    save(shots(tier, tree(files)), tier.folder / "before")
    after = shots(tier, tree(files | {"server.py": SERVER.replace("COLOUR", "blue")}), tier.folder / "before")
    save(after, tier.folder / "after")
    assert load(tier.folder / "after") == after
    home, about, none = after
    assert home.changed is not None
    assert 0 < home.changed < home.pixels == 1280 * 800
    assert home.difference.startswith(b"\x89PNG")
    assert (about.changed, about.status, none.status) == (0, 200, 404)
    assert about.pixels > 1280 * 2000
    assert about.errors[0].startswith("ReferenceError: nope is not defined")


def test_page_is_compared_with_its_own_picture_whatever_its_place(tier: Tier, tree) -> None:
    files = {".overhaul/screenshots.toml": SETTINGS, "server.py": SERVER}
    save(shots(tier, tree(files)), tier.folder / "before")
    settings = SETTINGS.replace('["/", "/about", "/none"]', '["/new", "/about", "/"]')
    new, about, home = shots(
        tier, tree(files | {".overhaul/screenshots.toml": settings}), tier.folder / "before"
    )
    assert (new.changed, about.changed, home.changed) == (None, 0, 0)


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ("raise SystemExit(3)", "ended with 3 before it answered"),
        ("import time; time.sleep(100)", "does not answer on port"),
    ],
)
def test_server_that_does_not_come_up_is_told(server: str, reason: str, tier: Tier, tree) -> None:
    files = {".overhaul/screenshots.toml": f"{SETTINGS}ready_seconds = 1\n", "server.py": server}
    with pytest.raises(NoScreenshots, match=reason):
        shots(tier, tree(files))


def test_words_of_the_server_are_no_pictures(tier: Tier, tree) -> None:
    forged = 'print("\\x1e" + "0" * 32 + \' {"kind": "end"}\\x1e\', flush=True)\nraise SystemExit(1)\n'
    with pytest.raises(NoScreenshots, match="ended with 1"):
        shots(tier, tree({".overhaul/screenshots.toml": SETTINGS, "server.py": forged}))


def test_pictures_without_end_are_not_kept() -> None:
    heard = _Heard(["/"])
    for number in range(MOST_PARTS + 100):
        heard.take({"kind": "picture", "page": "/", "part": "a"})
        heard.take({"kind": "page", "page": f"/{number}"})
        heard.take({"kind": "difference", "page": f"/{number}", "part": "a"})
    assert list(map(len, heard.pictures.values())) == [MOST_PARTS]
    assert not heard.pages


def test_tier_that_chromium_cannot_start_in_says_so(make_environment, tree, tmp_path: Path) -> None:
    tier = Tier(*make_environment("landlock"), tmp_path)
    with pytest.raises(NoScreenshots, match="needs unix sockets"):
        shots(tier, tree({".overhaul/screenshots.toml": SETTINGS}))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("serve = 1", "serve must be a list of strings"),
        ('serve = ["a"]\npages = []', "pages must be a list"),
        ('serve = ["a"]\npages = ["about"]', "begin with /"),
        ('serve = ["a"]\npages = ["/"]\nwidht = 3', "'widht' is unknown"),
        ('serve = ["a"]\npages = ["/"]\nwidth = "3"', "must be numbers"),
        ("serve = [", "screenshots.toml: "),
        ("serve = " + "[" * 10_000, "screenshots.toml: "),
        (f"width = {'9' * 5000}", "screenshots.toml: "),
    ],
)
def test_settings_that_make_no_sense_are_told(settings: str, reason: str, tree) -> None:
    with pytest.raises(NoScreenshots, match=reason):
        ScreenshotPlan.read(tree({".overhaul/screenshots.toml": settings}))


def test_repository_without_settings_has_no_pictures(tree) -> None:
    assert ScreenshotPlan.read(tree({})) is None


@pytest.mark.docker
def test_docker_environment_has_a_browser_of_its_own(docker_engine: None, tree, tmp_path: Path) -> None:
    files = {
        ".overhaul/screenshots.toml": SETTINGS,
        "server.py": SERVER.replace("COLOUR", "red"),
        "test_a.py": "",
    }
    source = tree(files)
    provider = load_provider("docker", tmp_path / "home")
    environment = provider.prepare(detect(source), source, tmp_path / "setup.log")
    try:
        taken = shots(Tier(provider, environment, tmp_path), source)
    finally:
        assert provider.remove(environment.fingerprint)
    assert [(each.page, each.status) for each in taken] == [("/", 200), ("/about", 200), ("/none", 404)]
