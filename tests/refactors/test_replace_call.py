"""What the cases of replace-call cannot show: bytes, broken files, other files, and real-looking input."""

import ast

import pytest

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipes.replace_call import ReplaceCall

JOIN = {"pattern": "os.path.join($A, $B)", "template": "pathlib.Path($A) / $B"}


def analyse(files, parameters=JOIN, **more):
    return ReplaceCall.bind({**parameters, **more}).analyse(MemoryTree(files))


def edited(source: str | bytes, parameters=JOIN, **more) -> str:
    (edit,) = analyse({"a.py": source}, parameters, **more).edits
    return edit.content.decode()


def reasons(source: str, parameters=JOIN, **more) -> list[str]:
    analysis = analyse({"a.py": source}, parameters, **more)
    assert not analysis.edits
    return [site.reason for site in analysis.sites]


def test_latin_1_file_keeps_its_bytes():
    source = "# coding: latin-1\nimport os, pathlib\nx = 'é', os.path.join(a, 'ü')  # à\n".encode("latin-1")
    (edit,) = analyse({"a.py": source}).edits
    assert edit.content == source.replace(b"os.path.join(a, '\xfc')", b"pathlib.Path(a) / '\xfc'").replace(
        b"import os, pathlib", b"import pathlib"
    )


def test_template_that_the_encoding_cannot_hold_leaves_the_file():
    source = "# coding: latin-1\nimport m\nm.f(x)\n".encode("latin-1")
    analysis = analyse(
        {"a.py": source}, {"pattern": "m.f($X)", "template": "m.g($X, '→')", "imports": ["import m"]}
    )
    assert not analysis.edits
    assert "encoding" in analysis.failures[0].error
    assert [site.status for site in analysis.sites] == ["unresolved"]


def test_file_that_does_not_parse_is_reported_and_the_rest_goes_on():
    analysis = analyse(
        {"a.py": "import os\nos.path.join(a, b) (\n", "b.py": "import os\nos.path.join(a, b)\n"}
    )
    assert [edit.path for edit in analysis.edits] == ["b.py"]
    assert [failure.path for failure in analysis.failures] == ["a.py"]


def test_same_call_at_other_offsets_of_wide_characters():
    assert edited("import os, pathlib\nx = {'ключ😀': os.path.join('ж', b)}; os\n") == (
        "import os, pathlib\nx = {'ключ😀': pathlib.Path('ж') / b}; os\n"
    )


def test_two_edits_in_one_import_block_and_its_blank_lines():
    assert edited('"""D."""\n\nimport os\n\nimport requests\n\nx = os.path.join(a, b), requests\n') == (
        '"""D."""\n\nimport pathlib\n\nimport requests\n\nx = pathlib.Path(a) / b, requests\n'
    )


def test_import_removed_with_nothing_added_leaves_no_gap():
    parameters = {"pattern": "six.text_type($X)", "template": "str($X)"}
    assert edited("import os\n\nimport six\n\nfrom . import x\n\nsix.text_type(os), x\n", parameters) == (
        "import os\n\nfrom . import x\n\nstr(os), x\n"
    )
    assert edited("import six\n\n\ndef f():\n    return six.text_type(1)\n", parameters) == (
        "def f():\n    return str(1)\n"
    )


@pytest.mark.parametrize(
    "importing",
    [
        "import six  # noqa: F401",
        "import six as six",
        "try:\n    import six\nexcept ImportError:\n    raise",
        "import six; import b",
    ],
)
def test_import_on_which_someone_may_rely_stays(importing):
    parameters = {"pattern": "six.text_type($X)", "template": "str($X)"}
    assert edited(f"{importing}\nsix.text_type(1)\n", parameters) == f"{importing}\nstr(1)\n"


def test_import_used_by_a_doctest_or_an_annotation_stays():
    parameters = {"pattern": "six.text_type($X)", "template": "str($X)"}
    for use in ('"""\n>>> six.x\n"""', 'def f(a: "six.Text"): ...', "__all__ = ['six']"):
        assert "import six" in edited(f"import six\n{use}\nsix.text_type(1)\n", parameters)


def test_function_level_imports_are_used_and_removed():
    source = "import b\n\n\ndef f():\n    import os\n    import pathlib\n    return os.path.join(x, y)\n"
    assert edited(source) == "import b\n\n\ndef f():\n    import pathlib\n    return pathlib.Path(x) / y\n"


def test_import_that_comes_only_below_the_call_is_not_used():
    source = "import os\nx = os.path.join(a, b)\nimport pathlib\nos\n"
    assert edited(source) == "import os\nimport pathlib\nx = pathlib.Path(a) / b\nimport pathlib\nos\n"


def test_rest_keeps_text_parentheses_and_unpacking():
    parameters = {
        "pattern": "m.f($X, $$$REST)",
        "template": "n.g($$$REST, first=$X)",
        "imports": ["import n"],
    }
    source = "import m\nm.f(a,  (b), *c,\n    k = (d), **e)\nm.f(a)\nm.f((a), b)\n"
    assert edited(source, parameters) == (
        "import n\nn.g((b), *c,\n    k = (d), **e, first=a)\nn.g(first=a)\nn.g(b, first=a)\n"
    )


def test_keyword_given_twice_is_not_produced():
    parameters = {"pattern": "m.f($X, $$$REST)", "template": "n.g($X, $$$REST, k=1)", "imports": ["import n"]}
    assert reasons("import m\nm.f(a, k=2)\n", parameters) == ["the arguments do not fit into the template"]


