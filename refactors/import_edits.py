"""Imports added in their sorted place and removed where nothing uses them, as splices: the rest stays as it is.

The order is isort's and ruff's default: future, standard library, others, the tree's own, relative;
in each section `import x` before `from x import y`, unless the file mixes them.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterable, Sequence

from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.imports import absolute_module
from overhaul.refactors.project import Module, Project
from overhaul.refactors.scopes import Binding
from overhaul.refactors.text import BYTE_ORDER_MARK, Splice

Import = ast.Import | ast.ImportFrom
ModuleName = tuple[str, str]
_LONGEST_LINE = 88
_BLANK = re.compile(rb"[ \t]*(?:\r\n|\r|\n)")
_BLANKS = re.compile(rb"(?:[ \t]*(?:\r\n|\r|\n))*")
_FUTURE, _STANDARD, _OTHER, _OWN, _RELATIVE = range(5)


def added_imports(
    project: Project, module: Module, statements: Iterable[ImportStatement], before: int
) -> list[Splice]:
    """Return the splices that add the imports to a file before a byte offset, those for one place joined."""
    by_place: dict[int, list[tuple[tuple[int, int, str], str, str]]] = {}
    for statement in sorted(set(statements), key=lambda each: _key_of(project, module, each)):
        merged = _merged(module, statement, before)
        if merged is not None:
            place, text = merged
            by_place.setdefault(place, []).append(((0, 0, text), text, ""))
        else:
            place, above, after = _place(project, module, statement, before)
            line = str(statement) + _newline(module)
            by_place.setdefault(place, []).append((_key_of(project, module, statement), above + line, after))
    splices = []
    for place, texts in by_place.items():
        *_, (_, _, after) = texts
        first, *others = (text for _, text, _ in texts)
        splices.append((place, place, first + "".join(text.lstrip("\r\n") for text in others) + after))
    return splices


def _newline(module: Module) -> str:
    found = re.search(rb"\r\n|\r|\n", module.source.content)
    return found[0].decode() if found else "\n"


def _section(project: Project, module: Module, name: str, level: int) -> int:
    if level:
        return _RELATIVE
    top = name.partition(".")[0]
    if top == "__future__":
        return _FUTURE
    if top in sys.stdlib_module_names:
        return _STANDARD
    return _OWN if project.table.locate(top, module.path) is not None else _OTHER


def _key_of(project: Project, module: Module, statement: ImportStatement) -> tuple[int, int, str]:
    section = _section(project, module, statement.module, 0)
    return section, int(statement.name is not None), statement.module.lower()


def _key(project: Project, module: Module, statement: Import) -> tuple[int, int, str]:
    if isinstance(statement, ast.Import):
        name = statement.names[0].name
        return _section(project, module, name, 0), 0, name.lower()
    name = statement.module or ""
    return _section(project, module, name, statement.level), 1, name.lower()


def _leading_imports(module: Module, before: int) -> list[Import]:
    """Return the imports at the top, before the first definition and before a byte offset."""
    found: list[Import] = []
    for statement in module.source.tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
        if module.source.end(statement) >= before:
            break
        if isinstance(statement, Import):
            found.append(statement)
    return found


def _place(project: Project, module: Module, statement: ImportStatement, before: int) -> tuple[int, str, str]:
    """Return where the new line goes, and what stands before and after it."""
    newline = _newline(module)
    existing = [(_key(project, module, each), each) for each in _leading_imports(module, before)]
    key = _key_of(project, module, statement)
    section = [(each_key, each) for each_key, each in existing if each_key[0] == key[0]]
    if section:
        kinds = [each_key[1] for each_key, _ in section]
        mixed = kinds != sorted(kinds)
        below = [each for each_key, each in section if _after(each_key, key, mixed)]
        if below:
            return _line_start(module, below[0].lineno), "", ""
        return _line_end(module, section[-1][1]), "", ""
    above = [each for each_key, each in existing if each_key[0] < key[0]]
    if above:
        return _line_end(module, above[-1]), newline, ""
    if existing:
        return _line_start(module, existing[0][1].lineno), "", newline
    return _top(module)


def _after(one: tuple[int, int, str], other: tuple[int, int, str], mixed: bool) -> bool:
    return one[2] > other[2] if mixed else one[1:] > other[1:]


def _top(module: Module) -> tuple[int, str, str]:
    """Return the place for the first import of a file: below the docstring, or below the opening comments."""
    newline = _newline(module)
    body = module.source.tree.body
    first = body[1:2] if ast.get_docstring(module.source.tree, clean=False) is not None else body[:1]
    is_definition = bool(first) and isinstance(
        first[0], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    )
    below = newline * 2 if is_definition else newline
    if ast.get_docstring(module.source.tree, clean=False) is not None:
        end = _line_end(module, body[0])
        blank = _BLANK.match(module.source.content, end)
        return end, newline, "" if blank else newline
    content = module.source.content
    start = len(BYTE_ORDER_MARK) if content.startswith(BYTE_ORDER_MARK) else 0
    header = re.compile(rb"(?:#[^\r\n]*(?:\r\n|\r|\n))+(?=[ \t]*(?:\r\n|\r|\n))").match(content, start)
    if header:
        blank = _BLANKS.match(content, header.end())
        there = len(re.findall(rb"\r\n|\r|\n", blank[0])) if blank else 0
        return header.end(), newline, newline if is_definition and there < 2 else ""
    special = re.compile(rb"(?:#(?:!|[^\r\n]*coding[:=])[^\r\n]*(?:\r\n|\r|\n))+").match(content, start)
    return special.end() if special else start, "", below


def _line_start(module: Module, line: int) -> int:
    return module.source.line_starts[line - 1]


def _line_end(module: Module, statement: ast.stmt) -> int:
    return _line_end_of(module, statement.end_lineno or statement.lineno)


def _line_end_of(module: Module, line: int) -> int:
    starts = module.source.line_starts
    return starts[line] if line < len(starts) else len(module.source.content)


def _merged(module: Module, statement: ImportStatement, before: int) -> tuple[int, str] | None:
    """Return a splice into a `from x import a, c` that is there already, relative or not; None if there is none."""
    if statement.name is None:
        return None
    written = statement.name + (f" as {statement.alias}" if statement.alias else "")
    found_there = [
        each
        for each in _leading_imports(module, before)
        if isinstance(each, ast.ImportFrom)
        and absolute_module(each, module.name, module.is_package) == statement.module
    ]
    if len(found_there) > 1 and all(len(each.names) == 1 for each in found_there):
        return _beside(module, found_there, statement.name, written)
    for each in found_there:
        start, end = module.source.start(each), module.source.end(each)
        text = module.source.slice(start, end)
        if "(" in text:
            found = _merged_in_brackets(module, each, statement.name, written)
            if found is not None:
                return found
            continue
        if re.search(r"[\\*]", text) or len(text) + len(written) + 2 > _LONGEST_LINE:
            continue
        later = _later_name(each, statement.name)
        return (module.source.start(later), f"{written}, ") if later else (end, f", {written}")
    return None


def _beside(
    module: Module, statements: Sequence[ast.ImportFrom], name: str, written: str
) -> tuple[int, str] | None:
    """Return a line of its own for a name, where the file has one for each name of the module."""
    source = module.source
    later = [each for each in statements if _name_key(each.names[0].name) > _name_key(name)]
    model = later[0] if later else statements[-1]
    start = source.slice(source.start(model), source.start(model.names[0]))
    if "(" in start or "\\" in start or model.col_offset:
        return None
    place = _line_start(module, model.lineno) if later else _line_end(module, model)
    return place, f"{start}{written}{_newline(module)}"


def _later_name(statement: ast.ImportFrom, name: str) -> ast.alias | None:
    """Return the name before which a new one belongs, if the names are sorted and it is not the last."""
    names = [alias.name for alias in statement.names]
    later = [alias for alias in statement.names if _name_key(alias.name) > _name_key(name)]
    return later[0] if later and names == sorted(names, key=_name_key) else None


def _merged_in_brackets(
    module: Module, statement: ast.ImportFrom, name: str, written: str
) -> tuple[int, str] | None:
    """Return a splice into an import with one name a line; None if it is written in another way."""
    source = module.source
    lines = [alias.lineno for alias in statement.names]
    if len(set(lines)) < len(lines) or statement.lineno in lines:
        return None
    later = _later_name(statement, name)
    beside = later or statement.names[-1]
    line_start = source.line_starts[beside.lineno - 1]
    indentation = source.slice(line_start, source.start(beside))
    if indentation.strip():
        return None
    if later is not None:
        return source.start(later), f"{written},{_newline(module)}{indentation}"
    rest = source.content[source.end(beside) : _line_end_of(module, beside.end_lineno or beside.lineno)]
    if rest.strip() not in (b",", b""):
        return None
    return source.end(beside), f",{_newline(module)}{indentation}{written}"


def _name_key(name: str) -> tuple[int, str]:
    """isort's order of names: constants, classes, the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def removable_imports(module: Module, bindings: Iterable[Binding]) -> list[Binding]:
    """Return those imports, of some that are unused in the file itself, on which nobody seems to rely.

    One stays in `__init__`, in `__all__`, as `x as x`, with a `noqa` comment, in an `if` or `try`, or sharing
    its line. Whether other files take it from here is for `named_elsewhere` to say.
    """
    return [binding for binding in bindings if _is_removable(module, binding)]


