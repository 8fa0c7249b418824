"""A recipe that somebody else wrote, by file or entry point: in the sandbox, or here where the user trusts it.

What it is and what it finds comes back as JSON, which is checked like anything else that comes out of a sandbox.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import importlib
import importlib.util
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from overhaul import refactors
from overhaul.flows.foreign.command_recipe import PYTHON, one_line, parses, shortened
from overhaul.flows.foreign.sources import (
    RecipeSource,
    is_recipe_file,
    source_of_entry_point,
    source_of_file,
)
from overhaul.flows.foreign.trust import trust_of
from overhaul.flows.plain_text import visible
from overhaul.flows.progress import tell
from overhaul.flows.settings import Settings
from overhaul.flows.whole_files import write_whole
from overhaul.refactors.case_check import CaseResult, check_cases
from overhaul.refactors.code_frame import code_frame
from overhaul.refactors.errors import RefactorError, UnknownRecipe
from overhaul.refactors.exchange import (
    FollowedTree,
    described,
    own_recipes,
    parameter_field,
)
from overhaul.refactors.recipe import Analysis, Case, Edit, Failure, Recipe, Site, content_hash, parameter
from overhaul.refactors.source import Tree
from overhaul.sandbox.honest_paths import why_unusable

NOT_OURS = "This recipe is somebody else's: what it calls proved is its author's word."
OURS = ("sha256", "sandbox")
Name = Annotated[str, Field(pattern=r"^[A-Za-z_]\w{0,99}$")]
Text = Annotated[str, Field(max_length=2000)]


class Form(BaseModel):
    """What comes out of the sandbox."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class KnownParameter(Form):
    """One of a recipe's parameters."""

    name: Name
    help: Text
    kind: Literal["text", "yes or no", "list", "choice"]
    choices: list[Text]
    is_required: bool
    default: str | bool | list[str] | None


class KnownCase(Form):
    """One of a recipe's cases."""

    name: Text
    parameters: dict[str, Any]
    before: dict[str, str]
    after: dict[str, str] | None
    unresolved: list[str]


class Description(Form):
    """What a recipe says of itself."""

    id: Text
    summary: Text
    independent_edits: bool
    moves_code: bool
    parameters: list[KnownParameter]
    cases: list[KnownCase]


class FoundSite(Form):
    path: str
    line: Annotated[int, Field(ge=1)]
    column: Annotated[int, Field(ge=1)]
    symbol: str
    status: Literal["resolved", "unresolved"]
    reason: str


class FoundEdit(Form):
    path: str
    old_hash: str | None
    content: str
    sites: Annotated[int, Field(ge=0)]
    new_path: str | None
    is_removal: bool = False


class FoundFailure(Form):
    path: str
    error: str


class Found(Form):
    files_scanned: Annotated[int, Field(ge=0)]
    sites: list[FoundSite]
    edits: list[FoundEdit]
    failures: list[FoundFailure]
    renamed: dict[str, str]


class CheckedCase(Form):
    """How one case went."""

    name: str
    problems: list[str]


class Answer(Form):
    """What `sandbox/inside/run_recipe.py` says."""

    described: Description | None = None
    analysis: Found | None = None
    checked: list[CheckedCase] | None = None
    title: str = ""
    refused: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Ours:
    sha256: str = parameter(
        "The identity of the recipe's files; that of the recipe as it is now.", default=""
    )
    sandbox: Literal["auto", "docker", "bubblewrap", "landlock"] = parameter(
        "Where it runs unless you trust it; never without isolation.", default="auto"
    )


