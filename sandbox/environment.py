"""Find out what a repository needs to run its tests, from its files alone: nothing of it is run here."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from overhaul.sandbox.coverage import measuring_steps
from overhaul.sandbox.formatting import detect_formatter
from overhaul.sandbox.frameworks import SKIPPED_FOLDERS
from overhaul.sandbox.interpreter import choose_python
from overhaul.sandbox.layout import import_roots
from overhaul.sandbox.plan import EnvironmentPlan, Step, file_hash
from overhaul.sandbox.project_metadata import ProjectMetadata, read_metadata
from overhaul.sandbox.requirement_files import (
    DEVELOPMENT,
    RUNTIME,
    TEST,
    RequirementLines,
    distribution_name,
    normalise,
)
from overhaul.sandbox.test_command import find_test_command, read_test_requirements
from overhaul.sandbox.tox_settings import ToxSettings

__all__ = ["EnvironmentPlan", "Step", "detect", "given_interpreter"]

TEST_NAMES = ("test", "tests", "testing")
DEVELOPMENT_NAMES = ("dev", "develop", "development")
SETUP_SCRIPTS = (".overhaul/setup.sh", "overhaul-setup.sh")
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


@dataclass(slots=True)
class _Findings:
    """What detection has gathered so far."""

    lines: RequirementLines = field(default_factory=RequirementLines)
    reasons: list[str] = field(default_factory=list)
    lock_arguments: list[str] = field(default_factory=list)
    locked_names: set[str] = field(default_factory=set)

    def add(self, requirements: Sequence[str], reason: str) -> None:
        self.lines.requirements += requirements
        if requirements:
            self.reasons.append(f"{reason}: {', '.join(requirements)}")


def detect(
    folder: Path,
    python: str | None = None,
    leave_out: Collection[str] = (),
    *,
    beside: Mapping[str, Path] | None = None,
    extra_packages: Sequence[str] = (),
    setup_script: str | None = None,
    called: str = "",
) -> EnvironmentPlan:
    """Plan the environment of the repository in `folder`.

    `leave_out` names distributions that must not come from the index. Those of the repositories in `beside` are left
    out by themselves, and what these need is installed. `extra_packages` are requirements that no file names.
    `setup_script` is a path in the repository, run last; without it `.overhaul/setup.sh` is, if there.
    `called` is the name of a project that gives itself none.
    """
    metadata, tox = read_metadata(folder), read_test_requirements(folder)
    version, python_reason = choose_python(metadata.requires_python, python)
    tests = find_test_command(folder)
    framework = tests.framework
    findings = _Findings(reasons=[python_reason])
    if tests.source:
        findings.reasons.append(f"{tests.source}: the tests are run by: {tests.words}")
    findings.reasons += tests.notes
    _add_test_requirements(folder, metadata, tox, findings)
    excluded = {normalise(name) for name in leave_out}
    for name, sibling in (beside or {}).items():
        other = read_metadata(sibling)
        excluded.add(normalise(other.name or name))
        findings.add(other.dependencies or (), f"{name} beside it needs")
        if other.dependencies is None:
            findings.reasons.append(
                f"{name} beside it: what it needs is computed by its build, not installed"
            )
    findings.add(extra_packages, "asked for")
    named = findings.locked_names | {distribution_name(line) for line in findings.lines.requirements}
    if framework in ("pytest", "django") and framework not in named:
        findings.add([framework], f"the tests are {framework}'s and nothing names it")
    findings.reasons += [f"left out {line}" for line in (*findings.lines.left_out, *tox.left_out)]
    if excluded:
        findings.reasons.append(f"not from the index: {', '.join(sorted(excluded))}")
    script = setup_script or next((name for name in SETUP_SCRIPTS if (folder / name).is_file()), None)
    return EnvironmentPlan(
        project=metadata.name or called or folder.resolve().name,
        python=version,
        framework=framework,
        inputs=_inputs(folder, findings.lines.files, metadata, script),
        files=_generated_files(findings.lines, excluded),
        steps=_steps(folder, metadata, findings, bool(excluded), script, framework, version),
        reasons=tuple(findings.reasons),
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


def _add_test_requirements(
    folder: Path, metadata: ProjectMetadata, tox: ToxSettings, findings: _Findings
) -> None:
    """Everything whose name says tests; what says development only where nothing does."""
    lines = findings.lines
    for name in RUNTIME:
        if (folder / name).is_file():
            lines.add_file(folder, name)
            findings.reasons.append(f"{name}: requirements of the project")
    groups = [name for name in metadata.groups if name.lower() in TEST_NAMES or name in tox.groups]
    extras = [name for name in metadata.extras if name.lower() in TEST_NAMES or name in tox.extras]
    files = [name for name in TEST if (folder / name).is_file()]
    if not (groups or extras or files or tox.dependencies):
        groups = [name for name in metadata.groups if name.lower() in DEVELOPMENT_NAMES]
        extras = [name for name in metadata.extras if name.lower() in DEVELOPMENT_NAMES]
        files = [name for name in DEVELOPMENT if (folder / name).is_file()]
    locked = (folder / "uv.lock").is_file() and metadata.installable
    if locked:
        named = [line for name in groups for line in metadata.groups[name]]
        named += [line for name in extras for line in metadata.extras[name]]
        findings.locked_names = {distribution_name(line) or "" for line in named}
        chosen = [f"--group={name}" for name in groups] + [f"--extra={name}" for name in extras]
        findings.lock_arguments = ["--no-default-groups", *chosen]
        findings.reasons.append(f"uv.lock: locked versions, {' '.join(chosen) or 'of the project alone'}")
    else:
        findings.add(metadata.dependencies or (), "the project needs")
    for name in groups if not locked else []:
        findings.add(metadata.groups[name], f"dependency group {name}")
    for name in extras if not locked else []:
        findings.add(_without_self(metadata, name), f"extra {name}")
    for name in files:
        lines.add_file(folder, name)
        findings.reasons.append(f"{name}: requirements of the tests")
    if tox.dependencies:
        lines.add_lines(folder, tox.dependencies, ".")
        findings.reasons.append(f"{tox.source}: {', '.join(tox.dependencies)}")


def _without_self(metadata: ProjectMetadata, extra: str, above: tuple[str, ...] = ()) -> list[str]:
    """An extra's lines, with `project[other]` replaced by the lines of that extra."""
    own = normalise(metadata.name or "")
    found: list[str] = []
    for line in metadata.extras.get(extra, ()) if extra not in above else ():
        if distribution_name(line) == own and "[" in line:
            inner = line.partition("[")[2].partition("]")[0]
            for name in inner.split(","):
                found += _without_self(metadata, name.strip(), (*above, extra))
        else:
            found.append(line)
    return found


