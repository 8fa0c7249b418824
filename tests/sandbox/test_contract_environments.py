"""Environments in every provider: made once, from what the plan says, and whole or not at all."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from overhaul.sandbox.choose import load
from overhaul.sandbox.docker import DockerProvider
from overhaul.sandbox.environment import EnvironmentPlan, detect, given_interpreter
from overhaul.sandbox.errors import EnvironmentFailed
from overhaul.sandbox.plan import Step
from overhaul.sandbox.process import ProcessProvider
from overhaul.sandbox.provider import Command, Provider, SandboxSettings
from overhaul.sandbox.system_packages import absent_here
from overhaul.sandbox.testing import run_tests
from tests.sandbox.conftest import PROVIDERS

Tree = Callable[[Mapping[str, str]], Path]

PROJECT = {
    "pyproject.toml": """
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"
[project]
name = "sample-project"
version = "3.2.1"
[project.scripts]
sample = "sample:main"
[tool.setuptools.packages.find]
where = ["src"]
""",
    "src/sample/__init__.py": "def main():\n    print('hello from', __file__)\n",
    "setup.py": """
from setuptools import setup
from setuptools.command.build_py import build_py
class Build(build_py):
    def run(self):
        super().run()
        with open(self.build_lib + "/sample/generated.py", "w") as file: file.write("MADE = True")
setup(cmdclass={"build_py": Build})
""",
    "tests/test_sample.py": """