def test_keywords_that_would_become_list_items_are_reported():
    parameters = {"pattern": "m.f($$$ALL)", "template": "[$$$ALL]"}
    assert edited("import m\nm.f(1, 2)\n", parameters) == "[1, 2]\n"
    assert edited("import m\nm.f()\n", parameters) == "[]\n"
    assert reasons("import m\nm.f(a=1)\n", parameters) == ["the arguments do not fit into the template"]


def test_repeated_metavariable_and_constants_must_agree():
    parameters = {"pattern": "m.f($X, $X, None)", "template": "m.h($X)", "imports": ["import m"]}
    source = "import m\nm.f(a, a, None)\nm.f(a, b, None)\nm.f(a, a, 0)\n"
    assert edited(source, parameters) == source.replace("m.f(a, a, None)", "m.h(a)")


def test_names_inside_the_pattern_are_compared_by_meaning():
    parameters = {"pattern": "m.f($X, os.sep)", "template": "m.h($X)", "imports": ["import m"]}
    source = "import m, os\nfrom os import sep as s\nm.f(a, s)\nm.f(a, b.sep)\n"
    assert edited(source, parameters) == source.replace("m.f(a, s)", "m.h(a)")


def test_template_with_names_of_its_own():
    parameters = {"pattern": "m.f($X)", "template": "[x for x in $X]"}
    assert edited("import m\nm.f(load())\n", parameters) == "[x for x in load()]\n"
    assert reasons("import m\nm.f(x)\n", parameters) == [
        "an argument uses a name that the template binds itself"
    ]
    assert len(reasons("import m\nclass C:\n    y = m.f(z)\n", parameters)) == 1


@pytest.mark.parametrize(
    "context",
    [
        "{}.x", "{}[0]", "{}()", "-{}", "not {}", "await_({})", "a + {}", "{} + a", "a * {} ** 2", "a if {} else b",
        "[{} for y in z]", "[y for y in {} if {}]", "lambda: {}", "f(*{})", "f(**{})", "a[{}:{}]", "{{1: {}}}",
        "({}, 1)", "a < {} < b", "a or {} and b", "f(k={})", "x[{}]", "({})", "{} if {} else {}", "(yield {})",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "template", ["$A or $B", "$A, $B", "lambda: $A", "$A if $B else 0", "-$A", "$A ** $B"]
)
def test_result_means_the_same_in_every_context(context, template):
    pattern = "m.f($A, $B)"
    source = "import m\n\n\ndef g():\n    return " + context.replace("{}", "m.f(p, q)").replace(
        "{{", "{"
    ).replace("}}", "}")
    expected = source.replace("m.f(p, q)", "(" + template.replace("$A", "p").replace("$B", "q") + ")")
    result = edited(source + "\n", {"pattern": pattern, "template": template, "unused_imports": "keep"})
    assert ast.dump(ast.parse(result)) == ast.dump(ast.parse(expected))


@pytest.mark.parametrize(
    "argument",
    [
        "a + b",
        "a or b",
        "lambda: a",
        "a if b else c",
        "not a",
        "*a, b",
        "a, b",
        "(yield)",
        "1",
        "-1",
        "await_",
    ],
)
@pytest.mark.parametrize(
    "template",
    ["$A.x", "$A ** 2", "-$A", "str($A)", "[$A]", "None if $A else True", "dict(k=$A)", "$A < 1", "$A[0]"],
)
def test_argument_means_the_same_in_every_template(argument, template):
    call = f"m.f(({argument}))" if "," in argument else f"m.f({argument})"
    value = f"({argument})"
    source = f"import m\n\n\ndef g():\n    return {call}\n"
    expected = source.replace(call, template.replace("$A", value))
    parameters = {
        "pattern": "m.f($A)",
        "template": template,
        "unused_imports": "keep",
    }
    result = edited(source, parameters)
    wanted = ast.dump(ast.parse(expected))
    assert ast.dump(ast.parse(result)) == wanted


def test_reexport_under_another_name_is_followed():
    files = {
        "pkg/__init__.py": "",
        "pkg/compat.py": "from os.path import join as glue\n",
        "pkg/user.py": "from pkg import compat\nfrom pkg.compat import glue\n\ncompat.glue(a, b)\nglue(a, b)\n",
        "other.py": "def glue(a, b): ...\n\n\nglue(a, b)\n",
    }
    analysis = analyse(files)
    assert [(site.path, site.line) for site in analysis.sites] == [("pkg/user.py", 4), ("pkg/user.py", 5)]
    assert analysis.resolved == 2


@pytest.mark.parametrize(
    "parameters",
    [
        {"pattern": "m.f($X", "template": "$X"},
        {"pattern": "m.f($$$A, $$$B)", "template": "1"},
        {"pattern": "$X($Y)", "template": "$Y"},
        {"pattern": "m.f()($Y)", "template": "$Y"},
        {"pattern": "m.f($X)", "template": "(yield $X)"},
        {"pattern": "m.f($X)", "template": "f'{$X}'"},
        {"pattern": "m.f($X)", "template": "a +\n$X"},
        {"pattern": "m.f($X)", "template": "$X + nothing"},
        {"pattern": "m.f($X)", "template": "$X", "imports": ["from m import *"]},
        {"pattern": "m.f($X)", "template": "$X", "imports": ["from . import m"]},
        {"pattern": "$X.f()", "template": "$X.f()"},
        {"pattern": "open($X)", "template": "open($X)"},
    ],
)
def test_unusable_parameters_are_refused_with_a_reason(parameters):
    with pytest.raises(ParameterError) as raised:
        analyse({"a.py": "import m\n"}, parameters)
    assert len(str(raised.value)) > 20
