"""The facts of a notebook: those of its code cells, with lines and columns in the notebook's own text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from overhaul.refactors.facts.record import FileFacts
from overhaul.refactors.notebooks import NotANotebook, Notebook

Collect = Callable[[bytes], FileFacts]


def notebook_facts(content: bytes, collect: Collect) -> FileFacts:
    """Return what `collect` finds in the code cells; cells that are no Python are named in the error."""
    try:
        notebook = Notebook(content)
    except NotANotebook as error:
        return FileFacts.of_failure(str(error))
    facts = collect(notebook.text("code").encode("utf-8", "surrogatepass"))
    if notebook.unread:
        number, reason = notebook.unread[0]
        more = f" (and {len(notebook.unread) - 1} other cells)" if len(notebook.unread) > 1 else ""
        facts = replace(facts, error=f"cell {number} {reason}{more}")
    return _moved(facts, notebook)


def _moved(facts: FileFacts, notebook: Notebook) -> FileFacts:
    """Put every place where it is in the file: a line is looked up once, most columns are the cell's and an indent."""
    known: dict[int, tuple[int, int]] = {}

    def place(line: int, column: int) -> tuple[int, int]:
        if line not in known:
            known[line] = notebook.place("code", line, 1)[:2]
        first = known[line]
        return first[0], first[1] + column - 1

    return replace(
        facts,
        imports=[each._replace(line=place(each.line, 1)[0]) for each in facts.imports],
        definitions=[
            each._replace(line=line, column=column)
            for each in facts.definitions
            for line, column in [place(each.line, each.column)]
        ],
        attributes=[
            each._replace(line=line, column=column)
            for each in facts.attributes
            for line, column in [place(each.line, each.column)]
        ],
        calls=[
            each._replace(line=line, column=column)
            for each in facts.calls
            for line, column in [place(each.line, each.column)]
        ],
        references={
            term: tuple(
                number
                for line, column in zip(places[::2], places[1::2], strict=True)
                for number in place(line, column)
            )
            for term, places in facts.references.items()
        },
    )
