"""Run unittest's discovery and say what each test did, in the same marked lines as the pytest reporter."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
import unittest
from collections.abc import Callable
from typing import Any

from overhaul_lines import Lines, wanted_lines  # type: ignore[import-not-found]

LONGEST_TEXT = 3000


class Writer:
    """Writes records to the standard output that we were started with."""

    def __init__(self, mark: str, stream: int) -> None:
        self.mark = mark
        self.stream = stream

    def write(self, record: dict[str, Any]) -> None:
        text = record.get("text", "")
        if len(text) > LONGEST_TEXT:
            record["text"] = text[: LONGEST_TEXT // 3] + "\n...\n" + text[-2 * LONGEST_TEXT // 3 :]
        line = f"\x1e{self.mark} {json.dumps(record, separators=(',', ':'))}\x1e\n"
        os.write(self.stream, line.encode())


class Result(unittest.TextTestResult):
    """unittest's own result that also writes a record for each test."""

    writer: Writer
    selection: Selection
    lines: Lines

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self.outcome, self.text, self.started = "passed", "", time.perf_counter()
        self.writer.write({"kind": "start", "id": test.id()})
        self.lines.switch(test.id())

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        self.lines.switch("")
        self.record(test, self.outcome, self.text, time.perf_counter() - self.started)

    def record(self, test: unittest.TestCase, outcome: str, text: str, seconds: float) -> None:
        record = {"kind": "test", "id": test.id(), "outcome": outcome, "seconds": round(seconds, 4)}
        if self.selection.is_first(test):
            record["first"] = True
        self.writer.write(dict(record, text=text) if text else record)

    def note(self, outcome: str, error: Any = None) -> None:
        self.outcome = outcome
        self.text = "".join(traceback.format_exception(*error)) if error else ""

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        if not isinstance(test, unittest.TestCase):
            # setUpClass and setUpModule fail outside any test.
            self.writer.write({"kind": "collection_error", "id": str(test), "text": str(err[1])})
        self.note("error", err)

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self.note("failed", err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.note("failed", err)

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self.note("skipped")

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self.note("xfailed")

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self.note("failed")


def cases(suite: Any) -> list[Any]:
    return (
        [case for part in suite for case in cases(part)] if isinstance(suite, unittest.TestSuite) else [suite]
    )


def is_package(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "__init__.py"))


def failed_loads(tests: list[Any]) -> list[Any]:
    """Modules that could not be imported: unittest makes a test of each that fails."""
    return [test for test in tests if type(test).__name__ == "_FailedTest"]


def words_of(variable: str) -> list[str]:
    return json.loads(os.environ.get(variable) or "[]")  # type: ignore[no-any-return]


class Selection:
    """Which tests run, and which first: by OVERHAUL_ONLY (ids), OVERHAUL_FILES and OVERHAUL_FIRST (files)."""

    def __init__(self) -> None:
        self.ids = frozenset(words_of("OVERHAUL_ONLY"))
        self.files = frozenset(map(os.path.realpath, words_of("OVERHAUL_FILES")))
        first = dict.fromkeys(map(os.path.realpath, words_of("OVERHAUL_FIRST")))
        self.places = {path: place for place, path in enumerate(first)}

    def path(self, test: Any) -> str:
        module = sys.modules.get(type(test).__module__)
        return os.path.realpath(getattr(module, "__file__", None) or "")

    def place(self, test: Any) -> int:
        return self.places.get(self.path(test), len(self.places)) if self.places else 0

    def is_first(self, test: Any) -> bool:
        return bool(self.places) and self.path(test) in self.places

    def wants(self, test: Any) -> bool:
        if self.ids:
            return test.id() in self.ids
        # A module that could not be loaded stands for tests that nobody knows.
        return not self.files or self.path(test) in self.files or bool(failed_loads([test]))


def open_writer() -> Writer:
    """The mark is taken out of the environment: tests need not see it."""
    Result.selection, Result.lines = Selection(), wanted_lines()
    writer = Result.writer = Writer(os.environ.pop("OVERHAUL_MARK", ""), os.dup(1))
    return writer


def chosen(writer: Writer, tests: list[Any], rank: Callable[[Any], int] | None = None) -> list[Any]:
    """Say which modules could not be loaded and how many tests there are, and return these, in order.

    Those that run first do so among the tests of the same `rank`.
    """
    selection = Result.selection
    tests = [test for test in {test.id(): test for test in tests}.values() if selection.wants(test)]
    failed = failed_loads(tests)
    for test in failed:
        try:
            getattr(test, test._testMethodName)()
        except Exception as error:
            writer.write({"kind": "collection_error", "id": test._testMethodName, "text": str(error)})
    tests = [test for test in tests if test not in failed]
    tests.sort(key=lambda test: (rank(test) if rank else 0, selection.place(test)))
    first = [selection.path(test) for test in tests if selection.is_first(test)]
    counts = {"count": len(tests), "first": len(first), "files": len(set(first))}
    writer.write(dict(counts, kind="collected"))
    return tests


def run(tests: list[Any]) -> unittest.TestResult:
    runner = unittest.TextTestRunner(resultclass=Result, verbosity=2)  # type: ignore[arg-type]
    result = runner.run(unittest.TestSuite(tests))
    Result.lines.finish()
    for record in Result.lines.records():
        Result.writer.write(record)
    return result


def discovered() -> list[Any]:
    """All tests below the current folder."""
    top = os.getcwd()
    # Discovery does not go down into folders that are no packages.
    places = [".", *(name for name in ("tests", "test") if os.path.isdir(name) and not is_package(name))]
    tests: list[Any] = []
    for place in places:
        sys.path.insert(0, os.path.join(top, place))
        for pattern in ("test*.py", "*_test.py"):
            tests += cases(unittest.TestLoader().discover(place, pattern=pattern, top_level_dir=place))
    return tests


def stated(arguments: list[str]) -> list[Any]:
    """The tests that unittest's own arguments name."""
    sys.path.insert(0, os.getcwd())
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("-s", "--start-directory")
    parser.add_argument("-p", "--pattern")
    parser.add_argument("-t", "--top-level-directory")
    parser.add_argument("-k", action="append", default=[])
    parser.add_argument("-b", "--buffer", action="store_true")
    options = parser.parse_args(arguments)
    loader = unittest.TestLoader()
    if options.k:
        loader.testNamePatterns = [word if "*" in word else f"*{word}*" for word in options.k]
    if options.words and options.words[0] != "discover":
        return cases(loader.loadTestsFromNames(options.words))
    start, pattern, top = (options.words[1:] + [None] * 3)[:3]
    start = start or options.start_directory or "."
    pattern = pattern or options.pattern or "test*.py"
    return cases(loader.discover(start, pattern, top or options.top_level_directory))


def main() -> int:
    writer = open_writer()
    arguments = sys.argv[1:]
    found = stated(arguments) if arguments else discovered()
    result = run(chosen(writer, found))
    code = 0 if result.wasSuccessful() and not failed_loads(found) else 1
    writer.write({"kind": "end", "exit_code": code})
    return code


if __name__ == "__main__":
    sys.exit(main())
