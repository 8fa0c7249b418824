"""Parameters that cannot be meant."""

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case

_FILES = {"requirements.txt": "requests>=1\n"}

REFUSED = tuple(
    Case(name, {"name": "requests", **parameters}, _FILES, raises=ParameterError)
    for name, parameters in (
        ("neither a version nor a range", {"to": "newest"}),
        ("a range to pin to", {"to": ">=2,<3", "how": "pin"}),
        ("a range without a lower bound to raise to", {"to": "<3"}),
        ("a range that allows nothing", {"to": ">=3,<2", "how": "replace"}),
        ("a version with a local part", {"to": "2.1+cu118"}),
        ("Python itself", {"name": "python", "to": "3.12"}),
        ("a name that none can have", {"name": "requests>=1", "to": "2"}),
    )
)
