"""Linters and upgraders with fixes as recipes: ruff, pyupgrade, django-upgrade, fixit; each in a pinned version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from overhaul.flows.foreign.command_recipe import (
    PYTHON,
    SANDBOX_HELP,
    ForeignRecipe,
    Heard,
    Said,
    SandboxName,
    shortened,
)
from overhaul.flows.plain_text import on_one_line
from overhaul.refactors.errors import ParameterError, RefactorError
from overhaul.refactors.recipe import parameter

if TYPE_CHECKING:
    from overhaul.sandbox.foreign_commands import ForeignResult, ForeignWork

VERSION_HELP = "The tool's version on the package index; empty for the one that is pinned here."
_VERSION = re.compile(r"[0-9][A-Za-z0-9.+!-]*")
_WORD = re.compile(r"[A-Za-z0-9_.:/][A-Za-z0-9_.:/-]*")
_PLACE = re.compile(r"^(?P<path>[^\n]+?):(?P<line>\d+):(?P<column>\d+) (?P<rule>\w+): (?P<message>.*)$")
_BROKEN = re.compile(r"^(?P<path>[^\n]+?): EXCEPTION: (?P<message>.*)$")


class ToolRecipe(ForeignRecipe):
    """A tool by its name on the package index; its version is a parameter, so it is part of what a run is."""

    distribution: ClassVar[str]
    settings_files: ClassVar[Sequence[str]] = ("pyproject.toml",)

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> ToolRecipe:
        from overhaul.sandbox.foreign_tools import pinned_version

        version = values.get("version") or pinned_version(cls.distribution)
        made = super().bind({**values, "version": version})
        if not _VERSION.fullmatch(made.parameters.version):
            raise ParameterError(
                f"version {made.parameters.version!r} is none; it takes one such as {version}"
            )
        made.check()
        return made

    def check(self) -> None:
        """Raises ParameterError for words that the tool cannot be given."""

    @property
    def given_values(self) -> dict[str, Any]:
        """With the version, although it is the usual one today."""
        return super().given_values | {"version": self.parameters.version}

    @property
    def tool(self) -> str:
        return f"{self.id} {self.parameters.version}"

    @property
    def requirements(self) -> Sequence[str]:
        from overhaul.sandbox.foreign_tools import tool_requirements

        return tool_requirements(self.distribution, self.parameters.version)

    def wants(self, path: str) -> bool:
        return self.may_edit(path) or path.rpartition("/")[2] in self.settings_files

    def may_edit(self, path: str) -> bool:
        return path.endswith(PYTHON)


def checked_words(name: str, words: Sequence[str]) -> str:
    """Words of a list, with commas between them. Raises ParameterError for what would be an option or a path out."""
    for each in words:
        if not all(map(_WORD.fullmatch, each.split(","))):
            raise ParameterError(f"{name}: {each!r} is none.")
    return ",".join(words)


@dataclass(frozen=True, slots=True)
class RuffParameters:
    """Which rules."""

    select: tuple[str, ...] = parameter(
        "Rules or their beginnings, as `ruff check --select` takes them: UP, F401."
    )
    ignore: tuple[str, ...] = parameter("Rules that stay out.", default=())
    unsafe: bool = parameter("Also fixes that ruff calls unsafe.", default=False)
    version: str = parameter(VERSION_HELP, default="")
    sandbox: SandboxName = parameter(SANDBOX_HELP, default="auto")


class Ruff(ToolRecipe):
    """`ruff check --fix --select ...`; what it reports and cannot fix is unresolved. The project's settings count."""

    id = "ruff"
    summary = "Apply the fixes of ruff for some rules: -p select=UP"
    distribution = "ruff"
    settings_files = ("pyproject.toml", "ruff.toml", ".ruff.toml")
    Parameters = RuffParameters

    def check(self) -> None:
        if not self.parameters.select:
            raise ParameterError("ruff needs rules: -p select=UP")
        self._rules()

    @property
    def title(self) -> str:
        return shortened(f"Apply ruff's {', '.join(self.parameters.select)}")

    def _rules(self) -> list[str]:
        words = ["--select", checked_words("select", self.parameters.select)]
        if self.parameters.ignore:
            words += ["--ignore", checked_words("ignore", self.parameters.ignore)]
        return [*words, "--unsafe-fixes" if self.parameters.unsafe else "--no-unsafe-fixes"]

    def work(self, paths: Sequence[str]) -> ForeignWork:  # noqa: ARG002  (ruff finds them)
        from overhaul.sandbox.foreign_commands import ForeignWork

        check = (
            "ruff",
            "check",
            "--no-cache",
            "--no-respect-gitignore",
            "--exit-zero",
            "--quiet",
            *self._rules(),
        )
        return ForeignWork(
            looks=[(*check, "--no-fix", "--output-format", "json-lines", ".")],
            edits=[(*check, "--fix", "--output-format", "concise", ".")],
        )

    def heard(self, result: ForeignResult) -> Heard:
        places: list[Said] = []
        unread: dict[str, str] = {}
        allowed = {"safe", "unsafe"} if self.parameters.unsafe else {"safe"}
        for row in json_lines(result.said[0]):
            path = str(row.get("filename", "")).removeprefix(f"{result.root}/")
            start, fix, code = row.get("location"), row.get("fix"), str(row.get("code"))
            if not isinstance(start, dict):
                continue
            line, column = number(start.get("row")), number(start.get("column"))
            if code in {"invalid-syntax", "None", "E999"}:
                unread.setdefault(path, f"line {line}: {row.get('message')}")
                continue
            is_fixed = isinstance(fix, dict) and fix.get("applicability") in allowed
            message = str(row.get("message", ""))
            if isinstance(fix, dict) and not is_fixed:
                message += f" (ruff calls its fix {fix.get('applicability')})"
            places.append(Said(path, line, column, code, message, is_fixed))
        return Heard(places, unread)


