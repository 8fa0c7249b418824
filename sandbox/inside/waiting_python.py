"""Import pytest ahead, wait, then run as `python -m pytest` would have: a fresh process that starts in no time.

waiting_python.py once|timed: the word to go is a line with a JSON object on standard input, of the arguments, what is
added to the environment, the folder, and what a build made and the tree that it belongs to, if there is such a thing.
`timed` ends the run after the object's `seconds`, as timeout(1) does.
Whatever could make the run another one than that of a new interpreter gets a new interpreter.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
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


REPORTERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reporters")
# What pytest imports in any run before it looks at a test.
ALWAYS_IMPORTED = ("_pytest._argcomplete", "email.parser", "faulthandler", "pdb")
# What most projects import. These two replace parts of it, and warn where it has been imported before.
OFTEN_IMPORTED = ("hmac", "http.server", "pickle", "secrets", "ssl", "urllib.request")
PATCHING = ("eventlet", "gevent")


def import_ahead() -> None:
    import pytest  # noqa: F401
    from _pytest.config import default_plugins

    for name in default_plugins:
        importlib.import_module(f"_pytest.{name}")
    sys.path.insert(0, REPORTERS)
    often = () if any(map(importlib.util.find_spec, PATCHING)) else OFTEN_IMPORTED
    for name in (*ALWAYS_IMPORTED, *often, "overhaul_pytest_results"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.path.remove(REPORTERS)
    # Or the run would soon do this: most of what it has to look through is new.
    gc.collect()


def wants_new_interpreter(added: dict[str, str], roots: list[str]) -> bool:
    """Whether it would start in other circumstances, or would have found other modules than those imported by now."""
    if any(name.startswith(READ_AT_START) for name in set(added) - {"PYTHONPATH"}):
        return True
    imported = {name.partition(".")[0] for name in sys.modules} | {"sitecustomize", "usercustomize"}
    for root in roots:
        if root == REPORTERS:
            continue
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
    if request["overlay"]:
        import overlay_built  # type: ignore[import-not-found]

        overlay_built.overlay(*request["overlay"])
        del sys.modules["overlay_built"]
    os.chdir(request["folder"])
    os.environ.update(added)
    roots = [os.getcwd(), *filter(None, added.get("PYTHONPATH", "").split(":"))]
    if not is_ready or wants_new_interpreter(added, roots):
        os.execv(sys.executable, [sys.executable, *arguments])
    sys.path[:1] = roots
    sys.argv = arguments[1:]
    runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)


def wait_and_run(source: int) -> None:
    """Be ready, and become the run that a line from `source` asks for; returns if there comes none."""
    is_ready = True
    try:
        import_ahead()
    except BaseException:  # what is missing now may be in the tree that comes
        is_ready = False
    with open(source, "rb", closefd=source != 0) as lines:
        line = lines.readline()
    if line:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        run(json.loads(line), is_ready)


def wait_and_run_timed() -> None:
    """Run in a child, in a group with us, and end with the exit code that timeout(1) gives."""
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    read, write = os.pipe()
    # Now: a child forked later would copy, as it runs, each page of what was imported.
    child = os.fork()
    if child == 0:
        os.close(write)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        wait_and_run(read)
        return
    os.close(read)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    line = sys.stdin.buffer.readline()
    deadline, late = time.monotonic() + (json.loads(line)["seconds"] if line else KILL_AFTER_SECONDS), False
    with contextlib.suppress(BrokenPipeError), open(write, "wb") as to_child:
        to_child.write(line)
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


if __name__ == "__main__":
    if sys.argv[1] == "timed":
        wait_and_run_timed()
    else:
        wait_and_run(0)
