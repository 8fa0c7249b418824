"""Properties of every rename, over generated programs; Python's own symbol tables say what each name means."""

from __future__ import annotations

import ast
import contextlib
import os
import random
import re
import symtable
import warnings

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis, Failure
from overhaul.refactors.registry import find_recipe
from overhaul.refactors.text import SourceText, parse_source

NEW = "renamed_name"
PATH = "program.py"
SIMPLE = (
    "{n} = {e}", "{n}: {n} = {e}", "{n} += {e}", "{n}, *{n} = {e}", "{e}", "import {n}", "import os.path as {n}",
    "from os import {n} as {n}", "del {n}",
)  # fmt: skip
IN_FUNCTION = ("return {e}", "global {n}", "nonlocal {n}", "{n} = yield {e}")
HEADS = (
    "def {n}({n}, /, x, *{m}, {o}=1, **k):", "def {n}({n}: {n} = {n}) -> {n}:", "async def {n}(self):",
    "@{n}\nclass {n}({n}):", "class {n}:", "for {n} in {e}:", "with {e} as ({n}, {n}):", "if {e}:", "while {e}:",
    "try:\n    {n}\nexcept {n} as {n}:", "match {n}:\n  case {{'k': {n}, **{m}}}:",
)  # fmt: skip
EXPRESSIONS = (
    "{n}", "{n}", "{n}", "1", "'a'", "a.b", "self.a", "len", "{e} + {e}", "{n}({e}, {n}={e})", "({e}).{n}",
    "[{e} for {n} in {n} if {e}]", "{{{e}: {e} for {n} in {e}}}", "(lambda x, {n}={e}: {e})", "({n} := {e})",
    "f'{{{n}}} a {{{n}!r:>{{{n}}}}}'",
)  # fmt: skip


