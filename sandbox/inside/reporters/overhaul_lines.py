"""Which of the wanted lines run, and in which test: by sys.monitoring, or before Python 3.12 by coverage.py's tracer.

Of coverage.py only the compiled tracer is used, loaded under a name of ours from the folder beside the environment:
the project's own coverage.py, if it has one, stays the only module of that name.
"""

from __future__ import annotations

import dis
import glob
import importlib.machinery
import importlib.util
import json
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

TESTS_PER_LINE = 5
LINES_AT_MOST = 20_000


class Lines:
    """`wanted` maps real paths to line numbers, `given` to the paths that they are known by.

    `reason` says why nothing, or not everything, could be seen.
    """

    def __init__(self, wanted: dict[str, set[int]], given: dict[str, str]) -> None:
        self.wanted = wanted
        self.given = given
        # Path -> line -> tests, none for what runs outside of tests.
        self.hits: dict[str, dict[int, list[str]]] = {path: {} for path in wanted}
        self.test = ""
        self.reason = ""
        self.source: Any = None
        if wanted:
            self.source = Monitoring(self) if hasattr(sys, "monitoring") else Tracing(self)

    def note(self, path: str, line: int) -> None:
        tests = self.hits[path].setdefault(line, [])
        if self.test and self.test not in tests and len(tests) < TESTS_PER_LINE:
            tests.append(self.test)

    def switch(self, test: str) -> None:
        """What runs from now on belongs to this test, or to none."""
        if self.source is not None:
            self.source.collect()
            self.test = test

    def finish(self) -> None:
        if self.source is not None:
            self.source.collect()
            self.source.stop()

    def add(self, hits: dict[str, dict[str, list[str]]], reason: str) -> None:
        """Take in what another process saw."""
        self.reason = self.reason or reason
        for path, lines in hits.items():
            for line, tests in lines.items():
                known = self.hits.setdefault(path, {}).setdefault(int(line), [])
                known += [test for test in tests if test not in known][: TESTS_PER_LINE - len(known)]

    def records(self) -> Iterator[dict[str, Any]]:
        """One for each file with its lines that hold code, one for each line that ran, and one that ends them."""
        if not self.wanted:
            return
        left = LINES_AT_MOST
        for path, wanted in self.wanted.items():
            for part in parts_of(sorted(wanted & lines_with_code(path)), 500):
                yield {"kind": "code", "id": self.given[path], "lines": part}
            for line, tests in sorted(self.hits.get(path, {}).items())[:left]:
                yield {"kind": "line", "id": self.given[path], "line": line, "tests": short(tests)}
            left -= min(left, len(self.hits.get(path, ())))
        reason = self.reason or ("" if left else f"more than {LINES_AT_MOST} changed lines ran")
        yield {"kind": "measured", "reason": reason}


class Monitoring:
    """Events of the wanted files alone (PEP 669): other code is seen once, at its first call."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.paths = Paths(lines.wanted)
        monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        self.tool = next((each for each in (3, 4) if monitoring.get_tool(each) is None), None)
        if self.tool is None:
            lines.reason = "other tools take all places for monitoring"
            return
        monitoring.use_tool_id(self.tool, "overhaul")
        monitoring.register_callback(self.tool, monitoring.events.PY_START, self.start)
        monitoring.register_callback(self.tool, monitoring.events.LINE, self.line)
        monitoring.set_events(self.tool, monitoring.events.PY_START)

    def start(self, code: Any, _offset: int) -> Any:
        monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        if self.paths[code.co_filename]:
            monitoring.set_local_events(self.tool, code, monitoring.events.LINE)
        return monitoring.DISABLE

    def line(self, code: Any, line: int) -> Any:
        path = self.paths[code.co_filename]
        if line not in self.lines.wanted.get(path, ()):
            return sys.monitoring.DISABLE  # type: ignore[attr-defined,unused-ignore]
        self.lines.note(path, line)
        return None

    def collect(self) -> None:
        """Lines are noted as they run."""

    def stop(self) -> None:
        monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        if self.tool is not None:
            monitoring.set_events(self.tool, 0)
            monitoring.free_tool_id(self.tool)


class Tracing:
    """coverage.py's tracer; nothing is traced before a wanted file is about to be imported."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.paths = Paths(lines.wanted)
        self.data: dict[str, set[int]] = {}
        self.cache: dict[str, Any] = {}
        self.tracer: Any = None
        self.module = compiled_tracer()
        if self.module is None:
            lines.reason = "coverage.py's tracer is not there for this Python"
            return
        loaded = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        if any(os.path.realpath(path) in lines.wanted for path in loaded if path):
            self.begin()
        else:
            sys.meta_path.insert(0, Watch(lines.wanted, self.begin))

    def begin(self) -> None:
        if sys.gettrace() is not None:
            self.lines.reason = f"another tracer is at work: {sys.gettrace()!r}"
            return
        threading.settrace(self.in_thread)
        self.tracer = self.make()
        self.tracer.start()

    def make(self) -> Any:
        tracer = self.module.CTracer()
        tracer.data, tracer.trace_arcs = self.data, False
        tracer.should_trace, tracer.should_trace_cache = self.should_trace, self.cache
        tracer.lock_data = tracer.unlock_data = lambda: None
        tracer.warn = lambda *_words, **_options: None
        # It takes an attribute that was never set for one that is there.
        tracer.concur_id_func = tracer.should_start_context = tracer.switch_context = None
        tracer.file_tracers, tracer.check_include, tracer.disable_plugin = {}, None, None
        return tracer

    def in_thread(self, frame: Any, event: str, arg: Any) -> Any:
        """A new thread's first event: put a tracer of its own in place and hand the event on."""
        sys.settrace(None)
        trace = self.make().start()
        return trace(frame, event, arg) if trace else None

    def should_trace(self, filename: str, _frame: Any) -> Any:
        path = self.paths[filename]
        found = self.module.CFileDisposition()
        found.original_filename, found.canonical_filename = filename, path or filename
        found.source_filename, found.trace, found.reason = path or None, bool(path), ""
        found.file_tracer, found.has_dynamic_filename = None, False
        return found

    def collect(self) -> None:
        if self.tracer is not None and sys.gettrace() is not self.tracer:
            self.lines.reason = "a test put another tracer in the place of ours"
        for path, lines in list(self.data.items()):
            for line in lines & self.lines.wanted.get(path, set()):
                self.lines.note(path, line)
            lines.clear()  # the same set: running functions hold on to it

    def stop(self) -> None:
        if self.tracer is not None and id(sys.gettrace()) == id(self.tracer):
            self.tracer.stop()
            threading.settrace(None)


