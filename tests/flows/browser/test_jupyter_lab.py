"""explore and inspect_run in a real JupyterLab, by a person with a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.flows.browser.jupyter_lab import SECONDS, Lab, keep_picture, opened, running_lab
from tests.flows.conftest import Overhaul, rename

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab") / "notebooks"


@pytest.fixture(scope="module")
def lab(folder: Path, environment: dict[str, str]) -> Iterator[Lab]:
    folder.mkdir()
    expect.set_options(timeout=SECONDS * 1000)
    with running_lab(folder, environment) as running:
        yield running


def put(where: Path, notebook: str, **parameters: Any) -> str:
    """The notebook as it is once somebody has typed other parameters."""
    document = json.loads((NOTEBOOKS / notebook).read_text())
    [cell] = [each for each in document["cells"] if "parameters" in each["metadata"].get("tags", ())]
    cell["source"] = [
        "\n".join([*cell["source"], "", *(f"{name} = {value!r}" for name, value in parameters.items())])
    ]
    (where / notebook).write_text(json.dumps(document))
    return notebook


def test_a_changed_parameter_changes_the_preview(
    browser: Browser, lab: Lab, folder: Path, acme: Path
) -> None:
    parameters = {"old": "acme.api.fetch_user", "new": "get_user"}
    notebook = put(folder, "explore.ipynb", folder=str(acme), parameters=parameters)
    with opened(browser, lab, notebook) as page:
        expect(page.get_by_text("use of the import from acme.api").first).to_be_visible()
        page.get_by_text("Import graph", exact=True).click()
        expect(page.locator("svg.overhaul-picture").first).to_be_visible()
        keep_picture(page, "jupyter-explore-graph.png")
        page.get_by_text("Diff", exact=True).click()
        expect(page.get_by_text("get_user").first).to_be_visible()
        page.get_by_label("new", exact=True).fill("load_user")
        expect(page.locator("table.diff mark", has_text="load_user").first).to_be_visible()
        page.locator("table.diff").first.scroll_into_view_if_needed()
        keep_picture(page, "jupyter-explore.png")


def test_a_waiting_run_is_approved_and_goes_on(
    browser: Browser, lab: Lab, folder: Path, acme: Path, overhaul: Overhaul
) -> None:
    [run] = overhaul("run", *rename(), "--campaign", "lab", "--json", acme).json["runs"]
    assert run["status"] == "waiting"
    with opened(browser, lab, put(folder, "inspect_run.ipynb", run_id=run["run_id"])) as page:
        expect(page.get_by_text("gate: publish").first).to_be_visible()
        expect(page.get_by_text("Every edit was proved by the recipe").first).to_be_visible()
        page.locator("svg.overhaul-picture").first.scroll_into_view_if_needed()
        keep_picture(page, "jupyter-inspect-run.png")
        page.get_by_role("button", name="approve", exact=True).click()
        page.get_by_label("comment", exact=True).fill("read it, looks right")
        page.get_by_label("who", exact=True).fill("ada")
        keep_picture(page, "jupyter-approve.png")
        page.locator("button", has_text="Answer").click()  # its icon is part of its name
        expect(page.get_by_text("published", exact=True).first).to_be_visible()
        keep_picture(page, "jupyter-approved.png")
    shown = overhaul("show", run["run_id"], "--json").json
    assert shown["status"] == "published"
    assert [(each["approver"], each["comment"]) for each in shown["gates"]][-1] == (
        "ada",
        "read it, looks right",
    )
