"""Collects the facts of one file."""

from __future__ import annotations

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.facts.declarations import Declarations, Places
from overhaul.refactors.facts.evaluation import Evaluator
from overhaul.refactors.facts.import_facts import import_facts
from overhaul.refactors.facts.record import FileFacts
from overhaul.refactors.facts.uses import Uses
from overhaul.refactors.recipe import Failure
from overhaul.refactors.text import SourceText, collector_paused, parse_source


def collect_facts(path: str, content: bytes) -> FileFacts:
    """Return the facts of a Python file or notebook; only the ending of `path` matters to them."""
    if path.endswith(".ipynb"):
        from overhaul.refactors.facts.notebook_facts import notebook_facts  # most trees need none

        return notebook_facts(content, lambda text: _collect(path, text))
    return _collect(path, content)


def _collect(path: str, content: bytes) -> FileFacts:
    with collector_paused():
        source = parse_source(path, content)
        if isinstance(source, Failure):
            return FileFacts.of_failure(source.error)
        try:
            return _facts(source)
        except RecursionError:
            return FileFacts.of_failure("is nested too deeply to be understood")


def _facts(source: SourceText) -> FileFacts:
    module = ModuleBindings(source)
    evaluator, places = Evaluator(module), Places(source)
    declarations = Declarations(evaluator, places)
    uses = Uses(evaluator, places)
    exported, is_complete = declarations.exported()
    return FileFacts(
        imports=list(import_facts(module)),
        definitions=declarations.definitions(),
        classes=declarations.classes(),
        exported=exported,
        is_complete=is_complete,
        names=declarations.names(),
        references=uses.references,
        attributes=sorted(uses.attributes(), key=lambda use: (use.line, use.column)),
        calls=sorted(uses.calls(), key=lambda call: (call.line, call.column)),
        terms=evaluator.terms.rows,
    )
