"""New projects from templates: what they hold, what they refuse, and what a kill leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from overhaul.flows.command_line.main import main
from overhaul.flows.errors import ImageError, ScaffoldError
from overhaul.flows.images import data_urls, keep_images
from overhaul.flows.options import RunOptions
from overhaul.flows.scaffold import TEMPLATES, Wanted, begun, make, names_of, working_on_project
from overhaul.flows.scaffold_run import test_skeleton as run_tests_of
from overhaul.flows.settings import Settings
from tests.flows.repositories import git

HERE = RunOptions(sandbox="process", python=sys.executable)
PICTURE = b"\x89PNG\r\n\x1a\n and so on"
# Long enough for every line that names it to be at its longest.
LONG = "a-project-with-the-longest-name-that-a-folder-may-have-here1"


@pytest.fixture
def quiet_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home without a server."""
    monkeypatch.setenv("OVERHAUL_HOME", str(tmp_path / "home"))
    return Settings(tmp_path / "home")


@pytest.mark.parametrize(
    "name", ["json", "class", "3d", "pytest", "tests", "föhn", "a b", "-x", "x-", "a" * 61]
)
def test_folder_that_cannot_name_a_package_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ScaffoldError, match=r"cannot name a Python package: .* Choose another"):
        make(tmp_path / name, Wanted("library"))
    assert list(tmp_path.iterdir()) == []


def test_folder_names_distribution_and_package(tmp_path: Path) -> None:
    assert names_of(tmp_path / "Acme.Shop--api_2") == ("acme-shop-api-2", "acme_shop_api_2")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "notes.txt").write_text("mine")
    with pytest.raises(ScaffoldError, match=r"is not empty .*notes.txt"):
        make(tmp_path / "shop", Wanted("library"))
    with pytest.raises(ScaffoldError, match="is a file"):
        make(tmp_path / "shop" / "notes.txt", Wanted("library"))
    assert [each.name for each in (tmp_path / "shop").iterdir()] == ["notes.txt"]
    assert (tmp_path / "shop" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("template", ["library", "command"])  # the service is made by the command, below
def test_project_passes_its_own_tests_in_the_sandbox(
    template: str, tmp_path: Path, quiet_home: Settings
) -> None:
    (tmp_path / "shop").mkdir()  # an empty folder is as good as none
    made = make(tmp_path / "shop", Wanted(template))
    report, log = run_tests_of(made, HERE, quiet_home)
    assert report.status == "passed", log.read_text()
    assert report.counts["passed"] >= 2
    assert git(made.folder, "status", "--porcelain", "--ignored") == ""
    assert git(made.folder, "rev-list", "--count", "HEAD") == "1"


def test_projects_keep_their_own_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever it is by, whatever it depends on, and however long its name is."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", 'Ada "Å" \\ {{ 1 }}')
    needed = ("attrs>=23", 'tomli; python_version < "3.11"')
    names = {template: f"{LONG[:-7]}{template}" for template in TEMPLATES}
    for template, name in names.items():
        made = make(tmp_path / name, Wanted(template, dependencies=needed))
        assert git(made.folder, "log", "-1", "--format=%an") == 'Ada "Å" \\ {{ 1 }}'
        assert 'Ada "Å" \\ {{ 1 }}' in (made.folder / "LICENSE").read_text()
    packages = [str(tmp_path / name / "src" / name.replace("-", "_")) for name in names.values()]
    for tool in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy", "--strict", *packages]):
        command = [sys.executable, "-m", *tool, *([] if tool[0] == "mypy" else [str(tmp_path)])]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("step", "is_begun"), [("init", False), ("commit", False), ("checkout-index", True)])
def test_kill_leaves_nothing_or_a_whole_project(step: str, is_begun: bool, tmp_path: Path) -> None:
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / "bin").mkdir()
    killer = tmp_path / "bin" / "git"
    killer.write_text(
        f'#!/bin/sh\ncase " $* " in *" {step} "*) kill -9 $PPID; exit;; esac\nexec {real} "$@"\n'
    )
    killer.chmod(0o755)
    folder = tmp_path / "shop"
    making = (
        "import sys; from pathlib import Path; from overhaul.flows.scaffold import Wanted, make;"
        "make(Path(sys.argv[1]), Wanted('command', 'Sell things.'))"
    )
    path = f"{killer.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-c", making, str(folder)], env={**os.environ, "PATH": path}, check=False
    )
    assert done.returncode == -9
    there = begun(folder)
    assert (there is not None) == is_begun
    made = there or make(folder, Wanted("command", "Sell things."))
    assert (made.template, made.package, made.brief) == ("command", "shop", "Sell things.\n")
    assert git(folder, "status", "--porcelain", "--ignored") == ""
    assert sorted(each.name for each in folder.iterdir() if each.is_dir()) == [
        ".git",
        ".github",
        "src",
        "tests",
    ]


def test_two_do_not_work_on_one_project(tmp_path: Path) -> None:
    made = make(tmp_path / "shop", Wanted("library"))
    with working_on_project(made), pytest.raises(ScaffoldError, match="another"), working_on_project(made):
        raise AssertionError("both are in")


def test_image_is_kept_by_content_and_others_are_refused(tmp_path: Path, quiet_home: Settings) -> None:
    picture, text = tmp_path / "a.png", tmp_path / "b.png"
    picture.write_bytes(PICTURE)
    text.write_text("no picture")
    kept = keep_images([str(picture)], quiet_home)
    picture.unlink()
    assert data_urls(kept)[0].startswith("data:image/png;base64,iVBORw0KGg")
    with pytest.raises(ImageError, match=r"b\.png is no image that models take"):
        keep_images([str(text)], quiet_home)
    with pytest.raises(ImageError, match=r"a\.png cannot be read: No such file"):
        keep_images([str(picture)], quiet_home)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--package", "!!"], "'!!' is no requirement"),
        (["--image", "a.png"], "--brief TEXT|FILE"),
        (["--brief", " "], "--brief is empty"),
        (["--brief", "missing.md"], "missing.md cannot be read"),
        (["--budget", "tokens=none"], "--budget tokens=none"),
    ],
)
def test_mistake_makes_no_folder(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / "shop"), *arguments]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "shop").exists()


def test_command_makes_a_project_and_is_done_with_it(
    tmp_path: Path, quiet_home: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    del quiet_home
    folder = tmp_path / "shop"
    arguments = [
        "new",
        str(folder),
        "--template",
        "service",
        "--sandbox",
        "process",
        "--python",
        sys.executable,
    ]
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["run"], told["tests"]["status"], told["tests"]["failed"]) == (
        "made",
        None,
        "passed",
        0,
    )
    assert told["commit"] == git(folder, "rev-parse", "HEAD")
    assert main(arguments) == 1
    assert "is not empty" in capsys.readouterr().err
