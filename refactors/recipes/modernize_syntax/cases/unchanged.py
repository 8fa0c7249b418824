"""What looks as if it could be written anew and would then mean something else."""

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case

PY310 = {"target": "3.10"}


def _of(rule: str, target: str = "3.10") -> dict[str, object]:
    return {"target": target, "rules": [rule]}


UNCHANGED_CASES = (
    Case(
        "a forward reference in quotes: `'Node' | None` raises TypeError",
        _of("union-types"),
        {
            "a.py": "from typing import Optional, Union\n\n\nclass Node:\n"
            "    def up(self) -> Optional['Node']: ...\n    def all(self) -> Union[int, 'Node']: ...\n"
        },
        unresolved=("a.py:5", "a.py:6"),
    ),
    Case(
        "evaluated unions of what may be a function: `callable | None` and `threading.Lock() | None` raise TypeError",
        _of("union-types"),
        {
            "a.py": "import threading\nfrom typing import Optional\n\nfrom elsewhere import Thing\n\n\n"
            "def f(a: Optional[callable], b: Optional[threading.Lock], c: Optional[Thing]): ...\n"
        },
        unresolved=("a.py:7",),
    ),
    Case(
        "a name that has its value before its own annotation is evaluated: `None | None` raises TypeError",
        _of("union-types"),
        {
            "a.py": "from datetime import date\nfrom typing import Optional\n\n\nclass Day:\n"
            "    date: Optional[date] = None\n    other: Optional[date] = None\n"
        },
        unresolved=("a.py:6", "a.py:7"),
    ),
    Case(
        "before Python 3.10 what is evaluated, or read by somebody when the program runs",
        _of("union-types", "3.9"),
        {
            "a.py": "from typing import Optional\n\nName = Optional[str]\n\n\ndef f(x: Optional[int]): ...\n",
            "b.py": "from __future__ import annotations\n\nfrom typing import Optional\n\nimport pydantic\n\n\n"
            "class Model(pydantic.BaseModel):\n    name: Optional[str]\n",
        },
        unresolved=("a.py:3", "a.py:6", "b.py:9"),
    ),
    Case(
        "types that are values or base classes; another thing of the same name; names of one's own in a class",
        _of("builtin-generics"),
        {
            "a.py": "from typing import Dict, List, get_origin\n\n\nclass Table(Dict[str, int]): ...\n\n\n"
            "def f(x): return get_origin(x) is List or x == List[int]\n",
            "b.py": "from mine import List\n\nx: List[int]\n",
            "c.py": "from typing import List\n\n\nclass Shop:\n    def list(self) -> List[int]: ...\n",
        },
        unresolved=("a.py:4", "a.py:7", "c.py:5"),
    ),
    Case(
        "type comments; before Python 3.11 names in quotes inside, which the builtin's parameters do not resolve",
        _of("builtin-generics"),
        {
            "a.py": "from typing import List\n\nx = []  # type: List[int]\n",
            "b.py": "from typing import List\n\n\ndef f() -> List['Node']: ...\n",
        },
        unresolved=("a.py:3", "b.py:4"),
    ),
    Case(
        "`%s` of what may be a tuple, bytes, texts for translation, `%d` of what may be a float",
        _of("percent-format"),
        {
            "a.py": "a = '%s' % x\nb = b'%s' % (x,)\nc = _('%s files' % (x,))\nd = _('%s files') % (x,)\n"
            "e = '%d' % (x,)\nf = '%(a)s' % x\ng = '%*d' % (x, y)\n"
        },
        unresolved=("a.py:1", "a.py:3", "a.py:5", "a.py:6", "a.py:7"),
    ),
    Case(
        "arguments of which a later one may change what an earlier one shows",
        {"target": "3.12", "rules": ["percent-format", "str-format"]},
        {
            "a.py": "a = '%s %s' % (items, items.pop())\nb = '{} {}'.format(f(), g())\n"
            "c = '{1} {0}'.format(f(), x)\n"
        },
        unresolved=("a.py:1", "a.py:2", "a.py:3"),
    ),
    Case(
        "quotes of both kinds, backslashes and comments in arguments; braces of `\\N{...}`",
        {"target": "3.12", "rules": ["percent-format", "str-format"]},
        {
            "a.py": "a = '%s' % (f(\"'\", '\"'),)\nb = '%s' % ('\\n'.join(x),)\nc = '\\N{EN DASH} %s' % (x,)\n"
            "d = '{} {}'.format(\n    x,  # the first\n    y,\n)\n"
        },
        unresolved=("a.py:1", "a.py:2", "a.py:3", "a.py:4"),
    ),
    Case(
        "fields with items or fields of their own, unpacked or unused arguments, other methods named format",
        _of("str-format"),
        {
            "a.py": "a = '{0[key]}'.format(x)\nb = '{:{}}'.format(x, y)\nc = '{}'.format(*x)\n"
            "d = '{a}'.format(**x)\n"
            "e = '{}'.format(x, y)\nf = template.format(x)\n"
        },
        unresolved=("a.py:1", "a.py:2", "a.py:3", "a.py:4", "a.py:5"),
    ),
    Case(
        "super() of another class, in nested functions, comprehensions, static methods and decorated classes",
        _of("super-arguments"),
        {
            "a.py": "class A(B):\n    def f(self):\n        super(B, self).f()\n"
            "        def inner(): super(A, self).f()\n        return [super(A, self).f() for _ in x]\n\n"
            "    @staticmethod\n    def make(cls): return super(A, cls).make()\n\n"
            "    def g(self, other):\n        super(A, other).g()\n        self = other\n"
            "        super(A, self).g()\n\n\n"
            "@dataclass(slots=True)\nclass C(B):\n    def f(self): super(C, self).f()\n\n\n"
            "class D(B):\n    def f(self): super(D, self).f()\n\n\nD = wrap(D)\n"
        },
        unresolved=("a.py:3", "a.py:4", "a.py:5", "a.py:8", "a.py:11", "a.py:13", "a.py:18", "a.py:22"),
    ),
    Case(
        "names that mean something else in the file",
        PY310,
        {
            "a.py": "from mine import IOError, open, set\n\nopen(x, 'r')\nset([1])\n\n\nclass object: ...\n\n\n"
            "class A(object): ...\n\n\ndef f(super):\n    raise IOError\n"
        },
        unresolved=("a.py:4", "a.py:10"),
    ),
    Case(
        "an encoding that is not UTF-8, a comment that says more, and one below which another would begin to count",
        _of("encoding-comment"),
        {
            "a.py": "# -*- coding: latin-1 -*-\nx = 1\n",
            "b.py": "# vim: set fileencoding=utf-8 sw=4 et:\nx = 1\n",
            "c.py": "import x\n# coding: utf-8\n",
            "d.py": "# coding: utf-8\n# coding: latin-1\nx = 1\n",
        },
        unresolved=("b.py:1", "d.py:1"),
    ),
    Case(
        "modes that say something, displays with unpacked items, asynchronous generators, pairs that are none",
        _of("set-literal"),
        {
            "a.py": "a = set([*x, 1])\nb = dict(x for x in y)\nc = set(x)\nd = dict([(1, 2)])\n"
            "async def f(): return set(await x for x in y)\n"
        },
        unresolved=("a.py:1", "a.py:5"),
    ),
    Case(
        "removed modules without a like, and a module of one's own of such a name",
        _of("removed-modules"),
        {
            "a.py": "from distutils.core import setup\n\ntry:\n    import asyncore\n"
            "except ImportError:\n    asyncore = None\n",
            "pkg/__init__.py": "",
            "pkg/cgi.py": "",
            "pkg/b.py": "from . import cgi\nfrom pkg import cgi\n",
        },
        unresolved=("a.py:1", "a.py:4"),
    ),
    Case(
        "features of the future that change something, are used as names, or are taken from here by another file",
        _of("future-import"),
        {
            "a.py": "from __future__ import annotations\n",
            "b.py": "from __future__ import division\n\nprint(division)\n",
            "c.py": "from __future__ import print_function\n",
            "d.py": "from c import print_function\n",
            "e.py": "from __future__ import division\n\n__all__ = ['division']\n",
        },
        unresolved=("b.py:1", "c.py:1", "e.py:1"),
    ),
    Case(
        "assertions that may be of another class, or of no TestCase",
        _of("unittest-aliases"),
        {
            "a.py": "from unittest import TestCase\n\nfrom elsewhere import Base\n\n\n"
            "class A(Base):\n    def test(self): self.assertEquals(1, 1)\n\n\n"
            "class B(TestCase):\n    def test(self, other):\n        other.assertEquals(1, 1)\n"
            "        self.failUnless(1)\n\n    @classmethod\n    def of(cls): cls.assertEquals(cls(), 1, 1)\n",
            "b.py": "class Base:\n    def assertTrue(self, x): ...\n",
        },
        unresolved=("a.py:7", "a.py:13"),
    ),
    Case(
        "no prefix: names, bytes, raw texts, and what is inside an f-string",
        _of("unicode-prefix"),
        {"a.py": "x = menu['u'] + b'u' + r'u' + f'{u\"x\"}' 'u'\n"},
    ),
    Case(
        "inside f-strings, and a file that does not parse",
        PY310,
        {"a.py": "x = f'{\"%s\" % (a,)} {set([1])}'\n", "b.py": "'%s' % (x,)\n{{\n"},
        unresolved=("a.py:1",),
    ),
    Case(
        "PEP 695's statements make other objects",
        _of("type-parameters", "3.12"),
        {
            "a.py": "from typing import Generic, TypeAlias, TypeVar\n\nT = TypeVar('T')\n"
            "Names: TypeAlias = 'list[str]'\n\n\n"
            "class Box(Generic[T]): ...\n"
        },
        unresolved=("a.py:4", "a.py:7"),
    ),
)

REFUSED_CASES = (
    Case("nothing says which Python", {}, {"a.py": "x = 1\n"}, raises=ParameterError),
    Case(
        "the project allows a Python older than 3.9",
        {},
        {"pyproject.toml": "[project]\nrequires-python = '>=3.7'\n"},
        raises=ParameterError,
    ),
    Case("a version that is none", {"target": "3.8"}, {}, raises=ParameterError),
    Case("a rule that is none", {"target": "3.9", "rules": ["percents"]}, {}, raises=ParameterError),
)