import importlib.metadata, subprocess, sample, sample.generated
def test_version(): assert importlib.metadata.version("sample-project") == "3.2.1"
def test_entry_point(): assert "/tree/src/sample/" in subprocess.check_output(["sample"], text=True)
def test_own_sources(): assert "/tree/src/sample/" in sample.__file__
def test_what_only_the_build_makes(): assert "/tree/src/sample/" in sample.generated.__file__
""",
}


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    if request.param != "docker":
        yield load(request.param, tmp_path / "home")
        return
    request.getfixturevalue("docker_engine")
    found = DockerProvider(tmp_path / "home")
    yield found
    for record in found.environments():
        found.remove(record.fingerprint)


def bare(*steps: Step, project: str = "bare") -> EnvironmentPlan:
    """A plan that needs no package index."""
    create = Step("create", ("{uv}", "venv", "--python", "{interpreter}", "{environment}/venv"), "always")
    return EnvironmentPlan(project, "3.11", "none", steps=(create, *steps))


def images(provider: Provider, plan: EnvironmentPlan) -> list[object]:
    """What the engine holds of this plan; other tests make and remove images at the same time."""
    if not isinstance(provider, DockerProvider):
        return []
    wanted = {"label": f"overhaul.fingerprint={plan.fingerprint}"}
    return list(provider.client().images.list(all=True, filters=wanted))


def test_project_has_its_metadata_and_runs_from_the_work_tree(provider: Provider, tree: Tree, tmp_path: Path):
    source = tree(PROJECT)
    environment = provider.prepare(detect(source), source, tmp_path / "setup.log")
    report = run_tests(provider, environment, source, log=tmp_path / "tests.log")
    assert report.counts == {"passed": 4}, report.failures
    # The same environment serves the edited tree, in which a module has gone.
    (source / "src/sample").rename(source / "src/renamed")
    again = provider.prepare(detect(source), source, tmp_path / "setup.log")
    assert again.cached
    with provider.open(source, again, {}) as workspace:
        outcome = workspace.run(
            Command(["{python}", "-c", "import sample"], {"PYTHONPATH": f"{workspace.root}/src"})
        )
    assert b"No module named 'sample'" in outcome.output


def test_second_prepare_finds_the_first(provider: Provider, tmp_path: Path):
    plans = [bare(), EnvironmentPlan.from_json(json.loads(json.dumps(bare().to_json())))]
    first, second = (provider.prepare(plan, tmp_path, tmp_path / "log") for plan in plans)
    assert (first.cached, second.cached) == (False, True)
    assert (first.location, first.fingerprint) == (second.location, second.fingerprint)
    assert first.reason == "the first environment of this project here"


def test_two_prepares_at_once_build_once(provider: Provider, tmp_path: Path):
    source = tmp_path / "source"
    source.mkdir()
    found = []
    # Providers of their own, as two processes would have.
    others = [type(provider)(tmp_path / "home") for _ in range(2)]
    threads = [
        threading.Thread(target=lambda p=other: found.append(p.prepare(bare(), source, tmp_path / "log")))
        for other in others
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(environment.cached for environment in found) == [False, True]


def test_failed_setup_is_typed_names_the_log_and_leaves_nothing(provider: Provider, tmp_path: Path):
    source = tmp_path / "source"
    source.mkdir()
    plan = bare(Step("break", ("{python}", "-c", "print('told why'); raise SystemExit(3)"), "to fail"))
    for _ in range(2):
        with pytest.raises(EnvironmentFailed, match=r"(?s)step 'break': exit code 3.*told why.*setup.log"):
            provider.prepare(plan, source, tmp_path / "setup.log")
    assert "told why" in (tmp_path / "setup.log").read_text()
    assert images(provider, plan) == []
    assert not [
        path for path in (tmp_path / "home").rglob("*") if path.is_dir() and path.name == plan.fingerprint
    ]


def test_step_that_is_not_required_may_fail(provider: Provider, tmp_path: Path):
    source = tmp_path / "source"
    source.mkdir()
    plan = bare(Step("try", ("no-such-command",), "metadata", required=False))
    assert not provider.prepare(plan, source, tmp_path / "log").cached
    assert "'try' failed" in (tmp_path / "log").read_text()


def test_setup_does_not_see_secrets_of_the_host(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOST_SECRET_TOKEN", "canary-91bc")
    source = tmp_path / "source"
    source.mkdir()
    provider.prepare(bare(Step("look", ("env",), "to see")), source, tmp_path / "log")
    log = (tmp_path / "log").read_text()
    assert "VIRTUAL_ENV=" in log
    assert "canary" not in log


@pytest.mark.docker
def test_image_has_nothing_of_the_index_settings(
    docker_engine: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    certificate = tmp_path / "certificates.pem"
    certificate.write_text("canary-certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("UV_INDEX_PRIVATE_PASSWORD", "canary-password")
    source = tmp_path / "source"
    source.mkdir()
    provider = DockerProvider(tmp_path / "home")
    look = 'cat "$SSL_CERT_FILE"; echo; printenv UV_INDEX_PRIVATE_PASSWORD'
    environment = provider.prepare(bare(Step("look", ("sh", "-c", look), "to see")), source, tmp_path / "log")
    try:
        log = (tmp_path / "log").read_text()
        # Lent to the setup, redacted in its log.
        assert "canary-certificate\n[redacted]" in log
        image = provider.client().images.get(environment.location)
        assert "canary" not in json.dumps(image.attrs)
        with provider.open(source, environment, {}) as workspace:
            search = "grep -rl canary- /overhaul /etc /root /home /tmp 2>/dev/null; env | grep canary; true"
            assert workspace.run(Command(["sh", "-c", search])).output == b""
    finally:
        provider.client().images.remove(environment.location, force=True)


def test_given_interpreter_is_used_as_it_is(tree: Tree, tmp_path: Path):
    source = tree({"test_it.py": f"import sys\ndef test_it(): assert sys.executable == {sys.executable!r}\n"})
    provider = ProcessProvider(tmp_path / "home")
    environment = provider.prepare(given_interpreter(sys.executable), source, tmp_path / "log")
    assert environment.location == sys.executable
    assert run_tests(provider, environment, source, log=tmp_path / "tests.log").status == "passed"


def test_interpreter_that_is_absent_is_said(tmp_path: Path):
    with pytest.raises(EnvironmentFailed, match="no interpreter at /nowhere/python"):
        ProcessProvider(tmp_path).prepare(given_interpreter("/nowhere/python"), tmp_path, tmp_path / "log")


def test_build_that_was_killed_is_made_again(tmp_path: Path):
    provider = ProcessProvider(tmp_path / "home")
    left = provider.home / "environments" / bare().fingerprint / "venv/bin"
    left.mkdir(parents=True)
    (left / "python").write_text("half a build")
    source = tmp_path / "source"
    source.mkdir()
    environment = provider.prepare(bare(), source, tmp_path / "log")
    assert not environment.cached
    assert environment.python_version.startswith("3.11")


def test_environments_are_listed_and_removed_but_not_while_they_are_used(
    provider: Provider, tmp_path: Path
) -> None:
    (tmp_path / "source").mkdir()
    made = provider.prepare(bare(), tmp_path / "source", tmp_path / "log")
    (record,) = provider.environments()
    assert (record.fingerprint, record.project, record.reason) == (made.fingerprint, "bare", made.reason)
    with provider.open(tmp_path / "source", made, {}) as workspace:
        assert not provider.remove(made.fingerprint)
        assert workspace.run(Command(["{python}", "-c", "print('works')"])).output == b"works\n"
    assert provider.environments() == [replace(record, used=provider.environments()[0].used)]
    assert provider.remove(made.fingerprint)
    assert provider.environments() == []
    again = provider.prepare(bare(), tmp_path / "source", tmp_path / "log")
    assert (again.cached, again.reason) == (False, "the last one was removed")


COUNT = "echo again >>$VIRTUAL_ENV/count"
LOOK = Command(["sh", "-c", "cat $VIRTUAL_ENV/count"])


def test_environment_is_refreshed_by_the_repositorys_script(provider: Provider, tree: Tree, tmp_path: Path):
    source = tree({".overhaul/maintain.sh": COUNT})
    plan = replace(bare(), maintenance=".overhaul/maintain.sh")
    made = provider.prepare(plan, source, tmp_path / "log")
    assert provider.prepare(plan, source, tmp_path / "log").cached
    assert provider.ask_refresh(made.fingerprint)
    again = provider.prepare(plan, source, tmp_path / "log")
    assert (again.cached, again.reason) == (
        False,
        "refreshed by .overhaul/maintain.sh: a refresh was asked for",
    )
    assert again.fingerprint == made.fingerprint
    # Old by itself is a reason, too: at zero days it always is.
    young = type(provider)(tmp_path / "home", SandboxSettings(maintenance_days=0))
    old = young.prepare(plan, source, tmp_path / "log")
    assert old.reason == "refreshed by .overhaul/maintain.sh: older than 0 days"
    with provider.open(source, old, {}) as workspace:
        assert workspace.run(LOOK).output == b"again\nagain\n"
    assert [each.reason for each in provider.environments()] == [old.reason]
    assert provider.prepare(plan, source, tmp_path / "log").cached
    assert provider.remove(made.fingerprint)
    assert not provider.ask_refresh(made.fingerprint)


def test_refreshed_environment_is_not_the_one_that_a_run_began_with(
    provider: Provider, tree: Tree, tmp_path: Path
):
    source = tree({".overhaul/maintain.sh": COUNT})
    plan = replace(bare(), maintenance=".overhaul/maintain.sh")
    made = provider.prepare(plan, source, tmp_path / "log")
    assert provider.still_has(made)
    provider.ask_refresh(made.fingerprint)
    assert provider.still_has(provider.prepare(plan, source, tmp_path / "log"))
    if provider.name == "docker":  # its image is another one, and the old one is kept
        with provider.open(source, made, {}) as workspace:
            assert b"again" not in workspace.run(LOOK).output
        return
    assert not provider.still_has(made)
    with pytest.raises(EnvironmentFailed, match="was refreshed after this run's first tests"):
        provider.open(source, made, {})


def test_refresh_that_fails_or_leaves_a_broken_environment_makes_it_again(
    provider: Provider, tree: Tree, tmp_path: Path
):
    check = Step("check", ("sh", "-c", "test ! -e $VIRTUAL_ENV/broken"), "it must work")
    plan = replace(bare(check), maintenance=".overhaul/maintain.sh")
    for script, failed in (("exit 3", "script"), ("touch $VIRTUAL_ENV/broken", "check")):
        source = tree({".overhaul/maintain.sh": script})
        made = provider.prepare(plan, source, tmp_path / "log")
        provider.ask_refresh(made.fingerprint)
        again = provider.prepare(plan, source, tmp_path / "log")
        assert again.reason.startswith(
            "made again: a refresh was asked for, and .overhaul/maintain.sh failed: "
        )
        assert f"step '{failed}'" in again.reason
        with provider.open(source, again, {}) as workspace:
            assert workspace.run(Command(["sh", "-c", "ls $VIRTUAL_ENV/broken"])).exit_code != 0


def test_environment_is_not_refreshed_while_it_is_used(tree: Tree, tmp_path: Path):
    provider, source = ProcessProvider(tmp_path / "home"), tree({})
    made = provider.prepare(bare(), source, tmp_path / "log")
    provider.ask_refresh(made.fingerprint)
    with provider.open(source, made, {}):
        found = provider.prepare(bare(), source, tmp_path / "log")
        assert (found.cached, found.location) == (True, made.location)
        assert "when nobody uses it" in found.reason
    assert provider.prepare(bare(), source, tmp_path / "log").reason == "made again: a refresh was asked for"


def test_system_packages_go_into_an_image_and_are_reported_elsewhere(
    provider: Provider, tree: Tree, tmp_path: Path
):
    source = tree(
        {".overhaul/apt.txt": "hello  # greets\n--allow-downgrades\n", "Aptfile": "hello\nhttps://h/x.deb\n"}
    )
    plan = detect(source)
    assert plan.system_packages == ("hello",)
    assert {".overhaul/apt.txt", "Aptfile"} <= set(plan.inputs)
    assert sum("no package of Debian's" in reason for reason in plan.reasons) == 2
    environment = provider.prepare(plan, source, tmp_path / "log")
    if provider.name == "docker":
        with provider.open(source, environment, {}) as workspace:
            assert workspace.run(Command(["hello"])).output == b"Hello, world!\n"
    elif absent_here(["hello"]):
        assert "apt-get install hello here, or --sandbox docker" in environment.reason
        assert "without the system packages hello" in (tmp_path / "log").read_text()
