"""Start the project's server, look at its pages with headless Chromium, and compare the pictures with earlier ones.

What to do is in OVERHAUL_SCREENSHOTS, see `sandbox/screenshots.py`. Results are records behind a mark, like those of
tests. Chromium is spoken to over two pipes (https://chromedevtools.github.io/devtools-protocol/); it decodes all
pictures, so that nothing outside the sandbox has to.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb", "--no-proxy-server",
    "--remote-debugging-pipe",
)  # fmt: skip
PART_CHARACTERS = 6000
MOST_PIXELS_HIGH = 8000
PAGE_SECONDS = 30.0
STILL = "*,*::before,*::after{animation:none!important;transition:none!important;caret-color:transparent!important}"
SETTLED = f"""
new Promise(done => {{
  const style = document.createElement("style");
  style.textContent = {json.dumps(STILL)};
  document.documentElement.appendChild(style);
  document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
}})
"""
# Both on one canvas of the larger size; what differs is marked on a pale copy of the later one.
COMPARED = """
(async (before, after) => {
  const load = data => new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image); image.onerror = () => failed(new Error("no picture"));
    image.src = "data:image/png;base64," + data;
  });
  const images = [await load(before), await load(after)];
  const width = Math.max(...images.map(i => i.width)), height = Math.max(...images.map(i => i.height));
  const [one, two] = images.map(image => {
    const canvas = new OffscreenCanvas(width, height), context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height);
  });
  let changed = 0;
  const made = new ImageData(width, height);
  for (let place = 0; place < one.data.length; place += 4) {
    const differs = [0, 1, 2, 3].some(n => Math.abs(one.data[place + n] - two.data[place + n]) > 8);
    const colour = differs ? [220, 0, 120] : [0, 1, 2].map(n => 200 + two.data[place + n] * 55 / 255);
    for (const n of [0, 1, 2]) made.data[place + n] = colour[n];
    made.data[place + 3] = 255;
    changed += differs;
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(made, 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  let text = "";
  for (let start = 0; start < bytes.length; start += 32768)
    text += String.fromCharCode(...bytes.subarray(start, start + 32768));
  return {changed, pixels: width * height, picture: btoa(text)};
})
"""


class Failed(Exception):
    """Says why there are no pictures."""


class Browser:
    """Chromium over its two pipes: it reads from descriptor 3 and writes to 4."""

    def __init__(self, program: str, folder: str) -> None:
        its_input, self._input = os.pipe()
        self._output, its_output = os.pipe()
        log = open(os.path.join(folder, "chromium.log"), "wb")  # noqa: SIM115 - as long as the browser
        words = [program, *FLAGS, "--user-data-dir=" + os.path.join(folder, "profile")]
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{its_input} 4>&{its_output}', "sh", *words],
            stdout=log,
            stderr=log,
            # It makes a socket in its temporary folder, whose real path may be too long for one.
            cwd=folder,
            env={**os.environ, "TMPDIR": "/proc/self/cwd"},
            pass_fds=(its_input, its_output),
        )
        for descriptor in (its_input, its_output):
            os.close(descriptor)
        self._folder = folder
        self._held = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._input, data) :]
        deadline = time.monotonic() + PAGE_SECONDS
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error'].get('message')}")
                return dict(answer["result"])
            self.events.append(answer)

    def wait_for(self, method: str) -> None:
        deadline = time.monotonic() + PAGE_SECONDS
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._next(deadline))

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._held:
            ready, _, _ = select.select([self._output], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._output, 1 << 20) if ready else b""
            if not chunk:
                raise Failed(f"Chromium {'does not answer' if not ready else 'ended'}: {self._last_words()}")
            self._held += chunk
        message, _, self._held = self._held.partition(b"\0")
        return dict(json.loads(message))

    def _last_words(self) -> str:
        with open(os.path.join(self._folder, "chromium.log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-500:].strip()

    def new_page(self, width: int, height: int) -> str:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session: str = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable", session)
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", session, **size)
        return session


def take(browser: Browser, address: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Look at a page: its picture, HTTP status, and the errors of its scripts."""
    session = browser.new_page(wanted["width"], wanted["height"])
    browser.events = []
    went = browser.call("Page.navigate", session, url=address)
    # A page that does not come is one that looks like that: its status and the error tell.
    errors = [str(went["errorText"])] if went.get("errorText") else []
    if not errors:
        browser.wait_for("Page.loadEventFired")
    browser.call("Runtime.evaluate", session, expression=SETTLED, awaitPromise=True)
    size = browser.call("Page.getLayoutMetrics", session)["cssContentSize"]
    height = min(max(size["height"], wanted["height"]), MOST_PIXELS_HIGH)
    clip = {"x": 0, "y": 0, "width": wanted["width"], "height": height, "scale": 1}
    picture = browser.call(
        "Page.captureScreenshot", session, format="png", captureBeyondViewport=True, clip=clip
    )
    status = 0
    for event in browser.events:
        parameters = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            errors.append(str(details.get("exception", {}).get("description") or details["text"])[:300])
        elif event.get("method") == "Network.responseReceived" and parameters.get("type") == "Document":
            status = status or int(parameters["response"]["status"])
    return {"picture": picture["data"], "status": status, "errors": errors[:20]}


