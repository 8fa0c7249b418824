"""Lock files and project files of every tool: which versions are installed, by environments that are really made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.environment import detect
from overhaul.sandbox.errors import EnvironmentFailed
from overhaul.sandbox.lock_files import read_lock
from overhaul.sandbox.process import ProcessProvider
from overhaul.sandbox.provider import Command

Tree = Callable[[Mapping[str, str]], Path]

SIX = "sha256:8b74bedcbbbaca38ff6d7491d76f2b06b3592611af620f8426e82dddb04a5ced"
INICONFIG = "sha256:011e24c64b7f47f6ebd835bb12a743f2fbe9a26d4cecaa7f53bc4f35ee9da8b3"
WRONG = f"sha256:{'0' * 64}"

POETRY = """
[tool.poetry]
name = "sample"
version = "1"
package-mode = false
[tool.poetry.dependencies]
python = "^3.8"
six = "^1.10"
[tool.poetry.group.test.dependencies]
iniconfig = "*"
[tool.poetry.group.docs.dependencies]
sphinx = "*"
"""
POETRY_LOCK = f"""
[[package]]
name = "six"
version = "1.15.0"
optional = false
python-versions = ">=2.7"
files = [{{file = "six-1.15.0-py2.py3-none-any.whl", hash = "{SIX}"}}]

[[package]]
name = "iniconfig"
version = "1.1.1"
optional = false
python-versions = "*"
markers = "python_version >= '3.8'"
files = [{{file = "iniconfig-1.1.1-py2.py3-none-any.whl", hash = "{INICONFIG}"}}]

[[package]]
name = "iniconfig"
version = "1.0.0"
optional = false
python-versions = "*"
markers = "python_version < '3.8'"
files = []

[metadata]
lock-version = "2.1"
"""
PDM = """
[project]
name = "sample"
version = "1"
dependencies = ["six"]
[tool.pdm.dev-dependencies]
test = ["iniconfig>=1", "-e file:///${PROJECT_ROOT}/other#egg=other"]
lint = ["ruff"]
"""
PDM_LOCK = f"""
[metadata]
groups = ["default", "test"]
[[package]]
name = "six"
version = "1.15.0"
groups = ["default"]
files = [{{file = "six-1.15.0-py2.py3-none-any.whl", hash = "{SIX}"}}]
[[package]]
name = "iniconfig"
version = "1.1.1"
groups = ["test"]
"""
PIPFILE_LOCK = {
    "_meta": {"pipfile-spec": 6, "requires": {}, "sources": []},
    "default": {
        "six": {"hashes": [SIX], "index": "pypi", "version": "==1.15.0"},
        "colorama": {"version": "==0.4.6", "markers": "sys_platform == 'win32'"},
    },
    "develop": {"iniconfig": {"version": "==1.1.1"}, "mine": {"path": ".", "editable": True}},
}
PYLOCK = f"""
lock-version = "1.0"
created-by = "hand"
dependency-groups = ["test", "docs"]
default-groups = []
[[packages]]
name = "six"
version = "1.15.0"
[[packages.wheels]]
name = "six-1.15.0-py2.py3-none-any.whl"
url = "https://example.invalid/six-1.15.0-py2.py3-none-any.whl"
hashes = {{sha256 = "{SIX.partition(":")[2]}"}}
[[packages]]
name = "iniconfig"
version = "1.1.1"
marker = "'test' in dependency_groups"
[[packages.wheels]]
name = "iniconfig-1.1.1-py2.py3-none-any.whl"
url = "https://example.invalid/iniconfig-1.1.1-py2.py3-none-any.whl"
hashes = {{sha256 = "{INICONFIG.partition(":")[2]}"}}
[[packages]]
name = "sphinx"
version = "7.0"
marker = "'docs' in dependency_groups"
[[packages.wheels]]
name = "sphinx-7.0-py3-none-any.whl"
url = "https://example.invalid/sphinx-7.0-py3-none-any.whl"
hashes = {{sha256 = "00"}}
[[packages]]
name = "colorama"
version = "0.4.6"
marker = "sys_platform == 'win32'"
[[packages.wheels]]
name = "colorama-0.4.6-py2.py3-none-any.whl"
url = "https://example.invalid/colorama-0.4.6-py2.py3-none-any.whl"
hashes = {{sha256 = "00"}}
"""
HATCH = '[tool.hatch.envs.default]\ndependencies = ["six==1.15.0"]\n[tool.hatch.envs.test]\nextra-dependencies = ["iniconfig==1.1.1"]\n'
CONDA = """
name: sample
channels: [conda-forge]
dependencies:
  - python=3.11
  - conda-forge::six=1.15
  - libgdal>=3
  - no-such-package-of-the-index-77=1.0
  - pip
  - pip:
    - iniconfig==1.1.1
