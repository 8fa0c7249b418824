"""Where a project's importable code lives: the folders that go on PYTHONPATH, so that its edited sources are run."""

from __future__ import annotations

import configparser
import tomllib
from pathlib import Path
from typing import Any


def import_roots(folder: Path) -> tuple[str, ...]:
    """The folders, relative to `folder`, in which top-level packages are: always ends with "."."""
    pyproject = read_toml(folder / "pyproject.toml")
    candidates = [
        *_setuptools_roots(pyproject),
        *_backend_roots(pyproject),
        *_setup_cfg_roots(folder / "setup.cfg"),
    ]
    candidates += ["src", "lib"]
    roots: list[str] = []
    for candidate in candidates:
        root = Path(candidate).as_posix().strip("/")
        # A package-dir entry may name the package's own folder; its parent is the root then.
        if (folder / root / "__init__.py").is_file():
            root = Path(root).parent.as_posix()
        if root not in (*roots, ".") and ".." not in Path(root).parts and _holds_code(folder / root):
            roots.append(root)
    return (*roots, ".")


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables, or none where it is absent or not TOML: setup reports a broken file better than we could."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def _holds_code(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return any(
        entry.suffix == ".py" or (entry.is_dir() and entry.name.isidentifier()) for entry in folder.iterdir()
    )


def table(data: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        data = data.get(key, {}) if isinstance(data, dict) else {}
    return data if isinstance(data, dict) else {}


def _setuptools_roots(pyproject: dict[str, Any]) -> list[str]:
    where = table(pyproject, "tool", "setuptools", "packages", "find").get("where", [])
    mapped = table(pyproject, "tool", "setuptools", "package-dir").get("")
    return [
        item for item in [mapped, *(where if isinstance(where, list) else [where])] if isinstance(item, str)
    ]


def _backend_roots(pyproject: dict[str, Any]) -> list[str]:
    """Roots as hatch, poetry, pdm, maturin, uv_build and scikit-build name them."""
    roots: list[Any] = []
    wheel = table(pyproject, "tool", "hatch", "build", "targets", "wheel")
    roots += [str(Path(path).parent) for path in wheel.get("packages", []) if isinstance(path, str)]
    roots += [entry.get("from") for entry in table(pyproject, "tool", "poetry").get("packages", [])]
    roots.append(table(pyproject, "tool", "pdm", "build").get("package-dir"))
    roots.append(table(pyproject, "tool", "maturin").get("python-source"))
    roots.append(table(pyproject, "tool", "uv", "build-backend").get("module-root"))
    return [root for root in roots if isinstance(root, str) and root]


def _setup_cfg_roots(path: Path) -> list[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return []
    roots = [parser.get("options.packages.find", "where", fallback="").strip()]
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        name, _, root = line.partition("=")
        if not name.strip():
            roots.append(root.strip())
    return [root for root in roots if root]
