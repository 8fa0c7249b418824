"""What stays, and what of it is reported."""

from overhaul.refactors.cases import CaseWriter

case = CaseWriter("m.py")

IS_NONE = {"pattern": "$X == None", "replacement": "$X is None"}
VERSION = {
    "pattern": "$GET($NAME).version",
    "replacement": "importlib.metadata.version($NAME)",
    "where": ["$GET resolves to pkg_resources.get_distribution", "$NAME is string"],
}

UNCHANGED = (
    case(
        "another structure: another operator, another order, a chain of comparisons, another constant",
        IS_NONE,
        "x = None\na = x != None\nb = None == x\nc = x == None == y\nd = x == 'None'\ne = x == 0\n",
    ),
    case(
        "constants of another type are not equal",
        {"pattern": "f(1)", "replacement": "g()", "imports": ["from m import g"]},
        "f(True)\nf(1.0)\nf('1')\n",
    ),
    case(
        "a name that means something else",
        VERSION,
        "from acme import get_distribution\n\nVERSION = get_distribution('acme').version\n",
    ),
    case(
        "a name that means what it should only sometimes is reported",
        VERSION,
        """\
try:
    from pkg_resources import get_distribution
except ImportError:
    from acme import get_distribution

VERSION = get_distribution('acme').version
""",
        unresolved=["6"],
    ),
    case(
        "a condition on a metavariable is not true",
        VERSION,
        "import pkg_resources\n\npkg_resources.get_distribution(name).version\n",
    ),
    case(
        "an expression with side effects that would be evaluated once in place of twice",
        {"pattern": "$X if $X else $Y", "replacement": "$X or $Y"},
        "a = f() if f() else y\n",
        unresolved=["1"],
    ),
    case(
        "expressions with side effects in another order",
        {"pattern": "swap($A, $B)", "replacement": "pair($B, $A)", "imports": ["from acme import pair"]},
        "swap(f(), g())\n",
        unresolved=["1"],
    ),
    case(
        "a comment inside, which would be lost",
        IS_NONE,
        "a = (\n    x  # why\n    == None\n)\n",
        unresolved=["2"],
    ),
    case("code in an f-string", IS_NONE, 'a = f"{x == None}"\n', unresolved=["1"]),
    case(
        "what is assigned to, or matched by a match statement",
        {"pattern": "acme.OLD", "replacement": "acme.NEW"},
        """\
import acme

acme.OLD = 1
match x:
    case acme.OLD:
        pass
""",
        unresolved=["3", "5"],
    ),
    case(
        "the replacement's name means something else there",
        VERSION,
        """\
from pkg_resources import get_distribution


def f(importlib, version):
    return get_distribution('acme').version
""",
        unresolved=["5"],
    ),
    case(
        "statements that share their line with others",
        {"pattern": "log($X)\nraise $X", "replacement": "fail($X)", "imports": ["from acme import fail"]},
        "def f():\n    log(e); raise e\n",
        unresolved=["2"],
    ),
    case(
        "an elif, which is part of another statement",
        {
            "pattern": "if $A:\n    $...B\nelse:\n    $...C",
            "replacement": "if not $A:\n    $...C\nif $A:\n    $...B",
        },
        "if a:\n    b()\nelif c:\n    d()\nelse:\n    e()\n",
        unresolved=["1", "3"],
    ),
    case(
        "statements that do not follow each other in one block",
        {"pattern": "log($X)\nraise $X", "replacement": "fail($X)", "imports": ["from acme import fail"]},
        "def f():\n    log(e)\n    more()\n    raise e\n\n\ndef g():\n    if log(e):\n        pass\n    raise e\n",
    ),
    case(
        "an unknown type is reported, and another class is not",
        {
            "pattern": "$X.dict($...REST)",
            "replacement": "$X.model_dump($...REST)",
            "where": ["$X is an instance of pydantic.BaseModel"],
        },
        """\
class Plain:
    def dict(self):
        return {}


def f(unknown):
    return unknown.dict(), Plain().dict()
""",
        unresolved=["7"],
    ),
    case(
        "what is no assignment does not become a keyword, and neither does one with a comment",
        {
            "pattern": "class Config:\n    $...SETTINGS",
            "replacement": "model_config = ConfigDict($...SETTINGS)",
            "imports": ["from pydantic import ConfigDict"],
            "where": ["inside a class below pydantic.BaseModel"],
        },
        """\
from pydantic import BaseModel


class A(BaseModel):
    class Config:
        frozen = True

        def f(): ...


class B(BaseModel):
    class Config:
        frozen = True  # why
        extra = "allow"
""",
        unresolved=["5", "12"],
    ),
    case(
        "conditions on all of the tree: an attribute that is read, a method that a class defines itself",
        {
            "pattern": "$X.dict()",
            "replacement": "$X.model_dump()",
            "where": [
                "$X is an instance of pydantic.BaseModel",
                "no class below pydantic.BaseModel defines dict",
            ],
        },
        """\
from pydantic import BaseModel


class A(BaseModel):
    def dict(self, **options):
        return {}


class B(BaseModel):
    def show(self):
        return self.dict()
""",
        unresolved=["11"],
    ),
    case(
        "a method that a class has from another one of the tree",
        {
            "pattern": "$X.dict()",
            "replacement": "$X.model_dump()",
            "where": [
                "$X is an instance of pydantic.BaseModel",
                "no class below pydantic.BaseModel defines dict",
            ],
        },
        """\
from pydantic import BaseModel


class Mixin:
    def dict(self):
        return {}


class A(Mixin, BaseModel):
    def show(self):
        return self.dict()
""",
        unresolved=["11"],
    ),
    case(
        "places that are only reported",
        {
            "pattern": "$X",
            "report": "is gone in Python 3.12",
            "where": ["$X resolves to distutils.*"],
        },
        "from distutils import log\n\nlog.info('x')\nlogging = log\nlog2 = 'distutils'\n",
        unresolved=["3", "4"],
    ),
    case(
        "a decorator of a function that takes more",
        {
            "pattern": "validator($...FIELDS)",
            "replacement": "field_validator($...FIELDS)",
            "imports": ["from pydantic import field_validator"],
            "where": ["decorates a function of 2 parameters"],
        },
        "class A:\n    @validator('a')\n    def check(cls, v, values):\n        return v\n\n\nvalidator('b')\n",
    ),
)
