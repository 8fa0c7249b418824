"""The main path as a person walks it in the Prefect UI: a form, a gate, its artifacts, an answer, a pull request."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, Locator, Page, expect

from tests.flows.browser.conftest import picture
from tests.flows.conftest import Overhaul

WAITING = 60_000


def test_repository_is_refactored_from_the_form_to_the_pull_request(
    ui: Page, overhaul: Overhaul, new_acme: Path
) -> None:
    open_form(ui, "rename-symbol")
    fill(ui, "Repository", str(new_acme))
    fill(ui, "Old", "acme.api.fetch_user")
    fill(ui, "New", "get_user")
    choose(ui, "Sandbox", "process")
    fill(ui, "Python interpreter", sys.executable)
    whole_form(ui)
    picture(ui, "prefect-form")
    ui.set_viewport_size({"width": 1400, "height": 1000})
    run_id = submit(ui)
    ui.locator(f"a[href*='flow-run/{run_id}']").first.click()

    resume = ui.get_by_role("button", name="Resume")
    resume.wait_for(timeout=WAITING)
    expect(ui.get_by_text("acme: Rename acme.api.fetch_user to get_user").first).to_be_visible()
    picture(ui, "prefect-gate")
    read_diff(ui, run_id, "+def get_user")

    resume.click()
    dialog = ui.locator(".p-modal__card, [role=dialog]").last
    expect(dialog.get_by_text("Publish?").first).to_be_visible()
    choose(dialog, "Decision", "approve")
    fill(dialog, "Comment", "as discussed")
    fill(dialog, "Approver", "ada")
    picture(ui, "prefect-resume")
    dialog.get_by_role("button", name="Submit").click()

    ui.locator(".state-badge", has_text="Published").first.wait_for(timeout=WAITING)
    picture(ui, "prefect-published")
    shown = overhaul("show", run_id, "--json").json
    assert shown["pull_request"]
    publish = shown["gates"][-1]
    assert (publish["decision"], publish["approver"], publish["comment"]) == (
        "approve",
        "ada",
        "as discussed",
    )


def read_diff(page: Page, run_id: str, line: str) -> None:
    """Open the run's artifact with the difference, find a line there, and go back."""
    page.get_by_role("tab", name="Artifacts").or_(page.get_by_text("Artifacts", exact=True)).last.click()
    page.get_by_role("link", name=f"run-{run_id[:8]}-diff").first.click()
    expect(page.locator("code", has_text=line).first).to_be_visible(timeout=WAITING)
    picture(page, "prefect-diff")
    page.goto(f"/runs/flow-run/{run_id}")


def open_form(page: Page, deployment: str) -> None:
    link = page.locator("a[href*='deployments/deployment/']", has_text=deployment).first
    for _ in range(
        20
    ):  # the runner of a new server takes a while to register them; an empty list stays empty
        page.goto("/deployments")
        with suppress(Error):
            # There are more than one page of them.
            page.get_by_placeholder("Search deployments").fill(deployment, timeout=3000)
            link.wait_for(timeout=3000)
            break
    link.click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Custom run").click()
    page.get_by_text("What to do").first.wait_for()


def submit(page: Page) -> str:
    """Send the form; return the run's id. SQLite may be busy, which the UI does not try again by itself."""
    for _ in range(5):
        with page.expect_response("**/create_flow_run") as created:
            page.get_by_role("button", name="Submit").click()
        if created.value.status != 503:
            break
    assert created.value.ok, created.value.text()
    return str(created.value.json()["id"])


def field(form: Page | Locator, label: str) -> Locator:
    """The UI's labels name no field, so that one is found by where its label is."""
    title = f"normalize-space(.)='{label}' or normalize-space(.)='{label} (Optional)'"
    header = f"./div[@class='p-label__header']//span[@class='schema-form-property__label'][{title}]"
    return form.locator(f"xpath=.//div[contains(@class, 'schema-form-property')][{header}]").first


def fill(form: Page | Locator, label: str, text: str) -> None:
    field(form, label).locator("textarea, input").first.fill(text)


def choose(form: Page | Locator, label: str, value: str) -> None:
    page = form if isinstance(form, Page) else form.page
    field(form, label).locator("button.p-select-button__control").first.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name=value, exact=True).click()


def whole_form(page: Page) -> None:
    """Make the window as tall as the form, for a picture of all of it."""
    page.set_viewport_size({"width": 1400, "height": 3600})
