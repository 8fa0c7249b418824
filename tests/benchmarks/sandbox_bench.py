"""Times sandboxes against docker and uv as people run them, on the same work in one run.

Usage: .venv/bin/python tests/benchmarks/sandbox_bench.py [--page FILE]
Wall-clock milliseconds, since most of the work is the engine's and the kernel's: run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uv

from overhaul.sandbox import standby
from overhaul.sandbox.choose import PROVIDERS, load
from overhaul.sandbox.docker_images import LOCAL_BASE
from overhaul.sandbox.environment import detect
from overhaul.sandbox.index_access import CERTIFICATES
from overhaul.sandbox.provider import Command, Environment, Limits, Provider
from overhaul.sandbox.testing import run_tests

LIMITS = Limits()
PROJECT = {
    "pyproject.toml": '[project]\nname = "greeting"\nversion = "1"\ndependencies = ["flask==3.1.2"]\n'
    '[dependency-groups]\ntest = ["pytest==8.4.2"]\n',
    "greeting.py": 'from flask import Flask\napp = Flask("greeting")\n@app.get("/")\ndef hello(): return "hello"\n',
    "test_greeting.py": "import greeting\n"
    'def test_hello(): assert greeting.app.test_client().get("/").text == "hello"\n',
}
# The same test of a project that imports nothing: what is left is pytest's part and ours.
BARE_PROJECT = {
    "pyproject.toml": '[project]\nname = "greeting"\nversion = "1"\n[dependency-groups]\ntest = ["pytest==8.4.2"]\n',
    "greeting.py": 'def hello(): return "hello"\n',
    "test_greeting.py": 'import greeting\ndef test_hello(): assert greeting.hello() == "hello"\n',
}
DOCKERFILE = f"""FROM {LOCAL_BASE}
COPY uv certificates.crt /
ENV SSL_CERT_FILE=/certificates.crt
RUN /uv venv --quiet /venv && /uv pip install --quiet --python /venv/bin/python PACKAGES
COPY *.py /app/
WORKDIR /app
CMD ["/venv/bin/python", "-m", "pytest", "-q"]
"""


@dataclass(frozen=True)
class Row:
    """`milliseconds` of `ours`, beside those of `theirs`; the ratio or the difference is what a target speaks of."""

    work: str
    milliseconds: float
    peer: str
    peer_milliseconds: float
    measure: str
    limit: float | None

    @property
    def measured(self) -> float:
        if self.measure == "difference":
            return self.milliseconds - self.peer_milliseconds
        return self.milliseconds / self.peer_milliseconds

    def cells(self) -> list[str]:
        """As strings, for a table."""
        show = (
            (lambda value: f"{value:.1f} ms")
            if self.measure == "difference"
            else (lambda value: f"{value:.1%}")
        )
        met = "" if self.limit is None else "yes" if self.measured <= self.limit else "NO"
        limit = "" if self.limit is None else show(self.limit)
        times = [f"{self.milliseconds:,.1f}", self.peer, f"{self.peer_milliseconds:,.1f}"]
        return [self.work, *times, show(self.measured), limit, met]


def main() -> None:
    """Measure everything, print the table and write the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--page", type=Path, default=Path("docs/speed-sandbox.md"))
    arguments = options.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="overhaul-bench-") as folder:
        rows = measure(Path(folder))
    standby.close_all()
    head = ["work", "ms", "against", "ms", "measured", "at most", "met"]
    table = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * 7, *(row.cells() for row in rows))]
    print("\n".join(table))
    arguments.page.write_text("\n".join([*_introduction(), "", *table]) + "\n", encoding="utf-8")


def _introduction() -> list[str]:
    return [
        "# Speed of sandboxes",
        "",
        (
            f"Made by `make bench`, in one run on one machine (Python {platform.python_version()}, {platform.platform()});"
            " do not edit it."
        ),
        "Wall-clock milliseconds, medians. The project is a Flask application with one test; it takes most of its time to",
        "import Flask. `nothing imported` is a test like it of a project without dependencies, against its own image.",
        "`docker build, docker run` is a Dockerfile with uv, without a cache, on the same base image.",
        (
            "The first test result is counted from the moment at which the tree is there: the environment is found by its"
            " fingerprint, and a workspace stands by (it is started while a commit is made); `not started ahead` has none."
        ),
    ]


def measure(work: Path) -> list[Row]:
    """All rows; `work` is an empty folder."""
    source, bare = work / "project", work / "bare"
    for folder, files in ((source, PROJECT), (bare, BARE_PROJECT)):
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_text(content)
    print("docker build, docker run ...", file=sys.stderr)
    cold = median(lambda: docker_build_and_run(work, source, "flask==3.1.2 pytest==8.4.2"), 3)
    bare_cold = median(lambda: docker_build_and_run(work, bare, "pytest==8.4.2"), 3)
    print("uv ...", file=sys.stderr)
    fresh = median(lambda: uv_cold(work), 5)
    plain = median(lambda: timed(lambda: subprocess.run(["true"], check=True)), 50)
    rows = []
    for name in PROVIDERS:
        print(f"{name} ...", file=sys.stderr)
        provider = load(name, work / "home")
        environment = provider.prepare(detect(source), source, work / "setup.log")
        rows += of_tier(provider, environment, source, work, (cold, fresh, plain))
        rows.append(of_bare_project(provider, bare, work, bare_cold))
    docker(["image", "rm", "--force", "overhaul-bench"])
    return rows


