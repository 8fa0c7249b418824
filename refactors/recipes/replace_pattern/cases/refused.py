"""What is refused before anything is looked at."""

from collections.abc import Mapping

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case


def _refused(name: str, parameters: Mapping[str, object]) -> Case:
    return Case(name, parameters, {"m.py": "x == None\n"}, raises=ParameterError)


REFUSED = (
    _refused("a pattern that is no Python", {"pattern": "$X ==", "replacement": "$X"}),
    _refused("a metavariable that the pattern has not", {"pattern": "f($X)", "replacement": "g($Y)"}),
    _refused("neither a replacement nor a report", {"pattern": "f($X)"}),
    _refused("both", {"pattern": "f($X)", "replacement": "g($X)", "report": "why"}),
    _refused(
        "a replacement that has the pattern's structure", {"pattern": "f($X)", "replacement": "f($X + 1)"}
    ),
    _refused(
        "a condition that says nothing that can be told",
        {"pattern": "f($X)", "replacement": "g($X)", "where": ["$X is nice"]},
    ),
    _refused(
        "a condition on what the pattern has not",
        {"pattern": "f($X)", "replacement": "g($X)", "where": ["$Y is constant"]},
    ),
    _refused("a replacement with a lambda", {"pattern": "f($X)", "replacement": "(lambda: $X)()"}),
    _refused("statements that begin with any", {"pattern": "$...ALL\nf()", "replacement": "g()"}),
)
