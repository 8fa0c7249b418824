"""Which changed lines the tests executed, and which tests did."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from overhaul.sandbox.plan import Step, install_beside

Statement = tuple[int, int]
# The last versions for these Pythons; from 3.12 on the interpreter itself tells which lines run.
_TRACERS = {"3.8": "7.6.1", "3.9": "7.10.7", "3.10": "7.10.7", "3.11": "7.10.7"}


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """Changed lines of one file that hold code: `executed` ones with tests that did so (the first five), `missed` ones.

    Without tests, a line ran while something was imported.
    """

    path: str
    executed: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    missed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """`reason` says why changed lines could not be measured, or not all of them; then nothing is said of the others."""

    files: tuple[FileCoverage, ...] = ()
    reason: str = ""

    @property
    def executed(self) -> int:
        return sum(len(file.executed) for file in self.files)

    @property
    def changed(self) -> int:
        return self.executed + len(self.missed)

    @property
    def missed(self) -> tuple[str, ...]:
        """The lines that no test executed, as `path:line`."""
        return tuple(f"{file.path}:{line}" for file in self.files for line in file.missed)

    def to_json(self) -> dict[str, Any]:
        """Tests are given once for each file, lines refer to their places in that list."""
        return {"files": [_file_to_json(file) for file in self.files], "reason": self.reason}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        files = (
            FileCoverage(
                each["path"],
                {int(line): tuple(each["tests"][n] for n in ns) for line, ns in each["executed"].items()},
                tuple(each["missed"]),
            )
            for each in data["files"]
        )
        return cls(tuple(files), data["reason"])


def _file_to_json(file: FileCoverage) -> dict[str, Any]:
    tests = {test: None for tests in file.executed.values() for test in tests}
    places = {test: place for place, test in enumerate(tests)}
    executed = {str(line): [places[test] for test in tests] for line, tests in file.executed.items()}
    return {"path": file.path, "executed": executed, "missed": list(file.missed), "tests": list(tests)}


def measuring_steps(python: str) -> list[Step]:
    """Put coverage.py's tracer beside the environment, where the interpreter itself cannot tell."""
    if python not in _TRACERS:
        return []
    reason = "its tracer tells which changed lines the tests execute; without it nothing is said of them"
    return [install_beside("coverage", "coverage", f"coverage=={_TRACERS[python]}", reason)]


class ChangedLines:
    """The changed lines of a tree, by the statements that they belong to; and what was heard of these."""

    def __init__(self, source: Path, changed: Mapping[str, Iterable[int]]) -> None:
        self.left_out: list[str] = []
        self._statements: dict[str, dict[int, Statement]] = {}
        self._code: dict[str, set[int]] = {}
        self._executed: dict[str, dict[int, list[str]]] = {}
        self._asked: dict[str, set[int]] = {}
        self._reason: str | None = None
        for path, lines in sorted(changed.items()):
            if path.endswith(".py") and (source / path).is_file():
                try:
                    found = statements_of((source / path).read_bytes(), lines)
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    self.left_out.append(path)
                else:
                    self._statements |= {path: found} if found else {}
                    self._asked[path] = {
                        each for first, last in set(found.values()) for each in range(first, last + 1)
                    }

    def variable(self, root: str, longest: int) -> str:
        """What the reporters are told: ranges of lines by paths below `root`; what does not fit is left out."""
        given: dict[str, list[Statement]] = {}
        for path, statements in self._statements.items():
            ranges = sorted(set(statements.values()))
            longest -= len(json.dumps({f"{root}/{path}": ranges})) + 2
            if longest < 0:
                self.left_out.append(path)
            else:
                given[f"{root}/{path}"] = ranges
        return json.dumps(given) if given else ""

    def take(self, root: str, record: Mapping[str, Any]) -> None:
        """Hear one record of a reporter's; what was not asked is not kept, since tests may say things without end."""
        path = str(record.get("id", "")).removeprefix(f"{root}/")
        if record["kind"] == "measured":
            self._reason = str(record["reason"])
        elif record["kind"] == "code":
            lines = self._asked[path].intersection(map(int, record["lines"]))
            self._code.setdefault(path, set()).update(lines)
        elif int(record["line"]) in self._asked[path]:
            tests = [str(test) for test in record["tests"]]
            self._executed.setdefault(path, {})[int(record["line"])] = tests

    def add(self, other: ChangedLines) -> None:
        """Take in what another part of the same test run has told of the same lines."""
        unheard = self._reason is None or other._reason is None
        self._reason = None if unheard else self._reason or other._reason
        for path, code in other._code.items():
            self._code.setdefault(path, set()).update(code)
        for path, lines in other._executed.items():
            known = self._executed.setdefault(path, {})
            for line, tests in lines.items():
                known[line] = [*known.get(line, ()), *tests]

    def coverage(self) -> Coverage | None:
        """What came of it; None if no changed line holds code."""
        if not self._statements and not self.left_out:
            return None
        if self._reason is None or self._reason:
            return Coverage(reason=self._reason or "the test run did not come to its end")
        missing = f"those of {', '.join(self.left_out[:5])}" if self.left_out else ""
        return Coverage(tuple(self._files()), missing)

    def _files(self) -> Iterator[FileCoverage]:
        for path, statements in self._statements.items():
            code, hits = self._code.get(path, set()), self._executed.get(path, {})
            executed: dict[int, tuple[str, ...]] = {}
            missed: list[int] = []
            for line, (first, last) in sorted(statements.items()):
                ran = [hits[each] for each in range(first, last + 1) if each in hits]
                if ran:
                    executed[line] = tuple(dict.fromkeys(test for tests in ran for test in tests))[:5]
                elif any(each in code for each in range(first, last + 1)):
                    missed.append(line)
            if executed or missed:
                yield FileCoverage(path, executed, tuple(missed))


def statements_of(content: bytes, lines: Iterable[int]) -> dict[int, Statement]:
    """For each of these lines that is part of a statement, the first and last line of it, or of its header.

    Blank lines, comments and docstrings belong to none. Raises SyntaxError or ValueError for what is no
    Python, RecursionError or MemoryError for what is nested too deep.
    """
    owner: dict[int, Statement] = {}
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case) and not _is_text(node):
            first, last = _extent(node)
            # Inner statements come later in the walk and take their lines from outer ones.
            owner |= dict.fromkeys(range(first, last + 1), (first, last))
    text = dict(enumerate(content.splitlines(), 1))
    says = (line for line in sorted(set(lines)) if text.get(line, b"").split(b"#")[0].strip())
    return {line: owner[line] for line in says if line in owner}


def _extent(node: Any) -> Statement:
    """The lines of a statement without those of the statements in it."""
    first = _start(node)
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not isinstance(body, list):
        return first, node.end_lineno or first
    return first, max(first, _start(body[0]) - 1)


def _start(node: Any) -> int:
    if isinstance(node, ast.match_case):
        return int(node.pattern.lineno)
    decorators = getattr(node, "decorator_list", [])
    return min([int(node.lineno), *(int(each.lineno) for each in decorators)])


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