class Writer:
    """Writes programs at random, of few names so that they meet."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def program(self) -> str:
        """Return a program that compiles."""
        while True:
            text = "\n".join(self.block(3, in_function=False)) + "\n"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    compile(text, PATH, "exec", dont_inherit=True)
                except SyntaxError:
                    continue
            return text

    def block(self, depth: int, *, in_function: bool) -> list[str]:
        return [line for _ in range(self.random.randint(1, 3)) for line in self.statement(depth, in_function)]

    def statement(self, depth: int, in_function: bool) -> list[str]:
        if not depth or self.random.random() < 0.4:
            return [self.filled(self.random.choice(SIMPLE + IN_FUNCTION * in_function))]
        head = self.random.choice(HEADS)
        inside = "def " in head or (in_function and "class " not in head)
        indent = "   " if head.startswith("match") else "  "
        return [
            *self.filled(head).split("\n"),
            *(indent + line for line in self.block(depth - 1, in_function=inside)),
        ]

    def filled(self, template: str, depth: int = 0) -> str:
        m, o = self.random.sample("abcd", 2)
        text = template.replace("{m}", m).replace("{o}", o)
        while "{e}" in text:
            expression = self.random.choice(EXPRESSIONS[: 8 if depth > 1 else None])
            text = text.replace("{e}", self.filled(expression, depth + 1), 1)
        while "{n}" in text:
            text = text.replace("{n}", self.random.choice("abcd"), 1)
        return text.replace("{{", "{").replace("}}", "}")


def programs() -> st.SearchStrategy[str]:
    return st.integers(0, 2**32).map(lambda seed: Writer(seed).program())


def rename(text: str, place: tuple[int, int], new: str) -> Analysis | None:
    line, column = place
    recipe = find_recipe("rename-symbol").bind({"old": f"{PATH}:{line}:{column}", "new": new})
    try:
        return recipe.analyse(MemoryTree({PATH: text}))
    except RefactorError:
        return None


def places(text: str) -> list[tuple[int, int]]:
    return [
        (node.lineno, node.col_offset + 1) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)
    ]


def owners(text: str) -> tuple[list[set[tuple[str, int]]], set[int]]:
    """For each block, in order, its names and the number of the block whose variable each of them is."""
    top = symtable.symtable(text, PATH, "exec")
    numbers: dict[int, int] = {}
    found: list[set[tuple[str, int]]] = []
    classes: set[int] = set()

    def owner(chain: list[symtable.SymbolTable], name: str) -> int:
        symbol = chain[-1].lookup(name)
        if symbol.is_free():
            for table in reversed(chain[:-1]):
                if table.get_type() == "function" and name in table.get_identifiers():
                    outer = table.lookup(name)
                    if outer.is_local() and not outer.is_free():
                        return numbers[table.get_id()]
        if symbol.is_local() and not symbol.is_global():
            return numbers[chain[-1].get_id()]
        return 0

    def visit(chain: list[symtable.SymbolTable]) -> None:
        number = numbers[chain[-1].get_id()] = len(found)
        if chain[-1].get_type() == "class":
            classes.add(number)
        names = {(name, owner(chain, name)) for name in chain[-1].get_identifiers()}
        found.append(names)
        for child in chain[-1].get_children():
            visit([*chain, child])

    visit([top])
    return found, classes


EXAMPLES = settings(
    max_examples=int(os.environ.get("OVERHAUL_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@EXAMPLES
@given(programs(), st.data())
def test_a_rename_changes_the_name_in_one_scope_and_nothing_else(text: str, data: st.DataObject) -> None:
    found = places(text)
    assume(found)
    place = data.draw(st.sampled_from(found))
    analysis = rename(text, place, NEW)
    assume(analysis is not None and analysis.edits)
    assert analysis is not None
    after = analysis.edits[0].content.decode()
    old = next(iter(analysis.renamed))
    if analysis.unresolved:
        ast.parse(after)
        return
    (before_owners, classes), (after_owners, _) = owners(text), owners(after)
    changed = {owner for block in after_owners for name, owner in block if name == NEW}
    assert changed, after  # several for a class and its subclass, or a function that is defined twice
    for number, (block, block_after) in enumerate(zip(before_owners, after_owners, strict=True)):
        if number in classes and (old, number) in block:
            continue  # a class's own name and the outer one of the same name may both be meant in its block
        expected = {(NEW if name == old and owner in changed else name, owner) for name, owner in block}
        assert block_after == expected, after


@EXAMPLES
@given(programs(), st.data())
def test_there_and_back_again_is_the_identity(text: str, data: st.DataObject) -> None:
    found = places(text)
    assume(found)
    place = data.draw(st.sampled_from(found))
    analysis = rename(text, place, NEW)
    assume(analysis is not None and analysis.edits and not analysis.unresolved)
    assert analysis is not None
    after = analysis.edits[0].content.decode()
    old = next(iter(analysis.renamed))
    # `import a` becomes `import a as new`, and back from there `import a as a`.
    assume(not re.search(rf"^\s*import {old}$", text, re.MULTILINE))
    first = min(site for site in ((each.line, each.column) for each in analysis.sites))
    back = rename(after, first, old)
    assume(back is not None)  # refused: going back would hide or capture a name
    assert back is not None
    assert back.edits[0].content.decode() == text


@EXAMPLES
@given(programs(), st.data())
def test_twice_is_once(text: str, data: st.DataObject) -> None:
    found = places(text)
    assume(found)
    line, column = data.draw(st.sampled_from(found))
    name = next(
        node.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and (node.lineno, node.col_offset + 1) == (line, column)
    )
    recipe = find_recipe("rename-symbol").bind({"old": f"program.{name}", "new": NEW})
    try:
        first = recipe.analyse(MemoryTree({PATH: text}))
    except RefactorError:
        assume(False)
    assume(first.edits)
    after = first.edits[0].content.decode()
    with contextlib.suppress(RefactorError):
        assert not recipe.analyse(MemoryTree({PATH: after})).edits


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@given(text=st.text(st.characters(codec="latin-1"), max_size=60), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_nothing_replaced_gives_every_byte_back(encoding: str, text: str, end: str) -> None:
    lines = ["# -*- coding: latin-1 -*-"] if encoding == "latin-1" else []
    content = end.join([*lines, *(f"x = {part!r}  # {part}" for part in text.split("\n"))]).encode(encoding)
    source = parse_source(PATH, content)
    assume(isinstance(source, SourceText))
    assert not isinstance(source, Failure)
    assert source.splice([]) == content
    assert all(
        source.offset_of_character(*source.position(offset)) == offset
        for offset in (source.start(statement) for statement in source.tree.body)
    )
