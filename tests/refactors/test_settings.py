"""Which setting a place in a configuration file is, and which settings name modules and paths."""

import pytest

from overhaul.refactors.relocation.known_settings import names_module, names_path
from overhaul.refactors.relocation.settings import Setting, is_settings_file, setting_at

TOML = """\
[project.scripts]  # acme.zero
run = "acme.one:main"

[[tool.mypy.overrides]]
module = ["acme.two", "acme.three"]

[tool.setuptools.package-data]
"acme.four" = ["*.txt"]
"""
INI = """\
# acme.zero
[options.entry_points]
console_scripts =
    run = acme.one:main
[mypy-acme.two]
ignore_errors = True
[options.package_data]
acme.four = *.txt
"""


@pytest.mark.parametrize(
    ("path", "text", "name", "setting"),
    [
        ("pyproject.toml", TOML, "acme.zero", None),
        ("pyproject.toml", TOML, "acme.one", ("project", "scripts", "run")),
        ("pyproject.toml", TOML, "acme.two", ("tool", "mypy", "overrides", "[]", "module", "[]")),
        ("pyproject.toml", TOML, "acme.four", ("tool", "setuptools", "package-data", "<key>")),
        ("pyproject.toml", "a = 'acme.one'\nb = [", "acme.one", None),
        ("setup.cfg", INI, "acme.zero", None),
        ("setup.cfg", INI, "acme.one", ("options.entry_points", "console_scripts")),
        ("setup.cfg", INI, "acme.two", ("mypy-<key>",)),
        ("setup.cfg", INI, "acme.four", ("options.package_data", "<key>")),
    ],
)
def test_setting_is_what_changes_with_the_text(
    path: str, text: str, name: str, setting: Setting | None
) -> None:
    start = text.index(name)
    assert setting_at(path, text, start, start + len(name)) == setting


def test_known_settings_are_matched_key_by_key() -> None:
    assert names_module(("project", "scripts", "run"))
    assert not names_module(("project", "scripts", "<key>"))
    assert names_module(("mypy-<key>",))
    assert not names_module(("tool", "acme", "module"))
    assert names_path(("tool", "ruff", "lint", "per-file-ignores", "<key>"))
    assert not names_path(("tool", "ruff", "lint", "select", "[]"))


def test_settings_files_by_name() -> None:
    assert is_settings_file("a/.coveragerc")
    assert is_settings_file("tox.ini")
    assert not is_settings_file("poetry.lock")