def removed_imports(module: Module, bindings: Iterable[Binding]) -> list[Splice]:
    """Return the splices that remove these import names."""
    by_statement: dict[Import, list[ast.alias]] = {}
    for binding in bindings:
        statement = module.bindings.parents[binding.node]
        if isinstance(binding.node, ast.alias) and isinstance(statement, Import):
            by_statement.setdefault(statement, []).append(binding.node)
    return [
        splice
        for statement, aliases in by_statement.items()
        for splice in _removal(module, statement, aliases)
    ]


def _is_removable(module: Module, binding: Binding) -> bool:
    name, alias = binding.name, binding.node
    statement = module.bindings.parents[alias]
    if not isinstance(alias, ast.alias) or not isinstance(statement, Import):
        return False
    around = module.bindings.parents.get(statement)
    if module.is_package or alias.asname == alias.name or len(binding.scope.bindings[name]) != 1:
        return False
    if around is not binding.scope.node or module.bindings.opaque_annotations:
        return False
    if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef) and len(around.body) == 1:
        return False
    if any(_may_use(constant.value, name) for constant, _ in module.bindings.strings):
        return False
    starts = module.source.line_starts
    line = module.source.content[starts[statement.lineno - 1] : _line_end(module, statement)]
    return b"noqa" not in line and b";" not in line


