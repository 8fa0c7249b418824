"""Instances of a benchmark made from released projects: bug fixes between two versions, and refactorings.

Versions are pinned, so that the changes between them are known.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overhaul.flows.bench_grading import Bench, judged_checkout, test_tree
from overhaul.flows.bench_instances import read_instances
from overhaul.flows.bench_repositories import instance_repository
from overhaul.flows.options import RunOptions
from tests.flows.repositories import git


@dataclass(frozen=True)
class Fix:
    """What changed in a project's source between two neighbouring versions, and in its tests."""

    project: str
    old: str
    new: str
    source: str
    tests: tuple[str, ...]
    problem: str

    @property
    def id(self) -> str:
        return f"{self.project}__{self.project}-{self.new}"


FIXES = (
    Fix(
        "parse", "1.20.1", "1.20.2", "parse.py", ("tests/test_parse.py",),
        "# Hyphens in field names\n\n`parse.search('/sub/{user-id}/', '/sub/1/')` finds nothing: a name may hold a hyphen.\n"
        "Such a field is the group `user_id`, and `result['user-id']` gives its text.\n",
    ),
    Fix(
        "tinydb", "4.8.2", "4.9.0", "tinydb/utils.py", ("tests/test_utils.py",),
        "# LRUCache takes falsy values for absent ones\n\n"
        "A key whose value is 0 does not move to the end when it is set again.\n",
    ),
    Fix(
        "sqlparse", "0.6.0", "0.6.1", "sqlparse/filters/output.py", ("tests/test_format.py",),
        "# PHP output: `$` is not escaped\n\nPHP interpolates `$name` and `{$name}` in the string that is made.\n",
    ),
)  # fmt: skip

REFACTORED = ("parse", "1.20.2")
RENAMES = {
    "parse-rename-by-recipe": ("parse.extract_format", "read_format"),
    "parse-rename-by-instruction": ("parse.strf_date_convert", "convert_by_strftime"),
}


def _refactoring(name: str) -> dict[str, Any]:
    old, new = RENAMES[name]
    module, _, function = old.rpartition(".")
    check = f"! grep -rnw {function} --include='*.py' ."
    asked = (
        {"recipe": "rename-symbol", "parameters": {"old": old, "new": new}}
        if name.endswith("recipe")
        else {"instruction": f"Rename `{function}` of `{module}` to `{new}`, and all of its uses."}
    )
    return {"instance_id": name, "check": f"{check} && python -c 'from {module} import {new}'", **asked}


def make_instances(folder: Path, checkout: Callable[[str, str], Path], patches: dict[str, str]) -> Path:
    """Write `instances.jsonl` into a folder; which tests fail before a fix and pass after it is found by running them.

    `patches` has a gold patch for each refactoring.
    """
    file = folder / "instances.jsonl"
    lines = [_fix(fix, folder, checkout) for fix in FIXES]
    source = checkout(*REFACTORED)
    where = {"repo": str(source), "base_commit": git(source, "rev-parse", "main")}
    lines += [{**_refactoring(name), **where, "patch": patch} for name, patch in patches.items()]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def _fix(fix: Fix, folder: Path, checkout: Callable[[str, str], Path]) -> dict[str, Any]:
    old, new = checkout(fix.project, fix.old), checkout(fix.project, fix.new)
    git(old, "fetch", "--quiet", str(new), "main:released")
    line: dict[str, Any] = {
        "instance_id": fix.id,
        "repo": str(old),
        "base_commit": git(old, "rev-parse", "main"),
        "problem_statement": fix.problem,
        "patch": git(old, "diff", "main", "released", "--", fix.source) + "\n",
        "test_patch": git(old, "diff", "main", "released", "--", *fix.tests) + "\n",
        "version": fix.old,
    }
    before, after = (_passed(line, fix.tests, folder, patch) for patch in ("", line["patch"]))
    line["FAIL_TO_PASS"] = json.dumps(sorted(after - before))  # a string, as in the official data sets
    line["PASS_TO_PASS"] = json.dumps(sorted(after & before))
    return line


def _passed(line: dict[str, Any], files: tuple[str, ...], folder: Path, patch: str) -> set[str]:
    """The tests of these files that pass with the test patch and this one."""
    unjudged = folder / "unjudged.jsonl"
    unjudged.write_text(json.dumps({**line, "check": "true"}))
    (instance,) = read_instances(unjudged)
    place = folder / "made" / instance.id
    bench = Bench(
        instance_repository(instance, line["repo"], place),
        RunOptions(sandbox="process", python=sys.executable),
        place,
    )
    checkout = judged_checkout(bench, patch, instance.test_patch)
    report = test_tree(checkout, bench, [f"{file}::" for file in files])
    assert report.complete, report.reason
    return {result.id for result in report.results if result.outcome == "passed"}
