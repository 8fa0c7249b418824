"""Random functions, calls and changes, run before and after: every argument reaches its parameter, in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipes.change_signature.recipe import ChangeSignature

# What arguments may be: t() notes that it is evaluated, v is a variable of the module.
PRELUDE = "log = []\nv = 7\n\n\ndef t(value):\n    log.append(value)\n    return value\n\n\n"
EXPRESSIONS = st.sampled_from(["1", "v", "t(2)", "t(3)", "(v, t(4))", "lambda: 5", "-6"])
NAMES = ["a", "b", "c", "d"]


@dataclass(frozen=True)
class Program:
    """A function that gives back what its parameters got, and calls of it, one on each line."""

    parameters: str
    groups: tuple[tuple[str, ...], ...]
    stars: tuple[str, ...]
    defaults: frozenset[str]
    calls: tuple[str, ...]

    @property
    def text(self) -> str:
        calls = "".join(f"result_{index} = f({call})\n" for index, call in enumerate(self.calls))
        return f"{PRELUDE}def f({self.parameters}):\n    return dict(locals())\n\n\n{calls}"

    def line(self, index: int) -> int:
        return self.text.count("\n") - len(self.calls) + index + 1


@st.composite
def programs(draw: st.DrawFn) -> Program:
    names = NAMES[: draw(st.integers(1, 4))]
    only = draw(st.sampled_from([0, 0, 1]))
    keywords = draw(st.integers(only, len(names)))
    first_default = draw(st.integers(0, keywords))
    has_args, has_kwargs = draw(st.booleans()), draw(st.booleans())
    pieces, defaults = [], set[str]()
    for index, name in enumerate(names):
        if index == keywords:
            pieces.append("*args" if has_args else "*")
        if index >= first_default if index < keywords else draw(st.booleans()):
            defaults.add(name)
        pieces.append(f"{name}={100 + index}" if name in defaults else name)
        if index + 1 == only:
            pieces.append("/")
    pieces += ["*args"] if keywords == len(names) and has_args else []
    pieces += ["**kwargs"] if has_kwargs else []
    kinds = [*names[:only], *names[only:keywords], *names[keywords:]]
    made = [
        draw(calls(kinds, only, keywords, defaults, has_args, has_kwargs))
        for _ in range(draw(st.integers(1, 5)))
    ]
    groups = (names[:only], names[only:keywords], names[keywords:])
    stars = (["*args"] if has_args else []) + (["**kwargs"] if has_kwargs else [])
    return Program(
        ", ".join(pieces), tuple(map(tuple, groups)), tuple(stars), frozenset(defaults), tuple(made)
    )


@st.composite
def calls(
    draw: st.DrawFn,
    names: list[str],
    only: int,
    keywords: int,
    defaults: set[str],
    has_args: bool,
    has_kwargs: bool,
) -> str:
    """Give each parameter an argument by position or keyword, or none if it may go without."""
    count = draw(st.integers(only, keywords + 2 * has_args))
    pieces = [draw(EXPRESSIONS) for _ in range(count)]
    if pieces and draw(st.integers(0, 3)) == 0:  # the last ones come by a star
        kept = draw(st.integers(0, len(pieces) - 1))
        pieces[kept:] = [f"*[{', '.join(pieces[kept:])}]"]
    rest = [name for name in names[min(count, keywords) :] if name not in defaults or draw(st.booleans())]
    rest += ["extra"] if has_kwargs and draw(st.booleans()) else []
    given = [(name, draw(EXPRESSIONS)) for name in draw(st.permutations(rest))]
    if given and draw(st.integers(0, 3)) == 0:
        inside = ", ".join(f"{name!r}: {value}" for name, value in given[1:])
        mapping = draw(st.sampled_from([f"**{{{inside}}}", f"**dict({{{inside}}})"]))
        return ", ".join([*pieces, *(f"{name}={value}" for name, value in given[:1]), mapping])
    return ", ".join([*pieces, *(f"{name}={value}" for name, value in given)])


@st.composite
def changes(draw: st.DrawFn, program: Program) -> list[str]:
    names = [name for group in program.groups for name in group]
    name = draw(st.sampled_from(names))
    group = draw(st.sampled_from([group for group in program.groups if group]))
    order = draw(st.permutations(group))
    place = draw(
        st.sampled_from(["", " first", " last", " keyword-only", f" before {name}", f" after {name}"])
    )
    with_default = sorted(program.defaults)
    possible = [
        f"remove {name}",
        f"rename {name} other",
        f"keyword-only {name}",
        f"default {name} = 50",
        f"add new = 60{place}",
        f"add new = 60{place} call 70",
        f"add new{place} call v",
        "normalize-calls",
        *(f"remove {each}" for each in program.stars),
        *([f"reorder {', '.join(order)}"] if len(order) > 1 else []),
        *(f"inline-default {each}{keep}" for each in with_default for keep in ("", " keep")),
    ]
    chosen = draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3))
    if draw(st.booleans()):  # whatever the order, a signature that Python takes
        return [*(f"default {each} = 50" for each in names if each not in with_default), *chosen]
    return chosen


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_argument_reaches_the_parameter_that_it_reached_before(data: st.DataObject) -> None:
    program = data.draw(programs())
    texts = data.draw(changes(program))
    recipe = ChangeSignature.bind({"function": "acme.f", "change": texts})
    before = program.text
    try:
        analysis = recipe.analyse(MemoryTree({"acme.py": before}))
    except RefactorError:
        return  # which changes are refused is for the cases
    after = analysis.edits[0].content.decode() if analysis.edits else before
    reported = {site.line for site in analysis.sites if site.status == "unresolved"}
    old, new = run(program, before), run(program, after)
    for index, ((result, log), (changed, changed_log)) in enumerate(zip(old, new, strict=True)):
        if result is None or program.line(index) in reported:
            continue
        assert changed is not None, f"{texts}\n{before}\n{after}"
        assert log == changed_log, f"{texts}\n{before}\n{after}"
        check(program, texts, index, result, changed, f"{texts}\n{before}\n{after}")


def run(program: Program, text: str) -> list[tuple[dict[str, Any] | None, list[object]]]:
    """Return what each call gave, None if it failed, and what it evaluated."""
    definition, _, lines = text.rpartition("\n\n\n")
    found = []
    for line in statements(lines):
        names: dict[str, Any] = {}
        exec(definition, names)
        try:
            exec(line, names)
        except TypeError:
            found.append((None, names["log"]))
        else:
            found.append(
                (next(value for key, value in names.items() if key.startswith("result_")), names["log"])
            )
    assert len(found) == len(program.calls)
    return found


def statements(lines: str) -> list[str]:
    return ["result_" + each for each in lines.split("result_")[1:]]


def check(
    program: Program,
    texts: list[str],
    index: int,
    result: dict[str, Any],
    changed: dict[str, Any],
    shown: str,
) -> None:
    renamed = {text.split()[1]: "other" for text in texts if text.startswith("rename")}
    defaulted = {text.split()[1] for text in texts if text.startswith("default")}
    for name, value in result.items():
        here = renamed.get(name, name)
        if here not in changed:
            assert any(text.startswith("remove") and text.endswith(name) for text in texts), shown
        elif name in defaulted and value in (100, 101, 102, 103):
            assert changed[here] in (50, value), shown
        else:
            assert plain(changed[here]) == plain(value), shown
    given = [text for text in texts if text.startswith("add")]
    if given and "new" in changed and "new" not in result:
        expected = 7 if given[0].endswith("call v") else 70 if given[0].endswith("call 70") else 60
        assert changed["new"] == expected, shown


def plain(value: object) -> object:
    """Two functions made by the same lambda are alike."""
    if isinstance(value, tuple):
        return tuple(plain(each) for each in value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return "function" if callable(value) else value


def test_an_argument_that_goes_behind_what_a_star_passes_goes_by_keyword() -> None:
    before = "def f(a=100, b=101, c=102):\n    return a, b, c\n\n\nf(1, *[2])\n"
    recipe = ChangeSignature.bind({"function": "acme.f", "change": ["reorder b, c, a"]})
    (edit,) = recipe.analyse(MemoryTree({"acme.py": before})).edits
    assert edit.content.decode().endswith("\nf(*[2], a=1)\n")
