"""Print files of the workspace for the host: a line of base64 for each path named, `-` for what is no
regular file, or too long for source code.
"""

from __future__ import annotations

import base64
import os
import stat
import sys

LARGEST = 16 << 20  # bytes: a sparse file is long at no cost


def main() -> None:
    """Print the files named by the arguments, in order."""
    for path in sys.argv[1:]:
        content = read(path)
        print("-" if content is None or len(content) > LARGEST else base64.b64encode(content).decode())


def read(path: str) -> bytes | None:
    """Return the beginning of a regular file; None for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(LARGEST + 1)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    main()
