"""What a computed text may be, and which modules a computed name may import."""

import ast

import pytest

from overhaul.refactors.computed_imports import computed_imports
from overhaul.refactors.computed_text import pattern_of
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.project import Project


def last_pattern(text: str) -> str:
    """The pattern of the last line's expression."""
    module = Project(MemoryTree({"acme/api.py": text, "acme/__init__.py": ""})).module("acme/api.py")
    assert module is not None
    statement = module.source.tree.body[-1]
    assert isinstance(statement, ast.Expr)
    return pattern_of(module, statement.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(x)", ".*"),
        ("'a.b'", r"a\.b"),
        ("f'get_{kind}'", "get_.*"),
        ("kind = 'all'\nf'get_{kind}'", "get_all"),
        ("f'{kind!r}{kind:>3}'", ".*"),
        ("kind = 'one'\nkind = 'all'\n'get_' + kind", "get_(?:all|one)"),
        ("kind = f()\nkind = 'all'\n'get_' + kind", "get_.*"),
        ("kind = 'a'\nkind += 'b'\nkind", "(?:.*b|a)"),
        ("END = 'models'\n'%s.%s' % (app, END)", r".*\.models"),
        ("'%(app)s.models' % {'app': 'a'}", r".*\.models"),
        ("'%s.%s' % pair", r".*\..*"),
        ("'{}.{}'.format('a', b)", r"a\..*"),
        ("'{1}.{name}'.format('a', 'b', name='c')", r"b\.c"),
        ("''.join(['acme', dot, rest])", "acme.*"),
        ("__name__ + '.x'", r"acme\.api\.x"),
        ("f'{__package__}.x'", r"acme\.x"),
        ("f'a{b}c{d}e{f}g{h}i{j}k'", "a.*"),
    ],
)
def test_computed_text_is_known_as_far_as_it_is_written_out(text: str, expected: str) -> None:
    assert last_pattern(text) == expected


def test_a_variable_made_of_itself_has_an_end() -> None:
    assert last_pattern("x = 'a' + x\nx").endswith("a.*")
    assert last_pattern("x = x + x\nx") == ".*"


def imported(old: str, code: str) -> list[str]:
    """The names that imports of a file `acme/load.py` may give, of the module `old` and those in it."""
    others = (
        "acme/__init__",
        "acme/plugins/__init__",
        "acme/plugins/csv",
        "acme/plugins/json",
        "acme/models",
    )
    files = {"acme/load.py": code} | {f"{path}.py": "" for path in others}
    project = Project(MemoryTree(files))
    location = project.table.locate(old)
    assert location is not None
    return [found for _, _, found in computed_imports(project, location)]


@pytest.mark.parametrize(
    ("code", "old", "expected"),
    [
        ("import_module('acme.plugins.' + name)", "acme.plugins.csv", "acme.plugins.csv"),
        ("import_module('acme.plugins.' + name)", "acme.plugins", "acme.plugins.csv"),
        ("import_module('acme.plugins.' + name)", "acme.models", None),
        ("importlib.import_module(f'{package}.models')", "acme.models", "acme.models"),
        ("import_module(f'{package}.csv')", "acme.plugins", None),
        ("import_module(f'.{name}', __package__)", "acme.models", "acme.models"),
        ("import_module(f'..{name}', 'acme.plugins')", "acme.models", "acme.models"),
        ("import_module(f'.{name}', package='acme.plugins')", "acme.models", None),
        ("import_module(f'.{name}', package=package)", "acme.models", None),
        ("import_module(f'.plugins.{name}', package)", "acme.plugins.csv", "acme.plugins.csv"),
        ("from importlib import import_module as load\nload('acme.' + name)", "acme.models", "acme.models"),
        ("__import__('acme.%s' % name)", "acme.models", "acme.models"),
        ("__import__('acme.plugins', fromlist=['csv'])", "acme.plugins.csv", "acme.plugins.csv"),
        ("__import__('acme.plugins', {}, {}, [name])", "acme.plugins.csv", "acme.plugins.csv"),
        ("__import__(package, {}, {}, ['csv'])", "acme.plugins.csv", "acme.plugins.csv"),
        ("__import__(package, {}, {}, ['csv'])", "acme.models", None),
        ("__import__('acme.plugins', {}, {}, ['json'])", "acme.plugins.csv", None),
        ("find_spec('acme.' + name)", "acme.models", "acme.models"),
        ("import_module(name)", "acme.models", None),
        ("import_module('%s.%s' % (a, b))", "acme.models", None),
        ("import_module('acme.models')", "acme.models", None),
        ("import_module('other.' + name)", "acme.models", None),
    ],
)
def test_a_computed_import_may_give_a_module_if_its_words_fit(
    code: str, old: str, expected: str | None
) -> None:
    assert imported(old, f"{code}\n") == ([expected] if expected else [])
