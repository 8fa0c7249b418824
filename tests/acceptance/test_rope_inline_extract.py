"""rope's own inline and extract tests: the same syntax tree, or a reason why not.

`name = value` followed by `return name` counts as `return value`, which is what extract-function writes.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.registry import find_recipe
from tests.acceptance.rope_suite import RopeCase, of

pytestmark = pytest.mark.acceptance

KINDS = {"staticmethod": "static", "classmethod": "class", "method": "auto", "function": "function"}
PREFIXES = {"$": "static", "@": "class"}


def test_extractions_of_ropes_own_tests_give_the_same_code_or_a_reason(
    rope_cases: tuple[RopeCase, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    check(of(rope_cases, "ExtractMethod"), EXTRACT, 122, capsys)


def test_inlinings_of_ropes_own_tests_give_the_same_code_or_a_reason(
    rope_cases: tuple[RopeCase, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    check(
        of(rope_cases, "InlineMethod", "InlineVariable", "InlineParameter", "create_inline"),
        INLINE,
        68,
        capsys,
    )


def check(
    cases: list[RopeCase],
    reasons: Mapping[str, tuple[str, ...]],
    least: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Compare all cases and print the score; each that is not equal has exactly one reason."""
    explained = {name: reason for reason, names in reasons.items() for name in names}
    others = {
        case.name.rpartition(".test_")[2]: outcome for case in cases if (outcome := judged(case)) != "equal"
    }
    with capsys.disabled():
        print(f"\nrope's cases: {len(cases)}; equal {len(cases) - len(others)}; explained {len(explained)}")
        for name, reason in explained.items():
            print(f"  {name}: {reason}")
    assert {name: outcome for name, outcome in others.items() if name not in explained} == {}
    assert sorted(explained) == sorted(others)
    assert len(cases) - len(others) >= least


def judged(case: RopeCase) -> str:
    """Return `equal`, or what is given instead."""
    files = {path: text.encode("utf-8", "surrogateescape") for path, text in case.before.items()}
    try:
        given = refactored(case, files)
    except RefactorError as error:
        return "equal" if case.after is None else f"refused: {error}"
    if case.after is None:
        return "equal" if given == case.before else f"rope refuses: {given}"
    return "equal" if trees(given) == trees(case.after) else f"{given} for {case.after}"


