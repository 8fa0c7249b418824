"""The forges, each started once for a session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.forges.forgejo_here import ForgejoHere, forgejo_here
from tests.flows.forges.front import Front
from tests.flows.forges.github_here import GitHubHere, github_here
from tests.flows.forges.gitlab_here import GitLabHere, gitlab_here
from tests.flows.forges.places import Place, forgejo_place, github_place, gitlab_place, local_place

HOSTED = ("github", "gitlab", "forgejo")


@pytest.fixture(scope="session")
def github() -> Iterator[tuple[GitHubHere, Front]]:
    with github_here() as started:
        yield started


@pytest.fixture
def github_repository(github: tuple[GitHubHere, Front], request: pytest.FixtureRequest) -> Iterator[Place]:
    with github_place(*github, _repository_name(request)) as place:
        yield place


@pytest.fixture(scope="session")
def gitlab() -> Iterator[tuple[GitLabHere, Front]]:
    with gitlab_here() as started:
        yield started


@pytest.fixture
def gitlab_repository(gitlab: tuple[GitLabHere, Front], request: pytest.FixtureRequest) -> Iterator[Place]:
    with gitlab_place(*gitlab, _repository_name(request)) as place:
        yield place


@pytest.fixture(scope="session")
def forgejo() -> Iterator[tuple[ForgejoHere, Front]]:
    with forgejo_here() as started:
        yield started


@pytest.fixture
def forgejo_repository(forgejo: tuple[ForgejoHere, Front], request: pytest.FixtureRequest) -> Iterator[Place]:
    with forgejo_place(*forgejo, _repository_name(request)) as place:
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