def compare(browser: Browser, before: str, after: str) -> dict[str, Any]:
    session = browser.new_page(100, 100)
    expression = f"({COMPARED})({json.dumps(before)}, {json.dumps(after)})"
    answer = browser.call(
        "Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True
    )
    if "exceptionDetails" in answer:
        raise Failed("the pictures cannot be compared")
    return dict(answer["result"]["value"])


def start_server(wanted: dict[str, Any]) -> tuple[subprocess.Popen[bytes], int]:
    """Start it and wait until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [
        word.replace("{python}", sys.executable).replace("{port}", str(port)) for word in wanted["serve"]
    ]
    print("$", *words, flush=True)
    try:
        server = subprocess.Popen(words, env={**os.environ, "PORT": str(port)})
    except OSError as error:
        raise Failed(f"{words[0]} cannot be started: {error.strerror}") from error
    deadline = time.monotonic() + wanted["ready_seconds"]
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise Failed(f"{words[0]} ended with {server.returncode} before it answered on port {port}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return server, port
    raise Failed(f"{words[0]} does not answer on port {port} after {wanted['ready_seconds']:.0f} s")


def say(mark: str, record: dict[str, Any]) -> None:
    sys.stdout.write(f"\x1e{mark} {json.dumps(record)}\x1e\n")
    sys.stdout.flush()


def say_picture(mark: str, kind: str, page: str, data: str) -> None:
    for start in range(0, len(data), PART_CHARACTERS):
        say(mark, {"kind": kind, "page": page, "part": data[start : start + PART_CHARACTERS]})


def main() -> None:
    wanted = json.loads(os.environ.pop("OVERHAUL_SCREENSHOTS"))
    mark = wanted["mark"]
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        if program is None:
            raise Failed("Chromium is not there: on Debian and Ubuntu, apt-get install chromium")
        server, port = start_server(wanted)
        browser = Browser(program, tempfile.mkdtemp())
        for page in wanted["pages"]:
            found = take(browser, f"http://127.0.0.1:{port}{page}", wanted)
            before = wanted["before"].get(page, "")
            if os.path.isfile(before):
                with open(before, "rb") as file:
                    old = base64.b64encode(file.read()).decode()
                compared = compare(browser, old, found["picture"])
                say_picture(mark, "difference", page, compared.pop("picture"))
                found.update(compared)
            say_picture(mark, "picture", page, found.pop("picture"))
            say(mark, {"kind": "page", "page": page, **found})
        # What they leave goes with the workspace, and all processes end with this one.
        browser.process.kill()
        server.terminate()
        say(mark, {"kind": "end"})
    except Failed as error:
        say(mark, {"kind": "failed", "reason": str(error)})


if __name__ == "__main__":
    main()
