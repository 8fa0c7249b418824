"""Attack 30, dependency confusion: somebody publishes a private package's name, with a high version, where all can.

Two package indexes over real HTTP; the settings are pip's, as most users have them.
"""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from overhaul.sandbox.choose import load
from overhaul.sandbox.docker import DockerProvider
from overhaul.sandbox.index_access import index_access
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Provider
from tests.sandbox.conftest import PROVIDERS


class PackageIndex:
    """Serves one version of `acme-private`, which says where it is from; `asked` has the paths of all requests."""

    def __init__(self, folder: Path, version: str, origin: str) -> None:
        self.asked: list[str] = []
        asked = self.asked
        wheel = f"acme_private-{version}-py3-none-any.whl"
        page = folder / "simple/acme-private/index.html"
        page.parent.mkdir(parents=True)
        page.write_text(f'<a href="{wheel}">{wheel}</a>')
        write_wheel(page.with_name(wheel), version, origin)

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                asked.append(self.path)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.address = f"http://127.0.0.1:{self.server.server_port}/simple"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def __enter__(self) -> PackageIndex:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


def write_wheel(path: Path, version: str, origin: str) -> None:
    folder = f"acme_private-{version}.dist-info"
    files = {
        "acme_private.py": f"ORIGIN = {origin!r}\n",
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: acme-private\nVersion: {version}\n",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{folder}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{folder}/RECORD"])
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)


PLAN = EnvironmentPlan(
    "acme",
    "3.11",
    "none",
    steps=(
        Step("create", ("{uv}", "venv", "--python", "{interpreter}", "{environment}/venv"), "always"),
        Step("install", ("{uv}", "pip", "install", "--python", "{python}", "acme-private"), "it is needed"),
        Step(
            "look", ("{python}", "-c", "import acme_private; print('from:', acme_private.ORIGIN)"), "to see"
        ),
    ),
)


@pytest.fixture
def indexes(tmp_path: Path) -> Iterator[tuple[PackageIndex, PackageIndex]]:
    """The company's index, and the public one where an attacker has published a higher version."""
    with ExitStack() as stack:
        ours = PackageIndex(tmp_path / "ours", "1.0", "us")
        public = PackageIndex(tmp_path / "public", "99.0", "attacker")
        yield stack.enter_context(ours), stack.enter_context(public)


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Make the environment in a tier, with these settings and no others of this machine's; its log."""

    def run(provider: Provider, **settings: str) -> str:
        clean_settings(monkeypatch)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "source").mkdir(exist_ok=True)
        made = provider.prepare(PLAN, tmp_path / "source", tmp_path / "log")
        if isinstance(provider, DockerProvider):
            provider.client().images.remove(made.location, force=True)
        return (tmp_path / "log").read_text()

    return run


def clean_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in index_access(os.environ, ()).environment:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("UV_NO_CACHE", "1")


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Provider:
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    return load(request.param, tmp_path / "home")


def test_private_package_is_not_taken_from_the_public_index(
    provider: Provider, indexes: tuple[PackageIndex, PackageIndex], set_up: Callable[..., str]
) -> None:
    ours, public = indexes
    log = set_up(provider, PIP_INDEX_URL=public.address, PIP_EXTRA_INDEX_URL=ours.address)
    assert "from: us" in log
    assert not [path for path in public.asked if path.endswith(".whl")]
    assert f"package indexes in the order in which uv asks them: {ours.address}, {public.address}; " in log


def test_best_version_of_all_indexes_is_taken_only_if_the_user_says_so(
    tmp_path: Path, indexes: tuple[PackageIndex, PackageIndex], set_up: Callable[..., str]
) -> None:
    ours, public = indexes
    settings = {"PIP_INDEX_URL": public.address, "PIP_EXTRA_INDEX_URL": ours.address}
    log = set_up(load("process", tmp_path), UV_INDEX_STRATEGY="unsafe-best-match", **settings)
    assert "from: attacker" in log
    assert "UV_INDEX_STRATEGY=unsafe-best-match" in log


@pytest.mark.parametrize("public_one_is", ["first", "extra"])
def test_public_index_comes_last_wherever_it_is_named(public_one_is: str) -> None:
    public, ours = f"https://{'pypi'}.org/simple", "https://packages.example/simple"
    first, extra = (public, ours) if public_one_is == "first" else (ours, public)
    found = index_access({"PIP_INDEX_URL": first, "PIP_EXTRA_INDEX_URL": extra}, ()).environment
    assert (found["UV_INDEX"], found["UV_DEFAULT_INDEX"]) == (ours, public)
    assert "UV_INDEX_STRATEGY" not in found
