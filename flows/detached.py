"""Commands about a run that outlive the process which starts them."""

from __future__ import annotations

import subprocess
import sys

from overhaul.flows.settings import Settings

LOG = "carried-on.log"


def carry_on(run_id: str, settings: Settings) -> subprocess.Popen[bytes]:
    """Go on with a run that has no deployment, in a process that outlives this one; what it says is in its folder."""
    return _start(run_id, settings, "resume", run_id, "--json")


def keep_record_of(run_id: str, settings: Settings) -> subprocess.Popen[bytes]:
    """Have the record of a decided run made, in a process that outlives this one."""
    return _start(run_id, settings, "report", "--run", run_id)


def review(address: str, repository: str, settings: Settings) -> subprocess.Popen[bytes]:
    """Have the pull request at an address reviewed, in a process that outlives this one, and findings written to it."""
    return _start("webhook", settings, "review", "--post", "--repository", repository, "--", address)


def _start(name: str, settings: Settings, *command: str) -> subprocess.Popen[bytes]:
    folder = settings.run_folder(name)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "overhaul.flows.command_line", *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
        )
