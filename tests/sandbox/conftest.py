"""Both providers as one parametrised fixture; a Docker engine is required in CI and asked for elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from overhaul.sandbox.choose import load
from overhaul.sandbox.docker import DockerProvider
from overhaul.sandbox.docker_images import make_base
from overhaul.sandbox.environment import detect
from overhaul.sandbox.errors import EnvironmentFailed
from overhaul.sandbox.provider import Command, Environment, Limits, Outcome, Provider, Workspace
from overhaul.sandbox.testing import TestReport, run_tests

PROVIDERS = ["process", "landlock", "bubblewrap", pytest.param("docker", marks=pytest.mark.docker)]


@dataclass(frozen=True)
class Tier:
    """A provider with an environment that has pytest, and short ways to use them."""

    provider: Provider
    environment: Environment
    folder: Path

    @property
    def name(self) -> str:
        return self.provider.name

    def open(self, source: Path | None = None, beside: Mapping[str, Path] | None = None) -> Workspace:
        if source is None:
            source = self.folder / "empty"
            source.mkdir(exist_ok=True)
        return self.provider.open(source, self.environment, beside or {})

    def python(self, code: str, *, limits: Limits | None = None, **options: Any) -> Outcome:
        with self.open() as workspace:
            return workspace.run(python(code, limits=limits, **options))

    def test(self, source: Path, **options: Any) -> TestReport:
        return run_tests(self.provider, self.environment, source, log=self.folder / "tests.log", **options)


def python(code: str, *, limits: Limits | None = None, **options: Any) -> Command:
    return Command(["{python}", "-c", code], limits=limits or Limits(wall_seconds=60), **options)


@pytest.fixture(scope="session")
def docker_engine() -> None:
    """A Docker engine with a base image, made here if it is missing."""
    missing = DockerProvider(Path("/nonexistent")).missing()
    if missing and missing.startswith("no base image"):
        print("making a base image with debootstrap", file=sys.stderr)
        try:
            make_base("bookworm")
            missing = None
        except EnvironmentFailed as error:
            missing = str(error)
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"CI needs Docker: {missing}")
    if missing:
        pytest.skip(f"Docker cannot be used here: {missing}")


@pytest.fixture(scope="session")
def make_environment(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], tuple[Provider, Environment]]]:
    """Each provider with its environment, once a session; images are removed at its end."""
    made: dict[str, tuple[Provider, Environment]] = {}

    def make(name: str) -> tuple[Provider, Environment]:
        if name not in made:
            missing = load(name, Path("/nonexistent")).missing()
            if missing and os.environ.get("CI") == "true":
                pytest.fail(f"CI needs every tier: {name}: {missing}")
            if missing:
                pytest.skip(f"{name} cannot be used here: {missing}")
            home, source = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("source")
            (source / "test_nothing.py").write_text("import pytest\n")
            provider = load(name, home)
            made[name] = provider, provider.prepare(detect(source), source, home / "setup.log")
        return made[name]

    yield make
    if "docker" in made:
        provider, environment = made["docker"]
        assert isinstance(provider, DockerProvider)
        provider.client().images.remove(environment.location, force=True)


@pytest.fixture(params=PROVIDERS)
def tier(
    request: pytest.FixtureRequest,
    make_environment: Callable[[str], tuple[Provider, Environment]],
    tmp_path: Path,
) -> Tier:
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    return Tier(*make_environment(request.param), tmp_path)


@pytest.fixture(params=PROVIDERS[1:])
def isolating(
    request: pytest.FixtureRequest,
    make_environment: Callable[[str], tuple[Provider, Environment]],
    tmp_path: Path,
) -> Tier:
    """Each tier that isolates."""
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    return Tier(*make_environment(request.param), tmp_path)


@pytest.fixture
def process_tier(make_environment: Callable[[str], tuple[Provider, Environment]], tmp_path: Path) -> Tier:
    """For what no provider decides: the cheapest."""
    return Tier(*make_environment("process"), tmp_path)


@pytest.fixture
def docker_tier(
    docker_engine: None, make_environment: Callable[[str], tuple[Provider, Environment]], tmp_path: Path
) -> Tier:
    return Tier(*make_environment("docker"), tmp_path)


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write a small project and return its folder."""
    number = iter(range(100))

    def make(files: Mapping[str, str]) -> Path:
        return write_tree(tmp_path / f"tree{next(number)}", files)

    return make
