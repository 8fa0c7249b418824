"""A constraint as it is written, by PEP 440 or by Poetry, and what is wanted instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from overhaul.refactors.declared_dependencies import is_within, poetry_range
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError

LOWER = frozenset({">=", ">"})
UPPER = frozenset({"<", "<="})
COMPOUND = frozenset({"~=", "==*", "^", "~"})
_PART = re.compile(r"(\s*)(===|~=|==|!=|<=|>=|<|>|\^|~|=|)(\s*)([^\s,|^~<>=!]+)(\s*)")


@dataclass(frozen=True, slots=True)
class Part:
    """One comparison. `operator` is `==*` for a version with a wildcard; the rest is as it is written."""

    lead: str
    operator: str
    written: str
    gap: str
    version: str
    trail: str

    def __str__(self) -> str:
        return f"{self.lead}{self.written}{self.gap}{self.version}{self.trail}"

    @property
    def bound(self) -> Version:
        """The version without its wildcard."""
        return Version(self.version.removesuffix(".*"))

    def at(self, operator: str, version: str) -> str:
        """Return this comparison with another operator and version, spaced as it is."""
        return f"{self.lead}{operator}{self.gap}{version}{self.trail}"


@dataclass(frozen=True, slots=True)
class Constraint:
    """What is written, part by part, and the versions that it allows."""

    text: str
    parts: tuple[Part, ...]
    allowed: SpecifierSet
    is_poetry: bool

    @property
    def lowest(self) -> Version | None:
        """The highest of the lower bounds, if there is any."""
        lower = [each.bound for each in self.parts if each.operator in LOWER | COMPOUND | {"=="}]
        return max(lower, default=None)

    @property
    def pin(self) -> Part | None:
        """The part that allows one version only."""
        return next((each for each in self.parts if each.operator == "=="), None)

    def range_of(self, parts: Iterable[Part | str]) -> SpecifierSet:
        """Return what parts of such a constraint allow together."""
        return _range(",".join(map(str, parts)), self.is_poetry)


def read_constraint(text: str, is_poetry: bool) -> Constraint | Doubt:
    """Read what stands in a file; a Doubt if it is not to be understood."""
    cannot = Doubt(f"what '{text.strip()}' allows is not told")
    if "||" in text:
        return Doubt("it allows one of several ranges")
    if text.strip() in {"", "*"}:
        return Constraint(text, (), SpecifierSet(), is_poetry)
    parts = []
    for each in text.split(","):
        match = _PART.fullmatch(each)
        if match is None:
            return cannot
        lead, written, gap, version, trail = match.groups()
        operator = written
        if is_poetry and written in {"", "="}:
            operator = "=="
        if operator == "==" and version.endswith(".*"):
            operator = "==*"
        parts.append(Part(lead, operator, written, gap, version, trail))
    try:
        constraint = Constraint(text, tuple(parts), _range(text, is_poetry), is_poetry)
        _ = [each.bound for each in parts if each.operator != "==="]
    except (InvalidSpecifier, InvalidVersion):
        return cannot
    return constraint


def _range(text: str, is_poetry: bool) -> SpecifierSet:
    return poetry_range(re.sub(r"(^|,)\s*=(?!=)", r"\1==", text)) if is_poetry else SpecifierSet(text)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be asked for. `version` is None where a range is given, `lowest` where it is open downwards."""

    text: str
    version: str | None
    lowest: Version | None
    allowed: SpecifierSet
    is_bounded: bool
    is_pin: bool = False

    @property
    def constraint(self) -> str:
        """As a constraint: a version is the lowest one."""
        return self.text if self.version is None else f">={self.version}"


def read_wanted(text: str, how: str) -> Wanted:
    """Read the parameter `to`. Raises ParameterError if it is nothing to ask for in that way."""
    text = text.strip()
    exact = re.fullmatch(r"==\s*([^\s,*=]+)", text)
    if how == "pin" and exact is not None:
        text = exact[1]
    try:
        version = Version(text)
        if version.local is not None:
            raise ParameterError(
                f"to '{text}' has a local part, which no range can have. Write '{version.public}'"
            )
        return Wanted(text, text, version, SpecifierSet(f">={text}"), is_bounded=False)
    except InvalidVersion:
        pass
    read = read_constraint(text, is_poetry=False)
    if isinstance(read, Doubt) or not read.parts or any(each.operator == "===" for each in read.parts):
        raise ParameterError(f"to '{text}' is neither a version such as 2.1 nor a range such as '>=2,<3'")
    if how == "pin":
        raise ParameterError(f"to '{text}' is a range, and how=pin takes a version such as 2.1")
    if not any(read.allowed.contains(each, prereleases=True) for each in _probes(read)):
        raise ParameterError(f"to '{text}' allows no version at all")
    if how == "raise" and read.lowest is None:
        raise ParameterError(f"to '{text}' has no lower bound to raise to; -p how=replace writes it as it is")
    is_bounded = any(each.operator in UPPER | COMPOUND | {"=="} for each in read.parts)
    return Wanted(text, None, read.lowest, read.allowed, is_bounded, read.pin is not None)


def _probes(read: Constraint) -> list[str]:
    bounds = [str(each.bound) for each in read.parts]
    return ["0", "99999", *bounds, *(f"{each}.0.1" for each in bounds)]


def are_same(left: SpecifierSet, right: SpecifierSet) -> bool:
    """Tell whether two ranges allow the same versions."""
    return is_within(left, right) and is_within(right, left)