def _may_use(text: object, name: str) -> bool:
    """Whether a string names it, as `__all__` does, or holds a doctest with the word."""
    return isinstance(text, str) and (text == name or (">>>" in text and name in text))


def named_elsewhere(project: Project, names: Collection[ModuleName]) -> set[ModuleName]:
    """Return those (module, name) pairs of which another file seems to take the name from the module.

    Rather too many than too few; a module's own file takes nothing from itself.
    """
    words = {f"{module.rpartition('.')[2]} import" for module, _ in names}
    words |= {f"{module.rpartition('.')[2]}.{name}" for module, name in names}
    found: set[ModuleName] = set()
    for path in project.tree.containing(words, [".py", ".pyi"]) if words else ():
        try:
            content = project.tree.read(path)
        except OSError:
            return set(names)
        own = project.table.name(path)
        found.update(
            each for each in names if each[0] != own and each not in found and _takes(content, *each)
        )
    return found


def _takes(content: bytes, module: str, name: str) -> bool:
    last = module.rpartition(".")[2]
    if f"{last}.{name}".encode() in content:
        return True
    if f"{last} import".encode() not in content:
        return False
    imported = rf"\b{last} import\s+(?:\([^)]*|[^\n]*)(?:\b{name}\b|\*)".encode()
    return re.search(imported, content) is not None


def _removal(module: Module, statement: Import, aliases: Sequence[ast.alias]) -> list[Splice]:
    source = module.source
    if len(aliases) == len(statement.names):
        start, end = _line_start(module, statement.lineno), _line_end(module, statement)
        return [(start, end, "")]
    splices = []
    kept = [alias for alias in statement.names if alias not in aliases]
    for index, alias in enumerate(statement.names):
        if alias not in aliases:
            continue
        if any(each in kept for each in statement.names[index + 1 :]):
            start, end = source.start(alias), source.start(statement.names[index + 1])
        else:
            start, end = source.end(statement.names[index - 1]), source.end(alias)
        if b"#" in source.content[start:end]:
            return []
        splices.append((start, end, ""))
    return splices


def without_double_blanks(content: bytes, splices: Sequence[Splice]) -> list[Splice]:
    """Widen each removal of whole lines by the blank lines that it would leave at the top or beside another."""
    widened = []
    for start, end, text in splices:
        above, removed = content[:start], content[start:end]
        is_whole = removed.endswith((b"\n", b"\r")) and above[-1:] in (
            b"",
            b"\n",
            b"\r",
            BYTE_ORDER_MARK[-1:],
        )
        if not text and is_whole and not any(start <= other <= end for other, _, each in splices if each):
            if not above.strip(BYTE_ORDER_MARK):
                end = _BLANKS.match(content, end).end()  # type: ignore[union-attr]  # it matches nothing as well
            elif re.search(rb"(?:\n|\r)[ \t]*(?:\r\n|\r|\n)$", above):
                blank = _BLANK.match(content, end)
                end = blank.end() if blank else end
        widened.append((start, end, text))
    return widened
