"""A command that edits files, as a recipe: it runs in the sandbox on the tree, and what it changed are the sites."""

from __future__ import annotations

import ast
import dataclasses
import re
from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from overhaul.flows.plain_text import on_one_line
from overhaul.flows.progress import tell
from overhaul.flows.settings import Settings
from overhaul.refactors.distillation.reproduction import hunks
from overhaul.refactors.errors import ParameterError, RefactorError
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, Site, content_hash, parameter
from overhaul.refactors.source import Tree
from overhaul.sandbox.honest_paths import why_unusable

if TYPE_CHECKING:
    from overhaul.sandbox.foreign_commands import ForeignResult, ForeignWork

SandboxName = Literal["auto", "docker", "bubblewrap", "landlock", "process"]
SANDBOX_HELP = "Where it runs; process isolates nothing, and is only taken by name."
PYTHON = (".py", ".pyi")
NOT_OURS = (
    "What this finds and edits is its own: overhaul proves nothing about scopes, imports or types here."
)
LONGEST_WORDS = 300
AT_MOST_UNRESOLVED = 20_000


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool says of a place: `line` and `column` from 1; `is_fixed` if it says that it will change it."""

    path: str
    line: int
    column: int
    rule: str
    message: str
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What a tool says of all files: places, and files that it cannot read with the reason."""

    places: Sequence[Said] = ()
    unread: Mapping[str, str] = dataclasses.field(default_factory=dict)


