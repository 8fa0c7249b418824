"""A new project from templates: names checked, files rendered, one commit. No model takes part.

The whole repository is made in `.overhaul-new` within the folder, and its git directory is then moved to its place in
one step: before that the folder holds nothing, after it everything can be written from the commit.
"""

from __future__ import annotations

import fcntl
import json
import keyword
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path

import git
from jinja2 import Environment as Templates
from jinja2 import FunctionLoader, StrictUndefined

from overhaul.flows.errors import ScaffoldError
from overhaul.flows.hardened_git import NO_OUTSIDE_CONFIGURATION, run_git
from overhaul.flows.mirror import Author
from overhaul.flows.whole_files import write_whole
from overhaul.flows.worktree import author_of

TEMPLATES = {"library": "A Python library.", "command": "A command.", "service": "A web service."}
BRIEF = "BRIEF.md"
LONGEST_NAME = 60
_STAGING = ".overhaul-new"
_RECORD = "overhaul-new.json"
_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9._-]*[A-Za-z0-9])?")
# Packages that the project itself is built and tested with, and names that its own folders have.
_TAKEN = {"mypy", "pip", "pytest", "ruff", "setuptools", "src", "test", "tests"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the project is to be: a template of `TEMPLATES`, its brief or "", and requirements that it depends on."""

    template: str
    brief: str = ""
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scaffold:
    """A project that `overhaul new` has begun; kept in its git directory until that is done with it.

    `is_laid_out` says that all files are there, `run` is the run that fills in the brief, `images` are shown to it.
    """

    folder: Path
    package: str
    template: str
    is_laid_out: bool = False
    run: str = ""
    images: tuple[str, ...] = ()

    @property
    def brief(self) -> str:
        """What was asked for, or "" if the project is to stay a skeleton."""
        path = self.folder / BRIEF
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    @property
    def head(self) -> str:
        return run_git(["-C", str(self.folder), "rev-parse", "HEAD"]).decode().strip()

    def keep(self) -> None:
        """Write down how far it is."""
        _write_record(self, self.folder / ".git")

    def forget(self) -> None:
        """It is done: from now on this is a repository like any other."""
        (self.folder / ".git" / _RECORD).unlink(missing_ok=True)


def names_of(folder: Path) -> tuple[str, str]:
    """The distribution and the package that a folder's name gives. Raises ScaffoldError."""
    name = folder.name
    package = re.sub(r"[-._]+", "_", name).lower()
    why = ""
    if not _NAME.fullmatch(name):
        why = "it must begin with a letter a-z and hold letters, digits, '-', '_' and '.' only"
    elif len(name) > LONGEST_NAME:
        why = f"it is longer than {LONGEST_NAME} characters"
    elif keyword.iskeyword(package):
        why = "it is a word of Python's own"
    elif package in sys.stdlib_module_names:
        why = "the standard library has a module of this name"
    elif package in _TAKEN:
        why = "the project's own tools or folders have this name"
    if why:
        raise ScaffoldError(
            f"{name!r} cannot name a Python package: {why}. Choose another: overhaul new {folder.parent}/NAME"
        )
    return package.replace("_", "-"), package


def begun(folder: Path) -> Scaffold | None:
    """The unfinished project in a folder, with all its files; None where there is none."""
    try:
        data = json.loads((folder / ".git" / _RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    made = Scaffold(folder, **{**data, "images": tuple(data["images"])})
    with _locked(folder):
        return made if made.is_laid_out else _lay_out(made)


def make(folder: Path, wanted: Wanted, images: tuple[str, ...] = ()) -> Scaffold:
    """Make the project in a folder that is not there or empty. Raises ScaffoldError."""
    distribution, package = names_of(folder)
    was_there = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ScaffoldError(
            f"{folder}, or a folder above it, is a file. Choose another: overhaul new FOLDER"
        ) from None
    with _locked(folder):
        _check_empty(folder)
        staging = folder / _STAGING
        made = Scaffold(folder, package, wanted.template, images=images)
        try:
            shutil.rmtree(staging, ignore_errors=True)  # what a killed one has left
            _commit(staging, wanted, distribution, package)
            _write_record(made, staging / ".git")
            (staging / ".git").rename(folder / ".git")
        finally:
            shutil.rmtree(staging, ignore_errors=True)
            if not was_there:
                with suppress(OSError):
                    folder.rmdir()  # only if it is still empty
        return _lay_out(made)


def _check_empty(folder: Path) -> None:
    there = sorted(each.name for each in folder.iterdir() if each.name != _STAGING)
    if there:
        names = ", ".join(there[:5]) + (", ..." if len(there) > 5 else "")
        raise ScaffoldError(
            f"{folder} is not empty ({names}), and nothing in it is overwritten. Name a new folder: overhaul new"
            " FOLDER. For a repository that is there: overhaul run PROMPT.md REPOSITORY"
        )


@contextmanager
def working_on_project(made: Scaffold) -> Iterator[None]:
    """Go on with a project as the only one. Raises ScaffoldError if another process does."""
    opened = os.open(made.folder / ".git", os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ScaffoldError(
            f"another `overhaul new` works on {made.folder}. Wait for it, then: overhaul new {made.folder}"
        ) from None
    finally:
        os.close(opened)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One at a time in a folder; nothing is left of the lock."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _lay_out(made: Scaffold) -> Scaffold:
    """Write the files of the commit that are not there yet."""
    with suppress(git.GitCommandError):  # it says so of each file that is there already
        run_git(
            ["-C", str(made.folder), "checkout-index", "--all", "--index", "--quiet"],
            environment=NO_OUTSIDE_CONFIGURATION,
        )
    whole = replace(made, is_laid_out=True)
    whole.keep()
    return whole


def _commit(staging: Path, wanted: Wanted, distribution: str, package: str) -> None:
    """A repository with one commit, by the user's own identity."""
    staging.mkdir()
    place = ["-C", str(staging)]
    branch = _configured("init.defaultBranch") or "main"
    run_git(["init", "--quiet", f"--initial-branch={branch}", "--template=", "--", str(staging)])
    author = author_of(str(staging), int(time.time()))
    for path, text in _rendered(wanted, distribution, package, author).items():
        (staging / path).parent.mkdir(parents=True, exist_ok=True)
        (staging / path).write_text(text, encoding="utf-8")
    identity = {
        "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email,
        "GIT_COMMITTER_NAME": author.name, "GIT_COMMITTER_EMAIL": author.email,
    }  # fmt: skip
    run_git([*place, "add", "--all", "--force"], environment=NO_OUTSIDE_CONFIGURATION)
    message = f"Begin {distribution}: a {wanted.template} from overhaul's template"
    run_git(
        [*place, "commit", "--quiet", "--no-verify", "-m", message],
        environment={**NO_OUTSIDE_CONFIGURATION, **identity},
    )


def _configured(key: str) -> str:
    try:
        return run_git(["config", "--get", key]).decode().strip()
    except git.GitCommandError:
        return ""


def _rendered(wanted: Wanted, distribution: str, package: str, author: Author) -> dict[str, str]:
    """The project's files by path."""
    folder = files("overhaul.flows") / "skeletons"
    templates = Templates(
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (no page: each value is a checked name or goes through `toml`)
    )
    templates.filters["toml"] = _as_toml
    values = {
        "distribution": distribution, "package": package, "template": wanted.template,
        "description": TEMPLATES[wanted.template], "dependencies": wanted.dependencies,
        "author": " ".join(author.name.split()), "year": time.gmtime(author.timestamp).tm_year,
    }  # fmt: skip
    found = {}
    for source in ("common", wanted.template):
        top = Path(str(folder / source))
        for path in sorted(each for each in top.rglob("*.j2") if each.is_file()):
            inside = path.relative_to(top).as_posix()
            name = inside.removesuffix(".j2").replace("PACKAGE", package).replace("dot-", ".")
            found[name] = templates.get_template(f"{source}/{inside}").render(values)
    if wanted.brief:
        found[BRIEF] = f"{wanted.brief.strip()}\n"
    return found


def _as_toml(text: str) -> str:
    """A string as TOML writes it, which is as JSON does but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write_record(made: Scaffold, git_folder: Path) -> None:
    data = {name: value for name, value in asdict(made).items() if name != "folder"}
    write_whole(git_folder / _RECORD, json.dumps(data, indent=2) + "\n")
