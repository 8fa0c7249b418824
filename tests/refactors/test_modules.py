"""Which file an import means."""

import pytest

from overhaul.refactors.modules import ModuleTable

FILES = [
    "src/acme/__init__.py",
    "src/acme/api.py",
    "src/acme/api.pyi",
    "src/acme/plugins/one.py",
    "tests/__init__.py",
    "tests/test_api.py",
    "tests/typing/check.py",
    "scripts/tool.py",
    "scripts/shared.py",
    "lib/other/__init__.py",
]
TABLE = ModuleTable(FILES)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/acme/__init__.py", "acme"),
        ("src/acme/api.py", "acme.api"),
        ("src/acme/plugins/one.py", "acme.plugins.one"),
        ("tests/test_api.py", "tests.test_api"),
        ("lib/other/__init__.py", "other"),
    ],
)
def test_a_file_has_a_dotted_name(path: str, name: str) -> None:
    assert TABLE.name(path) == name


def test_imports_are_found_from_any_root() -> None:
    found = TABLE.locate("acme.api", "tests/test_api.py")
    assert found is not None
    assert found.paths == ("src/acme/api.py", "src/acme/api.pyi")
    plugin = TABLE.locate("acme.plugins.one", "scripts/tool.py")
    assert plugin is not None
    assert plugin.key == "src/acme/plugins/one"


def test_a_script_imports_its_neighbour() -> None:
    found = TABLE.locate("shared", "scripts/tool.py")
    assert found is not None
    assert found.key == "scripts/shared"
    assert TABLE.locate("shared", "src/acme/api.py") is None


def test_a_folder_does_not_hide_the_standard_library() -> None:
    assert TABLE.locate("typing", "tests/test_api.py") is None


def test_relative_imports_go_by_folders() -> None:
    found = TABLE.relative("src/acme/plugins/one.py", 2, "api")
    assert found is not None
    assert found.key == "src/acme/api"
    assert TABLE.relative("scripts/tool.py", 3, "api") is None
