"""Cases that are refused."""

from overhaul.refactors.errors import NameTaken, ParameterError
from overhaul.refactors.recipes.change_signature.cases.writing import refused

LOAD = "def load(path, mode='r'):\n    return open(path, mode)\n"

REFUSED = (
    refused("a removed parameter that is still used", ParameterError, "acme.load", "remove mode", LOAD),
    refused(
        "a new parameter whose name the body uses already", NameTaken, "acme.load", "add open = None", LOAD
    ),
    refused(
        "an added parameter that all callers would lack", ParameterError, "acme.load", "add strict", LOAD
    ),
    refused(
        "a required parameter behind one with a default",
        ParameterError,
        "acme.load",
        "reorder mode, path",
        LOAD,
    ),
    refused("a word that is no change", ParameterError, "acme.load", "swap mode, path", LOAD),
    refused("a change that is not written in its form", ParameterError, "acme.load", "add strict = ", LOAD),
    refused("a parameter that the function has not", ParameterError, "acme.load", "remove modes", LOAD),
    refused(
        "a default that is made once",
        ParameterError,
        "acme.load",
        "inline-default seen",
        "def load(path, seen=[]): ...\n",
    ),
    refused(
        "the constructor that a decorator makes",
        ParameterError,
        "acme.Point",
        "add z = 0",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Point:\n    x: int\n",
    ),
    refused(
        "an enumeration, whose members are the calls",
        ParameterError,
        "acme.Color",
        "add z = 0",
        "import enum\n\n\nclass Color(enum.Enum):\n    RED = 1, 2\n\n    def __init__(self, x, y): ...\n",
    ),
    refused(
        "a property",
        ParameterError,
        "acme.Point.x",
        "add z = 0",
        "class Point:\n    @property\n    def x(self): ...\n",
    ),
    refused(
        "a method that Python calls itself",
        ParameterError,
        "acme.Point.__eq__",
        "add z = 0",
        "class Point:\n    def __eq__(self, other): ...\n",
    ),
)
