"""What the pytest plugin `overhaul_pytest_reporter` registers: who says what each test did, and which of them run.

A module of its own, so that an interpreter that waits for its tests can have it imported.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import pytest
from overhaul_lines import Lines  # type: ignore[import-not-found]

# Writes of up to 4096 bytes (PIPE_BUF) are never mixed with the output of other processes.
LONGEST_RECORD = 3800
RANK = {"passed": 0, "skipped": 1, "xfailed": 2, "xpassed": 3, "error": 4, "failed": 5}


class Reporter:
    def __init__(self, mark: str, stream: int, selection: Selection, lines: Lines) -> None:
        self.selection = selection
        self.lines = lines
        self.mark = mark
        self.stream = stream
        self.running: dict[str, dict[str, Any]] = {}
        self.total: int | None = None
        self.done = 0

    def write(self, record: dict[str, Any]) -> None:
        line = self.encode(record)
        if len(line) > LONGEST_RECORD and "text" in record:
            text = record["text"]
            keep = max(0, len(text) - 200)
            while len(line) > LONGEST_RECORD and keep:
                keep = keep * 3 // 4
                head = keep // 3
                line = self.encode(
                    dict(record, text=text[:head] + "\n...\n" + text[len(text) - (keep - head) :])
                )
        os.write(self.stream, line)

    def encode(self, record: dict[str, Any]) -> bytes:
        return f"\x1e{self.mark} {json.dumps(record, separators=(',', ':'))}\x1e\n".encode()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        # With xdist the controller collects nothing itself.
        if session.items or self.total is None:
            self.say_collected([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        self.say_collected(ids)

    def say_collected(self, ids: list[str]) -> None:
        self.total = len(ids)
        first = [id_ for id_ in ids if self.selection.is_first(id_)]
        files = len({id_.partition("::")[0] for id_ in first})
        record = {"kind": "collected", "count": self.total, "first": len(first), "files": files}
        self.write(dict(record, all=self.selection.of_all_parts) if self.selection.part else record)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        hits = getattr(node, "workeroutput", {}).get("overhaul_lines")
        self.lines.add(*(hits or ({}, "one of xdist's workers ended early")))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.write({"kind": "collection_error", "id": report.nodeid, "text": report.longreprtext})

    def pytest_internalerror(self, excrepr: object) -> None:
        self.write({"kind": "collection_error", "id": "pytest itself", "text": str(excrepr)})

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.write({"kind": "start", "id": nodeid})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome = outcome_of(report)
        if outcome is None:
            return
        state = self.running.setdefault(report.nodeid, {"outcome": None, "seconds": 0.0, "text": ""})
        state["seconds"] += report.duration
        # A part that passed says nothing against an earlier skip or failure.
        if state["outcome"] is None or RANK[outcome] > RANK[state["outcome"]]:
            state["outcome"] = outcome
            state["text"] = report.longreprtext if outcome in ("failed", "error") else ""

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        state = self.running.pop(nodeid, None)
        if state is None:
            return
        record = {
            "kind": "test",
            "id": nodeid,
            "outcome": state["outcome"],
            "seconds": round(state["seconds"], 4),
        }
        if self.selection.is_first(nodeid):
            record["first"] = True
        self.write(dict(record, text=state["text"]) if state["text"] else record)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        for nodeid in list(self.running):
            self.pytest_runtest_logfinish(nodeid)
        self.lines.finish()
        for record in self.lines.records():
            self.write(record)
        self.write({"kind": "end", "exit_code": int(exitstatus)})


def outcome_of(report: pytest.TestReport) -> str | None:
    """The word for one phase, or None if another phase (or a retry) decides."""
    if report.outcome not in ("passed", "failed", "skipped"):
        return None
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed" if report.passed else "failed"
    if report.when == "call" or report.skipped:
        return report.outcome
    return "error" if report.failed else None


class Selection:
    """Which tests run, and which first: by OVERHAUL_ONLY (ids), OVERHAUL_FILES and OVERHAUL_FIRST (files).

    In xdist's workers, too, because they do the collecting. OVERHAUL_PART says which part of a run this is, of how
    many, and the parts of files as they stand in ids; any other file's part goes by its name.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.ids = frozenset(words_of("OVERHAUL_ONLY"))
        self.files = frozenset(map(os.path.realpath, words_of("OVERHAUL_FILES")))
        first = dict.fromkeys(map(os.path.realpath, words_of("OVERHAUL_FIRST")))
        self.places = {path: place for place, path in enumerate(first)}
        self.paths: dict[str, str] = {}
        self.part = json.loads(os.environ.get("OVERHAUL_PART") or "{}")
        self.of_all_parts = 0

    def path(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file not in self.paths:
            self.paths[file] = os.path.realpath(os.path.join(self.root, file))
        return self.paths[file]

    def is_first(self, nodeid: str) -> bool:
        return bool(self.places) and self.path(nodeid) in self.places

    def wants(self, nodeid: str) -> bool:
        return (not self.ids or nodeid in self.ids) and (not self.files or self.path(nodeid) in self.files)

    def is_of_this_part(self, nodeid: str) -> bool:
        if not self.part:
            return True
        file = nodeid.partition("::")[0]
        by_name = zlib.crc32(file.encode(errors="replace")) % self.part["parts"]
        return bool(self.part["files"].get(file, by_name) == self.part["part"])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        for item in items:
            wanted = self.wants(item.nodeid)
            self.of_all_parts += wanted
            (kept if wanted and self.is_of_this_part(item.nodeid) else dropped).append(item)
        items[:] = kept
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        if self.places:
            items.sort(key=lambda item: self.places.get(self.path(item.nodeid), len(self.places)))


class LinesOfTests:
    """Tells which test is running, and in xdist's workers hands over at the end what was seen."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.lines.switch(item.nodeid)
        yield
        self.lines.switch("")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            self.lines.finish()
            hits = {
                path: {str(line): tests for line, tests in seen.items()}
                for path, seen in self.lines.hits.items()
            }
            output["overhaul_lines"] = [hits, self.lines.reason]


def words_of(variable: str) -> list[str]:
    return json.loads(os.environ.get(variable) or "[]")  # type: ignore[no-any-return]
