"""What is replaced."""

from overhaul.refactors.cases import CaseWriter
from overhaul.refactors.recipes.replace_pattern.cases.unchanged import IS_NONE, VERSION

case = CaseWriter("m.py")

CHANGED = (
    case(
        "an expression, wherever it stands",
        IS_NONE,
        "if x == None and not f(y) == None:\n    pass\n",
        "if x is None and not f(y) is None:\n    pass\n",
    ),
    case(
        "parentheses where the new code needs them",
        {"pattern": "double($X)", "replacement": "$X * 2"},
        "a = double(b + c).bit_length()\nd = -double(e)\n",
        "a = ((b + c) * 2).bit_length()\nd = -(e * 2)\n",
    ),
    case(
        "one inside what a metavariable of another stands for",
        IS_NONE,
        "a = (b == None) == None\n",
        "a = (b is None) is None\n",
    ),
    case(
        "the same metavariable twice is the same code twice",
        {"pattern": "$X if $X else $Y", "replacement": "$X or $Y"},
        "a = b if b else c\nd = b if c else d\n",
        "a = b or c\nd = b if c else d\n",
    ),
    case(
        "any number of arguments, with what stands between them",
        {"pattern": "acme.get($...ARGS, timeout=$T)", "replacement": "acme.fetch($...ARGS, seconds=$T)"},
        "import acme\n\nacme.get(\n    url,  # the page\n    **more,\n    timeout=3,\n)\nacme.get(timeout=4)\n",
        "import acme\n\nacme.get(\n    url,  # the page\n    **more,\n    timeout=3,\n)\nacme.fetch(seconds=4)\n",
        ["3"],
    ),
    case(
        "any number of elements",
        {"pattern": "set([$...MANY])", "replacement": "{None, $...MANY}"},
        "a = set([1, f(x), (b or c)])\n",
        "a = {None, 1, f(x), (b or c)}\n",
    ),
    case(
        "conditions on a name and on what a metavariable is; imports come and go",
        VERSION,
        "import pkg_resources as resources\n\nVERSION = resources.get_distribution('acme').version\n",
        "import importlib.metadata\n\nVERSION = importlib.metadata.version('acme')\n",
    ),
    case(
        "an instance of a class from elsewhere, by its subclasses in the tree",
        {
            "pattern": "$X.dict($...REST)",
            "replacement": "$X.model_dump($...REST)",
            "where": ["$X is an instance of pydantic.BaseModel"],
        },
        """\
from pydantic import BaseModel


class User(BaseModel):
    name: str

    def shown(self):
        return self.dict(exclude={"name"})


def f(user: User):
    return user.dict()
""",
        """\
from pydantic import BaseModel


class User(BaseModel):
    name: str

    def shown(self):
        return self.model_dump(exclude={"name"})


def f(user: User):
    return user.model_dump()
""",
    ),
    case(
        "statements, with a block that is taken over as it is written",
        {
            "pattern": "if $TEST:\n    $...BODY\nelse:\n    pass",
            "replacement": "if $TEST:\n    $...BODY",
        },
        """\
def f():
    if a and b:
        x = 1  # one

        # two
        y = '''
    z'''
    else:
        pass
    return x
""",
        """\
def f():
    if a and b:
        x = 1  # one

        # two
        y = '''
    z'''
    return x
""",
    ),
    case(
        "statements inside of others, in the indentation of the file",
        {
            "pattern": "lock.acquire()\ntry:\n    $...BODY\nfinally:\n    lock.release()",
            "replacement": "with lock:\n    $...BODY",
        },
        """\
def f(lock):
  for each in many:
    lock.acquire()
    try:
      first(each)
      if each:
        second(
          each
        )
    finally:
      lock.release()
  return 1
""",
        """\
def f(lock):
  for each in many:
    with lock:
      first(each)
      if each:
        second(
          each
        )
  return 1
""",
    ),
    case(
        "of places that share statements, the first",
        {"pattern": "$X.append($A)\n$X.append($B)", "replacement": "$X.extend([$A, $B])"},
        "b.append(1)\nb.append(2)\nb.append(3)\n",
        "b.extend([1, 2])\nb.append(3)\n",
        ["2"],
    ),
    case(
        "a place that stays brings no import",
        {"pattern": "acme.f($X)", "replacement": "json.dumps($X)"},
        "import acme\n\nacme.g(acme.f(1))\n\n\ndef h(dumps):\n    json = 1\n    return acme.f(2)\n",
        "import json\n\nimport acme\n\nacme.g(json.dumps(1))\n\n\ndef h(dumps):\n    json = 1\n    return acme.f(2)\n",
        ["8"],
    ),
    case(
        "one statement by several",
        {"pattern": "$X = acme.both($A)", "replacement": "acme.first($A)\n$X = acme.second($A)"},
        "import acme\n\nif a:\n    b = acme.both(c)\n",
        "import acme\n\nif a:\n    acme.first(c)\n    b = acme.second(c)\n",
    ),
    case(
        "a class in the body of one that inherits from another; its assignments become keywords",
        {
            "pattern": "class Config:\n    $...SETTINGS",
            "replacement": "model_config = pydantic.ConfigDict($...SETTINGS)",
            "imports": ["import pydantic"],
            "where": ["inside a class below pydantic.BaseModel", "nothing reads the attribute Config"],
        },
        """\
from pydantic import BaseModel


class User(BaseModel):
    name: str

    class Config:
        extra = "forbid"
        frozen: bool = True


class Other:
    class Config:
        frozen = True
""",
        """\
import pydantic
from pydantic import BaseModel


class User(BaseModel):
    name: str

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Other:
    class Config:
        frozen = True
""",
    ),
    case(
        "a decorator",
        {
            "pattern": "$D($...FIELDS)",
            "replacement": "field_validator($...FIELDS)",
            "imports": ["from pydantic import field_validator"],
            "where": ["$D resolves to pydantic.validator", "decorates a function of 2 parameters"],
        },
        """\
from pydantic import BaseModel, validator


class User(BaseModel):
    name: str

    @validator("name")
    def check(cls, v):
        return v
""",
        """\
from pydantic import BaseModel, field_validator


class User(BaseModel):
    name: str

    @field_validator("name")
    def check(cls, v):
        return v
""",
    ),
)
