"""Which uses of a method follow its rename: each sample's comments say what must happen to the line."""

import pytest

from .test_rename_symbol import contents, rename

CLASSES = 'class A:\n    def m(self): return "A"\n\n\nclass B:\n    def m(self): return "B"\n\n\n'


def check(code: str, old: str = "acme.A.m") -> None:
    """Rename `A.m` and look at every line with a comment: `# renamed`, `# kept` or `# reported`."""
    analysis = rename({"acme.py": CLASSES + code}, old, "new")
    before = (CLASSES + code).splitlines()
    after = contents(analysis)["acme.py"].decode().splitlines()
    reported = {site.line for site in analysis.sites if site.status == "unresolved"}
    for number, (old_line, new_line) in enumerate(zip(before, after, strict=True), start=1):
        if "  # " in old_line:
            found = "renamed" if old_line != new_line else "reported" if number in reported else "kept"
            assert found == old_line.rpartition("  # ")[2], f"line {number}: {old_line}"


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    if isinstance(x, A):\n        x.m()  # renamed\n        x = B()\n        x.m()  # kept\n",
        "def f(x):\n    assert isinstance(x, A)\n    x.m()  # renamed\n    x = B()\n    x.m()  # kept\n",
        (
            "def f(x):\n    if not isinstance(x, A):\n        x = 1\n        return\n    x.m()  # renamed\n    x = B()\n"
            "    x.m()  # kept\n"
        ),
        (
            "def f(x):\n    if isinstance(x, A):\n        [x.m() for x in [B()]]  # kept\n"
            "        for x in [B()]:\n            x.m()  # kept\n"
        ),
        "def f(x):\n    while isinstance(x, A):\n        x.m()  # renamed\n        x = B()\n        x.m()  # kept\n",
        "def f(h):\n    if isinstance(h.x, A):\n        h.x.m()  # renamed\n        h.x = g()\n        h.x.m()  # reported\n",
        "def f(x, c):\n    assert isinstance(x, A)\n    while c:\n        x.m()  # reported\n        x = g()\n",
        "def f(x):\n    if isinstance(x, A):\n        x = x.m()  # renamed\n",
        "def f(x):\n    if isinstance(x, A):\n        if x:\n            x = B()\n        else:\n            x.m()  # renamed\n",
    ],
)
def test_a_test_of_the_class_holds_until_the_variable_is_bound_again(code: str) -> None:
    check(code)


@pytest.mark.parametrize(
    "code",
    [
        "def f(c):\n    x = B()\n    if c and (x := A()):\n        pass\n    x.m()  # reported\n",
        "def f(c):\n    x = B()\n    if x := A():\n        pass\n    x.m()  # renamed\n",
        "def f(c):\n    x = B()\n    [x := A() for _ in c]\n    x.m()  # reported\n",
        "def f(v):\n    x = B()\n    match v:\n        case A() as x:\n            x.m()  # renamed\n    x.m()  # reported\n",
        "def f(v):\n    x = A()\n    try:\n        g()\n    except E as x:\n        pass\n    x.m()  # renamed\n",
    ],
)
def test_a_binding_that_may_not_happen_leaves_the_earlier_one_possible(code: str) -> None:
    check(code)


@pytest.mark.parametrize(
    "code",
    [
        "xs = [A()]\nxs.append(B())\nfor x in xs:\n    x.m()  # reported\n",
        "xs = [A()]\nxs.append(A())\nfor x in xs:\n    x.m()  # renamed\n",
        "xs = []\nxs.append(A())\nfor x in xs:\n    x.m()  # renamed\n",
        "xs = [A()]\nys = xs\nys.append(B())\nxs[1].m()  # reported\n",
        "xs = [A()] + [B()]\nxs[1].m()  # reported\n",
        "xs = {1: A()}\nxs[2] = B()\nxs[2].m()  # reported\n",
        "def f():\n    xs = [A()]\n    for x in xs:\n        x.m()  # renamed\n    return xs\n",
        "class H:\n    def __init__(self): self.xs = [A()]\n\n\nh = H()\nh.xs.append(B())\nh.xs[1].m()  # reported\n",
    ],
)
def test_a_container_holds_what_its_uses_put_into_it(code: str) -> None:
    check(code)


