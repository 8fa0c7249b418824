"""The process that takes webhooks: the web server, and beside it the worker."""

from __future__ import annotations

import logging
import os
import socket
import threading
from contextlib import closing

import uvicorn

from overhaul.flows import detached
from overhaul.flows.errors import ServerError
from overhaul.flows.ledger import Ledger
from overhaul.flows.settings import Settings
from overhaul.flows.settings_file import WebhookForm
from overhaul.flows.webhooks.application import CONNECTIONS_AT_ONCE, application
from overhaul.flows.webhooks.carrying_out import Carrier
from overhaul.flows.webhooks.deliveries import Deliveries
from overhaul.flows.webhooks.senders import VARIABLE, Doorkeeper
from overhaul.flows.webhooks.worker import Processes, Worker


def listen(host: str, port: int) -> socket.socket:
    """Take the port. Raises ServerError if it is not to be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ServerError(
            f"cannot listen at {host}:{port}: {error.strerror or error}. Name others with --host and --port."
        ) from error


def serve(listening: socket.socket, doorkeeper: Doorkeeper, settings: Settings, form: WebhookForm) -> None:
    """Serve until SIGTERM or ^C. What was taken and is not done then is done by the next process."""
    os.environ.pop(VARIABLE, None)  # what is started from here has no use for it
    stop = threading.Event()
    processes = Processes(stop)
    carrier = Carrier(
        settings, form.review, form.repairs,
        carry_on=lambda run_id: processes.add(lambda: detached.carry_on(run_id, settings)),
        review=lambda address, repository: processes.add(lambda: detached.review(address, repository, settings)),
    )  # fmt: skip
    _log_to_the_terminal()
    with closing(Ledger(settings.ledger_url)) as ledger:
        worker = Worker(Deliveries(ledger), carrier.carry_out, stop)
        working = threading.Thread(target=worker.work, name="webhooks", daemon=True)
        working.start()
        try:
            server_of(doorkeeper, worker).run(sockets=[listening])
        finally:
            worker.end()
            working.join(timeout=10)


def _log_to_the_terminal() -> None:
    """A handler of our own: Prefect has set the others up, for its own log."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("overhaul.webhook")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def server_of(doorkeeper: Doorkeeper, worker: Worker, **more: float) -> uvicorn.Server:
    """The web server; `more` is for the application."""
    return uvicorn.Server(
        uvicorn.Config(
            application(doorkeeper, worker.take, **more), http="h11", ws="none", lifespan="off", access_log=False,
            log_level="warning", server_header=False, proxy_headers=False, limit_concurrency=CONNECTIONS_AT_ONCE,
            timeout_keep_alive=5, timeout_graceful_shutdown=5,
        )
    )  # fmt: skip
