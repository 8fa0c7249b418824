"""Run a Django project's own test script and say what each test did, in the same marked lines as the other reporters.

    overhaul_django_runner.py SCRIPT|-m MODULE [ARGUMENT...]

Whatever runner the project's settings name becomes one that reports: in one process, to the end.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

from django.test.runner import DiscoverRunner  # type: ignore[import-not-found]
from overhaul_unittest_runner import Result, cases, chosen, open_writer, run  # type: ignore[import-not-found]


class Reporting:
    """Goes before the project's runner class."""

    reached_end = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.parallel, self.failfast, self.shuffle = 1, False, False
        self.pdb, self.debug_sql, self.interactive = False, False, False

    def setup_databases(self, **options: Any) -> Any:
        from django.db import connections  # type: ignore[import-not-found]

        for alias in options.get("aliases", connections):
            vendor = connections[alias].vendor
            if vendor != "sqlite":
                sys.exit(f"overhaul: database {alias!r} is {vendor}; test runs have only sqlite")
        return super().setup_databases(**options)  # type: ignore[misc]

    def build_suite(self, *arguments: Any, **options: Any) -> Any:
        suite = super().build_suite(*arguments, **options)  # type: ignore[misc]
        return type(suite)(chosen(Result.writer, cases(suite), self.rank))

    def rank(self, test: Any) -> int:
        """Django's order of kinds: a test that flushes the database comes after all that rely on what is in it."""
        kinds = tuple(self.reorder_by)  # type: ignore[attr-defined]
        return next((place for place, kind in enumerate(kinds) if isinstance(test, kind)), len(kinds))

    def run_suite(self, suite: Any, **_options: Any) -> Any:
        result = run(suite)
        Reporting.reached_end = True
        return result


def reporting(cls: type, *_arguments: Any, **_options: Any) -> object:
    """Make an instance of any runner class one of a class that reports: scripts may choose the class in many ways."""
    return object.__new__(type(cls.__name__, (Reporting, cls), {}))


def exit_code(arguments: list[str]) -> int:
    """Run the script as Python would."""
    try:
        if arguments[0] == "-m":
            sys.argv, sys.path[0] = arguments[1:], os.getcwd()
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv, sys.path[0] = arguments, os.path.dirname(os.path.abspath(arguments[0]))
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
            return 1
        return int(ended.code or 0)
    return 0


def main() -> int:
    writer = open_writer()
    DiscoverRunner.__new__ = reporting
    code = exit_code(sys.argv[1:])
    sys.stderr.flush()
    if Reporting.reached_end:
        writer.write({"kind": "end", "exit_code": code})
    return code


if __name__ == "__main__":
    sys.exit(main())
