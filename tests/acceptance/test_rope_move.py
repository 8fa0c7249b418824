"""rope's own tests of moving a function, class or variable, given to move-symbol: the same code, or a reason why not.

Code is compared as syntax trees, with the imports at the top in any order: where each goes is style.
"""

from __future__ import annotations

import ast
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
    """A case where move-symbol does something else than rope: why, and the files that it gives with another text."""

    why: str
    changes: Mapping[str, str]


FROM_IMPORT = (
    "rope turns 'from old import name' and the uses of 'name' into 'import new' and 'new.name'; move-symbol leaves"
    " the form of a from-import as it is"
)
EXPLAINED = {
    "test_folder_destination": Explained(
        "the folder is empty, and a tree has files only: 'folder' is the name of a new module",
        {"origin_module.py": "", "folder.py": "class AClass(object):\n    pass\n"},
    ),
    "test_changing_other_modules_removing_from_imports": Explained(
        FROM_IMPORT,
        {
            "origin_module.py": "",
            "destination_module.py": "class AClass(object):\n    pass\n",
            "mod3.py": "from destination_module import AClass\na_var = AClass()\n",
        },
    ),
    "test_move_constant_multiple_statements": Explained(
        "rope moves the first of three assignments and changes the variable of the new module from the old one;"
        " move-symbol moves all three, so that the value is the last one for whoever imports it",
        {"origin_module.py": "", "destination_module.py": "foo = 123\nfoo += 3\nfoo = 4\n"},
    ),
    "test_moving_and_used_relative_imports": Explained(
        "rope reads 'import mod5' in a package as Python 2 did; in Python 3 it is a module at the top",
        {
            "pkg/origin_module_in_pkg.py": "",
            "destination_module.py": "import mod5\n\n\ndef a_func():\n    print(mod5)\n",
        },
    ),
    "test_moving_functions_to_imported_module": Explained(
        "rope puts the function above what the new module has, move-symbol below it",
        {
            "origin_module.py": "",
            "destination_module.py": "a_var = 1\n\n\ndef a_func():\n    var = a_var\n",
        },
    ),
}
# rope's preferences for new imports, which its tests set on the project and the recording does not have; the one
# that it has by itself is `import package.module`.
STYLES = {
    "test_adding_imports_prefer_from_module": "from-package",
    "test_adding_imports_preferred_import_style_is_from_global": "from-module",
    "test_adding_imports_preferred_import_style_is_from_module": "from-package",
}


def test_moves_of_ropes_own_tests_give_the_same_code_or_a_reason(
    rope_cases: tuple[RopeCase, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    moves = [case for case in rope_cases if "movetest" in case.test]
    cases = of(moves, "MoveGlobal", "create_move")
    results = {name_of(case): judged(case) for case in cases}
    equal = [name for name, result in results.items() if result == "equal"]
    explained = [name for name, result in results.items() if result == "explained"]
    with capsys.disabled():
        share = 100 * len(equal) // len(cases)
        print(f"\nrope's cases of moving a name of a module: {len(cases)}; equal {len(equal)} ({share} %)")
        for name in explained:
            print(f"  {name}: {EXPLAINED[name].why}")
        for other in ("MoveModule", "MoveMethod"):
            print(f"  not of this recipe: {len(of(moves, other))} of {other}")
    assert {name: result for name, result in results.items() if result not in ("equal", "explained")} == {}
    assert sorted(explained) == sorted(EXPLAINED)
    assert len(cases) >= 35
    assert len(equal) >= 30


def name_of(case: RopeCase) -> str:
    return case.name.rpartition(".")[2]


def judged(case: RopeCase) -> str:
    """Return `equal`, `explained`, or what is wrong."""
    try:
        result, refusal = moved(case), ""
    except RefactorError as error:
        result, refusal = dict(case.before), str(error)
    explanation = EXPLAINED.get(name_of(case))
    if explanation is not None:
        changed = {path: text for path, text in result.items() if text != case.before.get(path)}
        return "explained" if changed == explanation.changes else f"not as explained: {refusal or changed}"
    if case.after is None:
        return "equal" if refusal else f"rope refuses: {case.error}"
    if refusal:
        return refusal
    return "equal" if normal(result) == normal(case.after) else f"{result} for {case.after}"


def moved(case: RopeCase) -> dict[str, str]:
    """Return the files after the move."""
    destination = case.arguments.get("dest", "destination_module")
    name = destination if isinstance(destination, str) else destination["resource"].removesuffix(".py")
    values = {
        "symbol": case.position(),
        "to": name.replace("/", "."),
        "imports": STYLES.get(name_of(case), "module"),
    }
    files = {path: text.encode() for path, text in case.before.items()}
    analysis = find_recipe("move-symbol").bind(values).analyse(MemoryTree(files))
    files |= {edit.path: edit.content for edit in analysis.edits}
    return {path: content.decode() for path, content in files.items()}


def normal(files: Mapping[str, str]) -> dict[str, object]:
    """Return each file's imports as a set and the rest of its code as a tree."""
    found = {}
    for path, text in files.items():
        body = ast.parse(text).body
        imports = {
            (getattr(each, "module", None), getattr(each, "level", 0), alias.name, alias.asname)
            for each in body
            if isinstance(each, ast.Import | ast.ImportFrom)
            for alias in each.names
        }
        found[path] = (
            imports,
            [ast.dump(each) for each in body if not isinstance(each, ast.Import | ast.ImportFrom)],
        )
    return found
