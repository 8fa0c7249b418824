"""The forges, each started once for a session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.forges.front import Front
from tests.flows.forges.github_here import GitHubHere, github_here
from tests.flows.forges.places import Place, github_place, local_place

HOSTED = ("github",)


@pytest.fixture(scope="session")
def github() -> Iterator[tuple[GitHubHere, Front]]:
    with github_here() as started:
        yield started


@pytest.fixture
def github_repository(github: tuple[GitHubHere, Front], request: pytest.FixtureRequest) -> Iterator[Place]:
    with github_place(*github, _repository_name(request)) as place:
        yield place


@pytest.fixture(params=HOSTED)
def hosted(request: pytest.FixtureRequest) -> Place:
    """A repository on each hosted forge."""
    return request.getfixturevalue(f"{request.param}_repository")  # type: ignore[no-any-return]


@pytest.fixture
def local_repository(tmp_path: Path) -> Iterator[Place]:
    with local_place(tmp_path) as place:
        yield place


@pytest.fixture(params=("local", *HOSTED))
def place(request: pytest.FixtureRequest) -> Place:
    """A repository on every forge."""
    return request.getfixturevalue(f"{request.param}_repository")  # type: ignore[no-any-return]


def _repository_name(request: pytest.FixtureRequest) -> str:
    return re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:90]
