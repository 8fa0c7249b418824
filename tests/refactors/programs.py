"""Small programs made at random, and what running one prints: the judge of edits that must keep the meaning."""

import contextlib
import io
import random
from collections.abc import Callable

NAMES = ("a", "b", "c", "d")
Make = Callable[[int], list[str]]


class Programs:
    """Makes functions over a few variables out of every kind of statement; loops are bounded."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.loops = 0
        self.counter = 0
        self.called = ""
        self.uses_global = False

    def function(self, parameters: str = "a, b", name: str = "f", statements: int = 5) -> str:
        """Return the source of one function."""
        self.loops = 0
        self.uses_global = self.random.random() < 0.3
        lines = ["global z"] if self.uses_global else []
        lines += self.block(statements, 3)
        return "\n".join([f"def {name}({parameters}):", *(f"    {line}" for line in lines), ""])

    def name(self) -> str:
        """Return a variable, now and then the global one."""
        return self.random.choice([*NAMES, "z"] if self.uses_global else NAMES)

    def expression(self, depth: int = 2) -> str:
        if depth == 0 or self.random.random() < 0.3:
            return self.random.choice([self.name(), self.name(), str(self.random.randrange(4))])
        one, other, name = self.expression(depth - 1), self.expression(depth - 1), self.name()
        if self.called and self.random.random() < 0.4:
            return self.call(one, other)
        return self.random.choice(
            [
                f"({one} + {other})",
                f"{one} * {other}",
                f"({one} - {other})",
                f"show({one})",
                f"show({one}, {other})",
                f"({one} if {other} > 1 else {name})",
                f"({one} or {other})",
                f"({one} and show({other}))",
                f"sum([{one} + i for i in range({self.random.randrange(3)})])",
                f"sum(i + {name} for i in range(2))",
                f"(lambda x: x + {name})({one})",
                f"({name} := {one})",
                f"(7 // {one})",
                f"int(f'{{{name}}}' + '1')",
            ]
        )

    def call(self, one: str, other: str) -> str:
        """Return a call of the function that expressions may call, in one of the ways to hand over arguments."""
        arguments = [f"{one}, {other}", f"{one}, b={other}", f"b={one}, a={other}", one]
        return f"{self.called}({self.random.choice(arguments)})"

    def block(self, statements: int, depth: int) -> list[str]:
        found: list[str] = []
        for _ in range(self.random.randint(1, statements)):
            found += self.statement(depth)
        return found

    def statement(self, depth: int) -> list[str]:
        simple: list[Make] = [self.assign, self.assign, self.assign, self.show, self.add, self.pair]
        simple += [self.jump, self.delete, self.capture]
        compound: list[Make] = [self.test, self.loop, self.attempt, self.repeat, self.manager, self.inner]
        makers = simple + (compound if depth else [])
        return self.random.choice(makers)(depth)

    def assign(self, _depth: int) -> list[str]:
        if self.called and self.random.random() < 0.5:
            whole = self.random.choice(["", "", f"{self.name()} = ", "return ", f"{self.name()} += "])
            return [whole + self.call(self.expression(1), self.expression(1))]
        return [f"{self.name()} = {self.expression()}"]

    def pair(self, _depth: int) -> list[str]:
        return [f"{self.name()}, {self.name()} = {self.expression(1)}, {self.expression(1)}"]

    def add(self, _depth: int) -> list[str]:
        return [f"{self.name()} += {self.expression()}"]

    def show(self, _depth: int) -> list[str]:
        return [f"show({self.expression()}, {self.name()})"]

    def delete(self, _depth: int) -> list[str]:
        return [f"del {self.name()}"] if self.random.random() < 0.3 else ["# nothing to do", "pass"]

    def capture(self, _depth: int) -> list[str]:
        return [self.random.choice([f"later.append(lambda: {self.name()})", "show(*[g() for g in later])"])]

    def jump(self, _depth: int) -> list[str]:
        choices = [
            "return " + self.expression(),
            "return",
            f"if {self.expression(1)} > 2: return {self.name()}",
        ]
        if self.loops:
            choices += ["break", "continue", f"if {self.name()} > 3: break"]
        return [self.random.choice(choices)]

    def test(self, depth: int) -> list[str]:
        lines = [f"if {self.expression()} > 1:", *self.indented(depth)]
        if self.random.random() < 0.5:
            lines += ["else:", *self.indented(depth)]
        return lines

    def loop(self, depth: int) -> list[str]:
        header = f"for {self.name()} in range({self.random.randint(0, 3)}):"
        self.loops += 1
        lines = [header, *self.indented(depth)]
        self.loops -= 1
        if self.random.random() < 0.3:
            lines += ["else:", *self.indented(depth)]
        return lines

    def repeat(self, depth: int) -> list[str]:
        self.counter += 1
        counter = f"n{self.counter}"
        self.loops += 1
        body = self.indented(depth)
        self.loops -= 1
        return [f"{counter} = 0", f"while {counter} < 2:", f"    {counter} += 1", *body]

    def attempt(self, depth: int) -> list[str]:
        lines = ["try:", *self.indented(depth)]
        kind = self.random.choice(["except", "finally", "both"])
        if kind != "finally":
            lines += [
                f"except {self.random.choice(['ZeroDivisionError', 'Exception'])} as e:",
                *self.indented(depth),
            ]
        if kind != "except":
            loops, self.loops = self.loops, 0  # 'continue' in a finally is an error in old versions
            lines += ["finally:", *self.indented(depth)]
            self.loops = loops
        return lines

    def manager(self, depth: int) -> list[str]:
        what = self.random.choice(
            ["suppress(ZeroDivisionError)", f"nullcontext({self.expression(1)}) as {self.name()}"]
        )
        return [f"with {what}:", *self.indented(depth)]

    def inner(self, depth: int) -> list[str]:
        self.counter += 1
        name, changed = f"g{self.counter}", self.random.choice(NAMES)
        loops, self.loops = self.loops, 0
        lines = [f"def {name}():"]
        if self.random.random() < 0.4:
            lines += [f"    nonlocal {changed}", f"    {changed} = show(5)"]
        lines += [f"    return {self.name()} + {self.name()}", f"show({name}())"]
        self.loops = loops
        return lines

    def indented(self, depth: int) -> list[str]:
        return [f"    {line}" for line in self.block(3, depth - 1)]


PRELUDE = """from contextlib import nullcontext, suppress

later = []
z = 1


def show(*values):
    print(*values)
    return values[0]


"""


def outcome(source: str, arguments: tuple[int, ...]) -> str:
    """Return what `f` of a program prints, and returns or raises; unbound names count as one kind of error."""
    printed = io.StringIO()
    namespace: dict[str, object] = {}
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "program.py", "exec"), namespace)
        try:
            result = repr(namespace["f"](*arguments))  # type: ignore[operator]
        except NameError:
            result = "NameError"
        except Exception as error:
            result = type(error).__name__
        for each in namespace["later"]:  # type: ignore[attr-defined]
            try:
                print(each())
            except NameError:
                print("NameError")
    return f"{printed.getvalue()}{namespace.get('z', 'NameError')} {result}"
