"""Commands, linters and ast-grep rules as recipes: what they change are sites and edits, what they only report is left."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from overhaul.flows.analysis import analyse_commit, plan_edits
from overhaul.flows.foreign.words import is_rule_file
from overhaul.flows.mirror import Mirror
from overhaul.flows.recipe_lookup import find_recipe, named_recipe
from overhaul.flows.settings import Settings
from overhaul.refactors.analysis import analyse
from overhaul.refactors.errors import ParameterError, RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis
from tests.flows.conftest import Overhaul
from tests.flows.repositories import make_repository

HERE = {"sandbox": "process"}
RULES = """\
id: use-fetch
language: JavaScript
severity: error
message: use fetch instead of $CALL
rule: {pattern: get($URL)}
fix: fetch($URL)
---
id: no-var
language: JavaScript
message: var leaks out of its block
rule: {kind: variable_declaration}
"""
OTHER_LANGUAGES = """\
id: go
language: Go
rule: {pattern: {context: "func f() { ioutil.ReadAll($A) }", selector: call_expression}}
fix: io.ReadAll($A)
---
{id: java, language: Java, rule: {pattern: "new Integer($A)"}, fix: "Integer.valueOf($A)"}
---
{id: rust, language: Rust, rule: {pattern: "$A.trim_left()"}, fix: "$A.trim_start()"}
---
{id: ts, language: TypeScript, rule: {pattern: "<any>$A"}, fix: "$A as any"}
"""


@pytest.fixture(scope="module", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tools are installed once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERHAUL_HOME", str(tmp_path_factory.mktemp("foreign")))
        yield


def found(recipe: str, files: Mapping[str, str | bytes], **parameters: Any) -> Analysis:
    return analyse(find_recipe(recipe).bind(HERE | parameters), MemoryTree(files))


def places(analysis: Analysis) -> list[str]:
    return [f"{site.path}:{site.line}:{site.column} {site.status} {site.symbol}" for site in analysis.sites]


def contents(analysis: Analysis) -> dict[str, str]:
    return {edit.path: edit.content.decode() for edit in analysis.edits}


def test_each_hunk_that_a_command_changes_is_a_site() -> None:
    done = found(
        "command", {"a.txt": "1\n2\n3\n4\n", "b.txt": "x\n", "c.ipynb": "{}"}, line="sed -i 's/[14]/-/' *.txt"
    )
    assert places(done) == ["a.txt:1:1 resolved command", "a.txt:4:1 resolved command"]
    assert contents(done) == {"a.txt": "-\n2\n3\n-\n"}
    assert done.edits[0].sites == 2
    assert find_recipe("command").independent_edits


def test_command_may_make_files_but_those_that_are_ignored_stay_out() -> None:
    done = found("command", {".gitignore": "*.log\n"}, line="echo hi > new.txt; echo > a.log; echo said")
    assert contents(done) == {"new.txt": "hi\n"}
    assert done.edits[0].is_new
    assert "said" in done.log


def test_command_may_move_and_remove_files() -> None:
    done = found("command", {"a.txt": "1\n", "b.txt": "1\n", "c.txt": ""}, line="mv a.txt d.txt; rm b.txt")
    assert [(edit.path, edit.is_new, edit.is_removal) for edit in done.edits] == [
        ("a.txt", False, True), ("b.txt", False, True), ("d.txt", True, False),
    ]  # fmt: skip
    assert [(site.path, site.reason) for site in done.sites][:2] == [
        ("a.txt", "removed by the command"), ("b.txt", "removed by the command"),
    ]  # fmt: skip


MIXED = """
name: mixed
steps:
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
  - recipe: command
    with: {line: "sed -i 's/import mock/import mock as m/' a.py && echo done && rm b.txt", sandbox: process}
