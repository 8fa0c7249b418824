"""The runner: the process that starts the runs of deployments, each in a process of its own, and watches the gates.

It is a Prefect process worker on the work pool of ours, which takes what the UI, a schedule or an answered gate puts
there. Several may serve one pool, on one machine or many.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from pathlib import Path

from overhaul.flows.settings import Settings

# Prefect's own 15 s are long to look at a page on which nothing happens after pressing a button.
POLL_SECONDS = "5"
# A run's tests take a core and more; a campaign's own run only waits for the others.
AT_ONCE = 1 + max(2, os.cpu_count() or 2)


def main() -> None:
    """Serve the server that `PREFECT_API_URL` names until SIGTERM or SIGINT; `python -m overhaul.flows.runner`."""
    from overhaul.flows.server import connect

    settings = Settings.from_environment()
    os.environ.setdefault("PREFECT_WORKER_QUERY_SECONDS", POLL_SECONDS)
    os.environ["PREFECT_HOME"] = str(settings.home / "prefect")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    connect(settings, print)
    serve(settings)


def serve(settings: Settings) -> None:
    """Register the recipes' deployments, start their runs as they come, and watch the gates. Blocks."""
    from prefect.client.orchestration import get_client
    from prefect.workers.process import ProcessWorker

    from overhaul.flows.deployments import POOL, deploy_recipes
    from overhaul.flows.watcher import watch

    with get_client(sync_client=True) as client:
        deploy_recipes(client)
    stop = threading.Event()
    watching = threading.Thread(target=watch, args=(settings, stop), name="watcher", daemon=True)
    watching.start()
    worker = ProcessWorker(work_pool_name=POOL, name=f"overhaul on {socket.gethostname()}", limit=AT_ONCE)
    try:
        asyncio.run(worker.start())
    finally:
        stop.set()


if __name__ == "__main__":
    main()
