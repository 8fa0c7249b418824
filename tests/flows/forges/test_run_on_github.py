"""A run on a repository that git serves over HTTP, with its pull request on GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul, rename, sample_repository
from tests.flows.forges.front import Front
from tests.flows.forges.github_here import TOKEN, GitHubHere, github_here
from tests.flows.repositories import commit_files, git


@pytest.fixture
def served(tmp_path: Path, home: Settings) -> Iterator[tuple[GitHubHere, Front]]:
    """The emulator with the sample library, which git serves beside it; the settings name the host."""
    with github_here(tmp_path / "served") as (here, front):
        here.as_person("octocat", "POST", "/user/repos", name="acme", auto_init=True)
        home.file.write_text(
            f'[forges."{front.host}"]\nkind = "github"\napi = "{front.url}"\ntoken_variable = "TOKEN_HERE"\n'
        )
        yield here, front
        home.file.unlink()


def test_change_goes_to_our_fork_where_we_may_not_write(
    overhaul: Overhaul, home: Settings, served: tuple[GitHubHere, Front], tmp_path: Path
) -> None:
    here, front = served
    here.as_person("grace", "POST", "/user/repos", name="theirs", auto_init=True)
    work = sample_repository("acme", tmp_path / "work")
    theirs, ours = (tmp_path / "served" / owner / "theirs.git" for owner in ("grace", "octocat"))
    git(work, "clone", "--quiet", "--bare", str(work), str(theirs))
    address = f"{front.url}/grace/theirs"
    refused = overhaul("run", *rename(), "--yes", "--json", address, TOKEN_HERE=TOKEN)
    assert "may not write" in refused.json["runs"][0]["message"], refused.stdout + refused.stderr
    home.file.write_text(f"{home.file.read_text()}forks = true\n")

    done = overhaul("run", *rename(), "--yes", "--json", address, TOKEN_HERE=TOKEN)
    (run,) = done.json["runs"]
    assert (run["status"], run["pull_request"]) == ("published", f"{address}/pull/1"), run["message"]
    assert git(ours, "rev-parse", run["branch"]) == run["head"]
    assert git(theirs, "branch", "--list", "overhaul/*") == ""
    (pull,) = here.as_person("grace", "GET", "/repos/grace/theirs/pulls?state=all")
    assert pull["head"]["label"] == f"octocat:{run['branch']}"

    commit_files(work, {"more.txt": "more"}, "more")
    git(work, "push", "--quiet", str(theirs), "main")
    again = overhaul("run", *rename(), "--yes", "--json", address, TOKEN_HERE=TOKEN)
    (second,) = again.json["runs"]
    assert (second["branch"], second["pull_request"]) == (run["branch"], run["pull_request"]), again.stderr
    assert git(ours, "rev-parse", run["branch"]) == second["head"] != run["head"]
    assert sum(path.endswith("/forks") for _, path in front.writes()) == 1
    assert here.faults == []


def test_run_publishes_one_pull_request_which_the_next_run_updates(
    overhaul: Overhaul, home: Settings, served: tuple[GitHubHere, Front], tmp_path: Path
) -> None:
    here, front = served
    work = sample_repository("acme", tmp_path / "work")
    bare = tmp_path / "served" / "octocat" / "acme.git"
    git(work, "clone", "--quiet", "--bare", str(work), str(bare))
    address = f"{front.url}/octocat/acme"

    done = overhaul("run", *rename(), "--yes", "--json", address, TOKEN_HERE=TOKEN)
    assert done.exit_code == 0, done.stdout + done.stderr
    (run,) = done.json["runs"]
    assert (run["status"], run["pull_request"]) == ("published", f"{address}/pull/1")
    assert git(bare, "rev-parse", run["branch"]) == run["head"]

    commit_files(work, {"more.txt": "more"}, "more")
    git(work, "push", "--quiet", str(bare), "main")
    again = overhaul("run", *rename(), "--yes", "--json", address, TOKEN_HERE=TOKEN)
    (second,) = again.json["runs"]
    assert (second["branch"], second["pull_request"]) == (run["branch"], run["pull_request"]), again.stderr
    assert git(bare, "rev-parse", run["branch"]) == second["head"] != run["head"]
    (pull,) = here.as_person("octocat", "GET", "/repos/octocat/acme/pulls?state=all")
    assert (pull["number"], pull["head"]["ref"], pull["draft"]) == (1, run["branch"], False)
    assert second["run_id"] in pull["body"]
    assert here.faults == []

    unknown = overhaul("show", second["run_id"], "--json").json["pull_request_record"]
    assert (unknown["state"], "Set TOKEN_HERE" in unknown["body"]) == ("unknown", True)
    holding = [
        path for path in home.home.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()
    ]
    assert holding == []
