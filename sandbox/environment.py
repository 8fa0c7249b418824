"""Find out what a repository needs to run its tests, from its files alone: nothing of it is run here."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from overhaul.sandbox.coverage import measuring_steps
from overhaul.sandbox.formatting import detect_formatter
from overhaul.sandbox.frameworks import SKIPPED_FOLDERS
from overhaul.sandbox.interpreter import CanHave, choose_python
from overhaul.sandbox.layout import import_roots
from overhaul.sandbox.node_project import NodeProject, node_steps, read_node
from overhaul.sandbox.plan import EnvironmentPlan, Step, file_hash
from overhaul.sandbox.project_metadata import ProjectMetadata, read_metadata
from overhaul.sandbox.python_pins import pinned_python
from overhaul.sandbox.requirement_files import distribution_name, normalise
from overhaul.sandbox.system_packages import read_system_packages
from overhaul.sandbox.test_command import find_test_command, read_test_requirements
from overhaul.sandbox.test_needs import TestNeeds, gather_needs

__all__ = ["EnvironmentPlan", "Step", "Wishes", "detect", "given_interpreter"]

SETUP_SCRIPTS = (".overhaul/setup.sh", "overhaul-setup.sh")
MAINTENANCE_SCRIPTS = (".overhaul/maintain.sh", "overhaul-maintain.sh")
METADATA_FILES = (
    ".pre-commit-config.yaml", "pyproject.toml", "setup.cfg", "setup.py", "MANIFEST.in", "uv.lock", "tox.ini",
    "tox.toml", "noxfile.py",
)  # fmt: skip
NATIVE_SUFFIXES = frozenset({".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".pyx", ".pxd", ".rs", ".f90"})
NATIVE_FILES = frozenset({"Cargo.toml", "Cargo.lock", "CMakeLists.txt", "meson.build"})
# Without git a version that is derived from tags cannot be; the build backends take it from here.
PRETENDED_VERSION = {
    "SETUPTOOLS_SCM_PRETEND_VERSION": "0.0.0",
    "PDM_BUILD_SCM_VERSION": "0.0.0",
    "PBR_VERSION": "0.0.0",
    "POETRY_DYNAMIC_VERSIONING_BYPASS": "0.0.0",
}
SOURCES = (
    ".py", ".pyi", ".ipynb", ".md", ".rst", ".js", ".jsx", ".ts", ".tsx", ".go", ".java", ".rs", ".html", ".css",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an environment shall be like that no file of the repository says.

    `leave_out` names distributions that must not come from the index. Those of the repositories in `beside` are left
    out by themselves, and what these need is installed. `extra_packages` are requirements that no file names.
    `setup_script` is a path in the repository, run last; without it `.overhaul/setup.sh` is, if there.
    `called` is the name of a project that gives itself none. `can_have` tells which Pythons the tier can have.
    """

    python: str | None = None
    leave_out: Collection[str] = ()
    beside: Mapping[str, Path] = field(default_factory=dict)
    extra_packages: Sequence[str] = ()
    setup_script: str | None = None
    called: str = ""
    can_have: CanHave | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What the steps of a plan follow from. `python` is the environment's version."""

    folder: Path
    metadata: ProjectMetadata
    needs: TestNeeds
    excluded: Collection[str]
    script: str | None
    framework: str
    node: NodeProject | None
    python: str


def may_say_needs(path: str) -> bool:
    """Whether a file may decide what an environment has: source and documentation do not, but for two scripts."""
    name = path.rpartition("/")[2]
    return name in {"setup.py", "noxfile.py"} or not name.endswith(SOURCES)


def detect(folder: Path, wishes: Wishes | None = None) -> EnvironmentPlan:
    """Plan the environment of the repository in `folder`."""
    wishes = wishes or Wishes()
    metadata, tox = read_metadata(folder), read_test_requirements(folder)
    tests = find_test_command(folder)
    framework = tests.framework
    needs = gather_needs(folder, metadata, tox)
    pin = pinned_python(folder)
    version, python_reason = choose_python(
        metadata.requires_python or needs.python, wishes.python, pin, wishes.can_have
    )
    stated = [f"{tests.source}: the tests are run by: {tests.words}"] if tests.source else []
    needs.reasons[:0] = [python_reason, *stated, *tests.notes]
    needs.files += [pin[1]] if pin and pin[0] == version else []
    node, system = read_node(folder), read_system_packages(folder)
    needs.reasons += node.reasons if node else ()
    needs.files += (*(node.files if node else ()), *system.files)
    needs.lines.left_out += system.left_out
    excluded = {normalise(name) for name in wishes.leave_out}
    for name, sibling in wishes.beside.items():
        other = read_metadata(sibling)
        excluded.add(normalise(other.name or name))
        needs.add(other.dependencies or (), f"{name} beside it needs")
        if other.dependencies is None:
            needs.reasons.append(f"{name} beside it: what it needs is computed by its build, not installed")
    needs.add(wishes.extra_packages, "asked for")
    if framework in ("pytest", "django") and framework not in needs.names:
        needs.add([framework], f"the tests are {framework}'s and nothing names it")
    needs.reasons += [f"left out {line}" for line in (*needs.lines.left_out, *tox.left_out)]
    if excluded:
        needs.reasons.append(f"not from the index: {', '.join(sorted(excluded))}")
    script = wishes.setup_script or next((name for name in SETUP_SCRIPTS if (folder / name).is_file()), None)
    found = _Found(folder, metadata, needs, excluded, script, framework, node, version)
    return EnvironmentPlan(
        project=metadata.name or wishes.called or folder.resolve().name,
        python=version,
        framework="node" if framework == "none" and node and node.test else framework,
        inputs=_inputs(folder, [*needs.lines.files, *needs.files], metadata, script),
        files=_generated_files(needs, excluded),
        steps=_steps(found),
        reasons=tuple(needs.reasons),
        system_packages=system.names,
        maintenance=next((name for name in MAINTENANCE_SCRIPTS if (folder / name).is_file()), None),
    )


