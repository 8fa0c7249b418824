"""What classes of the standard library define, and that nothing else is imported to find out."""

import sys
from pathlib import Path

import pytest

from overhaul.refactors.standard_library import defines, standard_object


@pytest.mark.parametrize(
    ("class_name", "attribute", "expected"),
    [
        ("threading.Thread", "run", True),
        ("threading.Thread", "fetch", False),
        ("unittest.TestCase", "setUp", True),
        ("typing.List", "append", True),
        ("nowhere.Thing", "run", None),
    ],
)
def test_attributes_of_standard_classes(class_name: str, attribute: str, expected: bool | None) -> None:
    assert defines(class_name, attribute) is expected


def test_file_of_a_standard_name_in_a_checkout_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sndhdr.py").write_text(f"open({str(tmp_path / 'canary')!r}, 'w').close()\n")
    assert "sndhdr" not in sys.modules
    monkeypatch.syspath_prepend(tmp_path)
    assert standard_object("sndhdr.what") is None
    assert not (tmp_path / "canary").exists()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["distutils.ccompiler.CCompiler", "asyncore.dispatcher", "cgi.FieldStorage"])
def test_a_deprecated_module_gives_no_warning(name: str) -> None:
    found = standard_object(name)
    assert found is None or found.__name__ == name.rpartition(".")[2]
