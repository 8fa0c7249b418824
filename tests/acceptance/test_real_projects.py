"""`overhaul run rename-symbol` of widely used public symbols in real projects, with their own tests as the judge."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from overhaul.sandbox.choose import availability
from tests.acceptance.conftest import Checkout
from tests.flows.conftest import Overhaul
from tests.flows.repositories import git

pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Rename:
    """A rename in a project; `packages` are what its tests need and its metadata does not name."""

    project: str
    version: str
    old: str
    new: str
    tests: int
    packages: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.project}:{self.old}"


CLICK = ("click", "8.5.1")
MARSHMALLOW = ("marshmallow", "4.4.0")
ITSDANGEROUS = ("itsdangerous", "2.2.0")
TINYDB = ("tinydb", "4.9.0")
TOOLZ = ("toolz", "1.2.0")

RENAMES = [
    Rename(*CLICK, "click.testing.Result.output", "printed", 2000),
    Rename(*CLICK, "click.testing.CliRunner.isolated_filesystem", "private_filesystem", 2000),
    Rename(*CLICK, "click.utils.echo(err)", "to_stderr", 2000),
    Rename(*MARSHMALLOW, "marshmallow.exceptions.ValidationError", "InvalidData", 1000),
    Rename(*MARSHMALLOW, "marshmallow.schema.Schema.validate", "find_errors", 1000),
    Rename(*MARSHMALLOW, "marshmallow.schema.Schema.load(partial)", "incomplete", 1000),
    Rename(*ITSDANGEROUS, "itsdangerous.exc.BadSignature", "WrongSignature", 250),
    Rename(*ITSDANGEROUS, "itsdangerous.signer.Signer.get_signature", "make_signature", 250),
    Rename(*ITSDANGEROUS, "itsdangerous.encoding.want_bytes(encoding)", "charset", 250),
    Rename(*TINYDB, "tinydb.queries.where", "field", 180),
    Rename(*TINYDB, "tinydb.database.TinyDB.drop_tables", "remove_tables", 180),
    Rename(*TINYDB, "tinydb.table.Table.update(doc_ids)", "identifiers", 180),
    Rename(*TOOLZ, "toolz.utils.raises", "does_raise", 150),
    Rename(*TOOLZ, "toolz.functoolz.curry.bind", "bound_to", 150),
    Rename(*TOOLZ, "toolz.itertoolz.groupby(seq)", "sequence", 150),
]


@pytest.mark.parametrize("rename", RENAMES, ids=lambda rename: rename.id)
def test_rename_ends_with_the_same_tests_passing(
    rename: Rename, checkout: Checkout, overhaul: Overhaul
) -> None:
    source = checkout(rename.project, rename.version)
    words = ["rename-symbol", "-p", f"old={rename.old}", "-p", f"new={rename.new}"]
    for parameter in rename.parameters:
        words += ["-p", parameter]
    packages = [word for package in rename.packages for word in ("--package", package)]
    done = overhaul("run", *words, *packages, "--sandbox", sandbox(), "--yes", "--json", source)
    (run,) = done.json["runs"]
    assert (done.exit_code, run["status"]) == (0, "published"), run["message"] + done.stderr
    assert run["tests"]["base"] == run["tests"]["head"] >= rename.tests
    assert run["tests"]["new_failures"] == 0
    assert git(source, "rev-parse", run["branch"]) == run["head"]
    assert Path(run["pull_request"].removeprefix("file://")).exists()
    check_changes(source, run["head"], leaf(rename.old), rename.new)


def sandbox() -> str:
    """Docker where there is one; the acceptance tests run in CI, which has it."""
    docker = next(tier for tier in availability(Path()) if tier.name == "docker")
    return "docker" if docker.missing is None else "process"


def leaf(symbol: str) -> str:
    """The name itself: `echo` of `click.utils.echo`, `err` of `click.utils.echo(err)`."""
    return re.split(r"[.(]", symbol.rstrip(")"))[-1]


def check_changes(source: Path, head: str, old: str, new: str) -> None:
    """Each changed file has the old name, and but for the name and the formatting it is what it was."""
    changed = git(source, "diff", "--name-only", "main", head).splitlines()
    assert changed
    for path in changed:
        before, after = git(source, "show", f"main:{path}"), git(source, "show", f"{head}:{path}")
        assert re.search(rf"\b{old}\b", before), path
        assert plain(after, new, old) == plain(before, new, old), path


def plain(code: str, new: str, old: str) -> str:
    """Python code without its formatting, and with the old name for the new one."""
    return re.sub(rf"\b{new}\b", old, ast.unparse(ast.parse(code)))