"""
LOCKED = {
    "Poetry": {"pyproject.toml": POETRY, "poetry.lock": POETRY_LOCK},
    "PDM": {"pyproject.toml": PDM, "pdm.lock": PDM_LOCK},
    "Pipenv": {"Pipfile": "[packages]\nsix = '*'\n", "Pipfile.lock": json.dumps(PIPFILE_LOCK)},
    "PEP 751": {"pylock.toml": PYLOCK, "pyproject.toml": "[dependency-groups]\ntest = ['iniconfig']\n"},
    "hatch": {"pyproject.toml": HATCH},
    "conda": {"environment.yml": CONDA},
    "requirements": {
        "requirements/base.txt": f"six==1.15.0 --hash={SIX}\n",
        "requirements/unit-tests.txt": f"iniconfig==1.1.1 \\\n    --hash={INICONFIG}\n",
        "requirements/docs.txt": "sphinx\n",
    },
}


def lines_of(source: Path, name: str = "requirements.txt") -> list[str]:
    return [line.partition(" --hash")[0] for line in detect(source).files.get(name, "").splitlines()]


@pytest.mark.parametrize("tool", LOCKED)
def test_locked_versions_are_what_is_installed(tool: str, tree: Tree, tmp_path: Path):
    source, provider = tree(LOCKED[tool]), ProcessProvider(tmp_path / "home")
    environment = provider.prepare(detect(source), source, tmp_path / "setup.log")
    show = "from importlib.metadata import distributions\nfor d in distributions(): print(d.name + '==' + d.version)"
    with provider.open(source, environment, {}) as workspace:
        outcome = workspace.run(Command(["{python}", "-c", show]))
    installed = set(outcome.output.decode().split()) - {"sample==1"}
    assert installed == {"six==1.15.0", "iniconfig==1.1.1"}
    if tool == "conda":
        log = (tmp_path / "setup.log").read_text()
        assert "no such package for this Python: no-such-package-of-the-index-77==1.0.*" in log
        assert "left out environment.yml: libgdal>=3: no Python package" in log


def test_lock_whose_hash_is_of_another_file_is_refused(tree: Tree, tmp_path: Path):
    source = tree({"pyproject.toml": POETRY, "poetry.lock": POETRY_LOCK.replace(SIX, WRONG)})
    with pytest.raises(EnvironmentFailed, match=r"(?i)hash mismatch"):
        ProcessProvider(tmp_path / "home").prepare(detect(source), source, tmp_path / "setup.log")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('x = "^1.2.3"', "x>=1.2.3,<2"),
        ('x = "^0.0.3"', "x>=0.0.3,<0.0.4"),
        ('x = "~1.2"', "x>=1.2,<1.3"),
        ('x = "~1"', "x>=1,<2"),
        ('x = "1.2"', "x==1.2"),
        ('x = "1.*"', "x==1.*"),
        ('x = ">= 1, !=1.5 <2"', "x>=1,!=1.5,<2"),
        ('x = "^1 || ^3"', "x>=1,<4"),
        ('x = "nonsense!"', None),
        ('x = {version = "^2", extras = ["a", "b"], python = ">=3.8,<4"}', None),
        (
            'x = {git = "https://h/x.git", rev = "abc", subdirectory = "y"}',
            "x @ git+https://h/x.git@abc#subdirectory=y",
        ),
        ('x = {git = "git@h:o/x.git", branch = "main"}', "x @ git+ssh://git@h/o/x.git@main"),
        (
            'x = {url = "https://h/x.whl", markers = "os_name == \'nt\'"}',
            "x @ https://h/x.whl ; os_name == 'nt'",
        ),
        ('x = {path = "../x"}', None),
        ('x = {version = "*", optional = true}', None),
        ('x = [{version = "^1", python = "<3.9"}, {version = "^2", python = ">=3.9"}]', None),
    ],
)
def test_poetry_dependency_is_a_requirement_line(tree: Tree, line: str, expected: str | None):
    several = {
        "extras": ["x[a,b]>=2,<3 ; (python_version >= '3.8') and (python_version < '4')"],
        "<3.9": ["x>=1,<2 ; python_version < '3.9'", "x>=2,<3 ; python_version >= '3.9'"],
    }
    wanted = next((lines for sign, lines in several.items() if sign in line), [expected] if expected else [])
    assert lines_of(tree({"pyproject.toml": f"[tool.poetry.dependencies]\n{line}\n"})) == wanted


def test_poetry_extras_and_older_development_dependencies_are_read(tree: Tree):
    older = '[tool.poetry.dependencies]\nsix = {version = "*", optional = true}\n[tool.poetry.extras]\ntest = ["six"]\n'
    assert lines_of(tree({"pyproject.toml": older})) == ["six"]
    assert lines_of(tree({"pyproject.toml": '[tool.poetry.dev-dependencies]\nmock = "^4"\n'})) == [
        "mock>=4,<5"
    ]


def test_poetry_lock_with_two_versions_and_no_markers_pins_neither(tree: Tree):
    lock = POETRY_LOCK.replace("markers", "note")
    plan = detect(tree({"pyproject.toml": POETRY, "poetry.lock": lock}))
    assert plan.files["constraints.txt"].startswith("six==1.15.0")
    assert "iniconfig" not in plan.files["constraints.txt"]
    assert any("iniconfig has several versions" in reason for reason in plan.reasons)


def test_commit_in_a_lock_replaces_the_branch_that_is_asked_for(tree: Tree):
    project = '[tool.poetry.dependencies]\nx = {git = "https://h/x.git", branch = "main"}\n'
    lock = """
