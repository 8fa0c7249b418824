"""Which tests may run at the same time: one worker has all that count what the Docker engine holds."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups for `--dist loadgroup`; the server tests of a file share its fixtures, and each worker has a server."""
    for item in items:
        if item.get_closest_marker("docker"):
            item.add_marker(pytest.mark.xdist_group("docker"))
        elif item.get_closest_marker("server"):
            item.add_marker(pytest.mark.xdist_group(item.path.name))