class Paths:
    """The wanted path that a code object's file name stands for, or ""."""

    def __init__(self, wanted: dict[str, set[int]]) -> None:
        self.wanted = wanted
        self.known: dict[str, str] = {}

    def __getitem__(self, filename: str) -> str:
        if filename not in self.known:
            path = os.path.realpath(filename)
            self.known[filename] = path if path in self.wanted else ""
        return self.known[filename]


class Watch:
    """Finds no module; calls `begin` when one that is named like a wanted file is looked for."""

    def __init__(self, wanted: dict[str, set[int]], begin: Any) -> None:
        self.names: set[str] = set()
        for path in wanted:
            name = os.path.splitext(os.path.basename(path))[0]
            self.names.add(os.path.basename(os.path.dirname(path)) if name == "__init__" else name)
            self.names.add(name)
        self.begin: Any = begin

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> None:
        if self.begin is not None and name.rpartition(".")[2] in self.names:
            begin, self.begin = self.begin, None
            begin()


def compiled_tracer() -> Any:
    """The tracer from beside the environment, or of the interpreter's own coverage.py if there is no such folder."""
    folders = [os.path.join(os.path.dirname(sys.prefix), "coverage", "coverage")]
    own = importlib.machinery.PathFinder.find_spec("coverage")
    folders += list(own.submodule_search_locations or ()) if own else []
    for folder in folders:
        for suffix in importlib.machinery.EXTENSION_SUFFIXES:
            for path in glob.glob(os.path.join(glob.escape(folder), "tracer" + suffix)):
                loader = importlib.machinery.ExtensionFileLoader("overhaul_coverage.tracer", path)
                spec = importlib.util.spec_from_file_location("overhaul_coverage.tracer", path, loader=loader)
                try:
                    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
                    loader.exec_module(module)
                except ImportError:
                    continue
                return module
    return None


def lines_with_code(path: str) -> set[int]:
    try:
        with open(path, "rb") as file:
            left = [compile(file.read(), path, "exec", dont_inherit=True)]
    except (OSError, SyntaxError, ValueError):
        return set()
    found: set[int] = set()
    while left:
        code = left.pop()
        found.update(line for _, line in dis.findlinestarts(code) if line)
        left += [each for each in code.co_consts if hasattr(each, "co_code")]
    return found


def short(tests: list[str]) -> list[str]:
    """Ids that fit into one record."""
    kept: list[str] = []
    for test in tests:
        if sum(map(len, kept)) + len(test) < 500:
            kept.append(test)
    return kept


def parts_of(numbers: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def wanted_lines() -> Lines:
    """Start with the lines that OVERHAUL_LINES names: a JSON object of paths and ranges, both ends included."""
    given = json.loads(os.environ.get("OVERHAUL_LINES") or "{}")
    wanted = {
        os.path.realpath(path): {line for first, last in ranges for line in range(first, last + 1)}
        for path, ranges in given.items()
    }
    return Lines(wanted, {os.path.realpath(path): path for path in given})
