"""What tox installs for its default test environment: the best evidence there is of what the tests need."""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overhaul.sandbox.layout import read_toml, table
from overhaul.sandbox.requirement_files import joined_lines

# A line for some factors only ("py311,lint: foo"); a requirement has no such colon before a space.
_FACTOR = re.compile(r"^([\w.{},!-]+): +(.*)$")


@dataclass(frozen=True, slots=True)
class ToxSettings:
    """`source` is the file that they came from, or None if there is no tox configuration."""

    source: str | None = None
    dependencies: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def read_tox(folder: Path) -> ToxSettings:
    """Settings of `[testenv]` (tox.ini, setup.cfg, `legacy_tox_ini`) or `env_run_base` (tox.toml, pyproject)."""
    for name, keys in (("tox.toml", ()), ("pyproject.toml", ("tool", "tox"))):
        settings = table(read_toml(folder / name), *keys)
        if isinstance(settings.get("legacy_tox_ini"), str):
            return _from_ini(name, settings["legacy_tox_ini"], "testenv")
        if settings:
            return _from_toml(name, table(settings, "env_run_base"))
    for name in ("tox.ini", "setup.cfg"):
        path = folder / name
        if path.is_file():
            found = _from_ini(name, path.read_text(encoding="utf-8", errors="replace"), "testenv")
            if found.source:
                return found
    return ToxSettings()


def _from_toml(source: str, base: dict[str, Any]) -> ToxSettings:
    def strings(key: str) -> tuple[str, ...]:
        value = base.get(key, [])
        return (
            tuple(item for item in value if isinstance(item, str))
            if isinstance(value, list)
            else (str(value),)
        )

    return ToxSettings(source, strings("deps"), strings("extras"), strings("dependency_groups"))


def _from_ini(source: str, text: str, section: str) -> ToxSettings:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return ToxSettings()
    if not parser.has_section(section):
        return ToxSettings()

    def lines(key: str) -> list[str]:
        return joined_lines(parser.get(section, key, fallback=""))

    def names(key: str) -> tuple[str, ...]:
        found = [name.strip() for line in lines(key) for name in line.split(",")]
        return tuple(name for name in found if re.fullmatch(r"[\w.-]+", name))

    dependencies: list[str] = []
    left_out: list[str] = []
    for line in lines("deps"):
        line = line.replace("{toxinidir}/", "").replace("{tox_root}/", "")
        factor = _FACTOR.match(line)
        if factor or "{" in line:
            left_out.append(f"{source}: {line}: depends on tox's factors or substitutions")
        else:
            dependencies.append(line)
    return ToxSettings(
        source, tuple(dependencies), names("extras"), names("dependency_groups"), tuple(left_out)
    )
