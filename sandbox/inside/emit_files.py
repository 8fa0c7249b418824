"""Print files of the workspace for the host: a line of base64 for each path named, `-` for what is no regular file."""

import base64
import os
import stat
import sys


def main() -> None:
    """Print the files named by the arguments, in order."""
    for path in sys.argv[1:]:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            print("-")
            continue
        with os.fdopen(descriptor, "rb") as file:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            print(base64.b64encode(file.read()).decode() if regular else "-")


main()
