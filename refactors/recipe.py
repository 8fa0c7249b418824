"""A recipe and what it gives: sites, edits, failures.

A recipe reads a `Tree` and returns an `Analysis`; it writes nothing.
It edits only what it can prove and lists every other candidate as an unresolved site with the reason.
"""

from __future__ import annotations

import dataclasses
import hashlib
import typing
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from overhaul.refactors.errors import ParameterError, did_you_mean

if typing.TYPE_CHECKING:
    from overhaul.refactors.project import Project
    from overhaul.refactors.source import Tree

SiteStatus = Literal["resolved", "unresolved"]


@dataclass(frozen=True, slots=True)
class Site:
    """A place that a recipe wants to change.

    `path` is relative to the tree, with forward slashes; `line` and `column` count from 1, as editors show
    them (columns in characters). `reason` is the proof of a resolved site or what is missing for an unresolved one.
    """

    path: str
    line: int
    column: int
    symbol: str
    status: SiteStatus
    reason: str


@dataclass(frozen=True, slots=True)
class Edit:
    """New content for one file; `old_hash` (see `content_hash`) is that of the content it replaces.

    It is None for a file that the edit creates. `new_path` is set if the file moves as well. `sites` counts the
    resolved sites that the edit changes. `is_removal` takes the file away; its content is empty then.
    """

    path: str
    old_hash: str | None
    content: bytes
    sites: int
    new_path: str | None = None
    is_removal: bool = False

    @property
    def is_new(self) -> bool:
        """Whether the edit creates its file."""
        return self.old_hash is None


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be analysed; it is reported and the rest goes on."""

    path: str
    error: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that a recipe found in one tree. Sites are ordered by path, line and column, edits by path.

    `renamed` maps names that become others: a test whose id contains one is still the same test. `log` is what tools
    that are not ours have said.
    """

    recipe: str
    parameters: Mapping[str, Any]
    files_scanned: int
    sites: Sequence[Site]
    edits: Sequence[Edit]
    failures: Sequence[Failure] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    log: str = ""

    @property
    def resolved(self) -> int:
        return sum(site.status == "resolved" for site in self.sites)

    @property
    def unresolved(self) -> int:
        return len(self.sites) - self.resolved


def below(analysis: Analysis, folder: str) -> Analysis:
    """Return an analysis of a folder as one of the tree that the folder is in."""

    def placed(path: str) -> str:
        return f"{folder}/{path}"

    return dataclasses.replace(
        analysis,
        sites=[dataclasses.replace(site, path=placed(site.path)) for site in analysis.sites],
        edits=[
            dataclasses.replace(
                edit, path=placed(edit.path), new_path=edit.new_path and placed(edit.new_path)
            )
            for edit in analysis.edits
        ],
        failures=[dataclasses.replace(each, path=placed(each.path)) for each in analysis.failures],
    )


@dataclass(frozen=True, slots=True)
class Case:
    """Files before and after: at once a test of the recipe and its documentation.

    `after` is None where nothing may change; `removed` names files that go. `unresolved` names, as `path:line`, the
    sites that must be reported. `parameters` are as on the command line.
    """

    name: str
    parameters: Mapping[str, Any]
    before: Mapping[str, str]
    after: Mapping[str, str] | None = None
    unresolved: Sequence[str] = ()
    raises: type[Exception] | None = None
    removed: Sequence[str] = ()


