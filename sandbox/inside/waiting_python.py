"""Import pytest ahead, wait, then run as `python -m pytest` would have: a fresh process that starts in no time.

waiting_python.py once|timed: the word to go is a line with a JSON object on standard input, of the arguments, what is
added to the environment, and the folder. `timed` ends the run after the object's `seconds`, as timeout(1) does.
Whatever could make the run another one than that of a new interpreter gets a new interpreter.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import signal
import sys
import time
from typing import Any

# Read by the interpreter or the C library at start, or by what is imported with pytest.
READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "TZ", "COVERAGE_", "COV_CORE_", "SETUPTOOLS_")
KILL_AFTER_SECONDS = 2


def import_ahead() -> None:
    import pytest  # noqa: F401
    from _pytest.config import default_plugins

    for name in default_plugins:
        importlib.import_module(f"_pytest.{name}")


def wants_new_interpreter(added: dict[str, str], roots: list[str]) -> bool:
    """Whether it would start in other circumstances, or would have found other modules than those imported by now."""
    if any(name.startswith(READ_AT_START) for name in set(added) - {"PYTHONPATH"}):
        return True
    imported = {name.partition(".")[0] for name in sys.modules} | {"sitecustomize", "usercustomize"}
    for root in roots:
        with contextlib.suppress(OSError), os.scandir(root) as entries:
            for entry in entries:
                is_module = entry.name.endswith((".py", ".pyc", ".so"))
                if entry.name.partition(".")[0] in imported and (
                    is_module or os.path.exists(os.path.join(entry.path, "__init__.py"))
                ):
                    return True
    return False


def run(request: dict[str, Any], is_ready: bool) -> None:
    """Become the run; does not return."""
    arguments, added = request["arguments"], request["environment"]
    os.chdir(request["folder"])
    os.environ.update(added)
    roots = [os.getcwd(), *filter(None, added.get("PYTHONPATH", "").split(":"))]
    if not is_ready or wants_new_interpreter(added, roots):
        os.execv(sys.executable, [sys.executable, *arguments])
    sys.path[:1] = roots
    sys.argv = arguments[1:]
    runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)


def run_timed(request: dict[str, Any], is_ready: bool) -> None:
    """Run in a child, in a group with us, and end with the exit code that timeout(1) gives."""
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        run(request, is_ready)
        return
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    deadline, late = time.monotonic() + request["seconds"], False
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            break
        left = deadline - time.monotonic()
        if left > 0:
            signal.sigtimedwait([signal.SIGCHLD], left)
            continue
        os.killpg(0, signal.SIGKILL if late else signal.SIGTERM)
        late, deadline = True, time.monotonic() + KILL_AFTER_SECONDS
    if late:
        os._exit(124)
    os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def main() -> None:
    is_ready = True
    try:
        import_ahead()
    except BaseException:  # what is missing now may be in the tree that comes
        is_ready = False
    line = sys.stdin.buffer.readline()
    if not line:
        return
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    (run_timed if sys.argv[1] == "timed" else run)(json.loads(line), is_ready)


if __name__ == "__main__":
    main()
