"""Which expressions change nothing, and which of them may also be repeated."""

import ast

import pytest

from overhaul.refactors.effects import changes_nothing, is_effect_free


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize("text", ["x", "x.y.z", "1", "'a'", "None"])
def test_names_attributes_and_constants_may_move_go_and_repeat(text: str) -> None:
    assert is_effect_free(expression(text))
    assert changes_nothing(expression(text))


@pytest.mark.parametrize(
    "text",
    ["[x, y.z]", "(1, [x])", "{1, 2}", "{'a': x}", "lambda: f()", "lambda a=x: a", "x is not None", "-1", "f'a'", "not 1"],
)  # fmt: skip
def test_what_makes_an_object_may_move_and_go_but_not_repeat(text: str) -> None:
    assert changes_nothing(expression(text))
    assert not is_effect_free(expression(text))


@pytest.mark.parametrize(
    "text",
    ["f()", "x[0]", "x + y", "-x", "not x", "x == y", "x or y", "f'{x}'", "[*x]", "{**x}", "{x}", "{x: 1}", "[f()]",
     "lambda a=f(): a", "(x := 1)", "[a for a in x]", "x if y else z", "await x"],
)  # fmt: skip
def test_what_may_run_code_of_its_operands_may_do_anything(text: str) -> None:
    assert not changes_nothing(expression(text))
