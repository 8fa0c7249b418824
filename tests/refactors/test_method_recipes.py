"""What the cases of method-to-function and function-to-method cannot show: bytes, hard classes, and several files."""

import pytest

from overhaul.refactors.errors import ParameterError, RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.recipes.function_to_method import FunctionToMethod
from overhaul.refactors.recipes.method_to_function import MethodToFunction

USER = "class User:\n    name = ''\n"
GREET = f"{USER}\n\ndef greet(user): ...\n\n\n"


def method(files, **parameters) -> Analysis:
    files = files if isinstance(files, dict) else {"a.py": files}
    return MethodToFunction.bind({"method": "a.User.greet", **parameters}).analyse(MemoryTree(files))


def function(files, **parameters) -> Analysis:
    files = files if isinstance(files, dict) else {"a.py": files}
    given = {"function": "a.greet", "owner": "a.User", **parameters}
    return FunctionToMethod.bind(given).analyse(MemoryTree(files))


def edited(analysis: Analysis, path: str = "a.py") -> str:
    return next(edit.content.decode() for edit in analysis.edits if edit.path == path)


def reasons(analysis: Analysis) -> list[str]:
    return [site.reason for site in analysis.sites if site.status == "unresolved"]


def test_latin_1_file_keeps_its_bytes():
    source = (
        "# coding: latin-1\nclass User:\n    def greet(self):\n        return 'é'\n\n\nUser().greet()  # à\n"
    )
    (edit,) = method({"a.py": source.encode("latin-1")}).edits
    assert edit.content.decode("latin-1") == (
        "# coding: latin-1\nclass User:\n    pass\n\n\ndef greet(self):\n    return 'é'\n\n\ngreet(User())  # à\n"
    )


def test_there_and_back_gives_the_file_as_it_was():
    source = "class User:\n    def greet(self, a): ...\n\n\nUser().greet(1)\nUser().greet(\n    2,\n)\n"
    there = edited(method(source))
    assert "greet(User(), 1)" in there
    assert edited(function(there)) == source


def test_nested_class_is_named_in_full():
    source = "class Outer:\n    class User:\n        def greet(self, a: int) -> int: ...\n\n\nOuter.User().greet(1)\n"
    text = edited(method(source, method="a.Outer.User.greet"))
    assert "def greet(self: Outer.User, a: int) -> int: ..." in text
    assert text.endswith("greet(Outer.User(), 1)\n")


def test_getattr_with_a_computed_name_keeps_the_method():
    analysis = method(
        "class User:\n    def greet(self): ...\n\n    def run(self, what):\n"
        "        getattr(self, 'gre' + what)()\n        getattr(self, 'on_' + what)()\n"
    )
    assert reasons(analysis) == ["getattr of a computed name on an object that has 'greet'"]
    assert "return greet(self)" in edited(analysis)


def test_getattr_of_the_class_keeps_the_method_that_it_would_answer_for():
    source = f"{USER}    def greet(self): ...\n    def __getattr__(self, name): ...\n"
    assert "return greet(self)" in edited(method(source))


def test_delegate_keeps_a_header_with_colons_and_brackets_in_it():
    source = (
        "class User:\n    def greet(\n        self,\n        a: dict = {'x': (1)},  # one):\n"
        "        *,\n        b=lambda: 2,\n    ) -> 'int':\n        return 1\n"
    )
    text = edited(method(source, keep="yes"))
    assert "    ) -> 'int':\n        return greet(self, a, b=b)\n" in text
    assert "        a: dict = {'x': (1)},  # one):\n" in text


def test_function_gets_an_import_of_its_own_where_each_name_has_one():
    files = {
        "p/__init__.py": "",
        "p/a.py": "class User:\n    def greet(self): ...\n\n\nclass Other: ...\n",
        "p/b.py": "from .a import Other\nfrom .a import User\n\nUser().greet(), Other\n",
    }
    assert edited(method(files, method="p.a.User.greet"), "p/b.py") == (
        "from .a import Other\nfrom .a import User\nfrom .a import greet\n\ngreet(User()), Other\n"
    )


def test_import_that_a_package_would_load_in_a_circle_is_left():
    files = {
        "p/__init__.py": "from . import fields\nfrom p.a import User\n",
        "p/a.py": "from p import fields\n\n\nclass User:\n    def greet(self): ...\n",
        "p/fields.py": "import typing\nif typing.TYPE_CHECKING:\n    from p.a import User\n\n\n"
        "def f(user: 'User'):\n    user.greet()\n",
    }
    analysis = method(files, method="p.a.User.greet")
    assert [edit.path for edit in analysis.edits] == ["p/a.py"]
    assert "importing p.a here would make an import cycle" in reasons(analysis)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("def f(u: User | None): greet(u)", "'u' may be None"),
        ("def f(u: User = None): greet(u)", "'u' may be None"),
        ("def f(u: dict[int, User]): greet(u.get(1))", "may be None"),
        ("def f(u): greet(u)", "has no known type"),
        ("def f(u: User | int): greet(u)", "may be of builtins.int"),
        ("def f(u: type[User]): greet(u)", "is a class"),
        (
            "class A:\n    u = None\n    def f(self):\n        self.u = User()\n        greet(self.u)",
            "may be None",
        ),
        ("def g(): return User()\ngreet(g())", "may be None"),
    ],
)
def test_instance_that_is_not_proved_is_reported(statement, reason):
    analysis = function(f"{GREET}{statement}\n")
    assert any(reason in each for each in reasons(analysis)), reasons(analysis)
    assert "return User.greet(user)" in edited(analysis)


@pytest.mark.parametrize(
    "statement",
    [
        "def f(u: User): greet(u)",
        "def f(u: 'User'): greet(u)",
        "def f(*, u: list[User]): greet(u[0])",
        "def f(u: list[User]):\n    for x in u: greet(x)",
        "def g() -> User: ...\ngreet(g())",
        "class A:\n    def f(self):\n        self.u = User()\n        greet(self.u)",
        "class A:\n    u: User\n    def f(self): greet(self.u)",
        "def f(u: User | None): greet(u or User())",
        "def f(u):\n    if isinstance(u, User): greet(u)",
        "if u := User(): greet(u)",
    ],
)
def test_instance_that_is_proved(statement):
    analysis = function(f"{GREET}{statement}\n")
    assert not reasons(analysis)
    assert ".greet()" in edited(analysis)


def test_comment_beside_a_parameter_is_not_lost():
    text = f"{USER}\n\ndef greet(\n    a,  # first\n    user,\n    b=1,\n): ...\n"
    with pytest.raises(ParameterError, match="comment"):
        function(text, parameter="user")


def test_file_that_cannot_hold_the_new_code_is_refused():
    files = {
        "a.py": b"# coding: latin-1\nclass User: ...\n",
        "b.py": "from a import User\n\n\ndef greet(user: User): return '→'\n",
    }
    with pytest.raises(RefactorError, match="UTF-8"):
        function(files, function="b.greet")
