"""What the cases have in common."""

from __future__ import annotations

from overhaul.refactors.cases import CaseWriter

JOIN = {"pattern": "os.path.join($A, $B)", "template": "pathlib.Path($A) / $B"}
JOIN_FROM = JOIN | {"template": "Path($A) / $B", "imports": ["from pathlib import Path"]}
KEEP = JOIN | {"unused_imports": "keep"}
HAS_KEY = {"pattern": "$OBJ.has_key($K)", "template": "$K in $OBJ", "unknown_receivers": "replace"}
FETCH = {"pattern": "acme.api.fetch($X)", "template": "acme.api.get($X, None)"}

case = CaseWriter("a.py")
