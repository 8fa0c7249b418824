"""rope's own change-signature tests, given to change-signature by the place that rope was given.

rope writes every call anew, arguments by position where they can be, so `normalize-calls` is always among the
changes; it writes a parameter list on one line, so syntax trees are compared and not texts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.registry import find_recipe
from tests.acceptance.rope_suite import RopeCase, of

pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Explained:
    """A case where change-signature does something else than rope: why, and what is left of it."""

    why: str
    refuses: str = ""
    changes: Mapping[str, str] | None = None


EXPLAINED = {
    "ChangeSignatureTest.test_doing_multiple_changes": Explained(
        "rope leaves a call without the new required argument, which fails when it runs", "would all break"
    ),
    "ChangeSignatureTest.test_resources_parameter": Explained(
        "rope is told to leave a file alone whose call then fails; a change is of the whole tree",
        changes={"mod1.py": "def a_func():\n    pass\n", "mod.py": "import mod1\nmod1.a_func()\n"},
    ),
    "ChangeSignatureTest.test_changing_signature_in_subclasses": Explained(
        "rope adds a required parameter that callers do not pass", "would all break"
    ),
    "ChangeSignatureTest.test_adding_arguments_for_normal_args_changing_definition": Explained(
        "rope adds a required parameter that callers do not pass", "would all break"
    ),
}


def test_signature_changes_of_ropes_own_tests_give_the_same_code_or_a_reason(
    rope_cases: tuple[RopeCase, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [case for case in of(rope_cases, "ChangeSignature") if "ChangeSignatureTest" in case.test]
    results = {case.name: judged(case) for case in cases}
    equal = [name for name, result in results.items() if result == "equal"]
    explained = [name for name, result in results.items() if result == "explained"]
    with capsys.disabled():
        print(
            f"\nrope's change-signature cases: {len(cases)}; equal {len(equal)}; explained {len(explained)}"
        )
        for name in explained:
            print(f"  {name}: {EXPLAINED[name].why}")
    assert {name: result for name, result in results.items() if result not in ("equal", "explained")} == {}
    assert sorted(explained) == sorted(EXPLAINED)
    assert len(cases) >= 37
    assert len(equal) >= 0.85 * len(cases)


def judged(case: RopeCase) -> str:
    """Return `equal`, `explained`, or what is wrong."""
    refusal = ""
    try:
        result = changed(case)
    except RefactorError as error:
        result, refusal = dict(case.before), str(error)
    explanation = EXPLAINED.get(case.name)
    if explanation is not None and explanation.changes is None:
        return (
            "explained" if explanation.refuses in refusal != "" else f"not as explained: {refusal or result}"
        )
    if explanation is not None:
        expected = {**case.before, **(explanation.changes or {})}
        return "explained" if result == expected else f"not as explained: {refusal or result}"
    if case.after is None:
        return "equal" if refusal else f"rope refuses: {case.error}"
    if refusal:
        return refusal
    return "equal" if trees(result) == trees(case.after) else f"{result} for {case.after}"


def trees(files: Mapping[str, str]) -> dict[str, str]:
    return {path: ast.dump(ast.parse(text)) for path, text in files.items() if path.endswith(".py")}


def changed(case: RopeCase) -> dict[str, str]:
    """Return the files after the change."""
    files = {path: text.encode("utf-8", "surrogateescape") for path, text in case.before.items()}
    texts = [*changes_of(case), "normalize-calls"]
    recipe = find_recipe("change-signature").bind({"function": case.position(), "change": texts})
    result = files | {edit.path: edit.content for edit in recipe.analyse(MemoryTree(files)).edits}
    return {path: content.decode("utf-8", "surrogateescape") for path, content in result.items()}


def changes_of(case: RopeCase) -> Iterator[str]:
    """Write rope's changers, which count parameters, in the recipe's notation, which names them."""
    if not case.arguments:  # rope refuses before there are any
        return
    arguments = _function_at(case).args
    names = [each.arg for each in arguments.args]
    has_self = names[:1] == ["self"]
    stars = [f"{mark}{each.arg}" for mark, each in (("*", arguments.vararg), ("**", arguments.kwarg)) if each]
    defaults = dict.fromkeys(names[len(names) - len(arguments.defaults) :])
    for changer in case.arguments["changers"]:
        ((kind, values),) = changer.items()
        if kind == "ArgumentRemover":
            yield f"remove {[*names, *stars][values['index']]}"
            if values["index"] < len(names):
                names.pop(values["index"])
        elif kind == "ArgumentAdder":
            yield _added(values, has_self)
            names.insert(values["index"], values["name"])
        elif kind == "ArgumentDefaultInliner":
            yield f"inline-default {names[values['index']]} keep"
        elif kind == "ArgumentReorderer":
            names = [names[index] for index in values["new_order"]]
            yield from _automatic_defaults(names, defaults, values["autodef"])
            if len(names) > 1:
                yield f"reorder {', '.join(names)}"


def _added(values: Mapping[str, Any], has_self: bool) -> str:
    default = f" = {values['default']}" if values["default"] is not None else ""
    value = f" call {values['value']}" if values["value"] is not None else ""
    return f"add {values['name']}{default} at {values['index'] + 1 - has_self}{value}"


def _automatic_defaults(names: list[str], defaults: Mapping[str, None], given: str | None) -> Iterator[str]:
    first = next((index for index, name in enumerate(names) if name in defaults), len(names))
    if given is not None:
        yield from (f"default {name} = {given}" for name in names[first:] if name not in defaults)


def _function_at(case: RopeCase) -> ast.FunctionDef:
    """Return the definition at the place of a case; of a class, its constructor."""
    path, line, column = str(case.position()).split(":")
    text = case.before[path]
    words = re.finditer(r"\w+", text.splitlines()[int(line) - 1])
    name = next(word[0] for word in words if word.start() < int(column) <= word.end() + 1)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            inner = [each for each in ast.walk(node) if isinstance(each, ast.FunctionDef)]
            return next(each for each in inner if each is node or each.name == "__init__")
    raise LookupError(case.name)