@dataclass(frozen=True, slots=True)
class PyupgradeParameters:
    """From which Python on."""

    target: Literal["3", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"] = (
        parameter("The oldest Python that the code has to run on.")
    )
    keep_percent_format: bool = parameter("Leave formatting with % as it is.", default=False)
    keep_runtime_typing: bool = parameter("Leave annotations that are read at run time.", default=False)
    version: str = parameter(VERSION_HELP, default="")
    sandbox: SandboxName = parameter(SANDBOX_HELP, default="auto")


class Pyupgrade(ToolRecipe):
    """pyupgrade over every Python file."""

    id = "pyupgrade"
    summary = "Upgrade syntax with pyupgrade for a version of Python: -p target=3.11"
    distribution = "pyupgrade"
    needs_parsing = True
    settings_files = ()
    Parameters = PyupgradeParameters

    @property
    def title(self) -> str:
        return f"Upgrade syntax to Python {self.parameters.target} with pyupgrade"

    def work(self, paths: Sequence[str]) -> ForeignWork:  # noqa: ARG002
        from overhaul.sandbox.foreign_commands import FILES, ForeignWork

        wanted = self.parameters
        options = [f"--py{wanted.target.replace('.', '')}-plus"]
        options += ["--keep-percent-format"] if wanted.keep_percent_format else []
        options += ["--keep-runtime-typing"] if wanted.keep_runtime_typing else []
        # What one pass makes room for, the next one does.
        return ForeignWork(edits=[("pyupgrade", "--exit-zero-even-if-changed", *options, FILES)], passes=2)


@dataclass(frozen=True, slots=True)
class DjangoUpgradeParameters:
    """From which Django on."""

    target: str = parameter("The oldest Django that the code has to run on: 4.2.")
    only: tuple[str, ...] = parameter("Only these fixers.", default=())
    skip: tuple[str, ...] = parameter("Not these fixers.", default=())
    version: str = parameter(VERSION_HELP, default="")
    sandbox: SandboxName = parameter(SANDBOX_HELP, default="auto")


