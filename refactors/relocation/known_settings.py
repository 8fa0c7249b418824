"""Settings of packaging, test and analysis tools that name modules or paths, by those tools' documentation."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from overhaul.refactors.relocation.settings import Setting

# One setting a line, its keys separated by blanks; `*` is any key, `[]` an item of a list, `<key>` the key itself.
_MODULES = """
project scripts *
project gui-scripts *
project entry-points * *
tool setuptools packages []
tool setuptools packages find include []
tool setuptools packages find exclude []
tool setuptools py-modules []
tool setuptools package-data <key>
tool setuptools exclude-package-data <key>
tool setuptools package-dir <key>
tool setuptools dynamic * attr
tool poetry scripts *
tool poetry plugins * *
tool flit module name
tool flit metadata module
tool flit scripts *
tool uv build-backend module-name
tool pdm scripts *
tool coverage run source []
tool coverage run source_pkgs []
tool coverage run plugins []
tool mypy packages
tool mypy packages []
tool mypy modules
tool mypy modules []
tool mypy plugins
tool mypy plugins []
tool mypy overrides [] module
tool mypy overrides [] module []
tool importlinter root_package
tool importlinter root_packages []
tool importlinter contracts [] layers []
tool importlinter contracts [] modules []
tool importlinter contracts [] source_modules []
tool importlinter contracts [] forbidden_modules []
tool importlinter contracts [] ignore_imports []
tool importlinter contracts [] containers []
tool pytest ini_options addopts
tool pytest ini_options addopts []
tool pytest ini_options filterwarnings []
tool pytest ini_options DJANGO_SETTINGS_MODULE
tool django-stubs django_settings_module
tool isort known_first_party []
tool ruff lint isort known-first-party []
tool ruff lint flake8-tidy-imports banned-api <key>
options packages
options py_modules
options.packages.find include
options.packages.find exclude
options.package_data <key>
options.exclude_package_data <key>
options.package_dir <key>
options.entry_points *
metadata version
coverage:run source
coverage:run source_pkgs
coverage:run plugins
run source
run source_pkgs
run plugins
mypy packages
mypy modules
mypy plugins
importlinter root_package
importlinter root_packages
importlinter:contract:* layers
importlinter:contract:* modules
importlinter:contract:* source_modules
importlinter:contract:* forbidden_modules
importlinter:contract:* ignore_imports
importlinter:contract:* containers
tool:pytest addopts
tool:pytest filterwarnings
tool:pytest DJANGO_SETTINGS_MODULE
pytest addopts
pytest filterwarnings
pytest DJANGO_SETTINGS_MODULE
isort known_first_party
"""
_PATHS = """
tool setuptools package-dir *
tool setuptools_scm write_to
tool setuptools_scm version_file
tool hatch version path
tool hatch build hooks vcs version-file
tool hatch build include []
tool hatch build exclude []
tool hatch build packages []
tool hatch build only-include []
tool hatch build artifacts []
tool hatch build force-include <key>
tool hatch build targets * include []
tool hatch build targets * exclude []
tool hatch build targets * packages []
tool hatch build targets * only-include []
tool hatch build targets * artifacts []
tool hatch build targets * force-include <key>
tool poetry packages [] include
tool poetry include []
tool pdm version path
tool pdm build includes []
tool pdm build excludes []
tool coverage run source []
tool coverage run omit []
tool coverage run include []
tool coverage report omit []
tool coverage report include []
tool ruff exclude []
tool ruff extend-exclude []
tool ruff per-file-ignores <key>
tool ruff extend-per-file-ignores <key>
tool ruff lint exclude []
tool ruff lint per-file-ignores <key>
tool ruff lint extend-per-file-ignores <key>
tool ruff format exclude []
tool mypy files
tool mypy files []
tool pyright include []
tool pyright exclude []
tool pyright ignore []
tool pyright strict []
tool pytest ini_options testpaths []
tool commitizen version_files []
tool bumpversion files [] filename
tool semantic_release version_variables []
tool interrogate exclude []
options.package_dir *
coverage:run source
coverage:run omit
coverage:run include
coverage:report omit
coverage:report include
run source
run omit
run include
report omit
report include
flake8 exclude
flake8 extend-exclude
flake8 per-file-ignores
mypy files
tool:pytest testpaths
pytest testpaths
"""


def _read(table: str) -> Sequence[tuple[str, ...]]:
    return [tuple(line.split()) for line in table.strip().splitlines()]


_MODULE_SETTINGS = _read(_MODULES)
_PATH_SETTINGS = _read(_PATHS)


def names_module(setting: Setting) -> bool:
    """Tell whether a setting's value (or key) consists of dotted names of modules."""
    return _is_listed(setting, _MODULE_SETTINGS) or setting[0].startswith("mypy-<key>")


def names_path(setting: Setting) -> bool:
    """Tell whether a setting's value (or key) consists of paths from the repository's top."""
    return _is_listed(setting, _PATH_SETTINGS)


def _is_listed(setting: Setting, table: Sequence[tuple[str, ...]]) -> bool:
    return any(
        len(setting) == len(pattern)
        and all(
            key == part or ("*" in part and key not in ("[]", "<key>") and fnmatchcase(key, part))
            for key, part in zip(setting, pattern, strict=True)
        )
        for pattern in table
    )
