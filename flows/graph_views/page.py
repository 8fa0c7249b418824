"""A graph as one HTML page that needs no network: its data and its program are in it."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from overhaul.flows.graph_views.view import View
from overhaul.flows.plain_text import on_one_line
from overhaul.refactors.errors import RefactorError

MOST_NODES = 8_000
_KINDS = ("module", "function", "types", "call", "inherits")


def page(view: View) -> str:
    """Return the page. Raises RefactorError for a graph too large to be looked at."""
    if len(view.nodes) > MOST_NODES:
        raise RefactorError(
            f"a page of {len(view.nodes):,} nodes cannot be read, {MOST_NODES:,} are the most."
            " Take a coarser --level (module, package), or a folder of the tree."
        )
    template = (files("overhaul.flows") / "templates" / "graph.html").read_text(encoding="utf-8")
    title = html.escape(on_one_line(view.title))
    return template.replace("{{title}}", title).replace("{{data}}", _embedded(_data(view)))


def _data(view: View) -> dict[str, Any]:
    graph = view.imports
    return {
        "title": on_one_line(view.title),
        "what": view.what,
        "level": view.level,
        "kinds": _KINDS,
        "nodes": [
            [
                on_one_line(node.name),
                [on_one_line(path) for path in node.paths[:20]],
                node.layer,
                node.cycle,
                list(node.public),
                dict(node.re_exports),
                list(node.owners),
                int(node.is_public),
            ]
            for node in view.nodes
        ],
        "edges": [
            [
                edge.source,
                edge.target,
                _KINDS.index(edge.kind),
                edge.times,
                _place(view, edge.source, edge.path),
                edge.line,
            ]
            for edge in view.edges
        ],
        "totals": dict(view.totals),
        "unproved": dict(view.unproved),
        "outside": graph.outside if graph else {},
        "unresolved": _rows((each.path, each.line, each.reason) for each in graph.unresolved)
        if graph
        else [],
        "failures": _rows([*graph.failures, *graph.unsupported]) if graph else [],
        "crossings": _rows(graph.crossings) if graph else [],
    }


def _rows(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    return [[on_one_line(each) if isinstance(each, str) else each for each in row] for row in rows]


def _place(view: View, source: int, path: str) -> str:
    """Return the file of an edge if it is not the first of its source."""
    paths = view.nodes[source].paths
    return "" if paths and paths[0] == path else on_one_line(path)


def _embedded(data: dict[str, Any]) -> str:
    """Return JSON that may stand in a script element: nothing in it ends the element or opens a comment."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
