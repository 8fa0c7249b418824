"""Ask the Prefect API from code that runs anywhere: a script, a test, a cell of a notebook."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

from overhaul.flows.server import connect
from overhaul.flows.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

Answer = TypeVar("Answer")


def ask_prefect(settings: Settings, question: Callable[[SyncPrefectClient], Answer]) -> Answer:
    """Return what `question` gives for a client of the server in use. Raises ServerError, and what it raises itself.

    It is asked in a thread of its own: in one that has an event loop, as a notebook's, Prefect's functions give
    coroutines.
    """
    connect(settings, lambda _: None)
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(copy_context().run, _ask, question).result()


def _ask(question: Callable[[SyncPrefectClient], Answer]) -> Answer:
    from prefect.client.orchestration import get_client
    from prefect.settings import (
        PREFECT_API_AUTH_STRING,
        PREFECT_API_URL,
        PREFECT_LOCAL_STORAGE_PATH,
        temporary_settings,
    )

    # Prefect has read the variables when it was imported, which a notebook may have done before.
    names = (PREFECT_API_URL, PREFECT_API_AUTH_STRING, PREFECT_LOCAL_STORAGE_PATH)
    with (
        temporary_settings({each: os.environ[each.name] for each in names if each.name in os.environ}),
        get_client(sync_client=True) as client,
    ):
        return question(client)
