"""What the files of Pipenv, PDM and hatch ask for beside a project's own metadata."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overhaul.sandbox.layout import read_toml, table
from overhaul.sandbox.poetry_project import requirement_line

# What hatch itself puts into its environment for tests, as far as tests use it.
# Source: https://hatch.pypa.io/latest/config/internal/testing/
HATCH_TEST = ("coverage[toml]", "pytest", "pytest-mock", "pytest-rerunfailures", "pytest-xdist[psutil]")


@dataclass(frozen=True, slots=True)
class Pipfile:
    """Lines of `[packages]`, and of each other category by its name."""

    requires_python: str | None = None
    packages: tuple[str, ...] = ()
    categories: dict[str, tuple[str, ...]] | None = None
    left_out: tuple[str, ...] = ()


def read_pipfile(folder: Path) -> Pipfile | None:
    """Read the repository's Pipfile, or return None if there is none that can be read."""
    data = read_toml(folder / "Pipfile")
    if not data:
        return None
    left_out: list[str] = []

    def lines(category: str) -> tuple[str, ...]:
        found = []
        for name, value in table(data, category).items():
            settings = {"version": value} if isinstance(value, str) else value
            line = requirement_line(name, settings) if isinstance(settings, dict) else None
            if line is None:
                left_out.append(f"{name} of Pipfile: a path, or a version that cannot be read")
            else:
                found.append(line)
        return tuple(found)

    others = [name for name in data if name not in ("packages", "source", "requires", "scripts", "pipenv")]
    version = table(data, "requires").get("python_version") or table(data, "requires").get(
        "python_full_version"
    )
    categories = {
        name.removesuffix("-packages"): lines(name) for name in others if isinstance(data[name], dict)
    }
    python = f"=={'.'.join(str(version).split('.')[:2])}.*" if version and version != "*" else None
    return Pipfile(python, lines("packages"), categories, tuple(left_out))


def read_pdm_groups(pyproject: dict[str, Any]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Return the groups of `[tool.pdm.dev-dependencies]`, and lines that are paths (`-e file:...`)."""
    left_out: list[str] = []
    groups: dict[str, tuple[str, ...]] = {}
    for name, lines in table(pyproject, "tool", "pdm", "dev-dependencies").items():
        texts = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
        groups[name] = tuple(line for line in texts if not line.startswith("-e"))
        left_out += [
            f"{line} of [tool.pdm.dev-dependencies]: a path" for line in texts if line.startswith("-e")
        ]
    return groups, left_out


@dataclass(frozen=True, slots=True)
class HatchEnvironment:
    """The environment in which hatch runs a project's tests; `features` are extras of the project."""

    source: str
    name: str
    dependencies: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def read_hatch(folder: Path, test_names: Collection[str]) -> HatchEnvironment | None:
    """Return hatch's environment for tests: `hatch-test`, one that is called so, or the default one."""
    for source, keys in (("hatch.toml", ("envs",)), ("pyproject.toml", ("tool", "hatch", "envs"))):
        environments = table(read_toml(folder / source), *keys)
        names = [
            "hatch-test",
            *test_names,
            *(name for name in environments if name.startswith("test")),
            "default",
        ]
        name = next((name for name in names if isinstance(environments.get(name), dict)), None)
        if name:
            return _hatch_environment(source, name, environments)
    return None


def _hatch_environment(source: str, name: str, environments: dict[str, Any]) -> HatchEnvironment:
    """An environment has what its template has, unless it says otherwise itself; extra-dependencies add to that."""
    chain: list[dict[str, Any]] = []
    following: str | None = name
    while following and following not in [each.get("\0") for each in chain]:
        settings = table(environments, following)
        chain.append({**settings, "\0": following})
        template = settings.get("template", "default")
        following = template if isinstance(template, str) and not settings.get("detached") else None

    def strings(key: str) -> tuple[str, ...]:
        value: list[Any] = next((each[key] for each in chain if isinstance(each.get(key), list)), [])
        return tuple(item for item in value if isinstance(item, str) and "{" not in item)

    own = strings("dependencies")
    if name == "hatch-test" and "dependencies" not in chain[0]:
        own = HATCH_TEST
    dependencies = (*own, *strings("extra-dependencies"))
    return HatchEnvironment(source, name, dependencies, strings("features"), strings("dependency-groups"))
