"""Keep those requirements that the package index has: a conda file's names may be of packages that it does not.

keep_available.py UV CANDIDATES AVAILABLE
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def main(uv: str, candidates: str, available: str) -> None:
    with open(candidates, encoding="utf-8") as file:
        lines = file.read().split("\n")[:-1]

    def is_there(line: str) -> bool:
        ask = [
            uv,
            "pip",
            "install",
            "--python",
            sys.executable,
            "--no-deps",
            "--dry-run",
            "--quiet",
            "--",
            line,
        ]
        return (
            subprocess.run(ask, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
            == 0
        )

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(is_there, lines))
    with open(available, "w", encoding="utf-8") as file:
        for place, line in enumerate(lines):
            if found[place]:
                file.write(f"{line}\n")
            else:
                print(f"left out, the package index has no such package for this Python: {line}")


if __name__ == "__main__":
    main(*sys.argv[1:])
