"""What detection reads from a repository's files: one small project per fact."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.environment import EnvironmentPlan, Wishes, detect, given_interpreter
from overhaul.sandbox.environment_record import RecordBook
from overhaul.sandbox.frameworks import detect_framework
from overhaul.sandbox.layout import import_roots

Tree = Callable[[Mapping[str, str]], Path]

TEST = {"tests/test_it.py": "def test_it(): pass\n"}
PROJECT = '[project]\nname = "sample"\nversion = "1"\n'
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


def requirements(plan: EnvironmentPlan) -> list[str]:
    return plan.files.get("requirements.txt", "").splitlines()


def step_names(plan: EnvironmentPlan) -> list[str]:
    return [step.name for step in plan.steps]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ["pytest"]),
        ({"requirements.txt": "requests>=2  # web\n"}, ["requests>=2", "pytest"]),
        ({"requirements-dev.txt": "pytest==8.1\n"}, ["pytest==8.1"]),
        ({"requirements-dev.txt": "tox\n", "requirements-test.txt": "PyTest<9\n"}, ["PyTest<9"]),
        ({"tests/requirements.txt": "hypothesis\n"}, ["hypothesis", "pytest"]),
        (
            {
                "requirements/tests.txt": "-r base.txt\npytest \\\n  --hash=sha256:aa\n",
                "requirements/base.txt": "six\n",
            },
            ["six", "pytest --hash=sha256:aa"],
        ),
        ({"requirements.txt": "-e .\n./local\nsix\n-r missing.txt\n-r ../outside.txt\n"}, ["six", "pytest"]),
        ({"pyproject.toml": PROJECT + 'dependencies = ["six"]\n'}, ["six", "pytest"]),
        (
            {"pyproject.toml": PROJECT + '[project.optional-dependencies]\ntest = ["pytest", "mock"]\n'},
            ["pytest", "mock"],
        ),
        (
            {
                "pyproject.toml": PROJECT
                + '[project.optional-dependencies]\nfast = ["six"]\ntests = ["sample[fast]"]\n'
            },
            ["six", "pytest"],
        ),
        (
            {
                "pyproject.toml": PROJECT
                + '[dependency-groups]\nbase = ["six"]\ntests = [{include-group = "base"}, "x"]\n'
            },
            ["six", "x", "pytest"],
        ),
        (
            {
                "pyproject.toml": PROJECT
                + '[project.optional-dependencies]\nfast = ["six"]\n[dependency-groups]\ntest = ["sample[fast]", "x"]\n'
            },
            ["six", "x", "pytest"],
        ),
        (
            {"pyproject.toml": PROJECT + '[dependency-groups]\ndev = ["ruff"]\ntest = ["x"]\n'},
            ["x", "pytest"],
        ),
        ({"pyproject.toml": PROJECT + '[dependency-groups]\ndev = ["ruff"]\n'}, ["ruff", "pytest"]),
        ({"pyproject.toml": '[dependency-groups]\ntests = [{include-group = "tests"}]\n'}, ["pytest"]),
        (
            {
                "tox.ini": "[testenv]\ndeps =\n    mock\n    py311: old\n    unit-!py315t: new\n    {[base]deps}\n"
            },
            ["mock", "pytest"],
        ),
        (
            {"tox.ini": "[testenv]\ndeps = -r wanted.txt\n", "wanted.txt": "pytest-cov\n"},
            ["pytest-cov", "pytest"],
        ),
        (
            {
                "tox.ini": "[testenv]\nextras = check\n",
                "setup.cfg": "[metadata]\nname=x\n[options.extras_require]\ncheck = six\n",
            },
            ["six", "pytest"],
        ),
        ({"pyproject.toml": '[tool.tox.env_run_base]\ndeps = ["mock"]\n'}, ["mock", "pytest"]),
        (
            {"setup.cfg": "[metadata]\nname = x\n[options]\ninstall_requires =\n    six\n    attrs>=20\n"},
            ["six", "attrs>=20", "pytest"],
        ),
        (
            {
                "setup.py": "from setuptools import setup\nNEEDS = ['six']\nsetup(name='x', install_requires=NEEDS)\n"
            },
            ["six", "pytest"],
        ),
    ],
)
def test_requirements_are_found(tree: Tree, files: dict[str, str], expected: list[str]):
    assert requirements(detect(tree(TEST | files))) == expected


def test_lock_file_decides_and_its_own_pytest_is_taken(tree: Tree):
    groups = '[dependency-groups]\ndev = ["ruff"]\ntests = ["pytest"]\n'
    plan = detect(
        tree(
            TEST
            | {"pyproject.toml": PROJECT + 'dependencies = ["six"]\n' + groups, "uv.lock": "version = 1\n"}
        )
    )
    lock = next(step for step in plan.steps if step.name == "lock")
    assert "--group=tests" in lock.arguments
    assert "--group=dev" not in lock.arguments
    assert requirements(plan) == []
    assert "uv.lock" in plan.inputs


def test_dependencies_that_only_the_build_knows_come_with_the_build(tree: Tree):
    plan = detect(
        tree(TEST | {"setup.py": "from setuptools import setup\nsetup(name='x', install_requires=read())\n"})
    )
    install = next(step for step in plan.steps if step.name == "install")
    assert install.required
    assert "{source}" in install.arguments
    assert "project" not in step_names(plan)


def test_project_whose_dependencies_are_known_may_fail_to_build(tree: Tree):
    plan = detect(tree(TEST | {"pyproject.toml": PROJECT}))
    assert not next(step for step in plan.steps if step.name == "project").required


def test_names_from_beside_are_left_out_and_what_they_need_is_in(tree: Tree):
    library = tree(
        {"pyproject.toml": '[project]\nname = "My_Library"\nversion = "1"\ndependencies = ["attrs"]\n'}
    )
    source = tree(TEST | {"pyproject.toml": PROJECT + 'dependencies = ["my-library>=1", "six", "other"]\n'})
    plan = detect(source, Wishes(leave_out=["Other"], beside={"library": library}))
    assert requirements(plan) == ["six", "attrs", "pytest"]
    assert plan.files["excluded.txt"] == "my-library\nother\n"


def test_extra_packages_and_setup_script_are_taken(tree: Tree):
    plan = detect(
        tree(TEST | {"tools/setup.sh": "true"}),
        Wishes(extra_packages=["freezegun"], setup_script="tools/setup.sh"),
    )
    assert requirements(plan) == ["freezegun", "pytest"]
    assert ("bash", "{source}/tools/setup.sh") in [step.arguments for step in plan.steps]
    assert "script" in step_names(detect(tree(TEST | {".overhaul/setup.sh": "true"})))


@pytest.mark.parametrize(
    ("requires", "asked", "expected"),
    [
        ("", None, OWN),
        (">=3.8", None, OWN),
        (">=3.8,<3.10", None, "3.9"),
        (">=3.13.1", None, "3.13"),
        (">=4", None, OWN),
        ("nonsense", None, OWN),
        (">=3.8", "3.12", "3.12"),
    ],
)
def test_interpreter_is_the_one_that_the_project_allows(
    tree: Tree, requires: str, asked: str | None, expected: str
):
    line = f'requires-python = "{requires}"\n' if requires else ""
    assert detect(tree(TEST | {"pyproject.toml": PROJECT + line}), Wishes(python=asked)).python == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "none"),
        ({"test_it.py": "def test_it(): pass"}, "pytest"),
        ({"tests/test_it.py": "class TestIt:\n    def test_it(self): pass"}, "pytest"),
        (
            {"tests/test_it.py": "import unittest\nclass C(unittest.TestCase):\n    def test_it(self): pass"},
            "unittest",
        ),
        (
            {
                "tests/test_it.py": "import unittest\nclass C(unittest.TestCase):\n    def test_it(self): pass",
                "tests/test_z.py": "import pytest",
            },
            "pytest",
        ),
        ({"setup.cfg": "[tool:pytest]\n"}, "pytest"),
        ({"tox.ini": "[pytest]\n"}, "pytest"),
        ({"pyproject.toml": "[tool.pytest]\n"}, "pytest"),
        ({"sub/conftest.py": ""}, "pytest"),
        (
            {".venv/lib/test_it.py": "def test_it(): pass", "node_modules/x/test_x.py": "import pytest"},
            "none",
        ),
    ],
)
def test_framework_is_told_from_the_files(tree: Tree, files: dict[str, str], expected: str):
    assert detect_framework(tree(files)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"sample/__init__.py": ""}, (".",)),
        ({"src/sample/__init__.py": ""}, ("src", ".")),
        ({"src/notes.txt": ""}, (".",)),
        (
            {"python/sample/__init__.py": "", "pyproject.toml": '[tool.maturin]\npython-source = "python"\n'},
            ("python", "."),
        ),
        (
            {"code/x.py": "", "pyproject.toml": '[tool.setuptools]\npackage-dir = {"" = "code"}\n'},
            ("code", "."),
        ),
        ({"code/x.py": "", "setup.cfg": "[options]\npackage_dir =\n    = code\n"}, ("code", ".")),
        (
            {
                "py/x/__init__.py": "",
                "pyproject.toml": '[tool.hatch.build.targets.wheel]\npackages = ["py/x"]\n',
            },
            ("py", "."),
        ),
        (
            {"x.py": "", "pyproject.toml": '[tool.setuptools.packages.find]\nwhere = ["../out", "/etc"]\n'},
            (".",),
        ),
    ],
)
def test_import_roots_are_found(tree: Tree, files: dict[str, str], expected: tuple[str, ...]):
    assert import_roots(tree(files)) == expected


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "requirements.txt", "tests/test_it.py"]
)
def test_file_that_cannot_be_read_is_no_crash(tree: Tree, name: str):
    source = tree(TEST)
    (source / name).write_bytes(b"\xff\xfe[broken = \x00 (((")
    assert detect(source).framework in ("pytest", "none")


DIGITS = "9" * 5000
# One alias of lists of aliases: as text it would be 10 ** 15 words long.
ALIASES = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 16))

UNTELLABLE = """
lock-version = "1.0"
created-by = "x"
[[packages]]
name = "x"
version = "1"
marker = "extra == 'x' and 'b' in extras"
archive = {url = "https://a.example/x.zip", hashes = {sha256 = "a"}}
"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((name, "a = " + "[" * 10_000) for name in ("pyproject.toml", "poetry.lock", "pylock.toml", "Pipfile")),
        *((name, f"a = {DIGITS}") for name in ("pyproject.toml", "pdm.lock", "tox.toml")),
        *((name, "-" * 100_000 + "1") for name in ("setup.py", "noxfile.py")),
        *((name, "x = " + " + ".join(["1"] * 50_000)) for name in ("setup.py", "noxfile.py")),
        ("pyproject.toml", f'[tool.poetry.dependencies]\npython = "^{DIGITS}"'),
        ("pyproject.toml", f'[project]\nname = "a"\nrequires-python = ">={DIGITS}"'),
        ("pyproject.toml", "[dependency-groups]\ntest = 5"),
        ("setup.cfg", f"[options]\npython_requires = >={DIGITS}"),
        (".python-version", f"3.{DIGITS}"),
        ("package.json", f'{{"engines": {{"node": "{DIGITS}"}}}}'),
        ("package.json", f'{{"engines": {{"node": ">=1 <{DIGITS}"}}}}'),
        ("Pipfile.lock", "[" * 100_000),
        ("requirements.txt", "-c a\0b"),
        ("environment.yml", "!!bool no boolean"),
        ("environment.yml", "dependencies: [!!int '']"),
        ("environment.yml", "dependencies: [!!timestamp never]"),
        ("environment.yml", f"{ALIASES}dependencies: [*a15]"),
        (".pre-commit-config.yaml", "!!bool no boolean"),
        (".pre-commit-config.yaml", f"{ALIASES}repos: [{{rev: *a15, hooks: [{{id: *a15}}]}}]"),
        ("pylock.toml", UNTELLABLE),
    ],
)  # fmt: skip
def test_file_made_to_break_its_reader_is_no_crash(tree: Tree, name: str, content: str):
    plan = detect(tree(TEST | {name: content}), Wishes(can_have=lambda _: True))
    assert plan.framework == "pytest"