class DjangoUpgrade(ToolRecipe):
    """django-upgrade over every Python file."""

    id = "django-upgrade"
    summary = "Upgrade with django-upgrade for a version of Django: -p target=4.2"
    distribution = "django-upgrade"
    needs_parsing = True
    Parameters = DjangoUpgradeParameters

    def check(self) -> None:
        if not re.fullmatch(r"\d+\.\d+", self.parameters.target):
            raise ParameterError(f"target {self.parameters.target!r} is no version of Django such as 4.2.")
        self._fixers()

    @property
    def title(self) -> str:
        return f"Upgrade to Django {self.parameters.target} with django-upgrade"

    def _fixers(self) -> list[str]:
        words = []
        for name in ("only", "skip"):
            for each in getattr(self.parameters, name):
                words += [f"--{name}", checked_words(name, [each])]
        return words

    def work(self, paths: Sequence[str]) -> ForeignWork:  # noqa: ARG002
        from overhaul.sandbox.foreign_commands import FILES, ForeignWork

        line = ("django-upgrade", "--exit-zero-even-if-changed", "--target-version", self.parameters.target)
        return ForeignWork(edits=[(*line, *self._fixers(), FILES)], passes=2)


@dataclass(frozen=True, slots=True)
class FixitParameters:
    """Which rules."""

    rule: tuple[str, ...] = parameter(
        "Rules, as `fixit --rules` takes them: fixit.rules.use_fstring, or .rules of the repository's own."
    )
    packages: tuple[str, ...] = parameter("Packages with rules, each as NAME==VERSION.", default=())
    version: str = parameter(VERSION_HELP, default="")
    sandbox: SandboxName = parameter(SANDBOX_HELP, default="auto")


class Fixit(ToolRecipe):
    """Fixit rules with autofix; what they report and cannot fix is unresolved."""

    id = "fixit"
    summary = "Apply Fixit rules with their autofixes: -p rule=fixit.rules.use_fstring"
    distribution = "fixit"
    settings_files = ("pyproject.toml", "fixit.toml", ".fixit.toml")
    Parameters = FixitParameters

    def check(self) -> None:
        from overhaul.sandbox.foreign_tools import is_pinned

        if not self.parameters.rule:
            raise ParameterError("fixit needs rules: -p rule=fixit.rules.use_fstring")
        checked_words("rule", self.parameters.rule)
        for each in self.parameters.packages:
            if not is_pinned(each):
                raise ParameterError(f"packages: {each!r} names no version; it takes NAME==VERSION")

    @property
    def title(self) -> str:
        return shortened(f"Apply Fixit's {', '.join(self.parameters.rule)}")

    @property
    def requirements(self) -> Sequence[str]:
        return (*super().requirements, *self.parameters.packages)

    def work(self, paths: Sequence[str]) -> ForeignWork:  # noqa: ARG002
        from overhaul.sandbox.foreign_commands import ForeignWork

        line = ("fixit", "--rules", checked_words("rule", self.parameters.rule))
        # 1: something is found; 2: a file cannot be read; both at once: 3.
        return ForeignWork(
            looks=[(*line, "--output-format", "vscode", "lint", ".")],
            edits=[(*line, "fix", "--automatic", ".")],
            passes=2,
            fine=(0, 1, 2, 3),
        )

    def heard(self, result: ForeignResult) -> Heard:
        places: list[Said] = []
        unread: dict[str, str] = {}
        said = result.said[0].decode(errors="replace")
        if found := re.search("Failed to load rules.*", said):
            raise RefactorError(f"fixit: {on_one_line(found[0])}")
        for line in said.splitlines():
            if found := _PLACE.match(line):
                is_fixed = found["message"].endswith("(has autofix)")
                where = number(found["line"]), number(found["column"]) + 1
                places.append(Said(found["path"], *where, found["rule"], found["message"], is_fixed))
            elif found := _BROKEN.match(line):
                unread.setdefault(found["path"], found["message"])
        return Heard(places, unread)


def json_lines(output: bytes) -> Iterator[dict[str, Any]]:
    """Each line that is a JSON object. What a tool says besides is in the log."""
    for line in output.splitlines():
        if line.startswith(b"{"):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if isinstance(row, dict):
                yield row


def number(value: Any) -> int:
    """A line or column, or 1 for what is none."""
    try:
        return min(max(int(value), 1), 10**9)
    except (TypeError, ValueError):
        return 1
