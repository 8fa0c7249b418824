"""What a PATH has `scan`, `preview` and `apply` look at, and what it limits: they need no server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overhaul.flows.command_line.places import Place, analysed_places
from tests.flows.repositories import git, make_repository

FILES = {
    "src/pkg/__init__.py": "from .a import old_fn\n",
    "src/pkg/a.py": "def old_fn(): ...\n",
    "src/pkg/b.py": "from pkg.a import old_fn\n",
    "tests/test_a.py": "from pkg import old_fn\n\nold_fn()\n",
}
RENAME = ("rename-symbol", "-p", "old=pkg.a.old_fn", "-p", "new=new_fn")
INSIDE = ["src/pkg/__init__.py", "src/pkg/a.py", "src/pkg/b.py"]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).with_name("overhaul")), *map(str, words)],
            cwd=folder,
            env=os.environ | {"OVERHAUL_HOME": str(tmp_path / "home"), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """The files in no repository."""
    for name, text in FILES.items():
        path = tmp_path / "plain" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "plain"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository", FILES)


def document(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def texts(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text() for name in FILES}


def places(*paths: Path) -> list[tuple[Path, tuple[str, ...]]]:
    return [(place.root, place.only) for place in analysed_places(paths)]


def test_a_package_is_renamed_with_its_definition(run: Run, plain: Path) -> None:
    done = run(plain, "apply", *RENAME, "src/pkg")
    assert done.returncode == 0, done.stderr
    after = texts(plain)
    assert [name for name in FILES if after[name] != FILES[name]] == INSIDE
    assert done.stdout.splitlines()[0] == "edited src/pkg/__init__.py (1 site)"


def test_a_folder_of_a_repository_limits_what_changes_and_the_rest_is_counted(
    run: Run, repository: Path
) -> None:
    for command in ("scan", "preview", "apply"):
        done = run(repository, command, *RENAME, "src")
        said = "2 more sites in 1 file outside of PATH, not touched; run it on . to change all"
        assert said in done.stderr.splitlines()[-1], command
    after = texts(repository)
    assert [name for name in FILES if after[name] != FILES[name]] == INSIDE
    assert "tests/test_a.py" not in done.stdout


def test_root_is_what_paths_are_relative_to(run: Run, repository: Path) -> None:
    for folder, words in ((repository, "src"), (repository / "src", "."), (repository / "src" / "pkg", "..")):
        found = document(run(folder, "preview", *RENAME, "--json", words))
        assert [edit["path"] for edit in found["edits"]] == INSIDE
        (root,) = {site["root"] for site in found["sites"]}
        assert (folder / root).resolve() == repository.resolve()
        assert found["outside"] == [{"sites": 2, "files": 1, "root": root}]
    assert document(run(repository, "scan", *RENAME, "--json", "."))["outside"] == []


def test_sites_are_shown_from_where_the_command_runs(run: Run, repository: Path) -> None:
    assert run(repository, "scan", *RENAME, "src").stdout.startswith("src/pkg/__init__.py:1:16: ")
    assert run(repository / "src", "scan", *RENAME).stdout.startswith("pkg/__init__.py:1:16: ")
    absolute = repository / "src"
    assert run(repository, "scan", *RENAME, absolute).stdout.startswith(f"{absolute}/pkg/__init__.py:1:16: ")


@pytest.mark.parametrize(("folder", "path"), [(".", "src"), ("src", "."), ("src", "pkg/a.py")])
def test_the_patch_is_one_for_git_wherever_it_is_made(
    run: Run, repository: Path, folder: str, path: str
) -> None:
    patch = run(repository / folder, "preview", *RENAME, path).stdout
    (repository / "change.patch").write_text(patch)
    for place in (repository, repository / "src"):
        git(place, "apply", str(repository / "change.patch"))
        assert "new_fn" in (repository / "src/pkg/a.py").read_text()
        git(place, "apply", "--reverse", str(repository / "change.patch"))


def test_paths_of_one_repository_are_one_analysis(run: Run, repository: Path) -> None:
    assert places(repository / "tests", repository / "src" / "pkg") == [(repository, ("tests", "src/pkg"))]
    assert places(repository / "tests", repository) == [(repository, ())]
    found = document(run(repository, "apply", *RENAME, "--json", "src/pkg/a.py", "tests"))
    assert [edit["path"] for edit in found["edits"]] == ["src/pkg/a.py", "tests/test_a.py"]
    assert found["outside"] == [{"sites": 2, "files": 2, "root": "."}]


def test_a_nested_repository_is_its_own(repository: Path) -> None:
    nested = make_repository(repository / "nested", FILES)
    assert places(nested / "src") == [(nested, ("src",))]
    assert places(nested / "src", repository) == [(nested, ("src",)), (repository, ())]


def test_an_ignored_folder_is_looked_at_by_itself(run: Run, repository: Path) -> None:
    (repository / ".gitignore").write_text("build/\n")
    copy = repository / "build" / "pkg"
    copy.mkdir(parents=True)
    for name in INSIDE:
        (copy / Path(name).name).write_text(FILES[name])
    assert places(copy) == [(repository / "build", ("pkg",))]
    assert places(copy, repository) == [(repository / "build", ("pkg",)), (repository, ())]
    found = document(run(repository, "apply", *RENAME, "--json", "build/pkg"))
    assert [edit["path"] for edit in found["edits"]] == ["pkg/__init__.py", "pkg/a.py", "pkg/b.py"]


def test_folders_in_each_other_outside_of_git_are_read_once(plain: Path) -> None:
    package = plain / "src" / "pkg"
    assert places(package) == [(plain / "src", ("pkg",))]
    assert places(package, plain) == [(plain, ())]
    assert places(package / "a.py", package / "b.py") == [(plain / "src", ("pkg/a.py", "pkg/b.py"))]
    (plain / "setup.py").write_text("")
    assert places(package, plain / "setup.py") == [(plain, ("setup.py", "src/pkg"))]


def test_a_link_is_what_it_leads_to(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository / "src")
    assert places(tmp_path / "link" / "pkg") == [(repository, ("src/pkg",))]


def test_a_place_covers_whole_parts_of_paths() -> None:
    place = Place(Path(), ("src/pkg", "a.py"))
    covered = [
        path for path in ("src/pkg/x.py", "src/pkg2/x.py", "a.py", "a.pyi", "src") if place.covers(path)
    ]
    assert covered == ["src/pkg/x.py", "a.py"]


def test_code_is_not_taken_out_of_a_file_if_the_other_is_outside_of_path(run: Run, repository: Path) -> None:
    words = ("move-symbol", "-p", "symbol=pkg.a.old_fn", "-p", "to=pkg.c")
    done = run(repository, "apply", *words, "src/pkg/a.py")
    assert (done.returncode, texts(repository)) == (1, FILES)
    assert "move-symbol moves code between files, and src/pkg/__init__.py is outside of PATH" in done.stderr
    assert run(repository, "apply", *words, ".").returncode == 0
    assert (repository / "src/pkg/c.py").read_text() == "def old_fn(): ...\n"


def test_a_name_that_other_projects_of_the_repository_have_is_that_of_path(run: Run, tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "",
        "app/x.py": "def old_fn(): ...\n",
        "main.py": "from app.x import old_fn\n",
    }
    root = make_repository(
        tmp_path / "many", {f"{one}/{path}": files[path] for one in "ab" for path in files}
    )
    words = ("rename-symbol", "-p", "old=app.x.old_fn", "-p", "new=new_fn")
    assert "is ambiguous" in run(root, "scan", *words).stderr
    for path in ("a", "a/app", "a/main.py"):
        done = run(root, "scan", *words, "--json", path)
        assert "PATH is in" in done.stderr
        assert {site["path"] for site in document(done)["sites"]} <= {"a/app/x.py", "a/main.py"}
    patch = run(root, "preview", *words, "a").stdout
    (root / "change.patch").write_text(patch)
    git(root, "apply", "change.patch")
    assert "new_fn" in (root / "a/main.py").read_text()


@pytest.mark.parametrize(
    ("folder", "path", "text", "meant"),
    [
        (".", "src", "pkg/a.py:1:5", "src/pkg/a.py:1:5"),
        (".", "src", "src/pkg/a.py:1:5-2:1", "src/pkg/a.py:1:5-2:1"),
        ("src", "pkg", "pkg/a.py", "src/pkg/a.py"),
        ("src", ".", "./", "src/"),
        (".", "src", "pkg/", "src/pkg/"),
        (".", ".", "./", "./"),
        (".", "src", "nowhere/a.py", "nowhere/a.py"),
        (".", "src", "pkg.a.old_fn", "pkg.a.old_fn"),
        (".", "src", "f($A) / 2", "f($A) / 2"),
    ],
)
def test_a_place_in_a_parameter_may_be_relative_to_path(
    repository: Path, monkeypatch: pytest.MonkeyPatch, folder: str, path: str, text: str, meant: str
) -> None:
    monkeypatch.chdir(repository / folder)
    (place,) = analysed_places([Path(path)])
    assert place.from_root(text) == meant
