"""Tests that a change takes away or switches off although what they test stays."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from overhaul.refactors.annotations import decorator_names
from overhaul.refactors.public_names import is_test_path
from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.trees import Trees

_SWITCHES = frozenset({"skip", "skipIf", "skipif", "xfail", "expectedFailure", "skipUnless"})
_SIMILAR = 0.6


@dataclass(frozen=True)
class _Test:
    """A test function. `words` are the names in it, `text` is its code."""

    path: str
    qualified: str
    line: int
    switches: frozenset[str]
    words: frozenset[str]
    text: str

    @property
    def name(self) -> str:
        return self.qualified.rpartition(".")[2]


def lost_tests(trees: Trees) -> Iterator[Finding]:
    """Yield deleted and newly skipped tests; not those that moved, were renamed, or tested what is gone as well."""
    lines = trees.lines
    paths_before = {*lines.old_paths.values(), *lines.gone}
    before = [
        test for path in sorted(paths_before) for test in _tests(path, _read(trees, path, at_base=True))
    ]
    after = [test for path in sorted(lines.head) for test in _tests(path, _read(trees, path))]
    there = {(test.path, test.qualified): test for test in after}
    known = {(test.path, test.qualified) for test in before}
    new = [test for test in after if (trees.old_path(test.path), test.qualified) not in known]
    new_paths = {old: path for path, old in lines.old_paths.items()}
    gone_names = _gone_names(trees)
    for test in before:
        same = there.get((new_paths.get(test.path, test.path), test.qualified))
        if same is not None:
            yield from _switched_off(trees, test, same)
        elif not (test.words & gone_names) and not any(_is_same(test, each) for each in new):
            cite = lines.cite_removal(test.path, test.line)
            if cite is not None:
                yield Finding(
                    f"Test `{test.qualified}` is deleted",
                    f"{test.path} loses a test although everything that it uses is still there.",
                    1, cite.path, cite.first_line, cite.last_line, side=cite.side, proved_by="rule",
                    proof="no changed file has a test of this name or with similar code",
                )  # fmt: skip


def _switched_off(trees: Trees, old: _Test, new: _Test) -> Iterator[Finding]:
    added = sorted(new.switches - old.switches)
    cite = trees.lines.cite(new.path, max(new.line - 3, 1), new.line) if added else None
    if cite is not None:
        yield Finding(
            f"Test `{new.qualified}` is switched off",
            f"`{added[0]}` keeps a test that ran before from failing; a change that needs this is not shown to work.",
            2, cite.path, cite.first_line, cite.last_line, side=cite.side, proved_by="rule",
            proof=f"the test has the decorator `{added[0]}` after the change only",
        )  # fmt: skip


def _read(trees: Trees, path: str, at_base: bool = False) -> bytes:
    side = trees.base if at_base else trees.head
    try:
        return side.tree.read(path) if is_test_path(path) and path.endswith(".py") else b""
    except FileNotFoundError:
        return b""


def _tests(path: str, content: bytes) -> Iterator[_Test]:
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return
    yield from _of_block(path, tree.body, "")


def _of_block(path: str, body: list[ast.stmt], prefix: str) -> Iterator[_Test]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _of_block(path, node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            inner = [each for statement in node.body for each in ast.walk(statement)]
            words = {each.id for each in inner if isinstance(each, ast.Name)}
            words |= {each.attr for each in inner if isinstance(each, ast.Attribute)}
            words |= {each.name for each in inner if isinstance(each, ast.alias)}
            switches = decorator_names(node) & _SWITCHES
            text = "\n".join(ast.unparse(statement) for statement in node.body)
            yield _Test(path, prefix + node.name, node.lineno, frozenset(switches), frozenset(words), text)


def _is_same(test: _Test, other: _Test) -> bool:
    """Whether a new test is a lost one under another name or in another place."""
    if test.name == other.name or test.text == other.text:
        return True
    return difflib.SequenceMatcher(None, test.text, other.text, autojunk=False).ratio() > _SIMILAR


def _gone_names(trees: Trees) -> set[str]:
    """Names of definitions of code other than tests that the change takes away, and of modules."""
    found: set[str] = set()
    for path in {*trees.lines.old_paths.values(), *trees.lines.gone}:
        facts = trees.base.facts.get(path)
        if facts is not None and not is_test_path(path):
            found |= {each.qualified.rpartition(".")[2] for each in facts.definitions}
            if path in trees.lines.gone:
                found.add(path.rpartition("/")[2].removesuffix(".py"))
    for path in trees.lines.old_paths:
        facts = trees.head.facts.get(path)
        if facts is not None:
            found -= {each.qualified.rpartition(".")[2] for each in facts.definitions}
    return found
