"""A PostgreSQL server for the tests that want one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.postgresql import make_database, postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a server of its own, without the name of a database."""
    with postgresql() as address:
        yield address


@pytest.fixture
def postgresql_url(postgresql_server: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    return make_database(postgresql_server, f"test_{abs(hash(request.node.nodeid))}")
