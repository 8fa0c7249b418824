"""The runner: the process that starts the runs of deployments, each in a process of its own.

It is a Prefect process worker on the work pool of ours, which takes what the UI, a schedule or an answered gate puts
there. Several may serve one pool, on one machine or many.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

from overhaul.flows.settings import Settings

# Prefect's own 10 s are long to look at an empty page after pressing a button.
POLL_SECONDS = "3"


def main() -> None:
    """Serve deployments until SIGTERM or SIGINT; `python -m overhaul.flows.runner`."""
    os.environ.setdefault("PREFECT_WORKER_QUERY_SECONDS", POLL_SECONDS)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    folder = Settings.from_environment().home / "runner"
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    serve()


def serve() -> None:
    """Register the recipes' deployments and start their runs as they come. Blocks."""
    from prefect.client.orchestration import get_client
    from prefect.workers.process import ProcessWorker

    from overhaul.flows.deployments import POOL, deploy_recipes

    with get_client(sync_client=True) as client:
        deploy_recipes(client)
    worker = ProcessWorker(work_pool_name=POOL, name=f"overhaul on {socket.gethostname()}")
    asyncio.run(worker.start())


if __name__ == "__main__":
    main()