class ThirdPartyRecipe(Recipe):
    """Made by `load_third_party` for one recipe; it has the recipe's own parameters and those of `_Ours`."""

    is_remembered = False
    caveat = NOT_OURS
    source: ClassVar[RecipeSource]

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> ThirdPartyRecipe:
        return super().bind({**values, "sha256": values.get("sha256") or cls.source.sha256})

    @property
    def own_values(self) -> dict[str, Any]:
        """The recipe's own parameters."""
        return {name: value for name, value in self.parameter_values.items() if name not in OURS}

    @property
    def title(self) -> str:
        name = Path(self.id.rpartition(":")[0] or self.id).stem if "/" in self.id else self.id
        words = ", ".join(f"{value}" for value in self.own_values.values() if value)
        return shortened(one_line(f"{name}: {words}" if words else name))

    def analyse(self, tree: Tree) -> Analysis:
        settings, source = Settings.from_environment(), self.source
        if self.parameters.sha256 != source.sha256:
            raise RefactorError(
                f"{self.id} is not the recipe any more that this run began with. Start another."
            )
        if trust_of(settings, source):
            return self._here(tree)
        files = {path: tree.read(path) for path in tree.paths() if not why_unusable(path)}
        tell(f"running {self.id} in the sandbox")
        answer = _asked(source, settings, self.parameters.sandbox, files, self.own_values)
        if answer.analysis is None:
            raise RefactorError(f"{self.id} gives no analysis.")
        return self._checked(answer.analysis, files)

    def _here(self, tree: Tree) -> Analysis:
        followed = FollowedTree(tree)
        recipe = trusted_class(self.source)
        try:
            found = recipe.bind(self.own_values).analyse(followed)
        except RefactorError:
            raise
        except Exception as error:
            raise RefactorError(
                _broke(self.id, code_frame(error, _places(self.source), followed.at))
            ) from error
        return dataclasses.replace(found, recipe=self.id, parameters=self.parameter_values)

    def _checked(self, found: Found, files: Mapping[str, bytes]) -> Analysis:
        failures = [Failure(each.path, one_line(each.error)) for each in found.failures if each.path in files]
        edits: list[Edit] = []
        for each in found.edits:
            edit = _edit(each)
            old = files.get(edit.path)
            target = edit.new_path or edit.path
            if why_unusable(edit.path) or why_unusable(target):
                raise RefactorError(
                    f"{self.id} edits a path that no honest repository has. Nothing is taken."
                )
            if edit.old_hash != (None if old is None else content_hash(old)):
                raise RefactorError(f"{self.id} edits {one_line(edit.path)} as it is not. Nothing is taken.")
            is_python = edit.path.endswith(PYTHON) and not edit.is_removal
            if is_python and not parses(edit.content) and (old is None or parses(old)):
                failures.append(Failure(edit.path, "what the recipe makes of it is not valid Python"))
                continue
            edits.append(edit)
        kept = {edit.path for edit in edits}
        sites = [
            Site(each.path, each.line, each.column, one_line(each.symbol), each.status, one_line(each.reason))
            for each in found.sites
            if each.path in files and (each.status == "unresolved" or each.path in kept)
        ]
        return Analysis(
            self.id,
            self.parameter_values,
            found.files_scanned,
            sorted(dict.fromkeys(sites), key=lambda site: (site.path, site.line, site.column, site.status)),
            sorted(edits, key=lambda edit: edit.path),
            sorted(failures, key=lambda failure: failure.path),
            renamed=found.renamed,
        )


def find_source(word: str) -> RecipeSource:
    """The files of a recipe by its file or the name of its entry point. Raises UnknownRecipe."""
    return source_of_file(word) if is_recipe_file(word) else source_of_entry_point(word)


def load_third_party(word: str) -> type[ThirdPartyRecipe]:
    """Make a recipe of `path/to/recipe.py:Class` or an entry point. Raises UnknownRecipe and RefactorError."""
    source = find_source(word)
    known = description_of(source, Settings.from_environment())
    fields = [parameter_field(each.model_dump()) for each in known.parameters]
    if taken := {name for name, _, _ in fields} & set(OURS):
        raise RefactorError(f"{word}: a parameter cannot be called {', '.join(sorted(taken))}.")
    own = [(each.name, each.type, each) for each in dataclasses.fields(_Ours)]
    kinds = {"sha256": str, "sandbox": Literal["auto", "docker", "bubblewrap", "landlock"]}
    ours = [
        (name, kinds[name], parameter(str(each.metadata["help"]), default=each.default))
        for name, _, each in own
    ]
    parameters = dataclasses.make_dataclass("Parameters", [*fields, *ours], frozen=True, kw_only=True)
    cases = [
        Case(each.name, each.parameters, each.before, each.after, each.unresolved) for each in known.cases
    ]
    return type(
        "ThirdParty",
        (ThirdPartyRecipe,),
        {
            "id": word, "summary": one_line(known.summary), "Parameters": parameters, "cases": cases,
            "independent_edits": known.independent_edits, "moves_code": known.moves_code, "source": source,
        },
    )  # fmt: skip


def description_of(source: RecipeSource, settings: Settings) -> Description:
    """What a recipe says of itself: asked here if it is trusted, else in the sandbox, once for the same files."""
    if trust_of(settings, source):
        return Description.model_validate(described(trusted_class(source)))
    kept = settings.described / f"{source.sha256}.json"
    try:
        return Description.model_validate_json(kept.read_bytes())
    except (OSError, ValidationError):
        pass
    tell(f"asking {source.word} in the sandbox what it is")
    found = _asked(source, settings, _lightest(settings), {}, None).described
    if found is None:
        raise RefactorError(f"{source.word} does not describe itself.")
    write_whole(kept, found.model_dump_json())
    return found


def _lightest(settings: Settings) -> str:
    """The tier that starts at once, of those that isolate: a recipe by itself sees nothing but itself."""
    from overhaul.sandbox.choose import availability

    there = [each.name for each in availability(settings.sandbox) if each.isolates and each.missing is None]
    return there[-1] if there else "auto"