def given_interpreter(path: Path | str, project: str = "", framework: str = "pytest") -> EnvironmentPlan:
    """The plan to use the interpreter at `path` as it is and to install nothing; for the provider `process` only."""
    return EnvironmentPlan(
        project=project,
        python="",
        framework=framework,
        # Not resolved: a virtual environment's python is a link to the one that it was made from.
        interpreter=str(Path(path).absolute()),
        reasons=(f"uses {path} as it is",),
    )


def _generated_files(needs: TestNeeds, excluded: Collection[str]) -> dict[str, str]:
    lines = needs.lines
    kept = [line for line in dict.fromkeys(lines.requirements) if distribution_name(line) not in excluded]
    contents = {
        "requirements.txt": kept,
        "constraints.txt": list(dict.fromkeys(lines.constraints)),
        "excluded.txt": sorted(excluded),
        "candidates.txt": needs.candidates,
    }
    return {name: "".join(f"{line}\n" for line in content) for name, content in contents.items() if content}


def _inputs(
    folder: Path, files: Sequence[str], metadata: ProjectMetadata, script: str | None
) -> dict[str, str]:
    names = {name for name in METADATA_FILES if (folder / name).is_file()} | set(files)
    if script:
        names.add(script)
    if metadata.installable:
        names.update(_native_sources(folder))
    return {name: file_hash(folder / name) for name in sorted(names) if (folder / name).is_file()}


def _native_sources(folder: Path) -> list[str]:
    """Sources that the build compiles: only these of the code decide about the environment."""
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        found += [
            Path(place, name).relative_to(folder).as_posix()
            for name in names
            if name in NATIVE_FILES or Path(name).suffix in NATIVE_SUFFIXES
        ]
    return found


def _steps(found: _Found) -> tuple[Step, ...]:
    metadata, needs, script, framework = found.metadata, found.needs, found.script, found.framework
    venv = ("{uv}", "venv", "--no-project", "--python", "{interpreter}", *(("--seed",) if script else ()))
    steps = [Step("create", (*venv, "{environment}/venv"), "an environment of its own")]
    install = ["{uv}", "pip", "install", "--python", "{python}", "--compile-bytecode"]
    for option, name, wanted in (
        ("-r", "requirements.txt", bool(needs.lines.requirements)),
        ("-c", "constraints.txt", bool(needs.lines.constraints)),
        ("--excludes", "excluded.txt", bool(found.excluded)),
    ):
        install += [option, f"{{files}}/{name}"] if wanted else []
    if needs.lock_arguments:
        export = ("{uv}", "export", "--frozen", "--project", "{source}", "--no-emit-local", "--no-header")
        output = ("--no-annotate", "--quiet", "--output-file", "{files}/locked.txt")
        steps.append(Step("lock", (*export, *needs.lock_arguments, *output), "the versions in uv.lock"))
        install += ["-r", "{files}/locked.txt"]
    if needs.candidates:
        keep = (
            "{python}",
            "{tools}/keep_available.py",
            "{uv}",
            "{files}/candidates.txt",
            "{files}/available.txt",
        )
        steps.append(Step("conda packages", keep, "those that the package index has"))
        install += ["-r", "{files}/available.txt"]
    version = (
        PRETENDED_VERSION if metadata.dynamic_version and not (found.folder / "PKG-INFO").is_file() else {}
    )
    built_for_dependencies = metadata.installable and metadata.dependencies is None
    if built_for_dependencies:
        install.append("{source}")
    if needs.lines.requirements or needs.lock_arguments or needs.candidates or built_for_dependencies:
        steps.append(Step("install", tuple(install), "what the tests need", environment=version))
    if metadata.installable:
        steps += _project_steps(found.folder, metadata, built_for_dependencies, version)
    if formatter := detect_formatter(found.folder):
        add = ("{uv}", "pip", "install", "--python", "{python}", formatter.requirement)
        reason = f"{formatter.reason}; without it edits stay as they are"
        steps.append(Step("formatter", add, reason, required=False))
    if found.node:
        steps += node_steps(found.node, required=bool(found.node.test) and framework == "none")
    if framework != "none":
        steps += measuring_steps(found.python)
    if script:
        bash = ("bash", f"{{source}}/{script}")
        steps.append(Step("script", bash, f"{script} of the repository"))
    # What the project is itself comes from the work tree, which is not here.
    if framework in ("pytest", "django") and normalise(metadata.name or "") != framework:
        script_line = f"import {framework}; print({framework}.__version__)"
        steps.append(Step("check", ("{python}", "-c", script_line), "it must start"))
    return tuple(steps)


def _project_steps(
    folder: Path, metadata: ProjectMetadata, already: bool, version: Mapping[str, str]
) -> list[Step]:
    """Install the project for its metadata, entry points and built files, then take its modules out again."""
    install = ("{uv}", "pip", "install", "--python", "{python}", "--no-deps", "{source}")
    script = (
        "{python}",
        "{tools}/set_project_apart.py",
        metadata.name or "",
        "{environment}/built",
        "{source}",
    )
    apart = (*script, *import_roots(folder))
    reason = "metadata and entry points of the project; without it the tests see its modules only"
    steps = [] if already else [Step("project", install, reason, required=False, environment=version)]
    return [
        *steps,
        Step("set apart", apart, "the modules come from the work tree, so that edits are what is tested"),
    ]