"""


def test_tool_is_a_step_of_a_composite_and_lends_it_what_it_lacks() -> None:
    recipe = find_recipe("composite").bind({"definition": MIXED})
    assert (recipe.is_remembered, recipe.reads_notebooks) == (False, False)
    assert recipe.caveat.startswith("step 2 (command): What this finds and edits is its own")
    done = analyse(recipe, MemoryTree({"a.py": b"import mock\n", "b.txt": b""}))
    assert [(edit.path, edit.content, edit.is_removal) for edit in done.edits] == [
        ("a.py", b"from unittest import mock as m\n", False), ("b.txt", b"", True),
    ]  # fmt: skip
    assert "# step 2 (command)" in done.log
    assert "done" in done.log


def test_command_that_fails_says_so() -> None:
    with pytest.raises(RefactorError, match=r"failed \(exit code 3\): broken"):
        found("command", {"a.txt": ""}, line="echo broken; exit 3")


def test_python_that_a_command_breaks_stays_as_it_is() -> None:
    done = found(
        "command", {"a.py": "x = 1\n", "b.py": "x = 1\n"}, line="echo 'def' >> a.py; echo '# b' >> b.py"
    )
    assert list(contents(done)) == ["b.py"]
    assert [failure.path for failure in done.failures] == ["a.py"]


def test_packages_of_a_command_have_versions() -> None:
    with pytest.raises(ParameterError, match="names no version"):
        find_recipe("command").bind({"line": "black .", "packages": ["black"]})


def test_ruff_reports_what_it_does_not_fix() -> None:
    files = {"a.py": "import os\n\nprint('%s' % ())\nx = dict[str, type(None)]\n", "b.py": "def (\n"}
    done = found("ruff", files, select=["UP031", "F401"])
    assert places(done) == ["a.py:1:8 resolved F401", "a.py:3:7 unresolved UP031"]
    assert "calls its fix unsafe" in done.sites[1].reason
    assert contents(done) == {"a.py": files["a.py"].removeprefix("import os\n")}
    assert [failure.path for failure in done.failures] == ["b.py"]
    assert not found("ruff", contents(done), select=["UP031", "F401"]).edits


def test_ruff_takes_no_options_for_rules() -> None:
    with pytest.raises(ParameterError, match="--config"):
        find_recipe("ruff").bind({"select": ["--config=x"]})


def test_version_of_a_tool_is_part_of_what_a_run_is() -> None:
    recipe = find_recipe("ruff").bind({"select": "UP"})
    assert recipe.parameter_values["version"] == recipe.given_values["version"] != ""
    assert "version" in " ".join(recipe.invocation)


def test_pyupgrade_and_what_it_passes_over() -> None:
    done = found("pyupgrade", {"a.py": "x = set([1])\n", "b.py": "def (\n"}, target="3.11")
    assert contents(done) == {"a.py": "x = {1}\n"}
    assert [failure.path for failure in done.failures] == ["b.py"]


def test_django_upgrade() -> None:
    before = "from django.utils.encoding import force_text\n\nforce_text('x')\n"
    done = found("django-upgrade", {"a.py": before}, target="4.0")
    assert contents(done) == {"a.py": before.replace("force_text", "force_str")}


def test_fixit_rule_with_its_autofix() -> None:
    files = {"a.py": 'def f(x):\n    return "%s" % x\n'}
    done = found("fixit", files, rule="fixit.rules.use_fstring")
    assert contents(done) == {"a.py": 'def f(x):\n    return f"{x}"\n'}
    assert places(done) == ["a.py:2:12 resolved UseFstring"]
    with pytest.raises(RefactorError, match="could not import"):
        found("fixit", files, rule="no.such_rule")


def test_ast_grep_matches_are_sites_and_those_without_a_fix_are_left() -> None:
    files = {
        "a.js": "var é = get(get(url)); get(1)\r\n",
        "broken.js": "get(;; {\n",
        "other.js": "var = ;\n",
        "a.py": "get(1)\n",
    }
    done = found("ast-grep", files, name="rules.yml", rules=RULES)
    assert places(done) == [
        "a.js:1:1 unresolved no-var",
        "a.js:1:9 resolved use-fetch",
        "a.js:1:13 unresolved use-fetch",
        "a.js:1:24 resolved use-fetch",
    ]
    assert contents(done) == {"a.js": "var é = fetch(get(url)); fetch(1)\r\n"}
    assert "overlaps" in done.sites[2].reason
    assert [failure.path for failure in done.failures] == ["broken.js", "other.js"]


def test_fix_after_which_a_file_would_not_parse_is_not_made() -> None:
    rules = "{id: bad, language: JavaScript, rule: {pattern: get($A)}, fix: 'get(('}"
    done = found("ast-grep", {"a.js": "get(1)\n"}, name="rules.yml", rules=rules)
    assert not done.edits
    assert [failure.path for failure in done.failures] == ["a.js"]
    assert places(done) == ["a.js:1:1 unresolved bad"]


def test_ast_grep_in_go_java_rust_and_typescript() -> None:
    files = {
        "a.go": "package a\n\nfunc f() { b, _ := ioutil.ReadAll(r) }\n",
        "A.java": "class A { Integer a = new Integer(1); }\n",
        "a.rs": "fn f() -> R { s.trim_left() }\n",
        "a.ts": "const a = <any>b;\n",
    }
    done = found("ast-grep", files, name="rules.yml", rules=OTHER_LANGUAGES)
    assert contents(done) == {
        "A.java": "class A { Integer a = Integer.valueOf(1); }\n",
        "a.go": "package a\n\nfunc f() { b, _ := io.ReadAll(r) }\n",
        "a.rs": "fn f() -> R { s.trim_start() }\n",
        "a.ts": "const a = b as any;\n",
    }


def test_rule_file_is_known_by_its_keys(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "campaign.yml").write_text("name: x\nsteps:\n  - recipe: language rule\n")
    assert named_recipe("rules.yml", {}, tmp_path) == ("ast-grep", {"name": "rules.yml", "rules": RULES})
    assert not is_rule_file("campaign.yml", tmp_path)
    assert not is_rule_file("none.yml", tmp_path)
    assert named_recipe("command: ls -l", {}) == ("command", {"line": "ls -l"})
    assert named_recipe("rename-symbol", {"old": "a"}) == ("rename-symbol", {"old": "a"})


def test_edits_of_a_command_are_planned_apart(tmp_path: Path) -> None:
    files = dict.fromkeys(("a.txt", "b.txt"), "1\n")
    mirror = Mirror.of(str(make_repository(tmp_path / "source", files)), tmp_path / "mirrors")
    base = mirror.fetch(None).commit
    parameters = find_recipe("command").bind(HERE | {"line": "sed -i s/1/2/ *.txt"}).parameter_values
    record = analyse_commit(mirror, base, "command", parameters)
    assert b"sed -i" in mirror.read_blob(record.log)
    assert plan_edits(mirror, base, record, "command", parameters, 1).batches == (("a.txt",), ("b.txt",))


def test_pull_request_says_that_a_command_proves_nothing_for_us(
    overhaul: Overhaul, acme: Path, home: Settings
) -> None:
    line = (
        "command: sed -i 's/^from dataclasses import dataclass$/&  # ours/' src/acme/*.py; echo known words"
    )
    done = overhaul("run", line, "--sandbox", "process", "--python", sys.executable, "--yes", "--json", acme)
    (run,) = done.json["runs"]
    assert (run["status"], run["edits"], run["tests"]["new_failures"]) == ("published", 1, 0)
    page = Path(run["pull_request"].removeprefix("file://")).read_text()
    assert "overhaul proves nothing about scopes" in page
    assert "known words" in (home.run_folder(run["run_id"]) / "logs" / "recipe.log").read_text()
