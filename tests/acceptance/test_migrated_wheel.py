"""A real project built before and after migrate-config, in the sandbox: the wheel stays the same."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from email import message_from_bytes
from pathlib import Path

import pytest

from overhaul.refactors.case_check import applied
from overhaul.refactors.recipes.migrate_config import MigrateConfig
from overhaul.refactors.source import FolderTree
from overhaul.sandbox.choose import choose
from overhaul.sandbox.foreign_commands import ForeignWork, run_foreign
from overhaul.sandbox.foreign_tools import tool_environment
from tests.acceptance.conftest import Checkout
from tests.acceptance.real_projects import H11

pytestmark = pytest.mark.acceptance
BUILD = (
    "import base64, pathlib, shutil; from setuptools.build_meta import __legacy__ as backend;"
    " wheel = pathlib.Path('built', backend.build_wheel('built'));"
    " pathlib.Path('wheel.txt').write_bytes(base64.b64encode(wheel.read_bytes())); shutil.rmtree('built')"
)
# What pyproject.toml says in another way (docs/recipes.md), and which fields a build may compute.
SAID_OTHERWISE = {"Home-page", "Project-URL", "Dynamic", "Description-Content-Type"}


def test_wheel_of_a_real_project_is_the_same(checkout: Checkout, tmp_path: Path) -> None:
    tree = FolderTree(checkout(H11.name, H11.version))
    before = {path: tree.read(path) for path in tree.paths()}
    after = applied(before, MigrateConfig.bind({}).analyse(tree))
    assert "setup.py" not in after
    old, new = (built(files, tmp_path) for files in (before, after))
    assert sorted(old) == sorted(new)
    different = {name for name in old if old[name] != new[name]} - {f"{METADATA}/RECORD"}
    assert different == {f"{METADATA}/METADATA"}
    texts = [message_from_bytes(wheel[f"{METADATA}/METADATA"]) for wheel in (old, new)]
    first, second = (
        sorted((key, value) for key, value in text.items() if key not in SAID_OTHERWISE) for text in texts
    )
    assert first == second
    assert texts[0].get_payload() == texts[1].get_payload()
    assert texts[1]["Project-URL"] == f"Homepage, {texts[0]['Home-page']}"


METADATA = f"{H11.name}-{H11.version}.dist-info"


def built(files: Mapping[str, bytes], home: Path) -> dict[str, bytes]:
    """The files of a wheel by name."""
    provider = choose("auto", home)
    environment = tool_environment(provider, ["setuptools==84.2.1"], home / "tools.log")
    done = run_foreign(provider, environment, files, ForeignWork(edits=[("python", "-c", BUILD)]))
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(done.contents["wheel.txt"]))) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}
