"""Files that a move leaves as they are."""

from overhaul.refactors.recipe import Case

UNCHANGED_CASES = (
    Case(
        "the file that has it does not parse",
        {"symbol": "acme.api.fetch", "to": "acme.net"},
        {"acme/__init__.py": "", "acme/api.py": "def fetch(:\n", "app.py": "from acme.api import fetch\n"},
    ),
)
