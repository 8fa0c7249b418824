"""Before and after; what stays a print comes first."""

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case

CASES = (
    Case(
        "output of scripts, commands and tests",
        {},
        {
            "a.py": "def work():\n    print('done')\n\n\ndef main():\n    print('x')\n    work()\n\n\n"
            "if __name__ == '__main__':\n    print('y')\n    main()\n",
            "b.py": "import click\n\n\n@click.command()\ndef show():\n    print('x')\n",
            "tests/test_a.py": "print('x')\n",
            "setup.py": "print('x')\n",
        },
        unresolved=("a.py:2", "a.py:6", "a.py:11", "b.py:6", "tests/test_a.py:1", "setup.py:1"),
    ),
    Case(
        "`end`, other files, unpacked arguments, empty lines, computed separators, comments",
        {},
        {
            "a.py": "print('x', end='')\nprint('x', file=f)\nprint(*x)\nprint()\nprint(x, sep=y)\n"
            "print(\n    x,  # the first\n)\nprint(x, **y)\nprint('x', \"it's \\\"\")\n"
        },
        unresolved=("a.py:1", "a.py:2", "a.py:3", "a.py:4", "a.py:5", "a.py:6", "a.py:9", "a.py:10"),
    ),
    Case(
        "print as a value, in expressions, of one's own, in documentation",
        {},
        {
            "a.py": '"""Say so.\n\n>>> print(1)\n"""\n\nf = print\ng = lambda: print(1)\nx = y or print(2)\n',
            "b.py": "from mine import print\n\nprint(1)\n",
        },
        unresolved=("a.py:6", "a.py:7", "a.py:8"),
    ),
    Case(
        "a name that is taken, hidden in a function, or not there yet",
        {},
        {
            "a.py": "def logger(): ...\n\n\nprint(1)\n",
            "b.py": "import logging\n\nprint(1)\nlog = logging.getLogger('b')\n\n\ndef f(log):\n    print(2)\n",
        },
        unresolved=("a.py:4", "b.py:3", "b.py:8"),
    ),
    Case(
        "a new logger below the imports, texts as they are, anything else by `%s`",
        {},
        {
            "a.py": '"""Fetches."""\n\nimport os\n\n\ndef f(x, y):\n    print("start")\n    print(x)\n'
            "    print('got', x, 'of 100%:', y)\n    print('a', 'b', sep='')\n    print(f'{x} files', flush=True)\n"
            "    print('%s: %d' % (x, y))\n    print('%s' % x)\n    print('{}'.format(x), end='\\n')\n"
        },
        {
            "a.py": '"""Fetches."""\n\nimport logging\nimport os\n\nlogger = logging.getLogger(__name__)\n\n\n'
            'def f(x, y):\n    logger.info("start")\n    logger.info("%s", x)\n'
            "    logger.info('got %s of 100%%: %s', x, y)\n    logger.info('ab')\n    logger.info(f'{x} files')\n"
            "    logger.info('%s: %d', x, y)\n    logger.info('%s' % x)\n    logger.info('{}'.format(x))\n"
        },
    ),
    Case(
        "the logger that there is, levels, and standard error",
        {"level": "debug", "stderr_level": "error"},
        {
            "a.py": "import sys\nfrom logging import getLogger\n\nLOG = getLogger('acme')\n\n\ndef f(x):\n"
            "    if x: print('bad', x, file=sys.stderr)\n    print(x, file=sys.stdout)\n"
        },
        {
            "a.py": "import sys\nfrom logging import getLogger\n\nLOG = getLogger('acme')\n\n\ndef f(x):\n"
            "    if x: LOG.error('bad %s', x)\n    LOG.debug(\"%s\", x)\n"
        },
    ),
    Case(
        "a file without imports; scripts as well if that is asked for",
        {"output": "edit", "logger": "log"},
        {"a.py": "def main():\n    print('x')\n", "b.py": "# Made by hand.\n\nprint('y')\n"},
        {
            "a.py": "import logging\n\nlog = logging.getLogger(__name__)\n\n\ndef main():\n    log.info('x')\n",
            "b.py": "# Made by hand.\n\nimport logging\n\nlog = logging.getLogger(__name__)\n\nlog.info('y')\n",
        },
    ),
    Case("a logger's name that is none", {"logger": "my log"}, {"a.py": "print(1)\n"}, raises=ParameterError),
)