class ForeignRecipe(Recipe):
    """A recipe whose work is done by commands in the sandbox.

    `needs_parsing` says that the tool passes over Python that does not parse without a word, `may_remove` that it may
    take files away.
    """

    independent_edits = True
    reads_notebooks = False
    is_remembered = False
    caveat = NOT_OURS
    needs_parsing: ClassVar[bool] = False
    may_remove: ClassVar[bool] = False

    @property
    @abstractmethod
    def tool(self) -> str:
        """What does the work, as evidence names it: `ruff 0.17.6`."""

    @property
    @abstractmethod
    def requirements(self) -> Sequence[str]:
        """The pinned packages that the tools' environment has."""

    @abstractmethod
    def wants(self, path: str) -> bool:
        """Whether the tool is to see a file."""

    @abstractmethod
    def may_edit(self, path: str) -> bool:
        """Whether the tool is to change a file, and not only to read it."""

    @abstractmethod
    def work(self, paths: Sequence[str]) -> ForeignWork:
        """The commands to run over some files."""

    def heard(self, result: ForeignResult) -> Heard:  # noqa: ARG002  (a tool that says nothing)
        """What the tool has said of places, before it edited anything."""
        return Heard()

    def analyse(self, tree: Tree) -> Analysis:
        files: dict[str, bytes] = {}
        failures: dict[str, str] = {}
        for path in tree.paths():
            if self.wants(path) and not (why := why_unusable(path)):
                try:
                    files[path] = tree.read(path)
                except OSError as error:
                    failures[path] = str(error)
            elif self.wants(path):
                failures[path] = why
        if not any(map(self.may_edit, files)):
            return self._found(files, [], [], failures, "")
        result = self.run(files, self.work([*filter(self.may_edit, files)]))
        heard = self.heard(result)
        failures |= {path: one_line(why) for path, why in heard.unread.items() if path in files}
        if self.needs_parsing:
            failures |= {
                path: "it is not valid Python for this program"
                for path, content in files.items()
                if path.endswith(PYTHON) and not parses(content)
            }
        gone = [path for path in result.gone if path in files]
        if gone and not self.may_remove:
            raise RefactorError(
                f"{self.tool} removed {len(gone)} files ({on_one_line(', '.join(gone[:5]))}), which none of these may."
                " Nothing of what it did is taken."
            )
        for path in result.too_large:
            failures[path] = "what became of it is too large to take"
        sites, edits = self.edits_of(files, result, heard, failures)
        sites += _unresolved(heard, {edit.path for edit in edits}, failures, files)
        return self._found(files, sites, edits, failures, result.log.decode(errors="replace"))

    def run(self, files: Mapping[str, bytes], work: ForeignWork) -> ForeignResult:
        """Run commands over files in the tools' environment. Raises RefactorError for one that fails."""
        from overhaul.sandbox.choose import choose
        from overhaul.sandbox.errors import EditCommandFailed
        from overhaul.sandbox.foreign_commands import run_foreign
        from overhaul.sandbox.foreign_tools import tool_environment

        settings = Settings.from_environment()
        tell(f"running {self.tool} in the sandbox")
        provider = choose(self.parameters.sandbox, settings.sandbox)
        environment = tool_environment(provider, self.requirements, settings.logs / "tools.log")
        try:
            return run_foreign(provider, environment, files, work)
        except EditCommandFailed as error:
            raise RefactorError(str(error)) from error

    def edits_of(
        self,
        files: Mapping[str, bytes],
        result: ForeignResult,
        heard: Heard,
        failures: dict[str, str],
    ) -> tuple[list[Site], list[Edit]]:
        """What was done, as sites and edits; a file that is not edited for a reason goes to `failures`."""
        sites: list[Site] = []
        edits: list[Edit] = []
        said: dict[str, list[Said]] = {}
        for place in heard.places:
            said.setdefault(place.path, []).append(place)
        for path, new in sorted(result.contents.items()):
            if not self.may_edit(path) or why_unusable(path) or path in failures:
                continue
            old = files.get(path, b"")
            if path.endswith(PYTHON) and not parses(new) and (parses(old) or path not in files):
                failures[path] = f"what {self.tool} makes of it is not valid Python; it stays as it is"
                continue
            changed = [*self._hunks(path, old, new, said.get(path, []))]
            sites += changed
            known = content_hash(old) if path in files else None
            edits.append(Edit(path, known, new, len(changed)))
        for path in sorted({*result.gone} & {*files}):
            sites.append(Site(path, 1, 1, self.id, "resolved", f"removed by {self.tool}"))
            edits.append(Edit(path, content_hash(files[path]), b"", 1, is_removal=True))
        return sites, edits

    def _hunks(self, path: str, old: bytes, new: bytes, said: Sequence[Said]) -> Iterator[Site]:
        last = max(len(old.splitlines()) - 1, 0)
        # An empty file that is made has no line that differs, and is a site nonetheless.
        for each in hunks(old, new) or hunks(b"", b"\n"):
            inside = [
                place
                for place in said
                if place.is_fixed and each.start < place.line <= max(each.end, each.start + 1)
            ]
            rules = sorted({place.rule for place in inside})
            line = min(each.start, last) + 1
            column = inside[0].column if len(inside) == 1 and inside[0].line == line else 1
            reason = f"changed by {self.tool}" + (f" ({', '.join(rules)})" if rules else "")
            yield Site(
                path,
                line,
                column,
                one_line(", ".join(rules)) if rules else self.id,
                "resolved",
                one_line(reason),
            )

    def _found(
        self,
        files: Mapping[str, bytes],
        sites: Sequence[Site],
        edits: Sequence[Edit],
        failures: Mapping[str, str],
        log: str,
    ) -> Analysis:
        return Analysis(
            self.id,
            self.parameter_values,
            sum(map(self.may_edit, files)),
            sorted(dict.fromkeys(sites), key=lambda site: (site.path, site.line, site.column, site.status)),
            sorted(edits, key=lambda edit: edit.path),
            [Failure(path, failures[path]) for path in sorted(failures)],
            log=log,
        )


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is run, and with what."""

    line: str = parameter("The command, as a shell takes it; it runs at the top of the tree.")
    packages: tuple[str, ...] = parameter(
        "What it needs from the package index, each as NAME==VERSION; its programs are on the PATH.",
        default=(),
    )
    sandbox: SandboxName = parameter(SANDBOX_HELP, default="auto")


class ShellCommand(ForeignRecipe):
    """`command: LINE`."""

    id = "command"
    summary = (
        "runs a shell command on the tree in the sandbox: `command: LINE`; what it changes are the edits"
    )
    Parameters = Parameters
    may_remove = True

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> ShellCommand:
        from overhaul.sandbox.foreign_tools import is_pinned

        made = super().bind(values)
        if not made.parameters.line.strip():
            raise ParameterError("the command is empty. Write it as: 'command: LINE'")
        for each in made.parameters.packages:
            if not is_pinned(each):
                raise ParameterError(
                    f"packages: {each!r} names no version. The same command is to do the same tomorrow: NAME==VERSION"
                )
        return made

    @property
    def title(self) -> str:
        return shortened(f"Run {on_one_line(self.parameters.line)}")

    @property
    def invocation(self) -> list[str]:
        return [f"command: {self.parameters.line}", *parameter_words(self.given_values, {"line"})]

    @property
    def tool(self) -> str:
        return "the command"

    @property
    def requirements(self) -> Sequence[str]:
        return tuple(self.parameters.packages)

    def wants(self, path: str) -> bool:  # noqa: ARG002  (a command may read anything)
        return True

    may_edit = wants

    def work(self, paths: Sequence[str]) -> ForeignWork:  # noqa: ARG002
        from overhaul.sandbox.foreign_commands import ForeignWork

        return ForeignWork(edits=[("sh", "-c", self.parameters.line)])


def parameter_words(values: Mapping[str, Any], without: Collection[str] = ()) -> list[str]:
    """Parameters as they are typed: `-p`, `name=value`, and so on."""
    pairs = [
        f"{name}={each}"
        for name, value in values.items()
        if name not in without
        for each in (value if isinstance(value, list) else [value])
    ]
    return [word for pair in pairs for word in ("-p", pair)]


def shortened(text: str) -> str:
    """As a commit's subject."""
    return text if len(text) <= 72 else text[:69].rstrip() + "..."


def parses(content: bytes) -> bool:
    """Whether bytes are Python that this program's own Python reads."""
    try:
        ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _unresolved(
    heard: Heard, edited: Collection[str], failures: Mapping[str, str], files: Mapping[str, bytes]
) -> Iterator[Site]:
    """What the tool finds and does not change, and what it would have changed in a file that is not edited."""
    for number, each in enumerate(heard.places):
        if number >= AT_MOST_UNRESOLVED:
            raise RefactorError(
                f"the tool reports more than {AT_MOST_UNRESOLVED:,} places. Name fewer rules."
            )
        if each.path not in files or (each.is_fixed and each.path in edited):
            continue
        reason = each.message
        if each.is_fixed:
            reason += (
                f"; not changed: {failures.get(each.path, 'the tool says that it can, and has not done it')}"
            )
        yield Site(
            each.path,
            max(each.line, 1),
            max(each.column, 1),
            one_line(each.rule),
            "unresolved",
            one_line(reason),
        )


def one_line(text: str) -> str:
    """What a tool says, on one line, not too long, and without halves of characters."""
    line = re.sub(r"\s+", " ", text).strip()[:LONGEST_WORDS]
    return line.encode(errors="backslashreplace").decode() or "no reason given"