def _generated_files(lines: RequirementLines, excluded: Collection[str]) -> dict[str, str]:
    kept = [line for line in dict.fromkeys(lines.requirements) if distribution_name(line) not in excluded]
    contents = {
        "requirements.txt": kept,
        "constraints.txt": list(dict.fromkeys(lines.constraints)),
        "excluded.txt": sorted(excluded),
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


def _steps(
    folder: Path,
    metadata: ProjectMetadata,
    findings: _Findings,
    excludes: bool,
    script: str | None,
    framework: str,
    version_of_python: str,
) -> tuple[Step, ...]:
    venv = ("{uv}", "venv", "--no-project", "--python", "{interpreter}", *(("--seed",) if script else ()))
    steps = [Step("create", (*venv, "{environment}/venv"), "an environment of its own")]
    install = ["{uv}", "pip", "install", "--python", "{python}", "--compile-bytecode"]
    for option, name, wanted in (
        ("-r", "requirements.txt", bool(findings.lines.requirements)),
        ("-c", "constraints.txt", bool(findings.lines.constraints)),
        ("--excludes", "excluded.txt", excludes),
    ):
        install += [option, f"{{files}}/{name}"] if wanted else []
    if findings.lock_arguments:
        export = ("{uv}", "export", "--frozen", "--project", "{source}", "--no-emit-local", "--no-header")
        output = ("--no-annotate", "--quiet", "--output-file", "{files}/locked.txt")
        steps.append(Step("lock", (*export, *findings.lock_arguments, *output), "the versions in uv.lock"))
        install += ["-r", "{files}/locked.txt"]
    version = PRETENDED_VERSION if metadata.dynamic_version and not (folder / "PKG-INFO").is_file() else {}
    built_for_dependencies = metadata.installable and metadata.dependencies is None
    if built_for_dependencies:
        install.append("{source}")
    if findings.lines.requirements or findings.lock_arguments or built_for_dependencies:
        steps.append(Step("install", tuple(install), "what the tests need", environment=version))
    if metadata.installable:
        steps += _project_steps(folder, metadata, built_for_dependencies, version)
    if formatter := detect_formatter(folder):
        add = ("{uv}", "pip", "install", "--python", "{python}", formatter.requirement)
        reason = f"{formatter.reason}; without it edits stay as they are"
        steps.append(Step("formatter", add, reason, required=False))
    if framework != "none":
        steps += measuring_steps(version_of_python)
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
