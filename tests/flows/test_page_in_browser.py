"""The page in a real browser: by keyboard, in both colour schemes, on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

from overhaul.flows.gate_page import write_gate_page
from overhaul.flows.gate_rules import GateRule
from overhaul.flows.gates import Question
from tests.flows.changes import renamed
from tests.flows.conftest import sample_repository
from tests.flows.repositories import commit_files

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="Debian's chromium is not installed")

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync")  # fmt: skip
LONG = f"from acme.api import fetch_user\nNAMES = [{', '.join(['fetch_user'] * 80)}]\n# " + "x" * 3_000 + "\n"
# Every text with the ratio of its colour to the ground that is behind it (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const luminance = rgb => rgb.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const parsed = text => text.match(/[\\d.]+/g).map(Number);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parsed(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const [one, two] = [luminance(parsed(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => b - a);
    found.push([(one + .05) / (two + .05), walker.currentNode.data.trim().slice(0, 40)]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    repository = sample_repository("acme", folder / "acme")
    commit_files(repository, {"src/acme/long.py": LONG}, "long lines")
    shown = renamed(repository, folder)
    rule = GateRule(approvers=("ada", "group:core"), needed=2)
    question = Question("publish", str(repository), "", "4f" * 32, {}, rule=rule.model_dump(mode="json"))
    path = folder / "publish.html"
    write_gate_page(shown, question, path)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        yield opened
        opened.close()


def opened(browser: Browser, page: Path, width: int = 1280, scheme: Any = "light") -> Tab:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(page.as_uri())
    assert said == [], "the page breaks its own Content-Security-Policy"
    return tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_all_text_can_be_read_against_its_ground(
    browser: Browser, page: Path, scheme: str, width: int
) -> None:
    found = opened(browser, page, width, scheme).evaluate(CONTRAST)
    assert len(found) > 200
    assert [row for row in found if row[0] < 4.5] == []


def test_everything_is_reached_and_opened_by_keyboard_alone(browser: Browser, page: Path) -> None:
    tab = opened(browser, page)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    expected = tab.evaluate(
        "[...document.querySelectorAll('a[href], summary, [tabindex]')].filter(e => e.checkVisibility()).length"
    )
    reached = 1
    while True:
        tab.keyboard.press("Tab")
        if not tab.evaluate("document.activeElement.matches('a[href], summary, [tabindex]')"):
            break
        assert tab.evaluate(
            "(style => style.outlineStyle != 'none' && parseFloat(style.outlineWidth) >= 2)(getComputedStyle(document.activeElement))"
        )
        reached += 1
        if reached == expected:
            break
    assert reached == expected
    file = tab.locator("details.file").first
    was_open = file.evaluate("e => e.open")
    file.locator("summary").focus()
    tab.keyboard.press("Enter")
    assert file.evaluate("e => e.open") is not was_open


@pytest.mark.parametrize("width", [375, 320, 768, 1280])
def test_no_width_needs_sideways_scrolling(browser: Browser, page: Path, width: int) -> None:
    tab = opened(browser, page, width)
    tab.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_structure_can_be_heard(browser: Browser, page: Path) -> None:
    tab = opened(browser, page)
    assert tab.evaluate("document.documentElement.lang") == "en"
    assert tab.title().startswith("Publish this change?")
    levels = tab.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(e => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert tab.evaluate(
        "[...document.querySelectorAll('table')].every(e => e.caption && e.querySelector('th[scope]'))"
    )
    assert tab.evaluate("[...document.images].every(e => e.alt)")
    assert tab.locator("main").count() == 1
    ids = tab.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    targets = tab.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map(e => e.hash.slice(1))")
    assert set(targets) <= set(ids)


def test_large_change_is_written_and_says_what_is_left_out(tmp_path: Path) -> None:
    body = "".join(f"def f{number}(x):\n    return fetch_user(x) + {number}\n\n\n" for number in range(3_000))
    repository = sample_repository("acme", tmp_path / "acme")
    commit_files(
        repository,
        {f"src/acme/m{n}.py": f"from acme.api import fetch_user\n{body}" for n in range(1)},
        "large",
    )
    page = tmp_path / "page.html"
    write_gate_page(renamed(repository, tmp_path), Question("publish", "acme", "", "0" * 64, {}), page)
    assert "more lines of this file are left out here" in page.read_text()
    assert page.stat().st_size < 12_000_000
