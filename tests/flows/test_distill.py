"""A change that is paid for in one repository and made in two more at no tokens, with a model over real HTTP."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient

from overhaul.flows import distilled
from overhaul.flows.command_line.main import main
from overhaul.flows.distilled import Distilled, Pilot
from overhaul.flows.distilling import Trial, distil
from overhaul.flows.errors import DistillError, NotApproved
from overhaul.flows.mirror import Author, FileChange, Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.providers import model_of
from overhaul.flows.results import RunResult
from overhaul.flows.runs import Request, create_run, execute, pull_request_of
from overhaul.flows.settings import Settings
from overhaul.refactors.agent.limits import Limits
from overhaul.refactors.distillation.draft import Draft, read_draft
from tests.flows.conftest import Overhaul
from tests.flows.repositories import commit_files, git, make_repository
from tests.flows.test_agent_runs import at_home, model, patch
from tests.refactors.agent.model_server import Say

__all__ = ["at_home"]

TIER = "landlock"
TASK = "# Ask the clock for UTC\n\n`clock.now()` of this project takes its zone now: `clock.now(UTC)`.\n"
TITLE = "Ask the clock for UTC"
SHOP = "import clock\nfrom clock import UTC\n\n\ndef opened():\n    return clock.now()  # early\n"
FILES = {
    "clock.py": "UTC = 0\n\n\ndef now(zone=UTC):\n    return zone + 7\n",
    "shop.py": SHOP,
    "other.py": "import time as clock\n\n\ndef now():\n    return clock.now()\n",
    "test_shop.py": "import shop\n\n\ndef test_opened():\n    assert shop.opened() == 7\n",
}
HEAD = """\
import libcst as cst
import libcst.matchers as m
from libcst.codemod import VisitorBasedCodemodCommand


class AskForUtc(VisitorBasedCodemodCommand):
    DESCRIPTION = "clock.now() takes its zone"
"""
EAGER = f"""{HEAD}
    def leave_Call(self, original_node, updated_node):
        if m.matches(original_node, m.Call(m.Attribute(m.Name("clock"), m.Name("now")), [])):
            return updated_node.with_changes(args=[cst.Arg(cst.Name("UTC"))])
        return updated_node
"""
RIGHT = f"""{HEAD}
    ours = False

    def visit_Import(self, node):
        self.ours |= any(name.evaluated_name == "clock" and name.asname is None for name in node.names)

    def leave_Call(self, original_node, updated_node):
        if self.ours and m.matches(original_node, m.Call(m.Attribute(m.Name("clock"), m.Name("now")), [])):
            return updated_node.with_changes(args=[cst.Arg(cst.Name("UTC"))])
        return updated_node
"""
CASES = [
    {"name": "ours", "before": "import clock\nclock.now()\n", "after": "import clock\nclock.now(UTC)\n"},
    {"name": "another", "before": "clock = 1\nclock.now\n", "after": "clock = 1\nclock.now\n"},
]


def written(source: str, cases: Any = None) -> Say:
    return Say("", (("write_recipe", json.dumps({"source": source, "cases": cases or CASES})),))


def repository(folder: Path, name: str) -> Path:
    """One of several that use the same library; its files are like no other test's."""
    return make_repository(folder / name, {**FILES, "unique.txt": str(folder / name)})


def run(recipe: str, parameters: dict[str, Any], at: Path, home: Settings) -> RunResult:
    options = RunOptions(sandbox="process", python=sys.executable, yes=True)
    return execute(create_run(Request(str(at), recipe, parameters, options)), home)


