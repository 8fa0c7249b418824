"""Which Python an environment gets, on this machine's kernel and in images, and what is said where there is none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.choose import load
from overhaul.sandbox.docker import DockerProvider
from overhaul.sandbox.docker_images import LOCAL_BASE, base_image
from overhaul.sandbox.environment import Wishes, detect
from overhaul.sandbox.errors import EnvironmentFailed
from overhaul.sandbox.host_pythons import find_python, obtain_python, pythons_here
from overhaul.sandbox.interpreter import OWN, choose_python
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.process import ProcessProvider
from overhaul.sandbox.remembered import Remembered

Tree = Callable[[Mapping[str, str]], Path]

CREATE = Step("create", ("{uv}", "venv", "--python", "{interpreter}", "{environment}/venv"), "always")
# No such version will be there for a while, here or anywhere.
UNKNOWN = "3.77"


@pytest.mark.parametrize(
    ("requires", "pinned", "here", "expected"),
    [
        (None, None, [], OWN),
        (None, "3.9", ["3.9"], "3.9"),
        (None, "3.9", [], OWN),
        (">=3.12", "3.13", ["3.12", "3.13"], "3.13"),
        (">=3.12,<3.14", "3.13", ["3.12"], "3.12"),
        ("<3.10", "3.13", ["3.9", "3.8"], "3.9"),
        # Nothing can be had: the pinned one, which making the environment says.
        ("<3.10", "3.8", [], "3.8"),
        (None, UNKNOWN, [UNKNOWN], UNKNOWN),
    ],
)
def test_pinned_python_is_taken_where_it_can_be_had(
    requires: str | None, pinned: str | None, here: list[str], expected: str
):
    pin = (pinned, ".python-version") if pinned else None
    version, reason = choose_python(requires, None, pin, lambda each: each in here)
    assert version == expected
    assert pinned is None or ".python-version names" in reason


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (".python-version", "my-virtual-environment\n3.9.18\n3.8\n"),
        ("runtime.txt", "python-3.9.18\n"),
        (".tool-versions", "nodejs 20.1.0\npython 3.9.18 system\n"),
        ("Pipfile", '[requires]\npython_version = "3.9"\n'),
        ("environment.yml", "dependencies: [python=3.9]\n"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "~3.9"\n'),
    ],
)
def test_file_that_names_a_python_is_heard_and_decides_the_fingerprint(tree: Tree, file: str, content: str):
    plan = detect(tree({file: content}))
    assert plan.python == "3.9"
    assert file in plan.inputs


@pytest.mark.parametrize("tier", ["process", "landlock", "bubblewrap"])
def test_environment_has_the_python_that_the_project_requires(tier: str, tree: Tree, tmp_path: Path):
    others = [version for version in pythons_here() if version not in (OWN, "3.8")]
    provider = load(tier, tmp_path / "home")
    if not others or provider.missing():
        pytest.skip(provider.missing() or f"this machine has no Python but {OWN}")
    wanted = others[0]
    project = f'[project]\nname = "sample"\nversion = "1"\nrequires-python = "=={wanted}.*"\n'
    plan = detect(tree({"pyproject.toml": project}), Wishes(can_have=provider.has_python))
    bare = EnvironmentPlan(plan.project, plan.python, "none", steps=(CREATE,))
    environment = provider.prepare(bare, tree({}), tmp_path / "log")
    assert environment.python_version.startswith(f"{wanted}.")


def test_shim_of_a_version_that_is_not_chosen_is_no_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shim = tmp_path / f"python{UNKNOWN}"
    shim.write_text("#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert find_python(UNKNOWN) is None
    shim.write_text(f"#!/bin/sh\necho {UNKNOWN}\n")
    assert find_python(UNKNOWN) == shim


def test_python_that_cannot_be_had_is_said_with_where_and_what_next(tmp_path: Path):
    with pytest.raises(
        EnvironmentFailed, match=rf"(?s)Python {UNKNOWN} is needed.*PATH.*pyenv.*uv could not.*Install it"
    ):
        obtain_python(UNKNOWN)
    provider, memory = ProcessProvider(tmp_path), Remembered(tmp_path / "process/pythons.json")
    assert not provider.has_python(UNKNOWN)
    assert memory.has_failed(UNKNOWN)
    memory.path.write_text(json.dumps({UNKNOWN: [1.0, None]}))
    assert not memory.has_failed(UNKNOWN)
    # Where one was found is not looked for again, as long as it is there.
    memory.note(UNKNOWN, sys.executable)
    assert provider.has_python(UNKNOWN)
    memory.note(UNKNOWN, str(tmp_path / "gone"))
    assert not provider.has_python(UNKNOWN)


@pytest.mark.docker
def test_image_has_the_local_bases_python_an_official_images_or_uvs(docker_engine: None, tmp_path: Path):
    provider = DockerProvider(tmp_path / "home")
    client, memory = provider.client(), tmp_path / "bases.json"
    local = client.images.get(LOCAL_BASE)
    assert base_image(client, "auto", provider.pythons()[0], memory) == (local.id, "python3")
    assert base_image(client, "auto", UNKNOWN, memory) == (local.id, UNKNOWN)
    assert not provider.has_python(UNKNOWN)
    with pytest.raises(
        EnvironmentFailed, match=rf"(?s)'create'.*Python {UNKNOWN}, python:{UNKNOWN}-slim .*docker load"
    ):
        provider.prepare(
            EnvironmentPlan("bare", UNKNOWN, "none", steps=(CREATE,)), tmp_path, tmp_path / "log"
        )
    local.tag("python", f"{UNKNOWN}-slim")
    try:
        assert base_image(client, "auto", UNKNOWN, memory) == (local.id, "python3")
    finally:
        client.images.remove(f"python:{UNKNOWN}-slim")