def checked_cases(source: RecipeSource, settings: Settings, sandbox: str) -> list[CaseResult]:
    """What comes of a recipe's cases: here if it is trusted, else in the sandbox. Raises RefactorError."""
    if trust_of(settings, source):
        return check_cases(trusted_class(source))
    tier = _lightest(settings) if sandbox == "auto" else sandbox
    found = _asked(source, settings, tier, {}, None, checks=True).checked
    return [CaseResult(visible(each.name), tuple(map(visible, each.problems))) for each in found or ()]


@cache
def trusted_class(source: RecipeSource) -> type[Recipe]:
    """The class of a recipe, imported into this process: for one that is trusted. Raises RefactorError."""
    try:
        module = importlib.import_module(source.module) if source.is_installed else _loaded(source)
    except Exception as error:
        raise RefactorError(_broke(source.word, code_frame(error, _places(source)))) from error
    found = own_recipes(module)
    if source.class_name:
        named = getattr(module, source.class_name, None)
        found = [named] if isinstance(named, type) and issubclass(named, Recipe) else []
    if len(found) != 1:
        names = ", ".join(each.__name__ for each in own_recipes(module)) or "none"
        raise UnknownRecipe(f"{source.word} names no recipe; the recipes there are: {names}.")
    return found[0]


def _loaded(source: RecipeSource) -> ModuleType:
    """Run exactly the bytes whose hash is trusted, whatever the file has become meanwhile."""
    (content,) = source.files.values()
    module = ModuleType(f"overhaul_recipe_{source.sha256[:16]}")
    module.__file__ = str(source.path)
    sys.modules[module.__name__] = module  # dataclasses and type hints look for it
    exec(compile(content, str(source.path), "exec"), module.__dict__)  # noqa: S102  (trusted by the user)
    return module


def _asked(
    source: RecipeSource,
    settings: Settings,
    sandbox: str,
    files: Mapping[str, bytes],
    parameters: Mapping[str, Any] | None,
    checks: bool = False,
) -> Answer:
    """Ask a recipe in the sandbox what it is, what it finds with these parameters, or what its cases come to.

    Raises RefactorError.
    """
    from overhaul.sandbox.choose import choose
    from overhaul.sandbox.errors import EditCommandFailed
    from overhaul.sandbox.foreign_commands import BESIDE, TOOLS, ForeignWork, run_foreign
    from overhaul.sandbox.foreign_tools import tool_environment

    provider = choose(sandbox, settings.sandbox)
    environment = tool_environment(provider, [f"libcst=={version('libcst')}"], settings.logs / "tools.log")
    request = {
        "module": source.module,
        "class": source.class_name,
        "parameters": parameters,
        "checks": checks,
    }
    extras = {f"plugin/{path}": content for path, content in source.files.items()}
    extras |= _engine() | {"request.json": json.dumps(request).encode()}
    look = ("{python}", "-I", f"{TOOLS}/run_recipe.py", BESIDE)
    try:
        result = run_foreign(provider, environment, files, ForeignWork(looks=[look], extras=extras))
    except EditCommandFailed as error:
        raise RefactorError(f"{source.word} does not come to its end: {error}") from error
    try:
        answer = Answer.model_validate_json(result.said[0].strip().rpartition(b"\n")[2])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise RefactorError(
            f"{source.word} gives an answer that is none ({place}: {first['msg']})."
        ) from error
    if answer.refused:
        raise RefactorError(one_line(answer.refused))
    if answer.error:
        raise RefactorError(_broke(source.word, answer.error))
    return answer


@cache
def _engine() -> dict[str, bytes]:
    """overhaul's own refactors, as the sandbox has to have them."""
    (top,) = refactors.__path__
    found = {"engine/overhaul/__init__.py": b""}
    for path in sorted(Path(top).rglob("*.py")):
        found[f"engine/overhaul/refactors/{path.relative_to(top).as_posix()}"] = path.read_bytes()
    return found


def _edit(found: FoundEdit) -> Edit:
    try:
        content = base64.b64decode(found.content, validate=True)
    except binascii.Error as error:
        raise RefactorError(f"the edit of {one_line(found.path)} is not base64. Nothing is taken.") from error
    return Edit(found.path, found.old_hash, content, found.sites, found.new_path, found.is_removal)


def _places(source: RecipeSource) -> list[str]:
    if not source.is_installed:
        return [str(source.path)]
    depth = source.module.count(".") + (source.path.name == "__init__.py")
    root = source.path.parents[depth]
    return [str(root / path) for path in source.files]


def _broke(word: str, frame: str) -> str:
    return f"the recipe {word} failed: {visible(frame[:3000])}"