[[package]]
name = "x"
version = "1"
source = {type = "git", url = "https://h/x.git", reference = "main", resolved_reference = "c0ffee"}
"""
    source = tree({"pyproject.toml": project, "poetry.lock": lock})
    assert lines_of(source) == ["x @ git+https://h/x.git@c0ffee"]
    assert "constraints.txt" not in detect(source).files


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("Pipfile", '[packages]\nsix = "*"\n[dev-packages]\nmock = {version = ">=4", sys_platform = "== \'linux\'"}\n',
         ["six", "mock>=4 ; sys_platform == 'linux'"]),
        ("hatch.toml", '[envs.hatch-test]\nextra-dependencies = ["six"]\n', ["coverage[toml]", "pytest", "pytest-mock",
         "pytest-rerunfailures", "pytest-xdist[psutil]", "six"]),
        ("hatch.toml", '[envs.default]\ndependencies = ["a"]\n[envs.test]\ndetached = true\ndependencies = ["b"]\n', ["b"]),
        ("environment.yaml", "dependencies: [python, {pip: [six, -e .]}]", ["six"]),
        ("requirements/test.in", "six\n", ["six"]),
        ("requirements/local.txt", "six\n", ["six"]),
        ("requirements/production.txt", "six\n", ["six"]),
        ("requirements/docs.txt", "sphinx\n", []),
    ],
)  # fmt: skip
def test_project_file_without_a_lock_is_read(tree: Tree, file: str, content: str, expected: list[str]):
    assert lines_of(tree({file: content})) == expected


def test_conda_versions_are_put_in_the_words_of_the_index(tree: Tree):
    listed = [
        "a=1.2",
        "b==1.2",
        "c>=1,<2",
        "d=1.2=py_0",
        "e 1.2.*",
        "pytorch::pytorch=2.1",
        "f=1|2",
        "libcst",
        "gcc=12",
    ]
    plan = detect(tree({"environment.yml": json.dumps({"dependencies": listed})}))
    assert plan.files["candidates.txt"].split() == [
        "a==1.2.*", "b==1.2", "c>=1,<2", "d==1.2", "e==1.2.*", "torch==2.1.*", "f", "libcst",
    ]  # fmt: skip
    assert any("gcc=12: no Python package" in reason for reason in plan.reasons)


@pytest.mark.parametrize(
    "name",
    ["Pipfile", "Pipfile.lock", "poetry.lock", "pdm.lock", "pylock.toml", "hatch.toml", "environment.yml", "package.json",
     ".python-version", "runtime.txt", ".tool-versions", "Aptfile"],
)  # fmt: skip
@pytest.mark.parametrize(
    "content", [b"\xff\xfe[broken = \x00 (((", b"[1, {}]", b"x = [1]\n[[package]]\nname = 3\n", b""]
)
def test_file_of_a_tool_that_cannot_be_read_is_no_crash(tree: Tree, name: str, content: bytes):
    source = tree({"code.py": ""})
    (source / name).write_bytes(content)
    assert detect(source).framework in ("none", "node")


def test_lock_is_the_reason_of_a_rebuild_by_its_name(tree: Tree):
    source = tree({"pyproject.toml": POETRY, "poetry.lock": POETRY_LOCK})
    before = detect(source)
    assert {"pyproject.toml", "poetry.lock"} <= set(before.inputs)
    (source / "poetry.lock").write_text(POETRY_LOCK + "# \n")
    assert detect(source).fingerprint != before.fingerprint
    assert read_lock(tree({}), []) is None
