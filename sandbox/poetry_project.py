"""What `[tool.poetry]` of a pyproject.toml says, as requirement lines; nothing of it is built or run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from overhaul.sandbox.layout import table
from overhaul.sandbox.requirement_files import normalise
from overhaul.sandbox.version_ranges import poetry_range


@dataclass(frozen=True, slots=True)
class PoetryProject:
    """Lines by use; `left_out` are those that cannot be had from an index, and why."""

    name: str | None = None
    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    extras: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def read_poetry(pyproject: dict[str, Any]) -> PoetryProject:
    """Read `[tool.poetry]`: dependencies, groups, the older dev-dependencies, extras, the range of Python."""
    poetry = table(pyproject, "tool", "poetry")
    left_out: list[str] = []
    main = table(poetry, "dependencies")
    python = main.get("python")
    lines = {name: list(_lines(name, value, left_out)) for name, value in main.items() if name != "python"}
    optional = {name for name, value in main.items() if _is_optional(value)}
    groups = {
        name: tuple(
            line
            for key, value in table(group, "dependencies").items()
            for line in _lines(key, value, left_out)
        )
        for name, group in table(poetry, "group").items()
    }
    older = table(poetry, "dev-dependencies")
    if older:
        groups["dev"] = (
            *groups.get("dev", ()),
            *(line for name, value in older.items() for line in _lines(name, value, left_out)),
        )
    by_name = {normalise(name): found for name, found in lines.items()}
    extras = {
        extra: tuple(
            line for name in names if isinstance(name, str) for line in by_name.get(normalise(name), ())
        )
        for extra, names in table(poetry, "extras").items()
        if isinstance(names, list)
    }
    return PoetryProject(
        name=poetry.get("name") if isinstance(poetry.get("name"), str) else None,
        requires_python=poetry_range(python) if isinstance(python, str) else None,
        dependencies=tuple(line for name, found in lines.items() if name not in optional for line in found),
        groups=groups,
        extras=extras,
        left_out=tuple(left_out),
    )


def _is_optional(value: Any) -> bool:
    return isinstance(value, dict) and bool(value.get("optional"))


def _lines(name: str, value: Any, left_out: list[str]) -> Iterator[str]:
    """One dependency as PEP 508 lines: several where it has a version for each of several Pythons."""
    for each in value if isinstance(value, list) else [value]:
        settings = {"version": each} if isinstance(each, str) else each
        line = requirement_line(name, settings) if isinstance(settings, dict) else None
        if line:
            yield line
        else:
            left_out.append(f"{name} of [tool.poetry]: a path, or a version that cannot be read")


def requirement_line(name: str, settings: dict[str, Any]) -> str | None:
    """A dependency table of Poetry's or Pipenv's as one line of PEP 508, or None for a path or an unreadable range."""
    extras = settings.get("extras")
    full = f"{name}[{','.join(map(str, extras))}]" if isinstance(extras, list) and extras else name
    address = _address(settings)
    version = "" if address else poetry_range(str(settings.get("version", "*")))
    if version is None or ("path" in settings and not address):
        return None
    target = f"{full} @ {address}" if address else f"{full}{version}"
    markers = [str(settings[key]) for key in ("markers", "marker") if settings.get(key)]
    if settings.get("platform"):
        markers.append(f"sys_platform == '{settings['platform']}'")
    markers += [f"{key} {settings[key]}" for key in _MARKER_KEYS if isinstance(settings.get(key), str)]
    if isinstance(settings.get("python"), str):
        python = poetry_range(settings["python"])
        markers += [_python_marker(each) for each in python.split(",") if each] if python else []
    joined = " and ".join(f"({marker})" if len(markers) > 1 else marker for marker in markers)
    # A space ends an address.
    return f"{target} ; {joined}" if joined else target


# Pipenv writes markers as keys: sys_platform = "== 'win32'".
_MARKER_KEYS = (
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "python_version",
)


def _address(settings: dict[str, Any]) -> str | None:
    if isinstance(settings.get("git"), str):
        commit = next((settings[key] for key in ("rev", "ref", "tag", "branch") if settings.get(key)), "")
        subfolder = settings.get("subdirectory")
        git = settings["git"] if "://" in settings["git"] else "ssh://" + settings["git"].replace(":", "/", 1)
        where = f"git+{git.removeprefix('git+')}"
        return where + (f"@{commit}" if commit else "") + (f"#subdirectory={subfolder}" if subfolder else "")
    for key in ("url", "file"):
        if isinstance(settings.get(key), str) and "://" in settings[key]:
            return str(settings[key])
    return None


def _python_marker(condition: str) -> str:
    operator = condition.rstrip("0123456789.*abrcdevpost")
    version = condition[len(operator) :]
    variable = "python_version" if version.count(".") - version.endswith(".*") <= 1 else "python_full_version"
    return f"{variable} {operator} '{version}'"