def refactored(case: RopeCase, files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the files after our recipe has done the same."""
    if case.refactoring == "ExtractMethod":
        end = str(case.position("end_offset")).split(":", 1)[1]
        name = str(case.arguments["extracted_name"])
        kind = KINDS.get(str(case.arguments.get("kind")), PREFIXES.get(name[0], "auto"))
        values = {
            "name": name.lstrip("$@"),
            "at": f"{case.position('start_offset')}-{end}",
            "kind": "function" if case.arguments.get("global_") else kind,
            "similar": "yes" if case.arguments.get("similar") else "no",
        }
        analysis = find_recipe("extract-function").bind(values).analyse(MemoryTree(files))
    else:
        keep = "no" if case.arguments.get("remove", True) else "yes"
        values = {"symbol": str(case.position()), "keep": keep}
        analysis = find_recipe("inline-symbol").bind(values).analyse(MemoryTree(files))
    contents = {**files, **{edit.path: edit.content for edit in analysis.edits}}
    return {path: content.decode("utf-8", "surrogateescape") for path, content in contents.items()}


def trees(files: Mapping[str, str]) -> dict[str, str]:
    return {path: ast.dump(ReturnedAtOnce().visit(parsed(text))) for path, text in files.items()}


def parsed(text: str) -> ast.Module:
    """Return the syntax tree; text that rope has broken is a tree that equals no other."""
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.parse(repr(text))


class ReturnedAtOnce(ast.NodeTransformer):
    """Turns `name = value; return name` at the end of a function into `return value`."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        match node.body[-2:]:
            case [
                ast.Assign(targets=[ast.Name(id=one)], value=value),
                ast.Return(value=ast.Name(id=other)),
            ] if one == other:
                node.body[-2:] = [ast.Return(value)]
        return node


EXTRACT: Mapping[str, tuple[str, ...]] = {
    "rope breaks the code: a walrus becomes the target of a tuple, or its value gets lost": (
        "extract_function_expression_with_inline_assignment_complex",
        "extract_function_expression_with_inline_assignment_in_condition",
    ),
    "rope breaks the code: the result awaits in a function that is not async": (
        "extract_method_async_with_simple",
    ),
    "rope leaves the expression where it was": (
        "extract_method_f_string_false_format_value_in_regular_string",
    ),
    "a variable may be unbound at the end of the code, which the new function would have to return": (
        "extract_method_with_variables_possibly_written_to",
        "extract_refactor_containing_async_for_loop_is_supported_after_py38",
    ),
    "exec may use the variables of the function around; it is left to a person": ("extract_exec",),
    "self and cls are no plain parameters of a method of another kind": (
        "extract_to_classmethod_when_self_in_body",
        "extract_to_staticmethod_when_self_in_body",
    ),
    "the method is called on self or cls, so that a subclass may override it; rope names the class": (
        "extract_method_in_classmethods",
        "extract_to_classmethod",
        "extract_to_classmethod_when_name_starts_with_at_sign",
        "extract_to_staticmethod",
        "extract_to_staticmethod_when_name_starts_with_dollar_sign",
    ),
    "rope hands over a variable that nothing reads": ("extract_inner_async_function",),
    "rope hands over the module's own variables, which the new function sees": (
        "extract_method_with_double_with_as",
        "extract_method_with_nested_double_with_as",
    ),
    "the parameters come in the order in which the code reads them": (
        "extract_method_f_string_extract_method_complex_expression",
    ),
    "a value is returned at once": ("extract_method_and_similar_sttemnts_overlapping_regions",),
    "rope refuses what can be done: all ways return, or a function that is no method": (
        "extract_method_containing_return",
        "extract_method_with_no_self_as_argument",
    ),
    "rope binds the variable a second time, with the value that it has": (
        "extraction_one_line_with_global_variable_has_postread",
    ),
    "rope puts the function inside the one around, which has the nonlocal variable; extract-function stays outside": (
        "extraction_method_with_nonlocal_variable_and_nonlocal_declaration",
        "extraction_one_line_with_nonlocal_variable",
        "extraction_one_line_with_nonlocal_variable_has_postread",
        "extraction_one_line_with_nonlocal_variable_read_only",
        "extraction_with_nonlocal_variable",
    ),
}

INLINE: Mapping[str, tuple[str, ...]] = {
    "imports that only the inlined code used go; rope keeps them": (
        "adding_needed_imports_in_the_dest_module",
        "handling_relative_imports_when_inlining",
        "inlining_variables_and_importing_used_imports",
        "inlining_variables_in_other_modules",
        "replacing_calls_with_function_definition_in_other_modules",
        "replacing_calls_with_function_definition_in_other_modules2",
    ),
    "what an import gives already is called through it": (
        "adding_needed_imports_for_elements_in_source",
        "inlining_variables_and_back_importing",
    ),
    "the receiver is still evaluated: making it may have effects": (
        "replacing_calls_with_method_definition_in_defining_modules",
        "replacing_calls_with_method_definition_in_other_modules",
    ),
    "the calls are reported: the body names the module that they are in, or another one by Python 2's rules": (
        "adding_needed_imports_in_the_dest_module_removing_selfs",
        "relative_imports_and_changing_inlining_body",
    ),
    "an attribute of instances may have another value in each": ("attribute_inlining", "attribute_inlining2"),
    "rope goes on after a return as if it were none; calls of such bodies are reported": (
        "empty_returns_and_inlining_lonely_functions",
        "multiple_returns_and_not_using_the_value",
    ),
    "rope loses comments; a call that holds some is reported": (
        "function_call_with_callsite_inline_comment",
        "function_call_with_callsite_interline_comment",
    ),
    "rope refuses parameters that are given by keyword only": (
        "function_call_with_kwonlyargs",
        "function_call_with_kwonlyargs2",
    ),
    "rope is told to replace one use or to look at some files only; inline-symbol replaces all that it can prove": (
        "inlining_functions_in_other_modules_and_only_current",
        "inlining_variables_in_other_modules_and_only_current",
        "only_current_for_methods",
        "only_current_for_variables",
        "resources_parameter",
    ),
    "nothing uses it, so there is nothing to inline: it may be a test or be there for users": (
        "a_function_with_no_occurrence",
        "a_function_with_no_occurrence2",
        "empty_case",
        "inlining_the_last_method_of_a_class",
    ),
    "a word in a string is no use of a variable": (
        "inlining_does_change_string_constants_if_docs_is_set",
        "inlining_does_not_change_string_constants",
    ),
    "rope writes a default into the calls, which is another refactoring": ("inlining_parameters",),
    "a statement that would be a mere constant is left out": (
        "simple_return_values_and_inlining_lonely_functions",
    ),
}
