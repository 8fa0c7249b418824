"""Tests that begin in a workspace which was started ahead are those that a new one would have run."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from docker.errors import NotFound

from overhaul.sandbox import standby
from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.fence import Fence
from overhaul.sandbox.host_workspace import Enclosure
from overhaul.sandbox.process import ProcessProvider
from overhaul.sandbox.provider import Command, Limits
from overhaul.sandbox.supervised import SupervisedCommand
from tests.sandbox.conftest import Tier, python

LIMITS = Limits(wall_seconds=60)
# Everything that a test can learn of its process, but for what is new each time.
FACTS = """
import json, os, resource, signal, sys, threading
import helper
def test_facts():
    facts = {
        "argv": sys.argv, "path": sys.path, "folder": os.getcwd(), "stdin": os.fstat(0).st_rdev,
        "variables": {k: v for k, v in os.environ.items() if k not in ("OVERHAUL_MARK", "HOSTNAME")},
        "flags": str(sys.flags), "main": sys.modules["__main__"].__spec__.name,
        "signals": {n: str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE)},
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "limits": [resource.getrlimit(n) for n in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_DATA)],
        "threads": threading.active_count(), "descriptors": sorted(os.listdir("/proc/self/fd"))[:3],
        "group": os.getpgrp() == os.getpid() or os.getsid(0) == os.getpgrp(),
    }
    assert False, "FACTS" + json.dumps(facts, sort_keys=True, default=str) + "END"
"""


@pytest.fixture(autouse=True)
def nothing_stands_by_afterwards():
    yield
    standby.close_all()


def started_ahead(tier: Tier, limits: Limits = LIMITS) -> None:
    """Have a workspace stand by and wait until it does."""
    tier.provider.stand_by(tier.environment, limits)
    for opened in standby._ready.values():
        opened.result()


def facts(tier: Tier, source: Path) -> Mapping[str, object]:
    report = tier.test(source, limits=LIMITS, rerun_failures=0)
    assert report.status == "failed", report
    text = (tier.folder / "tests.log").read_text()
    found = text.partition("FACTS{")[2].partition("}END")[0]
    # A workspace's own folder has a new name each time.
    root = str(json.loads(f"{{{found}}}")["folder"]).rpartition("/tree")[0]
    return json.loads(f"{{{found}}}".replace(root.rpartition("/")[2], "NAME"))


def test_process_is_that_of_a_new_workspace(tier: Tier, tree: Callable[[Mapping[str, str]], Path]) -> None:
    source = tree({"test_facts.py": FACTS, "src/helper.py": "", "conftest.py": ""})
    new = facts(tier, source)
    started_ahead(tier)
    assert facts(tier, source) == new


def test_module_of_the_repository_goes_before_one_imported_ahead(tier, tree) -> None:
    own = "import os\nexec(open(os.path.dirname(os.__file__) + '/fnmatch.py').read())\nOWN = True\n"
    source = tree({"fnmatch.py": own, "test_own.py": "import fnmatch\ndef test_own(): assert fnmatch.OWN\n"})
    started_ahead(tier)
    report = tier.test(source, limits=LIMITS)
    assert report.status == "passed", report


@pytest.mark.parametrize("tier", ["process"], indirect=True)
@pytest.mark.parametrize("installed", [(), ("gevent.py",)])
def test_what_gevent_patches_is_not_imported_before_it(tier, tree, installed: tuple[str, ...]) -> None:
    """It warns where it patches `ssl` after its import, and tests may take warnings for errors."""
    (packages,) = Path(tier.environment.location).glob("**/site-packages")
    for name in installed:
        (packages / name).touch()
    try:
        started_ahead(tier)
        expected = "not in" if installed else "in"
        test = f"import sys\ndef test_ssl(): assert 'ssl' {expected} sys.modules\n"
        report = tier.test(tree({"test_ssl.py": test}), limits=LIMITS)
    finally:
        for name in installed:
            (packages / name).unlink()
    assert report.status == "passed", report


@pytest.fixture
def built(tier: Tier) -> Iterator[None]:
    """What a build would have left beside the environment."""
    folder = Path(tier.environment.location, "built")
    folder.mkdir()
    (folder / "made.txt").write_text("made")
    yield
    shutil.rmtree(folder)


WATCHED = pytest.mark.parametrize("tier", ["bubblewrap", "landlock", "process"], indirect=True)


@WATCHED
def test_what_a_build_made_leaves_the_interpreter_waiting(tier, tree, built: None) -> None:
    made = "import sys\ndef test_made(): assert open('made.txt').read() == 'made'\n"
    source = tree(
        {"test_made.py": f"{made}def test_ahead(): assert 'waiting_python' in str(sys.orig_argv)\n"}
    )
    started_ahead(tier)
    report = tier.test(source, limits=LIMITS)
    assert report.status == "passed", report


@WATCHED
def test_what_a_build_made_is_there_for_other_commands(tier, built: None) -> None:
    started_ahead(tier)
    with tier.open() as workspace:
        assert workspace.run(python("print(open('made.txt').read())")).output == b"made\n"


def test_time_of_waiting_is_not_the_tests(tier, tree) -> None:
    limits = Limits(wall_seconds=2)
    started_ahead(tier, limits)
    time.sleep(limits.wall_seconds + 0.2)  # it is time itself that must not count
    assert tier.test(tree({"test_a.py": "def test_a(): pass\n"}), limits=limits).status == "passed"


def test_other_commands_and_other_limits_get_what_they_would_have(tier) -> None:
    started_ahead(tier)
    with tier.open() as workspace:
        assert workspace.run(python("print(1)")).output == b"1\n"
        assert workspace.run(python("print(2)")).output == b"2\n"
    started_ahead(tier)
    with tier.open() as workspace:
        version = Command(["{python}", "-m", "pytest", "--version"], limits=Limits(wall_seconds=50))
        assert workspace.run(version).output.startswith(b"pytest ")


def test_nothing_is_left_of_what_nobody_took(tier) -> None:
    started_ahead(tier)
    (opened,) = standby._ready.values()
    workspace = opened.result()
    standby.close_all()
    if tier.name == "docker":
        with pytest.raises(NotFound):
            tier.provider.client().api.inspect_container(workspace._container)
    else:
        assert not workspace.folder.exists()


class RefusesCommands(ProcessProvider):
    def enclosure(self, fence: Fence, workspace: str) -> Enclosure:
        def refuse(_: SupervisedCommand) -> SupervisedCommand:
            raise SandboxLost("no")

        return Enclosure(refuse)


def test_nothing_is_left_of_a_workspace_whose_interpreter_does_not_start(
    make_environment,
) -> None:
    owner, environment = make_environment("process")
    provider = RefusesCommands(owner.home.parent)
    provider.stand_by(environment, LIMITS)
    assert standby.taken(provider._key(environment)) is None
    assert not list((provider.home / "workspaces").iterdir())


def test_time_limit_holds(tier, tree) -> None:
    limits = Limits(wall_seconds=1)
    source = tree({"test_slow.py": "import time\ndef test_slow(): time.sleep(30)\n"})
    started_ahead(tier, limits)
    started = time.monotonic()
    report = tier.test(source, limits=limits)
    assert report.status == "timed_out"
    assert time.monotonic() - started < 20
