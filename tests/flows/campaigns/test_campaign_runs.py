"""Campaigns as a user's commands carry them on: waves, merges, new places, failures, kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL

from overhaul.flows import run_campaign
from overhaul.flows.campaigns.advancing import Member
from overhaul.flows.campaigns.campaign_file import Campaign, Selection, Step
from overhaul.flows.campaigns.carrying_out import Conduct, Progressed, where_it_stands
from overhaul.flows.campaigns.hands import OwnHands
from overhaul.flows.campaigns.reading import read_campaign_file
from overhaul.flows.campaigns.records import find_campaign
from overhaul.flows.campaigns.rolling_back import Rollback
from overhaul.flows.forges.base import PullRequestDraft
from overhaul.flows.forges.choose import forge_of
from overhaul.flows.run_labels import campaign_of
from overhaul.flows.runs import execute, list_open_gates
from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul, sample_repository
from tests.flows.repositories import commit_files, git, make_repository

BRANCHES = ("for-each-ref", "--format=%(refname:short)", "refs/heads/overhaul")


def campaign_file(folder: Path, name: str, **more: str) -> Path:
    """A campaign over the repositories in `src` beside the file."""
    path = folder / "campaign.yaml"
    parts = {
        "name": name,
        "repositories": "[{path: src/*}]",
        "environment": f"{{sandbox: process, python: {sys.executable}}}",
        "steps": "[{recipe: rename-symbol, with: {old: acme.api.fetch_user, new: get_user}}]",
        **more,
    }
    path.write_text("".join(f"{key}: {value}\n" for key, value in parts.items()))
    return path


def states(members: Sequence[Member]) -> dict[str, str]:
    return {Path(each.source).name: each.state for each in members}


@pytest.fixture
def carry_on(
    client: SyncPrefectClient, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Progressed]:
    """Go on with a campaign in this process, everything approved."""
    monkeypatch.setenv("OVERHAUL_HOME", str(home.home))

    def go_on(file: Path, again: Collection[str] = ()) -> Progressed:
        hands = OwnHands(lambda run_id, _: execute(run_id, home))
        conduct = Conduct(read_campaign_file(file), file.parent, home, hands, {"yes": True})
        return conduct.go_on(lambda store: store.again(again) and None)

    return go_on


def test_campaign_goes_through_its_waves_and_takes_up_new_places(
    carry_on: Callable[..., Progressed], tmp_path: Path
) -> None:
    for name in ("acme", "billing", "directory"):
        sample_repository(name, tmp_path / "src" / name)
    file = campaign_file(
        tmp_path, f"waves-{tmp_path.name}", exclude="[directory]",
        rollout="{waves: [1, rest], advance_when: {merged: 100%}}",
        pull_request="{title: 'refactor: {old} becomes {new}'}",
    )  # fmt: skip
    first = carry_on(file)
    assert states(first.members) == {"acme": "published", "billing": "held", "directory": "left out"}
    assert first.then.waits == ("wave 2 begins once 1 of 1 are merged; 0 are",)

    acme, billing = tmp_path / "src" / "acme", tmp_path / "src" / "billing"
    branch = git(acme, *BRANCHES)
    assert git(acme, "log", "-1", "--format=%s", branch) == "refactor: acme.api.fetch_user becomes get_user"
    git(acme, "merge", "--quiet", branch)
    second = carry_on(file)
    assert states(second.members) == {"acme": "merged", "billing": "published", "directory": "left out"}
    assert [(each.tests.base, each.tests.new_failures) for each in second.results] == [(3, 0)]

    git(billing, "merge", "--quiet", branch)
    commit_files(
        billing, {"src/billing/late.py": "from acme.api import fetch_user\n\nlate = fetch_user\n"}, "late"
    )
    third = carry_on(file)
    assert states(third.members)["billing"] == "published"
    assert [each.edits for each in third.results] == [1]

    git(billing, "merge", "--quiet", branch)
    last = carry_on(file)
    assert (last.then.is_done, last.results) == (True, [])
    assert [each.sites_left for each in last.members if each.state == "merged"] == [0, 0]


def test_library_is_not_published_while_a_user_breaks_with_it(
    carry_on: Callable[..., Progressed], home: Settings, tmp_path: Path
) -> None:
    acme, billing = (sample_repository(name, tmp_path / "src" / name) for name in ("acme", "billing"))
    computed = "import acme\n\n\ndef test_computed():\n    assert getattr(acme, 'fetch' + '_user')\n"
    commit_files(billing, {"tests/test_computed.py": computed}, "computed")
    name = f"chain-{tmp_path.name}"
    file = campaign_file(tmp_path, name)
    broken = carry_on(file)
    assert states(broken.members) == {"acme": "held", "billing": "failed"}
    assert "acme is held: 1 of its 1 users failed with it (billing)" in broken.then.waits[0]
    assert git(acme, *BRANCHES) == ""
    with get_client(sync_client=True) as client:
        assert name not in {
            campaign_of(client.read_flow_run(UUID(gate.run_id))) for gate in list_open_gates(client)
        }

    both = computed.replace("assert getattr", "assert hasattr(acme, 'get' + '_user') or getattr")
    commit_files(billing, {"tests/test_computed.py": both}, "mended")
    mended = carry_on(file, {"failed"})
    assert states(mended.members) == {"acme": "published", "billing": "published"}
    with forge_of(str(acme)) as (forge, _):
        found = forge.find(str(acme), git(acme, *BRANCHES))
    assert found is not None
    assert f"the campaign {name}" in found.body
    assert "its users were tested with it, before anything was published: billing" in found.body


def test_campaign_in_python_goes_on_as_from_a_file(
    client: SyncPrefectClient, home: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OVERHAUL_HOME", str(home.home))
    monkeypatch.setenv("PREFECT_API_URL", PREFECT_API_URL.value())
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", str(PREFECT_API_AUTH_STRING.value()))
    sample_repository("acme", tmp_path / "acme")
    campaign = Campaign(
        name=f"python-{tmp_path.name}",
        repositories=(Selection(path="acme"),),
        steps=(Step(recipe="rename-symbol", parameters={"old": "acme.api.fetch_user", "new": "get_user"}),),
        mode="read-only",
    )
    assert states(run_campaign(campaign, str(tmp_path)).members) == {"acme": "planned"}


def test_failures_halt_a_campaign_until_they_are_retried(
    carry_on: Callable[..., Progressed], tmp_path: Path
) -> None:
    broken = make_repository(tmp_path / "src" / "a-empty", {})
    sample_repository("acme", tmp_path / "src" / "acme")
    rules = "{order: given, halt_when: {failed: 50%}}"
    file = campaign_file(tmp_path, f"halted-{tmp_path.name}", rollout=rules)
    halted = carry_on(file)
    assert states(halted.members) == {"a-empty": "failed", "acme": "selected"}
    assert halted.then.halted == "1 of 1 repositories failed, which halts the campaign"
    assert "no commits yet" in halted.members[0].message

    commit_files(broken, {"readme.txt": "nothing to do here"}, "first")
    again = carry_on(file, {"failed"})
    assert states(again.members) == {"a-empty": "unchanged", "acme": "published"}


def test_pull_request_that_is_not_needed_any_more_is_closed(
    carry_on: Callable[..., Progressed], tmp_path: Path
) -> None:
    acme = sample_repository("acme", tmp_path / "src" / "acme")
    (tmp_path / "body.md.j2").write_text("Ticket 7: {{ old }}.\n\n{{ evidence }}\n")
    (tmp_path / "append.py").write_text(
        "import sys\nfor name in sys.argv[1:]:\n    open(name, 'a').write('# seen\\n')\n"
    )
    rename = "{recipe: rename-symbol, with: {old: acme.api.fetch_user, new: get_user}}"
    file = campaign_file(
        tmp_path, f"needless-{tmp_path.name}", pull_request="{body: body.md.j2}",
        steps=f"[{rename}, {{run: '{{python}} {tmp_path}/append.py {{changed_files}}'}}]",
    )  # fmt: skip
    assert states(carry_on(file).members) == {"acme": "published"}
    assert git(acme, "show", f"{git(acme, *BRANCHES)}:src/acme/api.py").endswith("# seen")
    with forge_of(str(acme)) as (forge, _):
        first = forge.find(str(acme), git(acme, *BRANCHES))
    assert first is not None
    assert first.body.startswith("Ticket 7: acme.api.fetch_user.")
    assert "6 passed" in first.body
    commit_files(acme, {"src/acme/api.py": "(", "src/acme/__init__.py": "from acme.api import *"}, "broken")
    (unknown,) = carry_on(file).members
    assert (unknown.state, unknown.sites_left) == ("published", None)
    assert "not known what is left" in unknown.message
    commit_files(
        acme, {"src/acme/api.py": "", "src/acme/__init__.py": "", "tests/test_api.py": ""}, "all gone"
    )
    done = carry_on(file)
    assert states(done.members) == {"acme": "unchanged"}
    assert done.members[0].message == "its pull request was not needed any more"
    with forge_of(str(acme)) as (forge, _):
        found = forge.find(str(acme), git(acme, *BRANCHES))
    assert found is not None
    assert found.state == "closed"


def test_change_that_conflicts_is_made_again_on_the_new_base(
    carry_on: Callable[..., Progressed], tmp_path: Path
) -> None:
    acme = sample_repository("acme", tmp_path / "src" / "acme")
    file = campaign_file(tmp_path, f"conflict-{tmp_path.name}", pull_request="{draft: true}")
    carry_on(file)
    branch = git(acme, *BRANCHES)
    with forge_of(str(acme)) as (forge, _):
        draft = forge.find(str(acme), branch)
        assert draft is not None
        assert draft.state == "draft"
        ready = PullRequestDraft(
            str(acme), branch, "main", git(acme, "rev-parse", branch), draft.title, draft.body, ""
        )
        forge.publish(ready)
    with forge_of(str(acme)) as (_, ledger):
        ledger.note_failed_checks(str(acme), branch, ready.head_commit, "tests, lint")
    standing = where_it_stands(f"conflict-{tmp_path.name}", Settings.from_environment())
    assert standing is not None
    assert standing[1][0].message == f"checks fail at {ready.head_commit[:12]}: tests, lint"
    api = (acme / "src" / "acme" / "api.py").read_text()
    commit_files(
        acme, {"src/acme/api.py": api.replace("def fetch_user(", "def  fetch_user(")}, "in the same line"
    )
    again = carry_on(file)
    assert states(again.members) == {"acme": "published"}
    assert again.members[0].attempts == 2
    with forge_of(str(acme)) as (forge, _):
        known = forge.find(str(acme), branch)
        assert known is not None
        assert known.state == "open", "what a person has made ready stays so"
    git(acme, "checkout", "--quiet", branch)
    touched = commit_files(acme, {"by.txt": "a person"}, "by a person")
    git(acme, "checkout", "--quiet", "main")
    commit_files(acme, {"src/acme/api.py": api.replace("def fetch_user(", "def   fetch_user(")}, "once more")
    left = carry_on(file)
    assert (states(left.members), left.members[0].attempts) == ({"acme": "published"}, 2)
    assert "holds commits of somebody else" in left.members[0].message
    assert git(acme, "rev-parse", branch) == touched

    replays = campaign_file(tmp_path, f"conflict-{tmp_path.name}", pull_request="{human_commits: replay}")
    moved = commit_files(acme, {"other.txt": "moved on"}, "moved on")
    assert states(carry_on(replays).members) == {"acme": "published"}
    assert git(acme, "log", "--format=%s", f"{moved}..{branch}").splitlines() == [
        "by a person", "Rename acme.api.fetch_user to get_user",
    ]  # fmt: skip
    assert git(acme, "show", f"{branch}:by.txt") == "a person"
    assert git(acme, "log", "-1", "--format=%an %ae", branch) == git(
        acme, "log", "-1", "--format=%an %ae", touched
    )

    # Those that were put there once are a person's still, and what does not fit any more is not lost.
    git(acme, "checkout", "--quiet", branch)
    theirs = commit_files(acme, {"src/acme/api.py": "def get_user(): ...\n"}, "another way")
    git(acme, "checkout", "--quiet", "main")
    commit_files(acme, {"src/acme/api.py": api.replace("def fetch_user(", "def fetch_user( ")}, "and again")
    (failed,) = carry_on(replays).members
    assert failed.state == "failed"
    assert f"commit {theirs[:12]} of" in failed.message
    assert git(acme, "rev-parse", branch) == theirs


def test_rollback_closes_what_is_open_and_proposes_to_revert_what_is_merged(
    carry_on: Callable[..., Progressed], home: Settings, tmp_path: Path
) -> None:
    merged, opened, touched = (sample_repository("acme", tmp_path / "src" / name) for name in ("a", "b", "c"))
    name = f"back-{tmp_path.name}"
    carry_on(campaign_file(tmp_path, name, rollout="{order: given}"))
    branch = git(merged, *BRANCHES)
    git(merged, "merge", "--quiet", branch)
    commit_files(merged, {"later.txt": "work of others"}, "later")
    git(touched, "checkout", "--quiet", branch)
    commit_files(touched, {"more.txt": "by a person"}, "on top")
    git(touched, "checkout", "--quiet", "main")

    done = Rollback(name, find_campaign(name, home.ledger_url), home).run()
    assert [each.did for each in done] == [
        "its reverse is proposed",
        "closed; branch deleted",
        f"closed; branch {branch} holds commits of somebody else and stays",
    ]
    assert done[0].address.endswith("/2.html")
    git(merged, "merge", "--quiet", f"{branch}-revert")
    assert "fetch_user" in (merged / "src" / "acme" / "api.py").read_text()
    assert (merged / "later.txt").exists()
    assert git(opened, *BRANCHES) == ""
    again = Rollback(name, find_campaign(name, home.ledger_url), home).run()
    assert again == []
    later = carry_on(campaign_file(tmp_path, name, rollout="{order: given}"))
    assert set(states(later.members).values()) == {"closed"}, "what was taken back is not made again"
    assert later.results == []


def test_killed_campaign_goes_on_without_doing_anything_twice(
    overhaul: Overhaul,
    home: Settings,
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OVERHAUL_HOME", str(home.home))
    for number in range(2):
        sample_repository("acme", tmp_path / "src" / f"acme-{number}")
    file = campaign_file(tmp_path, f"killed-{tmp_path.name}", rollout="{order: given}")
    command = [str(Path(sys.executable).with_name("overhaul")), "run", str(file), "--yes"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not git(tmp_path / "src" / "acme-0", *BRANCHES):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = overhaul("run", file, "--yes", "--json")
    assert (done.exit_code, {each["state"] for each in done.json["repositories"]}) == (0, {"published"})
    assert [each["attempts"] for each in done.json["repositories"]] == [1, 1]
    for each in done.json["repositories"]:
        assert len(git(Path(each["repository"]), *BRANCHES).splitlines()) == 1
        with forge_of(each["repository"]) as (forge, _):
            assert forge.named(each["repository"], "2") is None


def test_each_owner_gets_a_pull_request_with_their_files(
    carry_on: Callable[..., Progressed], tmp_path: Path
) -> None:
    use = "from acme.api import fetch_user\n\nuser = fetch_user\n"
    acme = make_repository(
        tmp_path / "src" / "acme",
        {
            "CODEOWNERS": "*\n/web/ @acme/web\n/jobs/ @acme/jobs @ada\n",
            **{f"{folder}/__init__.py": "" for folder in ("web", "jobs", "core")},
            "web/page.py": use, "jobs/night.py": use, "README.md": "nothing\n",
            "tests/test_it.py": "def test_it():\n    assert True\n",
        },
    )  # fmt: skip
    replace = "{recipe: replace-import, with: {old: acme.api.fetch_user, new: acme.users.fetch_user}}"
    file = campaign_file(tmp_path, f"owners-{tmp_path.name}", steps=f"[{replace}]", split="{by: codeowners}")
    first = carry_on(file)
    assert {each.part: (each.state, each.sites_left) for each in first.members} == {
        "@acme/jobs @ada": ("published", 1), "@acme/web": ("published", 1),
    }  # fmt: skip
    changed = {
        git(acme, "log", "-1", "--format=%s", branch): git(acme, "diff", "--name-only", "main", branch)
        for branch in git(acme, *BRANCHES).splitlines()
    }
    title = "Import acme.users.fetch_user in place of acme.api.fetch_user"
    assert changed == {
        f"{title} (files of @acme/web)": "web/page.py",
        f"{title} (files of @acme/jobs, @ada)": "jobs/night.py",
    }

    commit_files(acme, {"core/late.py": use}, "late")
    second = carry_on(file)
    assert {each.part: each.state for each in second.members} == {
        "@acme/jobs @ada": "published", "@acme/web": "published", "nobody": "published",
    }  # fmt: skip
    assert carry_on(file).results == []


def test_edits_that_belong_together_stay_one_pull_request(
    carry_on: Callable[..., Progressed], tmp_path: Path
) -> None:
    acme = sample_repository("acme", tmp_path / "src" / "acme")
    commit_files(acme, {"CODEOWNERS": "/src/ @acme/code\n/tests/ @acme/tests\n"}, "owners")
    file = campaign_file(tmp_path, f"together-{tmp_path.name}", split="{by: codeowners}")
    (member,) = carry_on(file).members
    assert (member.part, member.state) == ("", "published")


def test_several_recipes_are_one_change(carry_on: Callable[..., Progressed], tmp_path: Path) -> None:
    acme = sample_repository("acme", tmp_path / "src" / "acme")
    commit_files(acme, {"src/acme/clock.py": "import mock\n\nmade = mock.Mock\n"}, "a mock")
    (tmp_path / "leave.yaml").write_text(
        "name: leave\nparameters: {old: what goes}\n"
        "steps: [{recipe: replace-import, with: {old: '{old}', new: unittest.mock}}]\n"
    )
    rename = "{recipe: rename-symbol, with: {old: acme.api.fetch_user, new: get_user}}"
    file = campaign_file(
        tmp_path, f"several-{tmp_path.name}", description="Two things",
        steps=f"[{rename}, {{recipe: leave.yaml, with: {{old: mock}}}}]",
    )  # fmt: skip
    assert states(carry_on(file).members) == {"acme": "published"}
    branch = git(acme, *BRANCHES)
    assert git(acme, "log", "-1", "--format=%s", branch) == "Two things"
    assert git(acme, "show", f"{branch}:src/acme/clock.py").startswith("from unittest import mock")
    assert "def get_user" in git(acme, "show", f"{branch}:src/acme/api.py")
    assert carry_on(file).results == []
