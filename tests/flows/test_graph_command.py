"""`overhaul graph` as a person and a program meet it. It needs no server."""

from __future__ import annotations

import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flows.conftest import Done

FILES = {
    "pkg/__init__.py": "from .core import run\n",
    "pkg/core.py": "from . import low\n\n\ndef run():\n    return low.go()\n",
    "pkg/low.py": "def go():\n    import pkg.late\n    return 1\n",
    "pkg/late.py": "import pkg.circle\n",
    "pkg/circle.py": "import pkg.late\n\n\nclass A: ...\n\n\nclass B(A): ...\n",
    "app.py": 'import pkg\nimport pkg.missing\n\nNAME = "</script><b>"\n',
    "broken.py": "def f(:\n",
    "CODEOWNERS": "* @all\n/pkg/ @team\n",
}
Run = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command with a home of its own."""

    def run(*words: str | Path) -> Done:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("overhaul")), "graph", *map(str, words)],
            env=os.environ | {"OVERHAUL_HOME": str(tmp_path / "home")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


def test_text_shows_layers_cycles_and_what_was_not_understood(run: Run, folder: Path) -> None:
    done = run(folder)
    assert done.exit_code == 0
    assert (
        done.stdout
        == """\
layer 0  (4 modules)
  broken  -> 0  <- 0  @all
  pkg.circle  -> 1  <- 1  cycle 1  @team
  pkg.late  -> 1  <- 2  cycle 1  @team
  pkg.low  -> 1  <- 1  @team
layer 1  (1 module)
  pkg.core  -> 1  <- 1  @team
layer 2  (1 module)
  pkg  -> 1  <- 1  @team
layer 3  (1 module)
  app  -> 1  <- 0  @all

cycle 1  (2 modules)
  pkg.circle -> pkg.late  pkg/circle.py:1
  pkg.late -> pkg.circle  pkg/late.py:1
