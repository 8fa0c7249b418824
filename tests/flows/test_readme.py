"""The README's demo output is what the demo prints."""

from __future__ import annotations

import re
from pathlib import Path

from overhaul.flows.command_line.run_commands import run
from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul
from tests.flows.repositories import git

README = Path(__file__).parents[2] / "README.md"


def test_demo_prints_what_the_readme_shows(overhaul: Overhaul, home: Settings) -> None:
    done = overhaul("demo", "--yes")
    assert done.exit_code == 0, done.stderr
    shown = README.read_text().split("<!-- demo output")[1].split("```")[1]
    printed = normalised(done.stderr + done.stdout, str(home.home))
    assert printed == normalised(shown, "/home/ada/.local/share/overhaul")
    assert "get_user" in git(home.home / "demo" / "billing", "log", "-p", "--all", "-1")


def test_options_of_run_are_those_that_the_readme_names() -> None:
    paragraph = README.read_text().split("`--yes` approves everything")[1].split("\n\n")[0]
    known = {word for option in run.params for word in option.opts}
    assert set(re.findall(r"`(--[a-z-]+)", paragraph)) <= known


def normalised(text: str, home: str) -> str:
    """Without what differs from run to run: the home, ids, versions, and where lines are folded."""
    # A long path is folded in the middle of it, wherever the line ends.
    text = re.sub(r"\s+", "", text.replace("\n", "")).replace(home, "HOME")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r"Python\d\.\d+\.\d+", "PYTHON", text)
    return re.sub(r"─+|[0-9a-f]{8,40}", "", text)
