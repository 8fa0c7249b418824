"""Modules imported by names that the code computes: `import_module("acme." + name)`, `__import__(f"{pkg}.api")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from overhaul.refactors.annotations import last_name
from overhaul.refactors.computed_text import is_partly_known, pattern_of
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project

IMPORTERS = frozenset({"import_module", "__import__", "find_spec", "importorskip", "run_module"})
_ANY_OF_THEM = "|".join(sorted(IMPORTERS)).encode()
_ALIAS = re.compile(rb"\b(?:" + _ANY_OF_THEM + rb")\s+as\b")
# A call whose first argument is a string, an attribute or (group 1) a variable and nothing more, or any other call.
_CALL = re.compile(
    rb"(?<!def )\b(?:" + _ANY_OF_THEM + rb")\s*\(\s*"
    rb"(?:(?:\"[^\"]*\"|'[^']*'|\w+(?:\.\w+)+|(\w+))\s*[),])?"
)


def computed_imports(project: Project, location: Location) -> Iterator[tuple[Module, ast.expr, str]]:
    """Yield each computed name by which a module, or one in it, may be imported; with the name that it may give.

    A name of which no word is written out may be anything, and is left out. So is a name of which only the end is,
    if that is the name of something in the package: it is the beginning that changes.
    """
    names = _names(project, location)
    for module in _importing(project):
        for call in _calls(module):
            pattern = _imported(module, call)
            if pattern is None or not is_partly_known(pattern):
                continue
            wanted = names[:1] if pattern.startswith(".*") else names
            found = next((each for each in wanted if re.fullmatch(pattern, each)), None)
            if found is not None:
                yield module, call.args[0], found


def _importing(project: Project) -> Iterator[Module]:
    """Yield the files that may import by computed names."""
    for path in project.paths_containing(IMPORTERS):
        module = project.module(path) if _may_compute(project, path) else None
        if module is not None:
            yield module


def _names(project: Project, location: Location) -> list[str]:
    """Return the names of a module and of all in it, its own first."""
    inside = sorted(path for path in project.table.files if path.startswith(f"{location.key}/"))
    own = project.table.name(location.paths[0]) if location.paths else location.key.replace("/", ".")
    return list(dict.fromkeys([own, *(project.table.name(path) for path in inside)]))


def _may_compute(project: Project, path: str) -> bool:
    """Tell whether a file may import by a name made of words that it has: reading on takes longer than this."""
    try:
        content = project.tree.read(path)
    except OSError:
        return True
    for call in _CALL.finditer(content):
        end = call.group()[-1:]
        if end == b"(" or (end == b"," and call.group().startswith(b"__import__")):
            return True
        variable = call[1]
        if variable and re.search(rb"\b" + variable + rb"\s*(?::[^=\n]+)?[+:]?=(?!=)", content):
            return True
    return _ALIAS.search(content) is not None


def _calls(module: Module) -> Iterator[ast.Call]:
    for importer in _local_names(module):
        for use, _ in [
            *module.bindings.names.get(importer, ()),
            *module.bindings.attributes.get(importer, ()),
        ]:
            call = module.bindings.parents.get(use)
            if isinstance(call, ast.Call) and call.func is use and call.args:
                yield call


def _local_names(module: Module) -> Collection[str]:
    """Return the names under which a file has what imports modules."""
    aliases = {
        alias.asname
        for statement, _ in module.bindings.imports
        for alias in statement.names
        if alias.asname and alias.name in IMPORTERS
    }
    return sorted(IMPORTERS | aliases)


def _imported(module: Module, call: ast.Call) -> str | None:
    """Return what name a call imports, as a regular expression; None if that is written out as it is."""
    name, others = call.args[0], {each.arg: each.value for each in call.keywords}
    pattern = pattern_of(module, name)
    if pattern.startswith(r"\.") and not isinstance(name, ast.Constant):
        package = call.args[1] if len(call.args) > 1 else others.get("package")
        return _absolute(module, pattern, package)
    taken = call.args[3] if len(call.args) > 3 else others.get("fromlist")
    if last_name(call.func) == "__import__" and isinstance(taken, ast.List | ast.Tuple) and taken.elts:
        inside = "|".join(pattern_of(module, each) for each in taken.elts)
        return rf"{pattern}(?:\.(?:{inside})){'?' if is_partly_known(pattern) else ''}"
    return None if isinstance(name, ast.Constant) else pattern


def _absolute(module: Module, pattern: str, package: ast.expr | None) -> str | None:
    """Return the pattern of a relative name with its package before it."""
    rest = re.sub(r"^(?:\\\.)+", "", pattern)
    level = (len(pattern) - len(rest)) // 2
    above = pattern_of(module, package) if package is not None else ".*"
    if not re.fullmatch(r"[\w\\.]+", above) or ".*" in above:
        return rf".*\.{rest}"
    parts = above.split(r"\.")
    return r"\.".join([*parts[: len(parts) - level + 1], rest])
