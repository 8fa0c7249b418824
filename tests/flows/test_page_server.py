"""The page server: what it gives to whom, over real HTTP."""

from __future__ import annotations

import http.client
import os
import select
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from overhaul.flows import server
from overhaul.flows.companions import Companion, Started, end_all, start_all
from overhaul.flows.page_server import Pages, link_to, page_at, pages_of
from overhaul.flows.settings import Settings

PAGE = "runs/0-1/pages/publish-abc.html"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with pages, and with files that are nobody's business."""
    home = tmp_path / "home"
    for name in (
        PAGE,
        "runs/0-1/logs/tests.html",
        "pull-requests/acme-12/1.html",
        "reports/demo/1.html",
        "x.html",
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("<!doctype html>a page")
    (home / "runs/0-1/pages/run.json").write_text("{}")
    (home / "runs/0-1/pages/link.html").symlink_to("/etc/passwd")
    (home / "runs/elsewhere").symlink_to(home / "runs/0-1")
    return Settings(home)


def get(
    pages: Pages, path: str, method: str = "GET", host: str = "127.0.0.1"
) -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", pages.port, timeout=30)
    try:
        connection.request(method, path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())
    finally:
        connection.close()


@pytest.fixture
def pages(settings: Settings) -> Iterator[Pages]:
    """The server as a process of its own; it is there once it says so by answering."""
    known = pages_of(settings)
    environment = {**os.environ, "OVERHAUL_HOME": str(settings.home)}
    process = subprocess.Popen([sys.executable, "-m", "overhaul.flows.page_server"], env=environment)
    try:
        await_answer(known, process)
        yield known
    finally:
        process.terminate()
        process.wait()


def await_answer(known: Pages, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            get(known, "/")
            return
        except ConnectionRefusedError:
            continue
    raise AssertionError("the page server has ended")


def test_pages_are_given_to_who_knows_the_token_and_to_nobody_else(pages: Pages) -> None:
    status, body, headers = get(pages, f"/{pages.token}/{PAGE}")
    assert (status, body) == (200, "<!doctype html>a page")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert get(pages, f"/wrong/{PAGE}")[0] == 404
    assert get(pages, f"/{PAGE}")[0] == 404
    assert get(pages, f"/{pages.token}/{PAGE}", host="evil.example")[0] == 400
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert get(pages, f"/{pages.token}/{PAGE}", method)[0] == 405
    for path in (
        "runs/",
        "runs/0-1/pages/",
        "runs/0-1/pages/link.html",
        "%2e%2e/%2e%2e/etc/passwd",
        "server/pages.json",
    ):
        assert get(pages, f"/{pages.token}/{path}")[0] == 404, path
    status, body, _ = get(pages, f"/{pages.token}/")
    assert (status, "overhaul show" in body) == (200, True)


@pytest.mark.parametrize(
    "path",
    ["x.html", "runs/0-1/logs/tests.html", "runs/0-1/pages/run.json", "runs/0-1/pages/link.html", "runs/elsewhere/pages/publish-abc.html",
     "runs/0-1/pages/../pages/publish-abc.html", "runs/0-1/pages/./publish-abc.html", f"/{PAGE}", f"{PAGE}\n", f"{PAGE}/", "", "runs",
     "runs//pages/publish-abc.html", "runs/../runs/pages/publish-abc.html", "runs/0-1/pages/\x00.html"],
)  # fmt: skip
def test_only_pages_are_pages(settings: Settings, path: str) -> None:
    assert page_at(path, settings) is None


@pytest.mark.parametrize("path", [PAGE, "pull-requests/acme-12/1.html", "reports/demo/1.html"])
def test_pages_are_found(settings: Settings, path: str) -> None:
    assert page_at(path, settings) == settings.home.resolve() / path


def test_address_stays_the_same_and_is_for_its_owner_alone(settings: Settings) -> None:
    known = pages_of(settings)
    assert pages_of(settings) == known
    assert len(known.token) >= 32
    assert stat.S_IMODE((settings.server / "pages.json").stat().st_mode) == 0o600
    assert len(list(settings.server.iterdir())) == 1


def test_link_is_that_of_whoever_publishes_the_pages(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = settings.home / PAGE
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert link_to(page, settings) == page.as_uri()
    monkeypatch.setenv("OVERHAUL_PAGES_URL", "https://pages.example/overhaul/")
    assert link_to(page, settings) == f"https://pages.example/overhaul/{PAGE}"
    assert link_to(Path("/elsewhere.html"), settings) == "file:///elsewhere.html"


def test_companions_end_with_what_they_have_started_and_never_by_a_number_alone(tmp_path: Path) -> None:
    module = tmp_path / "companion.py"
    module.write_text("import subprocess, sys\nsubprocess.Popen(['sleep', '1000'])\nprint('up', flush=True)\ninput\nimport signal; signal.pause()\n")  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    (started,) = start_all(tmp_path, environment, [Companion("one", "companion")])
    while "up" not in (tmp_path / "one.log").read_text():
        assert started.process is not None
    assert started.process is not None
    (child,) = started.process.children()
    ended = os.pidfd_open(child.pid)
    end_all([Started("other", started.pid, started.born - 1_000)])
    assert psutil.pid_exists(started.pid), "a process of the same number is another one"
    end_all([started])
    assert started.process is None
    # It ends a moment after it was struck; from then on, the kernel says that its descriptor can be read.
    assert select.select([ended], [], [], 60)[0]
    os.close(ended)
    end_all([started])


def test_page_server_runs_beside_the_prefect_server(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    running = server.ensure(home, lambda _: None)
    (started,) = [each for each in running.companions if each.name == "pages"]
    assert started.process is not None
    page = home.home / PAGE
    page.parent.mkdir(parents=True)
    page.write_text("<!doctype html>")
    monkeypatch.setenv("PREFECT_API_URL", running.api_url)
    monkeypatch.delenv("OVERHAUL_PAGES_URL", raising=False)
    known = pages_of(home)
    assert link_to(page, home) == f"{known.url}/{PAGE}"
    while True:
        try:
            assert get(known, f"/{known.token}/{PAGE}")[0] == 200
            break
        except ConnectionRefusedError:
            assert started.process is not None
