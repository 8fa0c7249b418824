"""The plain loop beside which a campaign is measured: the same edit, the same tests, a commit and a push, nothing else.

Usage: campaign_loop.py WORKING_FOLDER REPOSITORY...
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from overhaul.refactors import scan

RENAME = {"old": "acme.api.fetch_user", "new": "get_user"}
BRANCH = "refactor/fetch-user"


def main() -> None:
    """Do it to one repository after the other."""
    folder = Path(sys.argv[1])
    for name in sys.argv[2:]:
        _refactor(Path(name), folder / Path(name).name)


def _refactor(source: Path, clone: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", str(source), str(clone)], check=True)
    _test(clone)
    for edit in scan("rename-symbol", clone, **RENAME).analysis.edits:
        (clone / edit.path).write_bytes(edit.content)
    _test(clone)
    commit = ("-c", "user.name=Bench", "-c", "user.email=bench@localhost", "commit", "--quiet", "--all")
    subprocess.run(["git", "-C", str(clone), *commit, "--message", "Rename fetch_user"], check=True)
    subprocess.run(
        ["git", "-C", str(clone), "push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}"], check=True
    )


def _test(clone: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(clone / "src")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=clone, env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
