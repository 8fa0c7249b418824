"""Notebooks: their cells are code that recipes edit; outputs, formatting and IPython's own lines stay as they are."""

import json

import pytest

from overhaul.refactors.analysis import analyse
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.notebooks import NotANotebook, Notebook
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.registry import find_recipe

API = "def fetch_user(key):\n    return key\n"


def notebook(*cells: str | list[str], indent: int | None = 1, kind: str = "code", **more) -> str:
    document = {
        "cells": [
            {
                "cell_type": kind,
                "metadata": {},
                "source": cell,
                **({"outputs": [{"text": ["fetch_user"]}], "execution_count": 1} if kind == "code" else {}),
            }
            for cell in cells
        ],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
        **more,
    }
    return json.dumps(document, indent=indent) + "\n"


def rename(files: dict[str, str], **options: str) -> tuple[Analysis, dict[str, str]]:
    parameters = {"old": "acme.fetch_user", "new": "get_user", **options}
    recipe = find_recipe("rename-symbol").bind(parameters)
    analysis = analyse(recipe, MemoryTree({"acme.py": API, **files}))
    return analysis, {edit.path: edit.content.decode() for edit in analysis.edits}


def test_code_cells_are_edited_and_all_else_stays() -> None:
    before = notebook(
        ["import acme\n", "from acme import fetch_user as load"],
        ["# fetch_user\n", 'acme.fetch_user("ä\\n")'],
        "x = acme.fetch_user(1)\nload(x)",
    )
    analysis, after = rename({"report.ipynb": before})
    expected = before
    for old, new in [
        ("import fetch_user as", "import get_user as"),
        ("acme.fetch_user(", "acme.get_user("),
    ]:
        expected = expected.replace(old, new)
    assert after["report.ipynb"] == expected
    assert [edit.sites for edit in analysis.edits] == [1, 3]


def test_sites_have_their_places_in_the_file() -> None:
    before = notebook(["import acme\n", "acme.fetch_user('\\t', acme.fetch_user(1))"])
    analysis, _ = rename({"report.ipynb": before})
    lines = before.split("\n")
    sites = [site for site in analysis.sites if site.path == "report.ipynb"]
    assert len(sites) == 2
    for site in sites:
        assert lines[site.line - 1][site.column - 1 :].startswith("fetch_user")
        assert "(cell 1, line 2)" in site.reason


def test_magics_and_commands_stay_and_what_they_time_is_code() -> None:
    before = notebook(
        ["%matplotlib inline\n", "!pip install acme\n", "import acme\n", "acme.fetch_user?"],
        [
            "if 1:\n",
            "    !ls\n",
            "    files = !ls\n",
            "    %timeit -n 10 acme.fetch_user(1)\n",
            "acme.fetch_user(2)",
        ],
        ["%%bash\n", "python -c 'acme.fetch_user'"],
        ["%%time\n", "acme.fetch_user(3)"],
    )
    analysis, after = rename({"report.ipynb": before})
    expected = (
        before.replace("10 acme.fetch_user(1)", "10 acme.get_user(1)")
        .replace("acme.fetch_user(2)", "acme.get_user(2)")
        .replace("acme.fetch_user(3)", "acme.get_user(3)")
    )
    assert after["report.ipynb"] == expected
    assert not analysis.failures


def test_a_cell_that_does_not_parse_is_reported_and_the_others_are_edited() -> None:
    before = notebook(["import acme\n", "acme.fetch_user(1)"], ["if if acme.fetch_user"])
    analysis, after = rename({"report.ipynb": before})
    assert after["report.ipynb"] == before.replace("fetch_user(1)", "get_user(1)")
    assert [(failure.path, failure.error.partition(":")[0]) for failure in analysis.failures] == [
        ("report.ipynb", "cell 2 does not parse")
    ]


