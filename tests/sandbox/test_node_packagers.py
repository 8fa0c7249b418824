"""Lock files of pnpm, yarn and bun: which program installs a Node project's packages, and in which version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.environment import detect
from overhaul.sandbox.landlock import LandlockProvider
from overhaul.sandbox.node_packagers import find_packager
from overhaul.sandbox.provider import Command
from tests.sandbox.test_node import INTEGRITY

Tree = Callable[[Mapping[str, str]], Path]

# Each lock is older than what the range would give today.
RANGE = "^6.0.0 || ^7.0.0"
PNPM = f"""lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      is-number:
        specifier: {RANGE}
        version: 6.0.0
packages:
  is-number@6.0.0:
    resolution: {{integrity: {INTEGRITY}}}
    engines: {{node: '>=0.10.0'}}
snapshots:
  is-number@6.0.0: {{}}
"""
YARN = f"""# yarn lockfile v1


"is-number@{RANGE}":
  version "6.0.0"
  resolved "https://registry.yarnpkg.com/is-number/-/is-number-6.0.0.tgz#e6d15ad31fc262887cccf217ae5f9316f81b1995"
  integrity {INTEGRITY}
"""
BUN = json.dumps(
    {
        "lockfileVersion": 1,
        "workspaces": {"": {"name": "sample", "dependencies": {"is-number": RANGE}}},
        "packages": {"is-number": ["is-number@6.0.0", "", {}, INTEGRITY]},
    }
)
LOCKS = {"pnpm-lock.yaml": PNPM, "yarn.lock": YARN, "bun.lock": BUN}


@pytest.mark.parametrize("lock", LOCKS)
def test_packages_are_those_of_the_lock_file(lock: str, tree: Tree, tmp_path: Path):
    package = {"name": "sample", "version": "1.0.0", "dependencies": {"is-number": RANGE}}
    source = tree({"package.json": json.dumps(package), lock: LOCKS[lock]})
    plan = detect(source)
    assert lock in plan.inputs
    provider = LandlockProvider(tmp_path / "home")
    environment = provider.prepare(plan, source, tmp_path / "setup.log")
    name = find_packager(source, package).name
    look = f"node -p 'require(\"is-number/package.json\").version' && {name} --version >/dev/null"
    with provider.open(source, environment, {}) as workspace:
        found = workspace.run(Command(["sh", "-c", look]))
    assert (found.output, found.exit_code) == (b"6.0.0\n", 0), (tmp_path / "setup.log").read_text()


@pytest.mark.parametrize(
    ("files", "named", "expected"),
    [
        ({}, "", ("npm", "")),
        ({"yarn.lock": "__metadata:\n  version: 8\n"}, "yarn@4.1.0", ("npm", "")),
        ({"package-lock.json": "{}", "pnpm-lock.yaml": PNPM}, "", ("npm", "")),
        (
            {"package-lock.json": "{}", "pnpm-lock.yaml": PNPM},
            "pnpm@9.15.0+sha512.a",
            ("pnpm", "pnpm@9.15.0"),
        ),
        ({"pnpm-lock.yaml": "lockfileVersion: 5.4\n"}, "", ("pnpm", "pnpm@7")),
        ({"pnpm-lock.yaml": PNPM}, "pnpm@--registry=x", ("pnpm", "pnpm@10")),
        ({"yarn.lock": YARN}, "pnpm@9.15.0", ("yarn", "yarn@1")),
        ({"bun.lockb": "binary"}, "", ("bun", "bun@1")),
    ],
)
def test_program_is_that_of_the_lock_file_and_in_the_version_that_is_named(
    files: dict[str, str], named: str, expected: tuple[str, str], tree: Tree
):
    found = find_packager(tree(files), {"packageManager": named})
    assert (found.name, found.requirement) == expected


def test_lock_file_that_is_not_followed_is_told(tree: Tree):
    plan = detect(tree({"package.json": "{}", "yarn.lock": "__metadata:\n  version: 8\n"}))
    assert any("yarn.lock: of Yarn 2 or later, which is not supported" in each for each in plan.reasons)
