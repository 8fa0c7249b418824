"""What a project's own files say about it, read without running any of its code."""

from __future__ import annotations

import ast
import configparser
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from overhaul.sandbox.layout import read_toml, table
from overhaul.sandbox.poetry_project import read_poetry
from overhaul.sandbox.project_tools import read_pdm_groups


@dataclass(frozen=True, slots=True)
class ProjectMetadata:
    """`dependencies` is None where only building the project would tell; `installable` if there is anything to build.

    `groups` are PEP 735 dependency groups with their includes resolved, and those of Poetry and PDM.
    `left_out` are dependencies that cannot be had from an index, and why.
    """

    name: str | None = None
    requires_python: str | None = None
    dependencies: tuple[str, ...] | None = ()
    extras: dict[str, tuple[str, ...]] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    installable: bool = False
    dynamic_version: bool = False
    left_out: tuple[str, ...] = ()


def read_metadata(folder: Path) -> ProjectMetadata:
    pyproject = read_toml(folder / "pyproject.toml")
    project = table(pyproject, "project")
    dynamic = project.get("dynamic", [])
    legacy = _merge(_from_setup_cfg(folder / "setup.cfg"), _from_setup_py(folder / "setup.py"))
    poetry = read_poetry(pyproject)
    pdm_groups, left_out = read_pdm_groups(pyproject)
    groups = poetry.groups | pdm_groups | resolve_groups(table(pyproject, "dependency-groups"))
    reported = (*poetry.left_out, *left_out)
    if project.get("name") and isinstance(project["name"], str):
        return ProjectMetadata(
            name=project["name"],
            requires_python=project.get("requires-python"),
            dependencies=_dependencies(project, dynamic, poetry.dependencies),
            extras={name: _strings(lines) for name, lines in table(project, "optional-dependencies").items()}
            or ((poetry.extras or legacy.extras) if "optional-dependencies" in dynamic else {}),
            groups=groups,
            installable=True,
            dynamic_version="version" in dynamic,
            left_out=reported,
        )
    tool = table(pyproject, "tool", "poetry")
    packaged = bool(poetry.name) and tool.get("package-mode") is not False
    builds = bool(packaged or legacy.name or (folder / "setup.py").is_file())
    return ProjectMetadata(
        name=poetry.name or legacy.name,
        requires_python=poetry.requires_python or legacy.requires_python,
        dependencies=poetry.dependencies if tool else legacy.dependencies,
        extras=poetry.extras or legacy.extras,
        groups=groups,
        installable=builds,
        dynamic_version=builds and not tool,
        left_out=reported,
    )


def _dependencies(project: dict[str, Any], dynamic: Any, poetry: tuple[str, ...]) -> tuple[str, ...] | None:
    """`[project]`'s own; Poetry's where it says that these are dynamic, otherwise only the build would tell."""
    if "dependencies" in dynamic:
        return poetry or None
    return _strings(project.get("dependencies", []))


def resolve_groups(groups: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Flatten `include-group` entries (PEP 735); one that names itself or nothing is left out."""

    def lines(name: str, above: tuple[str, ...]) -> list[str]:
        found: list[str] = []
        listed = groups.get(name)
        for item in listed if isinstance(listed, list) and name not in above else []:
            if isinstance(item, str):
                found.append(item)
            elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
                found += lines(item["include-group"], (*above, name))
        return found

    return {name: tuple(dict.fromkeys(lines(name, ()))) for name in groups}


def _strings(lines: Any) -> tuple[str, ...]:
    return tuple(line for line in lines if isinstance(line, str)) if isinstance(lines, list) else ()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(
        line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")
    )


def _from_setup_cfg(path: Path) -> ProjectMetadata:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return ProjectMetadata()
    extras = dict(parser["options.extras_require"]) if parser.has_section("options.extras_require") else {}
    requires = parser.get("options", "install_requires", fallback="")
    return ProjectMetadata(
        name=parser.get("metadata", "name", fallback=None),
        requires_python=parser.get("options", "python_requires", fallback=None),
        # `file:` is read by the build only.
        dependencies=None if requires.strip().startswith("file:") else _lines(requires),
        extras={name: _lines(text) for name, text in extras.items()},
    )


def _from_setup_py(path: Path) -> ProjectMetadata:
    """The literal arguments of a `setup()` call; what is computed stays unknown."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ProjectMetadata()
    constants: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            constants[node.targets[0].id] = _literal(node.value, constants)
    values: dict[str, Any] = {}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _called(call) == "setup":
            values |= {word.arg: _literal(word.value, constants) for word in call.keywords if word.arg}
    extras = values.get("extras_require")
    requires = values.get("install_requires", [])
    return ProjectMetadata(
        name=values["name"] if isinstance(values.get("name"), str) else None,
        requires_python=values["python_requires"] if isinstance(values.get("python_requires"), str) else None,
        dependencies=_strings(list(requires)) if isinstance(requires, list | tuple) else None,
        extras={str(name): _strings(lines) for name, lines in extras.items()}
        if isinstance(extras, dict)
        else {},
    )


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _literal(node: ast.expr, constants: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return None


def _merge(first: ProjectMetadata, second: ProjectMetadata) -> ProjectMetadata:
    """What setup.cfg says, completed by setup.py: setuptools reads both."""
    unknown = first.dependencies is None or second.dependencies is None
    return ProjectMetadata(
        name=first.name or second.name,
        requires_python=first.requires_python or second.requires_python,
        dependencies=None if unknown else (*(first.dependencies or ()), *(second.dependencies or ())),
        extras=second.extras | first.extras,
    )
