"""Writes the calls and definitions anew, inner ones before those around them, file by file."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_edits import added_imports, without_double_blanks
from overhaul.refactors.nested_edits import NestedEdits
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Edit, Failure, content_hash
from overhaul.refactors.recipes.change_signature.arrangement import Placed
from overhaul.refactors.recipes.change_signature.call_sites import CallEdit
from overhaul.refactors.recipes.change_signature.call_text import write_call
from overhaul.refactors.recipes.change_signature.definition_text import write_definition
from overhaul.refactors.recipes.change_signature.definitions import Definition, Definitions
from overhaul.refactors.recipes.change_signature.line_length import longest_line
from overhaul.refactors.recipes.change_signature.new_text import NewText
from overhaul.refactors.recipes.change_signature.report import Report
from overhaul.refactors.recipes.change_signature.signature import Parameter
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.text import parse_source


@dataclass(slots=True)
class Rewriting:
    """The edits of all files, before they are put together."""

    project: Project
    definitions: Definitions
    report: Report
    new_text: NewText
    files: dict[str, NestedEdits] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    removed: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    regions: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def edits_of(self, module: Module) -> NestedEdits:
        self.modules[module.path] = module
        return self.files.setdefault(module.path, NestedEdits(module.source))

    def take_renames(self, findings: Findings) -> None:
        """Take over what a rename of a parameter has found."""
        for usage in findings.usages.values():
            text = findings.splices.get(usage.module.path, {}).get(usage.span)
            if text is not None:
                self.edits_of(usage.module).add(*usage.span, text)

    def report_renames(self, findings: Findings) -> None:
        """Report what a rename has found but for what calls and definitions, which are sites already, contain."""
        within = {
            (usage.module.path, *usage.module.source.position(usage.span[0]))
            for usage in findings.usages.values()
            if any(low <= usage.span[0] < high for low, high in self.regions.get(usage.module.path, ()))
        }
        for site in findings.all_sites():
            if site.status == "unresolved" or (site.path, site.line, site.column) not in within:
                self.report.take_over(site)

    def write_calls(self, calls: Sequence[CallEdit]) -> None:
        """Rewrite the calls; what cannot be written is reported."""
        for each in sorted(calls, key=lambda edit: _size(edit.module, edit.call)):
            doubt = self._write_call(each)
            if doubt is not None:
                self.report.leave(each.module, each.call.func, doubt.reason)

    def _write_call(self, edit: CallEdit) -> Doubt | None:
        module, source = edit.module, edit.module.source
        in_string = any(isinstance(each, ast.JoinedStr) for each in _above(module, edit.call))
        if in_string and not _is_at_its_place(module, edit.call):
            return Doubt("the call is in an f-string, where its place in the file is not known")
        placed = self._brought(edit)
        if isinstance(placed, Doubt):
            return placed
        if in_string and any(character in each.text for each in placed for character in "'\"\\\n"):
            return Doubt("the call is in an f-string, where the new argument cannot be written")
        limit = 0 if in_string else longest_line(self.project, module)
        written = write_call(self.edits_of(module), edit.call, edit.leading, placed, limit)
        if isinstance(written, Doubt):
            return written
        (start, end), text = written
        self.edits_of(module).add(start, end, text)
        self.regions[module.path].append((start, end))
        self.report.edited(module, edit.call.func, f"call of {edit.definition.function.qualified}")
        for node in edit.removed:
            self.removed[module.path].append((source.start(node), source.end(node)))  # type: ignore[arg-type]
        return None

    def _brought(self, edit: CallEdit) -> list[Placed] | Doubt:
        """Return the arguments with the new expressions as the place of the call writes them."""
        found = []
        module = edit.module
        for each in edit.placed:
            if each.argument is None:
                text = self.new_text.at(
                    module,
                    module.bindings.scope_of(edit.call),
                    module.bindings.statement_of(edit.call),
                    each.text,
                )
                if isinstance(text, Doubt):
                    return text
                found.append(replace(each, text=text))
            else:
                found.append(each)
        return found

    def write_definitions(self) -> None:
        """Rewrite the parameter lists. Raises ParameterError if the named definition cannot be written."""
        definitions = [
            each for each in self.definitions.by_node.values() if each.change.old != each.change.new
        ]
        for each in sorted(definitions, key=lambda each: _size(each.function.module, each.function.node)):
            doubt = self._write_definition(each)
            if isinstance(doubt, Doubt):
                place = f"{each.function.module.path}:{each.function.node.lineno}"
                raise ParameterError(f"the definition at {place} cannot be written: {doubt.reason}")

    def _write_definition(self, definition: Definition) -> Doubt | None:
        function = definition.function
        module, node = function.module, function.node
        change = self._change_here(definition)
        if isinstance(change, Doubt):
            return change
        limit = longest_line(self.project, module)
        written = write_definition(
            module,
            self.edits_of(module),
            node,
            definition.receiver,
            replace(definition.change, new=change),
            limit,
        )
        if isinstance(written, Doubt):
            return written
        (start, end), result = written
        if result.text != module.source.slice(start, end):
            self.edits_of(module).add(start, end, result.text)
            self.regions[module.path].append((start, end))
            self.report.edited(module, node, definition.reason)
        for comment in result.lost:
            self.report.note(module, node, f"the comment '{comment}' went with the parameter that is removed")
        return None

    def _change_here(self, definition: Definition) -> tuple[Parameter, ...] | Doubt:
        """Return the new signature with annotations and defaults as this file writes them."""
        module, node = definition.function.module, definition.function.node
        scope = module.bindings.scopes[node].parent or module.scope
        old = {each.name: each for each in definition.change.old}
        found = []
        for each in definition.change.new:
            before = old.get(each.origin or "")
            if each.default is not None and (before is None or before.default != each.default):
                text = self.new_text.at(module, scope, node, each.default)
                if isinstance(text, Doubt):
                    return text
                each = replace(each, default=text)
            if each.annotation is not None:
                text = self.new_text.at(module, scope, node, each.annotation)
                if isinstance(text, Doubt):
                    return text
                each = replace(each, annotation=text)
            found.append(each)
        return tuple(found)

    def finish(self) -> list[Edit]:
        """Return the new content of each file; one that would not parse is a failure."""
        return [edit for path in sorted(self.files) if (edit := self._finished(path)) is not None]

    def _finished(self, path: str) -> Edit | None:
        module, edits = self.modules[path], self.files[path]
        source = module.source
        splices = edits.outermost(0, len(source.content))
        needed = self.new_text.imports.get(path)
        if needed is not None:
            before = min(needed.before, default=len(source.content))
            added = added_imports(self.project, module, needed.statements, before)
            splices = [*splices, *without_double_blanks(source.content, added)]
        try:
            content = source.splice(splices)
        except UnicodeEncodeError:
            raise ParameterError(
                f"{path} is in {source.encoding}, which has not all characters of the change"
            ) from None
        if content == source.content:
            return None
        parsed = parse_source(path, content)
        if isinstance(parsed, Failure):
            raise ParameterError(f"{path} cannot be changed: the edited file {parsed.error}")
        return Edit(path, content_hash(source.content), content, self.report.count(path))


def _size(module: Module, node: ast.expr | ast.stmt) -> int:
    return module.source.end(node) - module.source.start(node)


def _above(module: Module, node: ast.AST) -> Iterator[ast.AST]:
    above = module.bindings.parents.get(node)
    while above is not None and not isinstance(above, ast.stmt):
        yield above
        above = module.bindings.parents.get(above)


def _is_at_its_place(module: Module, call: ast.Call) -> bool:
    """Tell whether a node's positions are right: before Python 3.12 those in f-strings are not always."""
    text = module.source.slice(module.source.start(call), module.source.end(call))
    try:
        return ast.dump(ast.parse(text, mode="eval").body) == ast.dump(call)
    except SyntaxError:
        return False
