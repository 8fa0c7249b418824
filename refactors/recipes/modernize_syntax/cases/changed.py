"""What is written anew."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.modernize_syntax.cases.unchanged import PY310, _of

PYPROJECT = "[project]\nname = 'acme'\nrequires-python = '>=3.10'\n"

TYPE_CASES = (
    Case(
        "the target is read off the project",
        {},
        {
            "pyproject.toml": PYPROJECT,
            "a.py": "from typing import Dict, List, Optional\n\n\n"
            "def f(x: Optional[List[int]]) -> Dict[str, int]: ...\n",
        },
        {"a.py": "def f(x: list[int] | None) -> dict[str, int]: ...\n"},
    ),
    Case(
        "names that typing shares with collections.abc, re and contextlib, and two of collections",
        PY310,
        {
            "a.py": "import typing as t\nfrom typing import Any, Callable, DefaultDict, Iterable, Tuple\n\n\n"
            "def f(x: Iterable[int], y: Callable[[int], Any]) -> Tuple[DefaultDict[str, int], t.Sequence[int]]: ...\n"
        },
        {
            "a.py": "import collections.abc\nfrom collections import defaultdict\n"
            "from collections.abc import Callable, Iterable\nfrom typing import Any\n\n\n"
            "def f(x: Iterable[int], y: Callable[[int], Any])"
            " -> tuple[defaultdict[str, int], collections.abc.Sequence[int]]: ...\n"
        },
    ),
    Case(
        "an import of which several rules take a part away",
        PY310,
        {
            "a.py": "import typing\n\n\ndef f(x: typing.Sequence[int], y: typing.Mapping[str, typing.List[int]]): ...\n"
        },
        {
            "a.py": "import collections.abc\n\n\n"
            "def f(x: collections.abc.Sequence[int], y: collections.abc.Mapping[str, list[int]]): ...\n"
        },
    ),
    Case(
        "unions over several lines keep their comments, in parentheses; text in quotes is a type as well",
        _of("union-types"),
        {
            "a.py": "from typing import Optional, Union\n\nx: Union[\n    int,  # a number\n    str,\n] = 1\n"
            "y: 'Optional[int]' = None\nz: Optional[\n    int\n] = None\n"
        },
        {
            "a.py": "x: (\n    int |  # a number\n    str\n) = 1\ny: 'int | None' = None\nz: (\n"
            "    int | None\n) = None\n"
        },
    ),
    Case(
        "in annotations that are never evaluated every name will do, also before Python 3.10",
        _of("union-types", "3.9"),
        {
            "a.py": "from __future__ import annotations\n\nfrom typing import Optional\n\n"
            "from elsewhere import Thing\n\n\n"
            "def f(x: Optional[Thing]) -> Optional[int]:\n    y: Optional[Thing] = x\n"
        },
        {
            "a.py": "from __future__ import annotations\n\nfrom elsewhere import Thing\n\n\n"
            "def f(x: Thing | None) -> int | None:\n    y: Thing | None = x\n"
        },
    ),
    Case(
        "evaluated unions of classes of the tree, of Python itself, and of others if they are trusted",
        {"target": "3.10", "rules": ["union-types"], "outside_names": "trust"},
        {
            "m.py": "class User: ...\n",
            "a.py": "from datetime import date\nfrom typing import Optional, TypeVar, Union\n\n"
            "from elsewhere import Thing\n"
            "from m import User\n\nT = TypeVar('T')\nEither = Union[User, date]\n\n\n"
            "def f(a: Optional[Either], b: Optional[Thing], c: Optional[T] = None): ...\n",
        },
        {
            "a.py": "from datetime import date\nfrom typing import TypeVar\n\nfrom elsewhere import Thing\n"
            "from m import User\n\nT = TypeVar('T')\nEither = User | date\n\n\n"
            "def f(a: Either | None, b: Thing | None, c: T | None = None): ...\n",
        },
    ),
    Case(
        "an import that another file takes from here stays",
        _of("builtin-generics"),
        {"a.py": "from typing import List\n\nx: List[int]\n", "b.py": "from a import List\n"},
        {"a.py": "from typing import List\n\nx: list[int]\n", "b.py": "from a import List\n"},
    ),
)

TEXT_CASES = (
    Case(
        "conversions with widths, `%%`, braces, several literals, and parentheses that stay",
        _of("percent-format"),
        {
            "a.py": "a = '%s is %r' % (name, value)\nb = '%-10s|%5.2s {%%}' % (x, y)\nc = 'n: %d' % len(x)\n"
            "d = ('first %s '\n     'second {} %s') % (x, y)\ne = u'%(a)s' % {'a': x}\n"
            "f = '%s' % (d['k'],)\ng = '%s' % str(x)\ndef h(): return'%s' % (x,)\n"
        },
        {
            "a.py": "a = f'{name!s} is {value!r}'\nb = f'{x!s:<10}|{y!s:>5.2} {{%}}'\nc = f'n: {len(x)}'\n"
            "d = (f'first {x!s} '\n     f'second {{}} {y!s}')\ne = f'{x!s}'\n"
            "f = f'{d[\"k\"]!s}'\ng = f'{x!s}'\ndef h(): return f'{x!s}'\n"
        },
    ),
    Case(
        "`%s` as `{x}`, which is not the same for enumerations of text",
        {"target": "3.10", "rules": ["percent-format"], "fields": "plain"},
        {"a.py": "a = '%s: %s' % (x, y.z)\n"},
        {"a.py": "a = f'{x}: {y.z}'\n"},
    ),
    Case(
        "fields by position, number and name, attributes, specifications, and what is inside an argument",
        PY310,
        {
            "a.py": "a = '{} {!r:>5} {{}}'.format(x, y)\nb = '{0} {1} {0}'.format(x, y)\n"
            "c = '{a.b:.2f}'.format(a=x)\n"
            "d = '{}'.format(set([1, 2]))\ne = '{}'.format('%s' % (x,))\n"
        },
        {
            "a.py": "a = f'{x} {y!r:>5} {{}}'\nb = f'{x} {y} {x}'\nc = f'{x.b:.2f}'\n"
            "d = f'{ {1, 2}}'\ne = f'{f\"{x!s}\"}'\n"
        },
    ),
)

OTHER_CASES = (
    Case(
        "old names of unittest's assertions",
        _of("unittest-aliases"),
        {
            "a.py": "import unittest\n\n\nclass A(unittest.TestCase):\n    def test(self):\n"
            "        self.assertEquals(1, 1)  # one\n        with self.assertRaisesRegexp(ValueError, 'x'):\n"
            "            check = lambda: self.assert_(1)\n",
        },
        {
            "a.py": "import unittest\n\n\nclass A(unittest.TestCase):\n    def test(self):\n"
            "        self.assertEqual(1, 1)  # one\n        with self.assertRaisesRegex(ValueError, 'x'):\n"
            "            check = lambda: self.assertTrue(1)\n",
        },
    ),
    Case(
        "what every Python 3 does goes",
        {"target": "3.9", "rules": ["future-import", "unicode-prefix"]},
        {
            "a.py": "u'''Docs.'''\nfrom __future__ import absolute_import, annotations, division\n\n"
            "x = [u'a' U\"b\", u'' if u'c' else u'd', return_u('x')]\n",
            "b.py": "# first\nfrom __future__ import print_function\n"
            "from __future__ import unicode_literals as u\n\nimport os\n\nos\n",
        },
        {
            "a.py": "'''Docs.'''\nfrom __future__ import annotations\n\n"
            "x = ['a' \"b\", '' if 'c' else 'd', return_u('x')]\n",
            "b.py": "# first\n\nimport os\n\nos\n",
        },
    ),
    Case(
        "super() in methods, class methods and `__new__`; bases and encoding",
        PY310,
        {
            "a.py": "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nclass A(object):\n    def __new__(cls):\n"
            "        return super(A, cls).__new__(cls)\n\n    @classmethod\n    def make(cls):\n"
            "        return super(A, cls).make()\n\n\nclass B(A, object): pass\n"
            "class C(object, metaclass=M): pass\n"
        },
        {
            "a.py": "#!/usr/bin/env python\nclass A:\n    def __new__(cls):\n"
            "        return super().__new__(cls)\n\n    @classmethod\n    def make(cls):\n"
            "        return super().make()\n\n\nclass B(A): pass\nclass C(metaclass=M): pass\n"
        },
    ),
    Case(
        "other names of OSError, once in a tuple; TimeoutError as far as the target has it",
        PY310,
        {
            "a.py": "import asyncio\nimport socket\nfrom select import error as SelectError\n\ntry:\n    f()\n"
            "except (IOError, OSError):\n    pass\nexcept (socket.error, ValueError, SelectError):\n    pass\n"
            "except (socket.timeout, asyncio.TimeoutError):\n    raise EnvironmentError\n"
        },
        {
            "a.py": "import asyncio\n\ntry:\n    f()\n"
            "except OSError:\n    pass\nexcept (OSError, ValueError):\n    pass\n"
            "except (TimeoutError, asyncio.TimeoutError):\n    raise OSError\n"
        },
    ),
    Case(
        "modes that are the default, and io.open",
        PY310,
        {
            "a.py": "import io\nfrom io import open\n\nopen(x, 'r')\n"
            "open(x, mode='rt', encoding='utf-8')\nopen(x, 'r', encoding=y)\n"
            "open(x, 'r', 1)\nopen(x, 'rb')\nopen(mode='r', file=x)\n",
            "b.py": "import io\n\nio.open(x, 'r')\n",
        },
        {
            "a.py": "import io\n\nopen(x)\nopen(x, encoding='utf-8')\nopen(x, encoding=y)\n"
            "open(x, 'r', 1)\nopen(x, 'rb')\nopen(file=x)\n",
            "b.py": "open(x)\n",
        },
    ),
    Case(
        "sets and dictionaries",
        _of("set-literal"),
        {
            "a.py": "a = set([1, 2,])\nb = set((1,))\nc = set([])\nd = set(x for x in y)\n"
            "e = set([f(x) for x in y if x])\n"
            "f = dict((k, v) for k, v in y)\ng = dict([(k, [v]) for k, v in y])\n"
            "h = set([\n    1,  # one\n    2,\n])\n"
        },
        {
            "a.py": "a = {1, 2}\nb = {1}\nc = set()\nd = {x for x in y}\ne = {f(x) for x in y if x}\n"
            "f = {k: v for k, v in y}\ng = {k: [v] for k, v in y}\n"
            "h = {\n    1,  # one\n    2,\n}\n"
        },
    ),
    Case(
        "abstract classes that collections had, and what removed modules have in common with others",
        PY310,
        {
            "a.py": "import collections\nimport imp\nfrom pipes import quote\n\n"
            "isinstance(x, collections.Mapping)\n"
            "imp.reload(m)\nquote(x)\ncollections.deque()\n"
        },
        {
            "a.py": "import collections\nimport collections.abc\nimport importlib\nfrom shlex import quote\n\n"
            "isinstance(x, collections.abc.Mapping)\nimportlib.reload(m)\nquote(x)\ncollections.deque()\n"
        },
    ),
    Case(
        "line ends, encodings and formatting stay",
        PY310,
        {"a.py": "# coding: latin-1\r\nclass  A( object ) :\r\n\tx = '%s é' % (y,)  # é\r\n"},
        {"a.py": "# coding: latin-1\r\nclass  A :\r\n\tx = f'{y!s} é'  # é\r\n"},
    ),
)
