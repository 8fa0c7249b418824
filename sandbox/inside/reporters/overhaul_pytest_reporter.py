"""pytest plugin: say what each test did, as marked lines on the standard output that pytest was started with.

Loaded with `-p`. Silent in xdist's workers, because the controller hears of all tests. The mark is a number made
for one run: what tests print cannot be taken for a record by accident.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest
from overhaul_lines import wanted_lines  # type: ignore[import-not-found]
from overhaul_pytest_results import LinesOfTests, Reporter, Selection  # type: ignore[import-not-found]


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Any:
    """Before Python 3.12 two tracers cannot share a process: pytest-cov's report is not what this run is for."""
    traces = LINES.wanted and not hasattr(sys, "monitoring")
    if traces and hasattr(early_config.known_args_namespace, "no_cov"):
        early_config.known_args_namespace.no_cov = True
    yield


def pytest_configure(config: pytest.Config) -> None:
    selection = Selection(str(getattr(config, "rootpath", None) or config.rootdir))  # type: ignore[attr-defined]
    config.pluginmanager.register(selection, "overhaul-selection")
    if selection.part and config.getoption("dist", "no") != "no":
        pytest.exit("xdist spreads these tests over the cores already", 3)
    if LINES.wanted:
        config.pluginmanager.register(LinesOfTests(LINES), "overhaul-lines")
    if MARK and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(MARK, STREAM, selection, LINES), "overhaul-reporter")


# Taken while this is imported: pytest redirects the standard output right after, and tests need not see the mark.
MARK = os.environ.pop("OVERHAUL_MARK", "")
STREAM = os.dup(1) if MARK else -1
# From here on, so that what is imported by plugins and conftests is seen.
LINES = wanted_lines()
