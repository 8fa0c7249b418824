"""Signatures in type comments, `# type: (int) -> str`, which a change of the parameters makes wrong."""

from __future__ import annotations

from overhaul.refactors.recipes.change_signature.definitions import Definition
from overhaul.refactors.recipes.change_signature.report import Report


def report_type_comments(definition: Definition, report: Report) -> None:
    """Report the type comment of a definition whose parameters are added, removed or put in another order."""
    module, node = definition.function.module, definition.function.node
    order = [each.origin for each in definition.change.new]
    if order == [each.name for each in definition.change.old]:
        return
    first = node.body[0].lineno
    for line in range(node.lineno, first + 1):
        start = module.source.line_starts[line - 1]
        end = module.source.line_starts[line] if line < len(module.source.line_starts) else None
        text = module.source.content[start:end]
        place = text.find(b"# type: (")
        if place >= 0:
            report.leave_at(module, start + place, "type comment with the types of the old parameters")
