"""What becomes of a new project: its tests in the sandbox, and a run in which a model fills in its brief."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import git

from overhaul.flows.errors import ScaffoldError
from overhaul.flows.hardened_git import NO_OUTSIDE_CONFIGURATION, first_lines, run_git, said_by
from overhaul.flows.mirror import Mirror
from overhaul.flows.scaffold import BRIEF, Scaffold

if TYPE_CHECKING:
    from overhaul.flows.options import RunOptions
    from overhaul.flows.results import RunResult
    from overhaul.flows.settings import Settings
    from overhaul.sandbox.report import TestReport

TASK = """{brief}

---

This is what is asked for; {file} has the same text and stays. The repository holds a new project, a {template}, with
nothing but its packaging, its CI and tests of what will always hold. Fill it in: source under src/{package}/, a test
under tests/ for each thing that it does, and a README that shows its users how it is used.
The tests that are there stay and pass. `ruff check`, `ruff format --check` and `mypy` (strict) are to pass as well.
The standard library and the dependencies that pyproject.toml names are there, and no others. The CI stays as it is.
"""


def test_skeleton(made: Scaffold, options: RunOptions, settings: Settings) -> tuple[TestReport, Path]:
    """Run the project's tests at its commit; return how they went and where the log is."""
    from overhaul.flows.testing import Checkout, Testing, log_path, prepare_environment, test_commit

    mirror = Mirror.of(str(made.folder), settings.mirrors)
    commit = mirror.fetch(None).commit
    work = settings.home / "new" / mirror.folder.stem
    environment = prepare_environment(mirror, commit, options, work)
    testing = Testing("tests", options.test_timeout)
    checkout = Checkout(str(made.folder), commit, environment, (), options.network)
    return test_commit(checkout, testing, work, None), log_path(work, testing.name)


def with_run(made: Scaffold, options: RunOptions) -> Scaffold:
    """Register the run that fills in the brief, unless there is one already."""
    from overhaul.flows.runs import Request, create_run

    if made.run:
        return made
    task = TASK.format(brief=made.brief.strip(), file=BRIEF, template=made.template, package=made.package)
    options = options.model_copy(update={"images": made.images})
    run = create_run(Request(str(made.folder), "prompt", {"name": BRIEF, "task": task}, options))
    made = replace(made, run=run)
    made.keep()
    return made


def take(made: Scaffold, result: RunResult) -> None:
    """Have the run's commit in the folder if it is published; see to it that the project can be gone on with if not.

    Raises ScaffoldError if the folder has changed meanwhile.
    """
    if result.status == "published":
        _move_forward(made.folder, str(result.head), str(result.branch))
        made.forget()
    elif not _can_go_on(result):
        replace(made, run="").keep()


def _can_go_on(result: RunResult) -> bool:
    """Whether the same run may still end otherwise: not if it was decided, or its budget is used up."""
    used_up = result.agent is not None and result.agent.status not in ("working", "done", "model failed")
    is_open = result.status in ("waiting", "interrupted", "running")
    return is_open or (result.status == "failed" and not used_up)


def _move_forward(folder: Path, commit: str, branch: str) -> None:
    try:
        run_git(
            ["-C", str(folder), "merge", "--quiet", "--ff-only", commit], environment=NO_OUTSIDE_CONFIGURATION
        )
    except git.GitCommandError as error:
        raise ScaffoldError(
            f"{folder} has changed meanwhile, and git does not move it to {commit[:12]}:"
            f" {first_lines(said_by(error))}. What the model made is the branch {branch}; take it with:"
            f" git -C {folder} merge {branch}"
        ) from error
