"""Attacks by git (SANDBOX.md 1 to 14) on the real commands, in every tier where one takes part: no canary sings."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from overhaul.flows.errors import RepositoryError
from overhaul.flows.mirror import FileChange, Mirror
from overhaul.flows.settings import Settings
from overhaul.sandbox.choose import load
from tests.flows.conftest import Overhaul, rename
from tests.flows.hostile import Canaries, commit_raw_tree, make_canaries, plant_everything
from tests.flows.repositories import commit_files, git, make_repository
from tests.sandbox.conftest import PROVIDERS, docker_engine

__all__ = ["docker_engine"]


@pytest.fixture
def canaries(tmp_path: Path) -> Canaries:
    return make_canaries(tmp_path)


@pytest.fixture
def hostile(acme: Path, canaries: Canaries) -> Path:
    plant_everything(acme, canaries)
    assert canaries.sung == []
    return acme


def only_run(done: object) -> dict:
    (run,) = done.json["runs"]  # type: ignore[attr-defined]
    return run


def test_canaries_sing_for_a_plain_git(hostile: Path, canaries: Canaries) -> None:
    """The attacks are real: what people run every day sets them off."""
    for words in ("status", "diff HEAD~1", "commit --allow-empty -m x", "checkout -f HEAD~1"):
        command = ["git", "-C", str(hostile), *words.split()]
        subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert len(canaries.sung) >= 3, canaries.sung


@pytest.mark.parametrize("tier", PROVIDERS)
def test_a_run_on_a_hostile_repository_runs_nothing_of_it_and_follows_no_link(
    tier: str,
    request: pytest.FixtureRequest,
    overhaul: Overhaul,
    home: Settings,
    hostile: Path,
    canaries: Canaries,
) -> None:
    if tier == "docker":
        request.getfixturevalue("docker_engine")
    words = list(rename())
    if tier != "process":
        words = [*words[: words.index("--sandbox")], "--sandbox", tier]
    done = overhaul("run", *words, "--yes", "--json", hostile)
    assert canaries.sung == []
    run = only_run(done)
    assert run["status"] == "published", done.stdout
    outside = canaries.folder.with_name("outside")
    for path in (outside / "secret.py", outside / "inner/secret.py"):
        assert "fetch_user" in path.read_text(), "what is outside stays as it is"
    assert "canary-4711" not in Path(run["pull_request"].removeprefix("file://")).read_text()
    if tier == "docker":
        provider = load("docker", home.sandbox)
        assert all(provider.remove(each.fingerprint) for each in provider.environments())


@pytest.mark.parametrize("place", [".", "fixtures/bare.git", "nested", "leaks", "src"])
def test_recipes_on_folders_run_nothing_of_the_repository(
    place: str, overhaul: Overhaul, hostile: Path, canaries: Canaries
) -> None:
    words = rename()[:5]
    for command in (["scan", *words], ["graph"], ["preview", *words], ["apply", *words]):
        overhaul(*command, place, cwd=hostile)
    assert canaries.sung == []


def test_a_run_on_a_repository_inside_runs_nothing_of_it(
    overhaul: Overhaul, hostile: Path, canaries: Canaries
) -> None:
    overhaul("run", *rename(), "--yes", hostile / "fixtures/bare.git")
    assert canaries.sung == []


def test_addresses_and_branches_that_git_would_run_are_refused(
    overhaul: Overhaul, acme: Path, canaries: Canaries
) -> None:
    program = canaries.script("address")
    for place in (
        [f"ext::{program}"],
        ["--", f"--upload-pack={program}"],
        [f"--base=--upload-pack={program}", acme],
    ):
        refused = overhaul("run", *rename(), "--yes", *place)
        assert refused.exit_code == 1, refused
    assert canaries.sung == []


HOSTILE_PATHS = (
    b".git/hooks/post-checkout", b".GIT/hooks/post-checkout", b"sub/.git/hooks/post-checkout", b"git~1/config",
    ".g\u200cit/config".encode(), b".git::$INDEX_ALLOCATION/x", b".git", b".", b"..", b"../canary.py", b"a/../../canary.py",
)  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE_PATHS, ids=ascii)
def test_tree_with_paths_into_git_or_out_of_it_is_refused_and_nothing_is_written(
    path: bytes, tmp_path: Path
) -> None:
    source = make_repository(tmp_path / "source", {"a.py": "x = 1\n"})
    commit = commit_raw_tree(source, path, b"#!/bin/sh\ntouch canary\n")
    mirror = Mirror.of(str(source), tmp_path / "mirrors")
    before = files_below(mirror.folder)
    assert mirror.fetch(None).commit == commit
    change = FileChange(path.decode(), mirror.blob_of(b"x"))
    for attempt in (
        lambda: mirror.export(commit, tmp_path / "out/tree"),
        lambda: mirror.change_tree(commit, []),
        lambda: mirror.change_tree(git(source, "rev-parse", "HEAD~0"), [change]),
    ):
        with pytest.raises(RepositoryError):
            attempt()
    assert files_below(tmp_path / "out") == set()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mirrors", "out", "source"]
    assert {
        each for each in files_below(mirror.folder) - before if "hooks" in each or "config" in each
    } == set()


def test_run_on_such_a_tree_ends_with_a_clear_word(overhaul: Overhaul, acme: Path) -> None:
    commit_raw_tree(acme, b".git/hooks/fetch_user.py", b"from acme.api import fetch_user\n")
    done = overhaul("run", *rename(), "--yes", "--json", "--allow-dirty", acme)
    assert only_run(done)["status"] in ("failed", "not found"), done.stdout
    assert done.exit_code == 1
    assert "a bug" not in done.stderr


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_edit_of_what_the_ci_runs_needs_a_person_even_in_full_mode(overhaul: Overhaul, acme: Path) -> None:
    script = ".github/actions/check/main.py"
    commit_files(acme, {script: "from acme.api import fetch_user\n\nfetch_user(1)\n"}, "an action")
    done = overhaul("run", *rename(), "--mode", "full", "--json", acme)
    assert only_run(done)["status"] == "waiting", done.stdout
    (gate,) = [
        each
        for each in overhaul("gates", "--json").json["gates"]
        if each["run_id"] == only_run(done)["run_id"]
    ]
    assert f"CI configuration changes: `{script}`" in gate["summary"]
    assert "overhaul/" not in git(acme, "branch", "--all")


def test_secret_that_tests_print_is_in_nothing_that_a_run_leaves(
    overhaul: Overhaul, home: Settings, acme: Path, tmp_path: Path
) -> None:
    """23: logs, results, the server's database, the pull request: all that is under our home or is printed."""
    secret = "s3cr3t/" + f"{os.getpid()}+canary=="
    forms = (secret, base64.b64encode(secret.encode()).decode(), quote(secret, safe=""))
    test = f"""
import base64, sys, urllib.parse
secret = {secret[::-1]!r}[::-1]
forms = [secret, base64.b64encode(secret.encode()).decode(), urllib.parse.quote(secret, safe="")]
def test_prints():
    print(*forms)
    print(*forms, file=sys.stderr)
    raise ValueError(forms)
"""
    commit_files(acme, {"tests/test_prints.py": test}, "a test that prints what it should not know")
    words = [*rename(), "--json", acme]
    done = overhaul("run", *words, SERVICE_TOKEN=secret)
    run = only_run(done)
    assert (run["status"], run["tests"]["base"]) == ("waiting", 6), done.stdout
    approved = overhaul("approve", run["run_id"], "--json", SERVICE_TOKEN=secret)
    logs = overhaul("logs", run["run_id"], SERVICE_TOKEN=secret)
    printed = "".join(each.stdout + each.stderr for each in (done, approved, logs))
    page = Path(only_run(approved)["pull_request"].removeprefix("file://"))
    left = [path for path in [page, *home.home.rglob("*")] if path.is_file() and "mirrors" not in path.parts]
    for form in forms:
        assert form not in printed
        assert [path for path in left if form.encode() in path.read_bytes()] == []
    assert "[redacted]" in "".join(path.read_text(errors="replace") for path in left if path.suffix == ".log")
