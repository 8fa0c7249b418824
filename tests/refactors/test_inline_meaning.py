"""Programs made at random print the same before and after a variable or function of theirs has been inlined."""

import ast
import random
from collections.abc import Iterator

import pytest

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.registry import find_recipe

from .programs import PRELUDE, Programs, outcome

ARGUMENTS = [(1, 2), (0, 3), (4, 0)]
PARAMETERS = "a, b, c=2, d=5"


def outcomes(source: str) -> list[str]:
    return [outcome(source, arguments) for arguments in ARGUMENTS]


def with_locals(seed: int) -> tuple[str, list[str]]:
    """Return a program of variables that are bound once, and the places of those."""
    programs = Programs(seed)
    choose = programs.random
    lines = ["x0 = a"]
    for number in range(1, 5):
        before = f"x{number - 1}"
        lines.append(f"x{number} = {programs.expression(1).replace('a', before, 1)}")
        if choose.random() < 0.4:
            lines.append(choose.choice([f"a = {before} + 1", f"show({before})", f"if b > 1: show({before})"]))
    lines.append(f"return {choose.choice(['x4', 'x4 + x0', 'show(a, x4)', 'x3 * 2 + x4'])}")
    source = PRELUDE + f"def f({PARAMETERS}):\n" + "".join(f"    {line}\n" for line in lines)
    first = source.count("\n", 0, source.index("    x0 =")) + 1
    places = [f"m.py:{first + index}:5" for index, line in enumerate(lines) if line.startswith("x")]
    return source, places


def with_function(seed: int) -> tuple[str, list[str]]:
    """Return a program that calls a function of its own."""
    programs = Programs(seed)
    if seed % 2:
        function = f"def h(a, b=1, c=4, d=5):\n    return {programs.expression()}\n"
    else:
        function = programs.function("a, b=1, c=4, d=5", "h", 3)
    programs.called = "h"
    return f"{PRELUDE}{function}\n\n{programs.function(PARAMETERS)}", ["m.h"]


def with_anything(seed: int) -> tuple[str, list[str]]:
    """Return a program of all kinds of statements, and some places where it binds names."""
    source = PRELUDE + Programs(seed).function(PARAMETERS)
    try:
        function = ast.parse(source).body[-1]
    except SyntaxError:
        return source, []
    stored = [
        f"m.py:{node.lineno}:{node.col_offset + 1}"
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return source, random.Random(seed).sample(stored, min(3, len(stored)))


def programs(first: int, last: int) -> Iterator[tuple[str, str, list[str]]]:
    for seed in range(first, last):
        for make in (with_locals, with_function, with_anything):
            source, symbols = make(seed)
            try:
                compile(source, "program.py", "exec")
            except SyntaxError:  # `nonlocal` of a name that is not bound, and the like
                continue
            before = outcomes(source)
            # Inlining may bind a name earlier or not at all, which only programs that fail for it can tell.
            if not any("NameError" in each for each in before):
                yield from ((source, symbol, before) for symbol in symbols)


@pytest.mark.parametrize("group", range(8))
def test_an_inlined_symbol_keeps_what_a_program_prints(group: int) -> None:
    done = 0
    for source, symbol, before in programs(group * 25, group * 25 + 25):
        try:
            found = (
                find_recipe("inline-symbol").bind({"symbol": symbol}).analyse(MemoryTree({"m.py": source}))
            )
        except RefactorError:
            continue
        assert not found.failures, source
        for edit in found.edits:
            done += 1
            after = edit.content.decode()
            assert outcomes(after) == before, f"{symbol}\n{source}\n{after}"
    assert done > 20
