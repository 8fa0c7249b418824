"""Files of instances and predictions as they are read, and the repositories that are made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from overhaul.flows.bench_instances import choose_instances, read_instances
from overhaul.flows.bench_predictions import given_predictions
from overhaul.flows.bench_repositories import find_source, instance_repository
from overhaul.flows.errors import BenchError, NotARepository
from tests.flows.repositories import commit_files, git, make_repository

OFFICIAL: dict[str, Any] = {
    "instance_id": "acme__shop-1", "repo": "acme/shop", "base_commit": "0" * 40, "patch": "p", "test_patch": "t",
    "problem_statement": "# It is wrong", "hints_text": "", "created_at": "2024-01-01", "version": "1.0",
    "FAIL_TO_PASS": '["tests/test_a.py::test_a"]', "PASS_TO_PASS": "[]", "environment_setup_commit": None,
}  # fmt: skip


def written(folder: Path, *lines: Any) -> Path:
    path = folder / "instances.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def test_official_line_is_read_and_nothing_hidden_is_in_its_task(tmp_path: Path) -> None:
    listed = {
        **OFFICIAL, "instance_id": "b", "FAIL_TO_PASS": ["x"], "PASS_TO_PASS": ["y"], "problem_statement": "\n# B",
    }  # fmt: skip
    first, second = read_instances(written(tmp_path, OFFICIAL, "", listed))
    assert (first.fail_to_pass, first.pass_to_pass, first.gold) == (("tests/test_a.py::test_a",), (), "p")
    assert first.task.startswith("# It is wrong\n")
    assert "test_a" not in first.task
    assert (second.fail_to_pass, second.pass_to_pass) == (("x",), ("y",))
    assert [each.id for each in choose_instances([first, second], ["b"], None)] == ["b"]
    assert [each.id for each in choose_instances([first, second], [], 1)] == [first.id]
    with pytest.raises(BenchError, match=r"no instance 'acme__shop-2'. Did you mean 'acme__shop-1'"):
        choose_instances([first, second], ["acme__shop-2"], None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base_commit": None}, "base_commit: "),
        ({"base_commit": "main"}, "base_commit: 'main' is no commit"),
        ({"repo": ""}, "repo: "),
        ({"instance_id": "../x"}, "instance_id: letters"),
        ({"FAIL_TO_PASS": "test_a"}, "FAIL_TO_PASS: it is neither a list nor a list written as JSON"),
        ({"FAIL_TO_PASS": "[1]"}, "FAIL_TO_PASS.0: "),
        ({"FAIL_TO_PASS": []}, "FAIL_TO_PASS or check: "),
        ({"problem_statement": ""}, "none is there"),
        ({"instruction": "Do it."}, "problem_statement and instruction is there"),
        ({"parameters": {"old": "a"}}, "parameters: they are a recipe's"),
    ],
    ids=str,
)
def test_mistake_is_told_with_its_line_and_field(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = written(tmp_path, {**OFFICIAL, "instance_id": "good"}, {**OFFICIAL, **change})
    with pytest.raises(BenchError) as error:
        read_instances(path)
    assert str(error.value).startswith(f"{path}:2: ")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], ":1: this is no JSON"),
        (["[]"], ":1: the line is no JSON object"),
        ([], "holds no instance"),
        ([OFFICIAL, OFFICIAL], ":2: instance_id: 'acme__shop-1' stands on an earlier line too"),
    ],
    ids=["broken", "list", "empty", "twice"],
)
def test_file_that_holds_no_instances_is_an_error(tmp_path: Path, lines: list[Any], said: str) -> None:
    with pytest.raises(BenchError, match=said):
        read_instances(written(tmp_path, *lines))


def test_predictions_are_read_in_each_of_the_official_shapes(tmp_path: Path) -> None:
    (instance,) = read_instances(written(tmp_path, OFFICIAL))
    line = {"instance_id": instance.id, "model_name_or_path": "m", "model_patch": "d"}
    shapes = {
        "a.jsonl": line,
        "b.json": [line],
        "c.json": {instance.id: {**line, "instance_id": instance.id}},
    }
    for name, shape in shapes.items():
        (tmp_path / name).write_text(json.dumps(shape))
        found = given_predictions(str(tmp_path / name), [instance])
        assert (found.model, found.patches) == ("m", {instance.id: "d"}), name
    assert given_predictions("gold", [instance]).patches == {instance.id: "p"}
    assert given_predictions("empty", [instance]).patches == {instance.id: ""}
    (tmp_path / "a.jsonl").write_text(
        f"{json.dumps(line)}\n{json.dumps({**line, 'model_name_or_path': 'n'})}"
    )
    with pytest.raises(BenchError, match="predictions of m and n"):
        given_predictions(str(tmp_path / "a.jsonl"), [instance])
    (tmp_path / "a.jsonl").write_text('{"model_patch": "d"}')
    with pytest.raises(BenchError, match=r"a.jsonl:1: instance_id: "):
        given_predictions(str(tmp_path / "a.jsonl"), [instance])


def test_source_is_a_clone_a_path_an_address_or_github(tmp_path: Path) -> None:
    clones, here = tmp_path / "clones", tmp_path / "here"
    for place in (clones / "acme" / "shop", clones / "acme__tea", clones / "sugar", here / "own"):
        make_repository(place, {"a.py": ""})
    found = [find_source(f"acme/{name}", here, clones) for name in ("shop", "tea", "sugar")]
    assert found == [str(clones / "acme" / "shop"), str(clones / "acme__tea"), str(clones / "sugar")]
    with pytest.raises(BenchError, match="has no clone of acme/milk"):
        find_source("acme/milk", here, clones)
    assert find_source("own", here, None) == str(here / "own")
    assert find_source("acme/milk", here, None).endswith(".com/acme/milk")
    assert find_source("https://git.example/a/b", here, clones) == "https://git.example/a/b"
    for wrong in ("nowhere", "ext::sh -c true", "--upload-pack=true"):
        with pytest.raises(NotARepository):
            find_source(wrong, here, None)


def test_repository_of_an_instance_holds_the_base_commit_and_nothing_after_it(tmp_path: Path) -> None:
    source = make_repository(tmp_path / "source", {"a.py": "x = 1\n"})
    base = git(source, "rev-parse", "HEAD")
    fix = commit_files(source, {"a.py": "x = 2\n"}, "the fix")
    line = {**OFFICIAL, "base_commit": base}
    (instance,) = read_instances(written(tmp_path, line))
    made = Path(instance_repository(instance, str(source), tmp_path / "made"))
    assert made == tmp_path / "made" / "source.git"
    assert instance_repository(instance, str(source), tmp_path / "made") == str(made)
    assert git(made, "rev-list", "--count", "--all") == "1"
    assert git(made, "show", "main:a.py") == "x = 1"
    assert fix not in git(made, "cat-file", "--batch-all-objects", "--batch-check")
    (gone,) = read_instances(written(tmp_path, {**line, "base_commit": "f" * 40}))
    with pytest.raises(NotARepository, match=f"has no commit {'f' * 40}"):
        instance_repository(gone, str(source), tmp_path / "other")


def test_short_commit_is_found_too(tmp_path: Path) -> None:
    source = make_repository(tmp_path / "source", {"a.py": "x = 1\n"})
    line = {**OFFICIAL, "base_commit": git(source, "rev-parse", "--short=9", "HEAD")}
    commit_files(source, {"a.py": "x = 2\n"}, "the fix")
    (instance,) = read_instances(written(tmp_path, line))
    made = Path(instance_repository(instance, str(source), tmp_path / "made"))
    assert git(made, "show", "main:a.py") == "x = 1"
    assert git(made, "rev-list", "--count", "--all") == "1"
