"""A JupyterLab of its own for tests, and a browser at one of its notebooks."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

# All cells are there at once, and nobody is asked about news.
SETTINGS = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
DISABLED = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
SECONDS = 60


@dataclass(frozen=True)
class Lab:
    """Where it answers."""

    url: str
    token: str

    def address(self, notebook: str) -> str:
        # A workspace of its own: no other notebook comes back, whose kernel would be taken for this one's.
        return f"{self.url}lab/workspaces/{Path(notebook).stem}/tree/{notebook}?token={self.token}"


@contextmanager
def running_lab(folder: Path, environment: Mapping[str, str]) -> Iterator[Lab]:
    """Start JupyterLab on the notebooks of a folder, with a home of its own, and end it."""
    home = folder.with_name("jupyter-home")
    (home / "config" / "labconfig").mkdir(parents=True)
    (home / "config" / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
    (home / "config" / "labconfig" / "page_config.json").write_text(json.dumps(DISABLED))
    lab = Lab("", secrets.token_urlsafe(24))
    own = {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_TOKEN": lab.token,
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
        f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    with (home / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**environment, **own}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield Lab(_address(process, home), lab.token)
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def _address(process: subprocess.Popen[bytes], home: Path) -> str:
    """What the server has written down of itself, once it listens."""
    record = home / "runtime" / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return str(json.loads(record.read_text())["url"])
        except (OSError, ValueError, KeyError):
            time.sleep(0.1)
    raise AssertionError((home / "lab.log").read_text())


@contextmanager
def opened(browser: Browser, lab: Lab, notebook: str) -> Iterator[Page]:
    """A window in which all cells of a notebook have been run."""
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    try:
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.goto(lab.address(notebook))
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # else one is asked for a kernel
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        yield page
    finally:
        context.close()


def keep_picture(page: Page, name: str) -> None:
    """A screenshot among the artifacts that CI keeps: of the window, a notebook scrolls inside."""
    folder = Path(__file__).parents[3] / "artifacts"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / name)