@pytest.mark.parametrize(
    "code",
    [
        "class H:\n    x = A()\n\n\nh = H()\nh.x.m()  # reported\nh.x = B()\n",
        "class H:\n    x = A()\n\n\ndef put(h): h.x = B()\n\n\nH().x.m()  # reported\n",
        "class H:\n    x: A = A()\n\n\nh = H()\nh.x = B()\nh.x.m()  # renamed\n",
        "class H:\n    x = A()\n    def f(self):\n        self.x.m()  # reported\n\n\nclass S(H):\n    x = B()\n",
        "class H:\n    k = A\n    def f(self):\n        self.k().m()  # reported\n\n\nclass S(H):\n    k = B\n",
        (
            "class H:\n    def k(self): return A()\n    def f(self):\n        self.k().m()  # reported\n\n\n"
            "class S(H):\n    def k(self): return B()\n"
        ),
        (
            "class H:\n    def k(self) -> A: ...\n    def f(self):\n        self.k().m()  # renamed\n\n\n"
            "class S(H):\n    def k(self): return B()\n"
        ),
    ],
)
def test_what_other_code_or_a_subclass_sets_is_possible_too(code: str) -> None:
    check(code)


def test_a_variable_that_another_module_sets_may_be_of_its_class() -> None:
    files: dict[str, str | bytes] = {
        "acme.py": CLASSES,
        "state.py": "from acme import A\nx = A()\n",
        "set.py": "import state\nfrom acme import B\nstate.x = B()\n",
        "use.py": "import state\nstate.x.m()\n",
    }
    analysis = rename(files, "acme.A.m", "new")
    assert list(contents(analysis)) == ["acme.py"]
    assert [site.path for site in analysis.sites if site.status == "unresolved"] == ["use.py"]


@pytest.mark.parametrize(
    "code",
    [
        "class C(A):\n    def __new__(cls): return B()\n\n\nC().m()  # reported\n",
        "class C(A):\n    def __new__(cls): return super().__new__(cls)\n\n\nC().m()  # renamed\n",
        "class M(type):\n    def __call__(cls): return B()\n\n\nclass C(A, metaclass=M): ...\n\n\nC().m()  # reported\n",
        "def swap(cls): return B\n\n\n@swap\nclass C(A): ...\n\n\nC().m()  # reported\n",
        "def keep(cls): return cls\n\n\n@keep\nclass C(A): ...\n\n\nC().m()  # renamed\n",
        "class D(A):\n    def __get__(self, o, t): return B()\n\n\nclass H:\n    x = D()\n\n\nH().x.m()  # kept\n",
    ],
)
def test_a_class_may_give_something_else_than_its_instances(code: str) -> None:
    check(code)


@pytest.mark.parametrize(
    "code",
    [
        "C(1, old=2)  # renamed\n",
        'C(**{"x": 1, "old": 2})  # renamed\n',
        "C(**options)  # reported\n",
        "partial(C, old=2)  # renamed\n",
        "def f(k): return k(old=2)  # reported\n",
        "K = C if C.x else A\nK(old=2)  # reported\n",
        "Made(old=2)  # reported\n",
        'asdict(C(1))["old"]  # reported\n',
        "B(old=2)  # kept\n",
    ],
)
def test_a_field_is_renamed_or_reported_where_a_call_names_it(code: str) -> None:
    head = (
        "from dataclasses import asdict, dataclass\nfrom functools import partial\n\n\n"
        "@dataclass\nclass C:\n    x: int\n    old: int = 1\n\n\n@model\nclass Made(Base):\n    pass\n\n\n"
    )
    if code.startswith("Made"):
        check(head.replace("@dataclass\n", "@model\n").replace("Base", "C") + code, "acme.C.old")
    else:
        check(head.replace("(Base)", "") + code, "acme.C.old")