def of_tier(
    provider: Provider, environment: Environment, source: Path, work: Path, peers: tuple[float, float, float]
) -> list[Row]:
    cold, fresh, plain = peers
    name, build = provider.name, "docker build, docker run"

    def first_result(ahead: bool) -> float:
        return first_test_result(provider, environment, source, work, ahead)

    with provider.open(source, environment, {}) as workspace:
        command = median(lambda: timed(lambda: workspace.run(Command(["true"]))), 50)
    limits = {"docker": 70.0, "bubblewrap": 10.0, "landlock": 10.0}
    rows = [
        Row(f"{name}: first test result", median(lambda: first_result(True), 9), build, cold, "ratio", 0.04),
        Row(f"{name}: the same, not started ahead", median(lambda: first_result(False), 5), build, cold, "ratio", None),
        Row(
            f"{name}: environment found by its fingerprint",
            median(lambda: timed(lambda: provider.prepare(detect(source), source, work / "log")), 9),
            "uv, cold cache", fresh, "ratio", 0.05,
        ),
        Row(f"{name}: a command", command, "subprocess", plain, "difference", limits.get(name)),
    ]  # fmt: skip

    def whole() -> None:
        with provider.open(source, environment, {}) as workspace:
            assert workspace.run(Command(["true"])).exit_code == 0

    one_by_one = median(lambda: timed(whole), 5) * 32
    rows.append(
        Row(
            f"{name}: 32 runs, 8 wide",
            timed(lambda: eight_wide(whole)),
            "one by one",
            one_by_one,
            "ratio",
            None,
        )
    )
    return rows


def of_bare_project(provider: Provider, source: Path, work: Path, cold: float) -> Row:
    environment = provider.prepare(detect(source), source, work / "setup.log")
    result = median(lambda: first_test_result(provider, environment, source, work, ahead=True), 9)
    words = f"{provider.name}: first test result, nothing imported"
    return Row(words, result, "docker build, docker run", cold, "ratio", 0.04)


def first_test_result(
    provider: Provider, environment: Environment, source: Path, work: Path, ahead: bool
) -> float:
    if ahead:
        provider.stand_by(environment, LIMITS)
        wait_for_standby()
    found: list[float] = []
    started = time.perf_counter()

    def note(done: int, _total: int | None, _first: int) -> None:
        if done and not found:
            found.append((time.perf_counter() - started) * 1000)

    report = run_tests(provider, environment, source, log=work / "tests.log", limits=LIMITS, on_progress=note)
    assert report.status == "passed", report
    return found[0]


def wait_for_standby() -> None:
    """Until the interpreter waits: it has nothing more to do then."""
    for opened in standby._ready.values():
        opened.result()
    time.sleep(2)


def docker_build_and_run(work: Path, source: Path, packages: str) -> float:
    folder = work / "image"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    shutil.copy(uv.find_uv_bin(), folder / "uv")
    certificate = next((os.environ[name] for name in CERTIFICATES if os.environ.get(name)), None)
    shutil.copy(certificate or "/etc/ssl/certs/ca-certificates.crt", folder / "certificates.crt")
    (folder / "Dockerfile").write_text(DOCKERFILE.replace("PACKAGES", packages))

    def both() -> None:
        docker(
            ["build", "--quiet", "--no-cache", "--network", "host", "--tag", "overhaul-bench", str(folder)]
        )
        docker(["run", "--rm", "--network", "none", "overhaul-bench"])

    return timed(both)


def docker(words: list[str]) -> None:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"docker {words[0]}: {done.stdout}{done.stderr}")


def uv_cold(work: Path) -> float:
    with _folder(work / "uv") as folder:
        environment = os.environ | {"UV_CACHE_DIR": str(folder / "cache")}
        words = [uv.find_uv_bin(), "pip", "install", "--quiet", "--python", str(folder / "venv/bin/python")]

        def make() -> None:
            subprocess.run([words[0], "venv", "--quiet", str(folder / "venv")], env=environment, check=True)
            subprocess.run([*words, "flask==3.1.2", "pytest==8.4.2"], env=environment, check=True)

        return timed(make)


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path)


def eight_wide(work: Callable[[], None]) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work) for _ in range(32)]:
            done.result()


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def median(work: Callable[[], float], times: int) -> float:
    return statistics.median(work() for _ in range(times))


if __name__ == "__main__":
    main()
