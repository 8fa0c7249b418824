"""rope's own rename tests, given to rename-symbol by the place that rope was given: the same text, or a reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.registry import find_recipe
from tests.acceptance.rope_suite import RopeCase, of

pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Explained:
    """A case where rename-symbol does something else than rope: why, and what it does.

    `changes` are the files that it gives with another text than before; `refuses` is a part of its message.
    """

    why: str
    changes: Mapping[str, str] | None = None
    refuses: str = ""


WHOLE_TREE = (
    "rope is told to look at some files only and leaves code that breaks; a rename is of the whole tree"
)
FAMILY = (
    "rope renames an override alone, by default: calls through the base then run another method;"
    " rename-symbol renames a method with those that it overrides and that override it"
)
PARENT_AND_CHILD = """\
class Parent:
    def new_method(self):
        pass

class Child(Parent):
    def new_method(self, strg):
        return super(Child, self).new_method(strg, *args, **kwargs)
"""
HIERARCHY = {"testmod.py": PARENT_AND_CHILD}

EXPLAINED = {
    "RenameRefactoringTest.test_resources_parameter": Explained(
        WHOLE_TREE, {"mod1.py": "def g():\n    pass\n", "mod2.py": "import mod1\nmod1.g()\n"}
    ),
    "RenameRefactoringTest.test_resources_parameter_not_changing_defining_module": Explained(
        WHOLE_TREE, {"mod1.py": "def g():\n    pass\n", "mod2.py": "import mod1\nmod1.g()\n"}
    ),
    "RenameRefactoringTest.test_renaming_in_strings_and_comments": Explained(
        "a comment is prose: no rule says which of its words is the name",
        {"mod1.py": "new_var = 1\n# a_var\n"},
    ),
    "RenameRefactoringWithSuperclassTest.test_not_renaming_methods_in_hierarchies": Explained(
        FAMILY,
        {
            "mod1.py": "class A(object):\n    def new_method(self):\n        pass\n"
            "class B(A):\n    def new_method(self):\n        pass\n"
        },
    ),
    "RenameRefactoringWithSuperclassTest.test_rename_with_superclass_not_in_hierarchy_from_caller": Explained(
        FAMILY, HIERARCHY
    ),
    "RenameRefactoringWithSuperclassTest.test_rename_with_superclass_not_in_hierarchy_from_child": Explained(
        FAMILY, HIERARCHY
    ),
    "RenameRefactoringWithSuperclassTest.test_rename_with_superclass_not_in_hierarchy_from_parent": Explained(
        FAMILY, HIERARCHY
    ),
    "ImplicitInterfacesTest.test_performing_rename_on_parameters": Explained(
        "the parameter is handed objects of two unrelated classes; which one is meant is for the caller to say",
        refuses="parameter 'arg' has no annotation",
    ),
}


def test_renames_of_ropes_own_tests_give_the_same_text_or_a_reason(
    rope_cases: tuple[RopeCase, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    # A rename that spans two projects starts, for the second one, in a file that it does not have.
    cases = [case for case in of(rope_cases, "Rename") if case.resource is not None]
    results = {case.name: judged(case) for case in cases}
    equal = [name for name, result in results.items() if result == "equal"]
    explained = [name for name, result in results.items() if result == "explained"]
    with capsys.disabled():
        print(f"\nrope's rename cases: {len(cases)}; equal {len(equal)}; explained {len(explained)}")
        for name in explained:
            print(f"  {name}: {EXPLAINED[name].why}")
    assert {name: result for name, result in results.items() if result not in ("equal", "explained")} == {}
    assert sorted(explained) == sorted(EXPLAINED)
    assert len(cases) >= 92
    assert len(equal) >= 85


def judged(case: RopeCase) -> str:
    """Return `equal`, `explained`, or what is wrong."""
    files = {path: text.encode("utf-8", "surrogateescape") for path, text in case.before.items()}
    try:
        result, refusal = renamed(case, files), ""
    except RefactorError as error:
        result, refusal = dict(case.before), str(error)
    explanation = EXPLAINED.get(case.name)
    if explanation is not None:
        changed = {path: text for path, text in result.items() if text != case.before.get(path)}
        is_explained = (
            explanation.refuses in refusal if explanation.refuses else changed == explanation.changes
        )
        return "explained" if is_explained else f"not as explained: {refusal or changed}"
    if case.after is None:
        return "equal" if refusal else f"rope refuses: {case.error}"
    return "equal" if result == case.after and not refusal else refusal or f"{result} for {case.after}"


def renamed(case: RopeCase, files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the files after the rename; an `unsure` of rope that always says yes is our `unknown_receivers`."""
    old = case.position() or module_name(str(case.resource))
    values = {
        "old": old,
        "new": case.arguments["new_name"],
        "docs": "yes" if case.arguments.get("docs") else "no",
        "unknown_receivers": "unique" if "._true of" in str(case.arguments.get("unsure")) else "report",
    }
    analysis = find_recipe("rename-symbol").bind(values).analyse(MemoryTree(files))
    result = {
        path: content for path, content in files.items() if path not in {e.path for e in analysis.edits}
    }
    result |= {edit.new_path or edit.path: edit.content for edit in analysis.edits}
    return {path: content.decode("utf-8", "surrogateescape") for path, content in result.items()}


def module_name(resource: str) -> str:
    """Return the dotted name of a file or folder; a package's own file is the package."""
    return resource.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