"""
    )
    assert "7 modules, 6 edges, 4 layers, 1 cycle" in done.stderr
    assert "imports: 5 when a module is loaded, 1 in functions, 0 for types only" in done.stderr
    assert "unresolved: app.py:2: the tree has no module 'pkg.missing'" in done.stderr
    assert "not understood: broken.py: does not parse: line 1" in done.stderr


def test_cycles_alone(run: Run, folder: Path) -> None:
    done = run(folder, "--cycles")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "cycle 1  (2 modules)")


def test_json_is_one_document_and_the_second_run_reads_nothing(run: Run, folder: Path) -> None:
    (first,) = run(folder, "--json").json["graphs"]
    (second,) = run(folder, "--json").json["graphs"]
    assert (first.pop("files_read"), second.pop("files_read")) == (7, 0)
    assert first == second
    names = [node["name"] for node in first["nodes"]]
    assert names == ["app", "broken", "pkg", "pkg.circle", "pkg.core", "pkg.late", "pkg.low"]
    core = first["nodes"][names.index("pkg")]
    assert (core["public_names"], core["re_exports"], core["owners"]) == (
        ["run"],
        {"run": ".core.run"},
        ["@team"],
    )
    edge = next(each for each in first["edges"] if names[each["source"]] == "pkg.low")
    assert edge == {"source": 6, "target": 5, "kind": "function", "times": 1, "path": "pkg/low.py", "line": 2}
    assert [[names[each] for each in cycle] for cycle in first["cycles"]] == [["pkg.circle", "pkg.late"]]
    assert set(first) == {
        "root", "what", "level", "totals", "nodes", "edges", "cycles", "unproved", "outside", "unresolved", "crossings",
        "failures", "unsupported", "owners_file", "owners_problems",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "nodes", "edges"),
    [
        (["--what", "calls"], {"pkg.core.run", "pkg.low.go"}, {("pkg.core.run", "pkg.low.go")}),
        (["--what", "calls", "--level", "module"], {"pkg.core", "pkg.low"}, {("pkg.core", "pkg.low")}),
        (["--what", "inheritance"], {"pkg.circle.A", "pkg.circle.B"}, {("pkg.circle.B", "pkg.circle.A")}),
        (["--level", "package"], {"app", "broken", "pkg"}, {("app", "pkg")}),
    ],
)
def test_other_graphs_and_levels(
    words: list[str], nodes: set[str], edges: set[tuple[str, str]], run: Run, folder: Path
) -> None:
    (graph,) = run(folder, *words, "--json").json["graphs"]
    names = [node["name"] for node in graph["nodes"]]
    assert set(names) == nodes
    assert {(names[each["source"]], names[each["target"]]) for each in graph["edges"]} == edges


def test_a_file_shows_its_neighbours_and_a_folder_of_a_package_its_part(run: Run, folder: Path) -> None:
    (graph,) = run(folder / "pkg" / "core.py", "--json").json["graphs"]
    assert [node["name"] for node in graph["nodes"]] == ["pkg", "pkg.core", "pkg.low"]
    (graph,) = run(folder / "pkg", "--json").json["graphs"]
    assert [node["name"] for node in graph["nodes"]] == [
        "pkg",
        "pkg.circle",
        "pkg.core",
        "pkg.late",
        "pkg.low",
    ]
    assert len(graph["edges"]) == 5


def test_dot_is_what_graphviz_reads(run: Run, folder: Path) -> None:
    (folder / 'odd"\\name\n.py').write_text("import pkg\n")
    done = run(folder, "--format", "dot")
    lines = done.stdout.splitlines()
    assert (lines[0], lines[-1]) == ('digraph "project" {', "}")
    assert '  "app" -> "pkg";' in lines
    assert '  "pkg.low" -> "pkg.late" [style=dashed color="#8a8f98"];' in lines
    quoted = re.compile(r'"(?:[^"\\]|\\.)*"')
    assert all('"' not in quoted.sub("", line) for line in lines)
    if shutil.which("dot"):
        drawn = subprocess.run(
            ["dot", "-Tcanon"], input=done.stdout, capture_output=True, text=True, check=True
        )
        assert drawn.stderr == ""


class _Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.scripts: list[str] = []
        self.open = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.open = tag
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        if self.open == "script":
            self.scripts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.open = ""


def test_page_holds_everything_and_asks_for_nothing(run: Run, folder: Path, tmp_path: Path) -> None:
    (folder / "x<").mkdir()
    (folder / "x<" / "script><img src=q onerror=alert(1)>.py").write_text("import pkg\n")
    done = run(folder, "--format", "html", "-o", tmp_path / "graph.html")
    assert (done.exit_code, done.stdout) == (0, "")
    page = _Page()
    page.feed((tmp_path / "graph.html").read_text())
    assert page.addresses == []
    data = json.loads(page.scripts[0])
    assert len(page.scripts) == 2
    assert any("</script>" in path for node in data["nodes"] for path in node[1])
    assert data["nodes"][0][0] == "app"
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page.scripts[1])


def test_names_reach_a_terminal_without_their_control_characters(run: Run, folder: Path) -> None:
    (folder / "x\x1b[31m.py").write_text("import pkg\n")
    for words in ([], ["--format", "dot"]):
        assert "\x1b" not in run(folder, *words).stdout


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (["nowhere"], 1, "there is no file or folder nowhere"),
        (["--format", "html"], 2, "--format html needs a file: -o graph.html"),
        (["--level", "symbol"], 2, "imports are between modules"),
        (["-o", "x"], 2, "-o is for --format dot and html"),
        (["--json", "--format", "dot"], 2, "--json goes to standard output"),
        (["--format", "dot", "a", "b"], 2, "takes one PATH"),
        (["--what", "imprts"], 2, "'imports', 'calls', 'inheritance'"),
    ],
)
def test_wrong_words_are_explained(words: list[str], exit_code: int, message: str, run: Run) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert message in done.stderr


def test_a_damaged_index_is_built_again(run: Run, folder: Path, tmp_path: Path) -> None:
    first = run(folder).stdout
    (tmp_path / "home" / "index" / "facts.sqlite").write_bytes(b"nonsense" * 999)
    assert run(folder).stdout == first


def test_graph_imports_neither_prefect_nor_libcst(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom overhaul.flows.command_line.main import main\n"
        f"for words in ([], ['--what', 'calls'], ['--format', 'html', '-o', {str(tmp_path / 'p.html')!r}]):\n"
        f"    assert main(['graph', {str(folder)!r}, *words]) == 0, words\n"
        "print(sorted({'prefect', 'libcst', 'docker', 'pydantic', 'rich', 'sqlalchemy', 'jinja2'} & set(sys.modules)))\n"
    )
    environment = os.environ | {"OVERHAUL_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
