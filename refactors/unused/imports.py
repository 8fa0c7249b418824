"""Imports whose name nothing in their file uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from functools import partial

from overhaul.refactors.annotations import last_name, parse_expression
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Exported, Module, Project
from overhaul.refactors.public_names import is_test_path
from overhaul.refactors.scopes import Binding, all_arguments
from overhaul.refactors.statement_removal import without_names
from overhaul.refactors.unused.finding import Unused
from overhaul.refactors.unused.import_effects import import_doubt
from overhaul.refactors.unused.reflection import global_reflection, is_excused, is_switched_off, strings_with

Import = ast.Import | ast.ImportFrom
# Files whose names a tool reads: pytest, Sphinx, Django, WSGI servers, task runners.
_READ_BY_TOOLS = re.compile(
    r"(?:^|/)(?:conftest|conf|wsgi|asgi|noxfile|fabfile|tasks|locustfile|dodo|urls|[\w.]*settings[\w.]*|gunicorn[\w.]*)\.py$"
    r"|(?:^|/)settings/"
)
_SPEAKS_OF_EFFECTS = re.compile(
    r"side[ -]?effect|regist|monkey|patch|unused|needed|required|do not remove|don't remove", re.IGNORECASE
)
_COLLECTED = re.compile(r"[Tt]est|^(?:setup|teardown|setUp|tearDown|load_tests|pytest)")


def unused_imports(module: Module, names: Collection[str] | None = None) -> Iterator[Binding]:
    """Yield the imports that nothing in the file uses and that are none by convention: what is there for others.

    `__init__` files, `as` the same name, `__all__`, `__future__`, excused lines and probes in `try` are left out.
    """
    if module.is_package or module.path.endswith((".pyi", ".ipynb.py")) or is_switched_off(module, "F401"):
        return
    for statement, scope in module.bindings.imports:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            continue
        for alias in statement.names:
            name = alias.asname or alias.name.partition(".")[0]
            if alias.name == "*" or alias.asname == alias.name or (names is not None and name not in names):
                continue
            found = [each for each in scope.bindings.get(name, ()) if each.node is alias]
            if found and not _is_used(module, found[0]) and not _is_meant(module, statement, alias):
                yield found[0]


def _is_used(module: Module, binding: Binding) -> bool:
    name, scope = binding.name, binding.scope
    return (
        any(
            found.lookup(name, use) is scope
            for use, found in module.bindings.names.get(name, ())
            if not _binds_only(use)
        )
        or name in scope.global_names
        or name in scope.nonlocal_names
    )


def _binds_only(use: ast.Name) -> bool:
    return isinstance(use.ctx, ast.Store)


def _is_meant(module: Module, statement: Import, alias: ast.alias) -> bool:
    """Tell whether the import is a probe, or somebody says that it is meant to be there."""
    current: ast.AST = statement
    while (above := module.bindings.parents.get(current)) is not None:
        if isinstance(above, ast.Try) and above.handlers and current in above.body:
            return True
        if isinstance(above, ast.ExceptHandler):
            return True
        current = above
    lines = module.source.line_starts
    for line in {statement.lineno, alias.lineno, statement.end_lineno or statement.lineno}:
        end = lines[line] if line < len(lines) else len(module.source.content)
        if is_excused(module.source.slice(lines[line - 1], end), "F401", "unused-import"):
            return True
    name = alias.asname or alias.name.partition(".")[0]
    return any(name == string.value and _is_in_all(module, string) for string in strings_with(module, name))


def _is_in_all(module: Module, string: ast.Constant) -> bool:
    statement = module.bindings.statement_of(string)
    return any(isinstance(each, ast.Name) and each.id == "__all__" for each in ast.walk(statement))


def judged_imports(
    project: Project, module: Module, names: Collection[str] | None = None
) -> Iterator[Unused]:
    """Yield the unused imports of a file with the doubts about each; those that others take from here are used."""
    found = list(unused_imports(module, names))
    reflection = global_reflection(module) if found else None
    for binding in found:
        statement = module.bindings.parents[binding.node]
        assert isinstance(statement, Import)  # noqa: S101 - the parent of an alias
        assert isinstance(binding.node, ast.alias)  # noqa: S101
        if binding.scope is module.scope and is_taken_by_others(project, module, binding.name):
            continue
        doubt = _doubt(project, module, binding, statement, binding.node)
        if doubt is None and reflection is not None:
            doubt = f"{reflection} in this file may use it by its name"
        yield Unused(
            module, "imports", binding.name, binding.scope, binding.node,
            module.source.start(binding.node), "unused import", doubt,
        )  # fmt: skip


def _doubt(
    project: Project, module: Module, binding: Binding, statement: Import, alias: ast.alias
) -> str | None:
    """Return what stands against removing an import, the cheapest questions first."""
    name = binding.name
    questions = (
        partial(_place_doubt, module, binding, statement),
        partial(_comment_doubt, module, statement, alias),
        partial(_string_doubt, module, name),
        partial(_tool_doubt, project, module, binding, statement),
        partial(import_doubt, project, module, statement, alias),
    )
    return next((doubt for question in questions if (doubt := question()) is not None), None)


def _place_doubt(module: Module, binding: Binding, statement: Import) -> str | None:
    if len(binding.scope.bindings[binding.name]) != 1:
        return f"'{binding.name}' is bound in several places"
    if binding.scope.kind == "class":
        return "the import makes an attribute of the class"
    above = module.bindings.parents.get(statement)
    if above is binding.scope.node:
        return None
    if isinstance(above, ast.If) and last_name(above.test) == "TYPE_CHECKING" and statement in above.body:
        return None
    return "it is imported under a condition"


def _comment_doubt(module: Module, statement: Import, alias: ast.alias) -> str | None:
    starts, content = module.source.line_starts, module.source
    first = min(statement.lineno, alias.lineno)
    lines = {alias.lineno}
    if len(statement.names) == 1:
        lines |= set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    for line in sorted(lines):
        text = content.slice(starts[line - 1], starts[line] if line < len(starts) else len(content.content))
        comment = text.partition("#")[2].strip()
        if comment and not re.match(
            r"(?:type:\s*ignore|noqa|pyright:|pylint:|isort|nosec|mypy:)", comment, re.IGNORECASE
        ):
            return "a comment speaks of it"
    if first > 1:
        above = content.slice(starts[first - 2], starts[first - 1]).strip()
        if above.startswith("#") and _SPEAKS_OF_EFFECTS.search(above):
            return "the comment above speaks of it"
    if without_names(module, statement, [alias]) is None and len(statement.names) > 1:
        return "a comment stands between the names of the import"
    return None


def _string_doubt(module: Module, name: str) -> str | None:
    if module.bindings.opaque_annotations:
        return "an annotation of this file cannot be read"
    for string in strings_with(module, name):
        text = str(string.value)
        line = string.lineno
        if ">>>" in text:
            return f"a doctest may use it (line {line})"
        expression = parse_expression(text) if len(text) < 300 else None
        if expression is not None and any(
            isinstance(each, ast.Name) and each.id == name for each in ast.walk(expression)
        ):
            return f"a string may name it (line {line})"
        if re.search(rf"\b(?:import|from)\b.*\b{re.escape(name)}\b|\b{re.escape(name)}\.", text):
            return f"a string may be code that uses it (line {line})"
    return None


def _tool_doubt(project: Project, module: Module, binding: Binding, statement: Import) -> str | None:
    """Return a doubt if pytest or another tool may look at the names of the file."""
    if not isinstance(statement, ast.ImportFrom) or binding.scope is not module.scope:
        return None
    source = project.import_source(module, statement)
    if isinstance(source, str) and source.partition(".")[0] in (
        "typing",
        "collections",
        "os",
        "unittest",
        "pathlib",
    ):
        return None
    if _READ_BY_TOOLS.search(module.path):
        return "a tool reads the names of this file"
    is_test = is_test_path(module.path)
    if is_test and _COLLECTED.search(binding.name):
        return "a test runner may collect it"
    if is_test or "pytest" in module.bindings.names:
        named = any(
            argument.arg == binding.name
            for function, _ in module.bindings.functions
            for argument in all_arguments(function.args)
        )
        if named or _is_fixture(project, module, binding) is not False:
            return "it may be a fixture of pytest's"
    return None


def _is_fixture(project: Project, module: Module, binding: Binding) -> bool | None:
    found = project.imported(module, binding)
    if isinstance(found, Exported):
        for each in found.bindings:
            for decorator in getattr(each.node, "decorator_list", ()):
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if "fixture" in last_name(called):
                    return True
        return False
    return False


def is_taken_by_others(project: Project, module: Module, name: str) -> bool:
    """Tell whether another file seems to take a name from this one: rather too often than too seldom."""
    leaf = module.name.rpartition(".")[2]
    if not leaf.isidentifier():
        return False
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    with_leaf = set(project.paths_containing([leaf]))
    if "." in module.name:  # `from . import *` and the like name the package only
        with_leaf |= {
            path
            for path in project.paths_containing(["import"])
            if path.rpartition("/")[0] == module.path.rpartition("/")[0]
        } & set(project.paths_containing([name, leaf]))
    for path in sorted(with_leaf):
        if path == module.path:
            continue
        try:
            text = project.tree.read(path).decode("utf-8", "replace")
        except OSError:
            return True
        if "*" not in text and not word.search(text):
            continue
        other = project.module(path)
        if other is None or _takes(project, other, module, name, word):
            return True
    return False


def _takes(project: Project, other: Module, home: Module, name: str, word: re.Pattern[str]) -> bool:
    leaf = home.name.rpartition(".")[2]
    knows = False
    for statement, _ in other.bindings.imports:
        if isinstance(statement, ast.Import):
            knows = knows or any(leaf in alias.name.split(".") for alias in statement.names)
            continue
        source = project.import_source(other, statement)
        is_home = source is None or (isinstance(source, Location) and source.key == home.key)
        if is_home and any(alias.name in (name, "*") for alias in statement.names):
            return True
        knows = knows or is_home or any(alias.name == leaf for alias in statement.names)
    if knows and name in other.bindings.attributes:
        return True
    return any(
        isinstance(constant.value, str)
        and len(constant.value) < 300
        and word.search(constant.value)
        and (knows or leaf in constant.value)
        for constant, _ in other.bindings.strings
    )
