"""Programs made at random print the same before and after some of their code has become a function."""

import ast
import random
from collections.abc import Iterator

import pytest

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.indentation import blocks_of
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.registry import find_recipe

from .programs import PRELUDE, Programs, outcome

ARGUMENTS = [(1, 2), (0, 3), (4, 0)]
TRIES = 6


def selections(source: str) -> Iterator[str]:
    """Yield the places of all runs of statements and all expressions of the function `f`."""
    function = ast.parse(source).body[-1]
    for owner in ast.walk(function):
        if isinstance(owner, ast.expr):
            yield place(owner, owner)
        for block in blocks_of(owner):
            for first in range(len(block)):
                for last in range(first, min(len(block), first + 4)):
                    yield place(block[first], block[last])


def place(first: ast.expr | ast.stmt, last: ast.expr | ast.stmt) -> str:
    end = (last.end_lineno, (last.end_col_offset or 0) + 1)
    return f"m.py:{first.lineno}:{first.col_offset + 1}-{end[0]}:{end[1]}"


def program(seed: int) -> str | None:
    source = PRELUDE + Programs(seed).function()
    try:
        compile(source, "program.py", "exec")
    except SyntaxError:  # `nonlocal` of a name that is not bound, and the like
        return None
    return source


@pytest.mark.parametrize("group", range(8))
def test_an_extracted_function_keeps_what_a_program_prints(group: int) -> None:
    done = 0
    for seed in range(group * 20, group * 20 + 20):
        source = program(seed)
        if source is None:
            continue
        before = [outcome(source, arguments) for arguments in ARGUMENTS]
        places = sorted(set(selections(source)))
        for at in random.Random(seed).sample(places, min(TRIES, len(places))):
            parameters = {"name": "extracted", "at": at, "similar": "yes" if seed % 3 == 0 else "no"}
            try:
                found = find_recipe("extract-function").bind(parameters).analyse(MemoryTree({"m.py": source}))
            except RefactorError:
                continue
            done += 1
            after = found.edits[0].content.decode()
            assert [outcome(after, arguments) for arguments in ARGUMENTS] == before, f"{seed} {at}\n{after}"
    assert done > 20
