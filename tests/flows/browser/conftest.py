"""Debian's Chromium and the Prefect UI, signed in to the session's server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from overhaul.flows import server
from overhaul.flows.settings import Settings

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
ARTIFACTS = Path(__file__).parents[3] / "artifacts"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a file: as long as Playwright runs, Prefect sees an event loop and gives coroutines to all tests."""
    if CHROMIUM is None:
        pytest.skip("no chromium; apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split())
        yield opened
        opened.close()


@pytest.fixture
def ui(browser: Browser, home: Settings) -> Iterator[Page]:
    """A window of its own with the UI, after the password has been given as a person does."""
    running = server.ensure(home, lambda _: None)
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, base_url=running.ui_url)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto("/")
    page.get_by_placeholder("admin:pass").fill(running.auth_string)
    page.get_by_role("button", name="Login").click()
    page.wait_for_url("**/dashboard*")
    yield page
    context.close()


def picture(page: Page, name: str) -> None:
    """Keep a picture of what is seen; CI uploads the folder."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)