def content_hash(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def parameter(help_text: str, **options: Any) -> Any:
    """Declare a field of a recipe's `Parameters`: its help text, and `default` if it has one."""
    return field(metadata={"help": help_text}, **options)


class Recipe(ABC):
    """A named, parameterised refactor.

    A subclass sets `id` (equal to its file's name with hyphens), `summary` (one line) and `Parameters` (a frozen
    dataclass whose fields are declared with `parameter`; str, bool, a Literal of strings or tuple[str, ...]),
    lists its `cases` and implements `analyse`.

    `independent_edits` says that each file's edit stands by itself, so that a batch which breaks tests can be
    bisected file by file; a rename's edits belong together. `moves_code` says that one file gets what another loses,
    so that some of the edits without the others would lose code.

    `reads_notebooks` says that notebooks are shown to it as Python; `is_remembered` that the same request over the same
    files has the same answer; `caveat` what a reviewer must know of a recipe whose finds are not proofs of ours.

    `proves`, `reports` and `out_of_reach` are short sentences for the table in the docs: what is edited since it is
    proved, what becomes an unresolved site, and what is neither seen nor said. The weightiest comes first.
    """

    id: ClassVar[str]
    summary: ClassVar[str]
    Parameters: ClassVar[type]
    independent_edits: ClassVar[bool] = False
    moves_code: ClassVar[bool] = False
    reads_notebooks: ClassVar[bool] = True
    is_remembered: ClassVar[bool] = True
    caveat: ClassVar[str] = ""
    cases: ClassVar[Sequence[Case]] = ()
    proves: ClassVar[Sequence[str]] = ()
    reports: ClassVar[Sequence[str]] = ()
    out_of_reach: ClassVar[Sequence[str]] = ()

    def __init__(self, parameters: Any) -> None:
        self.parameters = parameters

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> Self:
        """Return the recipe with these parameters; text is converted to each field's type.

        Raises ParameterError for a missing, unknown or unusable one.
        """
        return cls(cls.Parameters(**_converted(cls, values)))

    @property
    def parameter_values(self) -> dict[str, Any]:
        """The parameters as JSON can hold them."""
        values = dataclasses.asdict(self.parameters)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @property
    def given_values(self) -> dict[str, Any]:
        """The parameters that are not at their defaults: enough to bind the recipe in the same way again."""
        defaults = {each.name: each.default for each in dataclasses.fields(self.parameters)}
        values = self.parameter_values
        return {
            name: value for name, value in values.items() if getattr(self.parameters, name) != defaults[name]
        }

    @property
    def invocation(self) -> list[str]:
        """RECIPE and its parameters, as words of a command line."""
        pairs = [
            f"{name}={each}"
            for name, value in self.given_values.items()
            for each in (value if isinstance(value, list) else [value])
        ]
        return [self.id, *(word for pair in pairs for word in ("-p", pair))]

    @property
    def title(self) -> str:
        """What is done, as a commit's subject says it."""
        return f"{self.id} {' -> '.join(str(value) for value in list(self.parameter_values.values())[:2])}"

    def analysis(
        self,
        project: Project,
        sites: Iterable[Site],
        edits: Iterable[Edit],
        failures: Iterable[Failure] = (),
        renamed: Mapping[str, str] | None = None,
    ) -> Analysis:
        """Return what was found in a project, in order; `failures` come on top of the project's own."""
        return Analysis(
            recipe=self.id,
            parameters=self.parameter_values,
            files_scanned=project.files_read,
            sites=sorted(
                dict.fromkeys(sites), key=lambda site: (site.path, site.line, site.column, site.status)
            ),
            edits=sorted(edits, key=lambda edit: edit.path),
            failures=sorted([*project.failures.values(), *failures], key=lambda failure: failure.path),
            renamed=renamed or {},
        )

    @abstractmethod
    def analyse(self, tree: Tree) -> Analysis:
        """Find every site in the tree and compute the edits of the resolved ones. Writes nothing."""


def describe_type(kind: Any) -> str:
    """Name a parameter's type for a person: `text`, `yes or no`, `report|rename`, `list of text`."""
    if typing.get_origin(kind) is Literal:
        return "|".join(typing.get_args(kind))
    return {str: "text", bool: "yes or no"}.get(kind, "list of text")


def parameter_types(recipe: type[Recipe]) -> dict[str, Any]:
    """Return the types of a recipe's parameters by name, in order of declaration."""
    hints = typing.get_type_hints(recipe.Parameters)
    return {each.name: hints[each.name] for each in dataclasses.fields(recipe.Parameters)}


def _converted(recipe: type[Recipe], values: Mapping[str, Any]) -> dict[str, Any]:
    types = parameter_types(recipe)
    next_step = f" See them with: overhaul recipes {recipe.id}"
    for name in values:
        if name not in types:
            raise ParameterError(
                f"recipe '{recipe.id}' has no parameter '{name}'.{did_you_mean(name, types)}{next_step}"
            )
    missing = [
        each.name
        for each in dataclasses.fields(recipe.Parameters)
        if each.name not in values
        and each.default is dataclasses.MISSING
        and each.default_factory is dataclasses.MISSING
    ]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        raise ParameterError(f"recipe '{recipe.id}' needs the parameter {names}.{next_step}")
    return {name: _convert(recipe.id, name, value, types[name]) for name, value in values.items()}


def _convert(recipe_id: str, name: str, value: Any, kind: Any) -> Any:
    wanted = ParameterError(
        f"parameter '{name}' of recipe '{recipe_id}' is {value!r}; it takes {describe_type(kind)}."
        f" See: overhaul recipes {recipe_id}"
    )
    if kind is bool:
        if isinstance(value, bool):
            return value
        known = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        if isinstance(value, str) and value.lower() in known:
            return known[value.lower()]
        raise wanted
    if typing.get_origin(kind) is tuple:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise wanted
        return tuple(items)
    if not isinstance(value, str):
        raise wanted
    if typing.get_origin(kind) is Literal and value not in typing.get_args(kind):
        raise wanted
    return value