def pilot_in(folder: Path) -> Pilot:
    """A pilot without a run: the mirror holds what it began with, and the change. Its formatter is ruff."""
    settings = Settings.from_environment()
    at = repository(folder, "pilot")
    commit_files(at, {"pyproject.toml": "[tool.ruff.format]\n"}, "a formatter")
    mirror = Mirror.of(str(at), settings.mirrors)
    base = mirror.fetch(None).commit
    blob = mirror.blob_of(SHOP.replace("now()", "now(UTC)").encode())
    tree = mirror.change_tree(base, [FileChange("shop.py", blob)])
    head = mirror.commit_tree(tree, base, "the change", Author("a", "a@example.org", 1_700_000_000))
    options = {"sandbox": "process", "python": sys.executable}
    return Pilot("pilot", str(at), base, head, TITLE, TASK, options)


@pytest.fixture
def trial(home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    monkeypatch.setenv("OVERHAUL_HOME", str(home.home))
    return Trial(home, pilot_in(tmp_path), TIER)


def draft(source: str, cases: Any = CASES) -> Draft:
    return read_draft(json.dumps({"source": source, "cases": cases}))


def kept(home: Settings, trial: Trial, name: str) -> Distilled:
    made = draft(RIGHT)
    recipe = Distilled(name, made, trial.pilot, {"shop.py": "exact"}, made.sha256, "scripted", 1, 1, "now")
    distilled.keep(home, recipe)
    return recipe


def test_two_of_three_repositories_cost_nothing(
    at_home: Callable[..., None],
    overhaul: Overhaul,
    home: Settings,
    client: SyncPrefectClient,
    tmp_path: Path,
) -> None:
    first, *others = (repository(tmp_path, name) for name in ("first", "second", "third"))
    change = patch("    return clock.now()  # early", "    return clock.now(UTC)  # early")
    steps = [Say("", (change,)), Say("Done."), written(EAGER), written(RIGHT)]
    with model(*steps) as (server, variables):
        at_home(variables)
        paid = run("prompt", {"name": "utc.md", "task": TASK}, first, home)
        assert (paid.status, paid.tokens) == ("published", 220), paid.message
        made = overhaul(
            "distill", paid.run_id, "--name", "utc", "--sandbox", TIER, "--json", **variables
        ).json
        assert (made["tries"], made["tokens"], made["approved"]) == (2, 220, None)
        assert made["files"] == [{"path": "shop.py", "status": "exact"}]
        assert "other.py is edited, which the change left alone" in json.dumps(server.bodies[3])
        parameters = {"sandbox": TIER}
        refused = run("distilled:utc", parameters, others[0], home)
        assert (refused.status, "nobody has approved" in refused.message) == ("failed", True)
        assert main(["distill", "approve", "utc", "--yes", "--approver", "ada"]) == 0
        asked = len(server.requests)
        free = [run("distilled:utc", parameters, each, home) for each in others]
    assert len(server.requests) == asked == 4, "nothing was asked for the other two"
    assert [(each.status, each.tokens, each.edits) for each in free] == [("published", 0, 1)] * 2
    for each, at in zip(free, others, strict=True):
        assert git(at, "show", f"{each.branch}:shop.py") == SHOP.replace("now()", "now(UTC)").strip()
        body = (pull_request_of(each) or {})["body"]
        assert f"from the change of run `{paid.run_id}`" in body
        assert "Approved by `ada`" in body
        assert "each proved" not in body


def test_model_that_hands_in_nothing_usable_ends_at_its_limits(
    at_home: Callable[..., None], home: Settings, trial: Trial
) -> None:
    alike = [{"name": "one", "before": "a = 1\n", "after": "a = 1\n"}] * 2
    with model(Say("Shall I?"), Say("", (("shell", "{}"),)), written(RIGHT, alike)) as (server, variables):
        at_home(variables)
        with pytest.raises(DistillError, match=r"steps after 3 tries, 330 tokens.*one that stays as it is"):
            distil(home, model_of(home), trial, "none", Limits(steps=3))
    assert [tool["name"] for tool in server.bodies[0]["tools"]] == ["write_recipe"]
    assert "there is no tool shell" in json.dumps(server.bodies[2])
    assert "none" not in distilled.names(home)


HOSTILE = """\
import os
import socket
from pathlib import Path

from libcst.codemod import VisitorBasedCodemodCommand

said = [f"key {{os.environ.get('OPENAI_API_KEY')}}"]
for what, attack in {{
    "home": lambda: Path({home!r}).write_text("owned"),
    "secret": lambda: print(Path({secret!r}).read_text()),
    "network": lambda: socket.create_connection(("127.0.0.1", {port}), 2),
}}.items():
    try:
        attack()
        said.append(f"{{what}} reached")
    except OSError:
        said.append(f"{{what}} closed")
for path in ("new.py", ".github/workflows/ci.yml", "../beside/x.py"):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("x = 1\\n")
Path("test_shop.py").unlink()


class Innocent(VisitorBasedCodemodCommand):
    pass


raise RuntimeError("; ".join(said))
"""


def test_hostile_recipe_reaches_nothing_outside_and_is_refused(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-canary")
    canary, secret = tmp_path / "owned.txt", tmp_path / "secret.txt"
    secret.write_text("planted-canary")
    with model() as (server, _):
        port = int(server.base_url.split(":")[2].split("/")[0])
        found = trial(draft(HOSTILE.format(home=str(canary), secret=str(secret), port=port)))
    problems = "\n".join(found.problems)
    assert "key None; home closed; secret closed; network closed" in problems, problems
    assert "planted-canary" not in problems
    assert not canary.exists()
    assert (
        "makes or removes files, which it may not: .github/workflows/ci.yml, new.py, test_shop.py" in problems
    )


def test_difference_that_the_formatter_of_the_project_takes_away_is_counted_as_such(trial: Trial) -> None:
    spaced = RIGHT.replace("(args=[", '(whitespace_before_args=cst.SimpleWhitespace("  "), args=[')
    cases = [{**CASES[0], "after": "import clock\nclock.now(  UTC)\n"}, CASES[1]]
    found = trial(draft(spaced, cases))
    assert (dict(found.files), found.problems) == ({"shop.py": "formatted"}, ())


def test_recipe_that_changes_its_own_result_again_is_refused(trial: Trial) -> None:
    grows = RIGHT.replace('m.Name("now")), [])', 'm.Name("now")))')
    grows = grows.replace("args=[cst.Arg", "args=[*updated_node.args, cst.Arg")
    problems = "\n".join(trial(draft(grows)).problems)
    assert "the second run changes something again, or fails: shop.py" in problems


def test_approval_lapses_with_the_source_and_a_broken_one_cannot_be_approved(
    home: Settings, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = kept(home, trial, "lapsing")
    distilled.approve(home, recipe, "ada")
    sha256 = recipe.draft.sha256
    assert distilled.check_approved(home, recipe, sha256).approver == "ada"
    path = distilled.source_path(home, "lapsing")
    path.write_text(EAGER)
    now = distilled.find(home, "lapsing")
    assert distilled.approval_of(home, now) is None
    for identity in (sha256, now.draft.sha256):
        with pytest.raises(NotApproved):
            distilled.check_approved(home, now, identity)
    assert main(["distill", "approve", "lapsing", "--yes", "--sandbox", TIER]) == 1
    assert "other.py is edited" in capsys.readouterr().err
    path.write_text(RIGHT)
    assert distilled.approval_of(home, distilled.find(home, "lapsing")) is not None


def test_approved_recipe_previews_a_folder_and_an_unknown_one_is_an_error(
    home: Settings, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    distilled.approve(home, kept(home, trial, "shown"), "ada")
    assert main(["preview", "distilled:shown", "-p", f"sandbox={TIER}", trial.pilot.repository]) == 0
    shown = capsys.readouterr().out
    assert "+    return clock.now(UTC)  # early" in shown
    assert "other.py" not in shown
    assert main(["distill"]) == 0
    assert "distilled:shown  Ask the clock for UTC  approved by ada" in capsys.readouterr().out
    assert main(["scan", "distilled:showm", trial.pilot.repository]) == 1
    assert "Did you mean 'shown'?" in capsys.readouterr().err