def test_fingerprint_changes_with_inputs_only(tree: Tree):
    files = TEST | {"pyproject.toml": PROJECT}
    plan = detect(tree(files))
    assert detect(tree(files | {"tests/test_more.py": "x", "sample.py": "y"})).fingerprint == plan.fingerprint
    assert detect(tree(files | {"pyproject.toml": PROJECT + "# \n"})).fingerprint != plan.fingerprint
    assert detect(tree(files | {"speed.pyx": "x"})).fingerprint != plan.fingerprint
    assert EnvironmentPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_reason_of_a_rebuild_names_what_changed(tree: Tree, tmp_path: Path):
    book = RecordBook(tmp_path / "records")
    source = tree(TEST | {"requirements.txt": "six\n", "pyproject.toml": PROJECT})
    plan = detect(source)
    assert book.reason(plan) == "the first environment of this project here"
    book.write(plan, "3.11.2", "first", 1.0)
    assert book.reason(plan) == "the last one was removed"
    assert book.reason(plan, "another-key") == "the base image changed"
    (source / "requirements.txt").write_text("six>1\n")
    (source / "tox.ini").write_text("[tox]\n")
    assert book.reason(detect(source)) == "requirements.txt changed; tox.ini is new"
    other = "3.12" if OWN != "3.12" else "3.13"
    assert book.reason(detect(source, Wishes(python=other))).startswith(f"Python {OWN} became {other}")
    (source / "requirements.txt").write_text("six\n")
    (source / "tox.ini").unlink()
    assert book.reason(detect(source, Wishes(extra_packages=["x"]))) == "x is asked for"


def test_given_interpreter_keeps_the_path_of_a_virtual_environment():
    assert given_interpreter(sys.executable).interpreter == sys.executable
    assert given_interpreter(sys.executable).steps == ()
