"""A graph as the JSON document that docs/json.md describes."""

from __future__ import annotations

from typing import Any

from overhaul.flows.graph_views.view import View


def document(view: View, root: str, files_read: int) -> dict[str, Any]:
    """Return the document of one PATH."""
    found: dict[str, Any] = {
        "root": root,
        "what": view.what,
        "level": view.level,
        "files_read": files_read,
        "totals": dict(view.totals),
        "nodes": [
            {
                "name": node.name,
                "paths": list(node.paths),
                "layer": node.layer,
                "cycle": None if node.cycle < 0 else node.cycle,
                "is_public": node.is_public,
                "public_names": list(node.public),
                "re_exports": dict(node.re_exports),
                "owners": list(node.owners),
            }
            for node in view.nodes
        ],
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "kind": edge.kind,
                "times": edge.times,
                "path": edge.path or None,
                "line": edge.line or None,
            }
            for edge in view.edges
        ],
        "cycles": [list(members) for members in view.cycles],
        "unproved": dict(view.unproved),
    }
    graph = view.imports
    if graph is not None:
        found |= {
            "outside": graph.outside,
            "unresolved": [each._asdict() for each in graph.unresolved],
            "crossings": [each._asdict() for each in graph.crossings],
            "failures": [{"path": path, "error": error} for path, error in graph.failures],
            "unsupported": [{"path": path, "reason": reason} for path, reason in graph.unsupported],
            "owners_file": graph.owners_file or None,
            "owners_problems": [{"line": line, "reason": reason} for line, reason in graph.owners_problems],
        }
    return found