def test_markdown_cells_are_documentation() -> None:
    before = notebook(["Call `acme.fetch_user` first."], kind="markdown")
    analysis, after = rename({"report.ipynb": before})
    assert "report.ipynb" not in after
    assert [(site.path, site.status) for site in analysis.sites if site.path != "acme.py"] == [
        ("report.ipynb", "unresolved")
    ]
    _, after = rename({"report.ipynb": before}, docs="yes")
    assert after["report.ipynb"] == before.replace("acme.fetch_user", "acme.get_user")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("{broken", "does not parse as JSON"),
        ('{"worksheets": [{"cells": []}], "nbformat": 3}', "no notebook of format 4"),
        ("[" * 100_000, "does not parse as JSON"),
        (notebook(["x"], nbformat=5), "no notebook of format 4"),
        (
            json.dumps({"cells": [{"cell_type": "code", "source": 3}], "nbformat": 4}),
            "no source that is text",
        ),
    ],
)
def test_what_is_no_notebook_is_reported(content: str, error: str) -> None:
    analysis, after = rename({"report.ipynb": content, "use.py": "import acme\nacme.fetch_user()\n"})
    assert list(after) == ["acme.py", "use.py"]
    assert [(failure.path, error in failure.error) for failure in analysis.failures] == [
        ("report.ipynb", True)
    ]


def test_another_language_is_left_alone() -> None:
    content = notebook(["import acme; acme.fetch_user()"], metadata={"language_info": {"name": "julia"}})
    analysis, after = rename({"report.ipynb": content})
    assert list(after) == ["acme.py"]
    assert not analysis.failures


def test_a_moved_package_takes_its_notebooks_along() -> None:
    files = {
        "acme/__init__.py": "",
        "acme/notes.ipynb": notebook(["from acme import x"], indent=None),
        "acme/x.py": "",
        "acme/empty.ipynb": notebook(),
    }
    recipe = find_recipe("rename-symbol").bind({"old": "acme", "new": "apex"})
    analysis = analyse(recipe, MemoryTree(files))
    edits = {edit.path: (edit.new_path, edit.content.decode()) for edit in analysis.edits}
    assert edits["acme/notes.ipynb"] == (
        "apex/notes.ipynb",
        files["acme/notes.ipynb"].replace("from acme", "from apex"),
    )
    assert edits["acme/empty.ipynb"] == ("apex/empty.ipynb", files["acme/empty.ipynb"])


@pytest.mark.parametrize("escaped", [True, False])
def test_lines_may_be_added_and_taken_away(escaped: bool) -> None:
    content = json.dumps(
        {"cells": [{"cell_type": "code", "source": ["ä = 1\n", "b = 2"]}], "nbformat": 4, "metadata": {}},
        indent=2,
        ensure_ascii=escaped,
    )
    read = Notebook(content.encode())
    text = read.text("code")
    longer = read.edited({"code": text.replace("b = 2", "b = 2\nü = 3")})
    assert json.loads(longer)["cells"][0]["source"] == ["ä = 1\n", "b = 2\n", "ü = 3"]
    assert (b"\\u00fc" in longer) is escaped
    assert longer.decode().count("\n") == content.count("\n") + 1
    assert json.loads(read.edited({"code": text.replace("b = 2\n", "")}))["cells"][0]["source"] == ["ä = 1"]
    with pytest.raises(NotANotebook):
        read.edited({"code": "nothing"})
    assert read.edited({"code": text}) == content.encode()


def test_moved_symbol_is_followed_in_cells() -> None:
    files = {
        "acme.py": API,
        "net.py": "",
        "a.ipynb": notebook(
            ["%matplotlib inline\n", "import acme\n", "from acme import fetch_user"], "acme.fetch_user(1)"
        ),
    }
    recipe = find_recipe("move-symbol").bind({"symbol": "acme.fetch_user", "to": "net"})
    edits = {edit.path: edit.content.decode() for edit in analyse(recipe, MemoryTree(files)).edits}
    assert edits["a.ipynb"] == notebook(
        ["%matplotlib inline\n", "import net\n", "from net import fetch_user"], "net.fetch_user(1)"
    )


def test_replaced_import_is_followed_in_cells() -> None:
    files = {
        "a.ipynb": notebook("x = 1", ["import collections\n", "collections.Mapping, collections.OrderedDict"])
    }
    recipe = find_recipe("replace-import").bind(
        {"old": "collections.Mapping", "new": "collections.abc.Mapping"}
    )
    (edit,) = analyse(recipe, MemoryTree(files)).edits
    assert edit.content.decode() == notebook(
        "x = 1",
        [
            "import collections.abc\n",
            "import collections\n",
            "collections.abc.Mapping, collections.OrderedDict",
        ],
    )
