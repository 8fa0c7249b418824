"""Prepare a repository's environment and run its tests at a commit, in the sandbox."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from overhaul.flows.analysis import impacted_tests
from overhaul.flows.changed_lines import changed_lines
from overhaul.flows.mirror import Mirror
from overhaul.flows.options import Beside, RunOptions
from overhaul.flows.progress import tell
from overhaul.flows.settings import Settings
from overhaul.sandbox.choose import choose
from overhaul.sandbox.environment import Wishes, detect, given_interpreter
from overhaul.sandbox.network import Network
from overhaul.sandbox.node_tests import with_node_tests
from overhaul.sandbox.provider import Environment, Limits, Provider, SandboxSettings
from overhaul.sandbox.report import TestReport
from overhaul.sandbox.testing import Split, run_tests
from overhaul.sandbox.tree_copy import remove_links_out

# The memory of one run is shared out among its parts.
PARTS_AT_MOST = 4


def prepare_environment(
    mirror: Mirror, commit: str, options: RunOptions, run_folder: Path, name: str = "prepare"
) -> Environment:
    """Make or find the environment of a commit, in a step of this name. Raises NoSandbox or EnvironmentFailed."""
    tree = run_folder / "trees" / file_name(name)
    provider = provider_of(options.sandbox, options.network)
    with ExitStack() as stack:
        folder = stack.enter_context(exported(mirror, commit, tree))
        siblings = export_beside(stack, [(each, each.base_commit) for each in options.beside], tree)
        plan = (
            given_interpreter(Path(options.python))
            if options.python
            else detect(
                folder,
                Wishes(
                    beside=siblings,
                    extra_packages=options.packages,
                    called=Path(mirror.source).name.removesuffix(".git"),
                    can_have=provider.has_python,
                ),
            )
        )
        tell(f"preparing the test environment ({provider.name})")
        return provider.prepare(plan, folder, log_path(run_folder, name))


@dataclass(frozen=True, slots=True)
class Checkout:
    """A commit's files in an environment, with the repositories beside it at their commits, as commands see them.

    `source` is the repository; `network` are the hosts that its commands may reach.
    """

    source: str
    commit: str
    environment: Environment
    beside: tuple[tuple[Beside, str], ...]
    network: tuple[str, ...]

    @property
    def mirror(self) -> Mirror:
        return Mirror.of(self.source, Settings.from_environment().mirrors)

    @property
    def provider(self) -> Provider:
        return provider_of(self.environment.provider, self.network)

    @contextmanager
    def exported(self, tree: Path) -> Iterator[tuple[Path, dict[str, Path]]]:
        """Its files in the folder `tree`, and by distribution those of the repositories beside it."""
        with ExitStack() as stack:
            folder = stack.enter_context(exported(self.mirror, self.commit, tree))
            yield folder, export_beside(stack, self.beside, tree)

    def trees(self) -> list[str]:
        """What tells its files from others."""
        mirrors = Settings.from_environment().mirrors
        beside = [
            f"{each.distribution}:{Mirror.of(each.repository, mirrors).tree_of(at)}"
            for each, at in self.beside
        ]
        return [self.mirror.tree_of(self.commit), *beside]


@dataclass(frozen=True, slots=True)
class Testing:
    """How tests are run: the step's `name`, and the commit (or "") `since` which the changes are to be looked at.

    The tests that these reach run first, and the report says which of the changed lines they execute.
    """

    name: str
    timeout_seconds: float
    since: str = ""


def test_commit(
    checkout: Checkout,
    testing: Testing,
    run_folder: Path,
    compared: tuple[TestReport, Mapping[str, str]] | None,
) -> TestReport:
    """Run the tests of a commit; the log is `logs/NAME.log`.

    What they are `compared` with, tests at base and the new names of things, lets them run in as many parts as there
    are cores; but not with a network, on which the parts could meet.
    """
    limits = Limits(wall_seconds=testing.timeout_seconds)
    environment, provider = checkout.environment, checkout.provider
    mirror, since = checkout.mirror, testing.since
    with checkout.exported(run_folder / "trees" / file_name(testing.name)) as (folder, siblings):
        changed = changed_lines(mirror, since, checkout.commit) if since else {}
        first = impacted_tests(mirror, checkout.commit, changed) if changed else []
        parts = 1 if checkout.network else min(len(os.sched_getaffinity(0)), PARTS_AT_MOST)
        tell("running the tests")
        report = run_tests(
            provider,
            environment,
            folder,
            beside=siblings,
            limits=limits,
            log=log_path(run_folder, testing.name),
            first=first,
            changed_lines=changed,
            split=Split(parts, *compared) if compared and parts > 1 else None,
            on_progress=_tell_progress,
        )
        return with_node_tests(report, provider, environment, folder, beside=siblings, limits=limits)


def _tell_progress(done: int, total: int | None, first: int) -> None:
    if total is None or done >= first:
        tell("running the tests", done, total)
    else:
        tell(f"running the impacted tests, then {total - first} more", done, first)


def provider_of(name: str, network: Sequence[str] = ()) -> Provider:
    """The sandbox tier by this name, whose commands reach these hosts. Raises NoSandbox."""
    return choose(name, Settings.from_environment().sandbox, SandboxSettings(network=Network.of(network)))


def stand_by(environment: Environment, limits: Limits, network: Sequence[str]) -> None:
    """Have a workspace started in the background: tests are next."""
    provider_of(environment.provider, network).stand_by(environment, limits)


@contextmanager
def exported(mirror: Mirror, commit: str, folder: Path) -> Iterator[Path]:
    """A commit's files, without links out of them, in a folder that is gone afterwards.

    What a killed process left there is removed first.
    """
    shutil.rmtree(folder, ignore_errors=True)
    mirror.export(commit, folder)
    remove_links_out(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def log_path(run_folder: Path, name: str) -> Path:
    """Where the output of a step of a run is kept."""
    return run_folder / "logs" / f"{file_name(name)}.log"


def file_name(step: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", step.lower())


def export_beside(stack: ExitStack, beside: Sequence[tuple[Beside, str]], folder: Path) -> dict[str, Path]:
    """The files of the repositories beside one, by their distributions, until the stack closes."""
    mirrors = Settings.from_environment().mirrors
    return {
        each.distribution: stack.enter_context(
            exported(
                Mirror.of(each.repository, mirrors),
                commit,
                folder.with_name(f"{folder.name}-{each.distribution}"),
            )
        )
        for each, commit in beside
    }
