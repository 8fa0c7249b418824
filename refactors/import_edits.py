"""Imports added in their sorted place and removed where nothing uses them, as splices: the rest stays as it is.

`import_text` says in which order they stand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Sequence

from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.import_text import (
    LONGEST_LINE,
    import_order,
    import_text,
    imports_one_a_line,
    name_order,
    newline,
    section_at,
    sort_key,
    written_name,
)
from overhaul.refactors.imports import absolute_module
from overhaul.refactors.project import Module, Project
from overhaul.refactors.scopes import Binding
from overhaul.refactors.text import BYTE_ORDER_MARK, Splice

Import = ast.Import | ast.ImportFrom
ModuleName = tuple[str, str]
_BLANK = re.compile(rb"[ \t]*(?:\r\n|\r|\n)")
_BLANKS = re.compile(rb"(?:[ \t]*(?:\r\n|\r|\n))*")


def added_imports(
    project: Project,
    module: Module,
    statements: Iterable[ImportStatement],
    before: int,
    without: Collection[ast.AST] = (),
) -> list[Splice]:
    """Return the splices that add the imports to a file before a byte offset, those for one place joined.

    Nothing is put into the statements `without`, which something else edits.
    """
    by_place: dict[int, list[tuple[tuple[int, int, str], str, str]]] = {}
    new: dict[str, list[ImportStatement]] = {}
    one_a_line = imports_one_a_line(module)
    for statement in sorted(set(statements), key=lambda each: import_order(project, module, each)):
        merged = _merged(module, statement, before, without, one_a_line)
        if merged is not None:
            place, text = merged
            by_place.setdefault(place, []).append(((0, 0, text), text, ""))
        else:
            is_alone = one_a_line or statement.name is None
            new.setdefault(str(statement) if is_alone else f"from {statement.module}", []).append(statement)
    for together in new.values():
        place, above, after = _place(project, module, together[0], before)
        text = above + import_text(together, newline(module)) + newline(module)
        by_place.setdefault(place, []).append((sort_key(project, module, together[0]), text, after))
    splices = []
    for place, texts in by_place.items():
        *_, (_, _, after) = texts
        joined, section = texts[0][1], texts[0][0][0]
        for key, text, _ in texts[1:]:
            joined += (newline(module) if key[0] != section else "") + text.lstrip("\r\n")
            section = key[0]
        splices.append((place, place, joined + after))
    return splices


def _key(project: Project, module: Module, statement: Import) -> tuple[int, int, str]:
    if isinstance(statement, ast.Import):
        name = statement.names[0].name
        return section_at(project, module, name, 0), 0, name.lower()
    name = statement.module or ""
    return section_at(project, module, name, statement.level), 1, name.lower()


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
    line_end = newline(module)
    existing = [(_key(project, module, each), each) for each in _leading_imports(module, before)]
    key = sort_key(project, module, statement)
    section = [(each_key, each) for each_key, each in existing if each_key[0] == key[0]]
    if section:
        kinds = [each_key[1] for each_key, _ in section]
        mixed = kinds != sorted(kinds)
        below = [each for each_key, each in section if _after(each_key, key, mixed)]
        same = [each for each_key, each in section if each_key[1] == key[1]]
        if below and same and not mixed and type(same[-1]) is not type(below[0]):
            return _line_end(module, same[-1]), "", ""  # a blank line may part the two kinds
        if below:
            return _line_start(module, below[0].lineno), "", ""
        return _line_end(module, section[-1][1]), "", ""
    above = [each for each_key, each in existing if each_key[0] < key[0]]
    if above:
        return _line_end(module, above[-1]), line_end, ""
    if existing:
        return _line_start(module, existing[0][1].lineno), "", line_end
    return _top(module)


def _after(one: tuple[int, int, str], other: tuple[int, int, str], mixed: bool) -> bool:
    return one[2] > other[2] if mixed else one[1:] > other[1:]


def _top(module: Module) -> tuple[int, str, str]:
    """Return the place for the first import of a file: below the docstring, or below the opening comments."""
    line_end = newline(module)
    body = module.source.tree.body
    if ast.get_docstring(module.source.tree, clean=False) is not None:
        end = _line_end(module, body[0])
        blank = _BLANK.match(module.source.content, end)
        return end, line_end, "" if blank else line_end
    content = module.source.content
    start = len(BYTE_ORDER_MARK) if content.startswith(BYTE_ORDER_MARK) else 0
    header = re.compile(rb"(?:#[^\r\n]*(?:\r\n|\r|\n))+(?=[ \t]*(?:\r\n|\r|\n))").match(content, start)
    is_block = bool(body) and isinstance(body[0], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    if header:
        blanks = _BLANKS.match(content, header.end())
        there = len(re.findall(rb"\r\n|\r|\n", blanks[0])) if blanks else 0
        return header.end(), line_end, line_end if is_block and there < 2 else ""
    special = re.compile(rb"(?:#(?:!|[^\r\n]*coding[:=])[^\r\n]*(?:\r\n|\r|\n))+").match(content, start)
    return special.end() if special else start, "", line_end * (2 if is_block else 1)


def _line_start(module: Module, line: int) -> int:
    return module.source.line_starts[line - 1]


def _line_end(module: Module, statement: ast.stmt) -> int:
    starts, line = module.source.line_starts, statement.end_lineno or statement.lineno
    return starts[line] if line < len(starts) else len(module.source.content)


def _merged(
    module: Module,
    statement: ImportStatement,
    before: int,
    without: Collection[ast.AST],
    one_a_line: bool,
) -> tuple[int, str] | None:
    """Return a splice into a `from x import a, c` that is there already, relative or not; None if there is none."""
    if statement.name is None:
        return None
    there = [
        each
        for each in _leading_imports(module, before)
        if isinstance(each, ast.ImportFrom)
        and each not in without
        and statement.module
        in ("." * each.level + (each.module or ""), absolute_module(each, module.name, module.is_package))
    ]
    if one_a_line:
        return _beside(module, there, statement) if there else None
    written = written_name(statement)
    for each in there:
        start, end = module.source.start(each), module.source.end(each)
        text = module.source.slice(start, end)
        if "(" in text:
            found = _merged_in_brackets(module, each, statement)
            if found is not None:
                return found
            continue
        if re.search(r"[\\*]", text) or len(text) + len(written) + 2 > LONGEST_LINE:
            continue
        later = _later_name(each, statement.name)
        return (module.source.start(later), f"{written}, ") if later else (end, f", {written}")
    return None


def _later_name(statement: ast.ImportFrom, name: str) -> ast.alias | None:
    """Return the name before which a new one belongs, if the names are sorted and it is not the last."""
    names = [alias.name for alias in statement.names]
    later = [alias for alias in statement.names if name_order(alias.name) > name_order(name)]
    return later[0] if later and names == sorted(names, key=name_order) else None


def _beside(
    module: Module, statements: Sequence[ast.ImportFrom], statement: ImportStatement
) -> tuple[int, str] | None:
    """Return a line of its own for a name, in the form of those that import from the same module."""
    source = module.source
    later = [each for each in statements if name_order(each.names[0].name) > name_order(statement.name or "")]
    model = later[0] if later else statements[-1]
    start = source.slice(source.start(model), source.start(model.names[0]))
    if re.search(r"[(\\]", start) or model.col_offset:
        return None
    place = _line_start(module, model.lineno) if later else _line_end(module, model)
    return place, f"{start}{written_name(statement)}{newline(module)}"


def _merged_in_brackets(
    module: Module, existing: ast.ImportFrom, statement: ImportStatement
) -> tuple[int, str] | None:
    """Return a splice into an import with one name a line; None if it is written in another way."""
    source, written = module.source, written_name(statement)
    lines = [alias.lineno for alias in existing.names]
    if len(set(lines)) < len(lines) or existing.lineno in lines:
        return None
    later = _later_name(existing, statement.name or "")
    beside = later or existing.names[-1]
    indentation = source.slice(_line_start(module, beside.lineno), source.start(beside))
    if indentation.strip():
        return None
    if later is not None:
        return source.start(later), f"{written},{newline(module)}{indentation}"
    rest = source.content[source.end(beside) : _line_start(module, (beside.end_lineno or 0) + 1)]
    if rest.strip() not in (b",", b""):
        return None
    return source.end(beside), f",{newline(module)}{indentation}{written}"


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


def exchanged_imports(
    project: Project,
    module: Module,
    added: Collection[ImportStatement],
    removed: Collection[Binding],
    before: int,
) -> list[Splice]:
    """Return the splices that add imports before a byte offset and remove others.

    A new name of a module takes the place of one that goes from the same statement.
    """
    splices: list[Splice] = []
    left, gone = set(added), list(removed)
    touched = {module.bindings.parents[each.node] for each in gone}
    for binding in removed:
        alias, statement = binding.node, module.bindings.parents[binding.node]
        if not isinstance(alias, ast.alias) or not isinstance(statement, ast.ImportFrom) or statement.level:
            continue
        if (
            module.bindings.parents[statement] is not module.source.tree
            or module.source.start(statement) > before
        ):
            continue
        new = sorted(
            f"{each.name} as {each.alias}" if each.alias else str(each.name)
            for each in left
            if each.name and each.module == statement.module
        )
        if new:
            left = {each for each in left if not each.name or each.module != statement.module}
            gone.remove(binding)
            splices.append((module.source.start(alias), module.source.end(alias), ", ".join(new)))
    splices += added_imports(project, module, left, before, touched)
    return without_double_blanks(module.source.content, [*splices, *removed_imports(module, gone)])


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
    names = [each for each in names if not each[0] or each[0].rpartition(".")[2].isidentifier()]
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
    if f"{last}.{name}".encode() in content and re.search(rf"\b{last}\.{name}\b".encode(), content):
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
        elif not text and is_whole and _brings_blank(splices, start):
            blank = _BLANK.match(content, end)
            if blank and not any(end <= place < blank.end() for place, _, _ in splices):
                end = blank.end()
        widened.append((start, end, text))
    return widened


def _brings_blank(splices: Sequence[Splice], start: int) -> bool:
    """Tell whether what is put in before lines that are removed ends with a blank line of its own."""
    return any(place == start and re.search(r"(?:\n|\r)(?:\r\n|\n|\r)$", text) for place, _, text in splices)
