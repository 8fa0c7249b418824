"""An ast-grep rule file as a recipe, for every language that ast-grep reads: sites from its JSON, edits from its fixes.

A match without a fix is unresolved, with the rule's message. A file in which the parser meets what it does not
understand is a failure and is not edited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from overhaul.flows.foreign.command_recipe import (
    PYTHON,
    SANDBOX_HELP,
    Heard,
    SandboxName,
    one_line,
    parameter_words,
    parses,
    shortened,
)
from overhaul.flows.foreign.tools import VERSION_HELP, ToolRecipe, json_lines
from overhaul.flows.plain_text import on_one_line
from overhaul.refactors.errors import ParameterError, RefactorError
from overhaul.refactors.recipe import Edit, Site, SiteStatus, content_hash, parameter

if TYPE_CHECKING:
    from overhaul.sandbox.foreign_commands import ForeignResult, ForeignWork

LONGEST_RULES = 100_000
UNREADABLE = "overhaul-does-not-parse-"
# By ast-grep's names of languages in small letters; other languages see every file, and take their own.
_SUFFIXES = {
    "c": (".c", ".h"), "cpp": (".cc", ".hpp", ".cpp", ".c++", ".hh", ".cxx", ".cu", ".ino", ".h"),
    "csharp": (".cs",), "css": (".css",), "go": (".go",), "html": (".html", ".htm", ".xhtml"), "java": (".java",),
    "javascript": (".js", ".cjs", ".mjs", ".jsx"), "kotlin": (".kt", ".ktm", ".kts"), "php": (".php",),
    "python": (".py", ".py3", ".pyi", ".bzl"), "ruby": (".rb", ".rbw", ".gemspec"), "rust": (".rs",),
    "scala": (".scala", ".sc", ".sbt"), "swift": (".swift",), "tsx": (".tsx",), "typescript": (".ts", ".cts", ".mts"),
}  # fmt: skip
_ALIASES = {
    "js": "javascript", "jsx": "javascript", "ts": "typescript", "py": "python", "rs": "rust", "golang": "go",
    "c++": "cpp", "cc": "cpp", "cxx": "cpp", "cs": "csharp", "kt": "kotlin", "rb": "ruby",
}  # fmt: skip
# What the whole of a file is to the parsers.
_ROOTS = {
    "go": "source_file", "java": "program", "javascript": "program", "python": "module", "rust": "source_file",
    "tsx": "program", "typescript": "program",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which rules."""

    name: str = parameter("What the rules are called: the file that they stand in.")
    rules: str = parameter("The rule file's text.")
    sha256: str = parameter("The text's identity.", default="")
    version: str = parameter(VERSION_HELP, default="")
    sandbox: SandboxName = parameter(SANDBOX_HELP, default="auto")


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule finds: bytes of a file, what replaces them (None where the rule has no fix), and where that is."""

    path: str
    start: int
    rule: str
    message: str
    replacement: bytes | None
    span: tuple[int, int]


class AstGrep(ToolRecipe):
    """Made from a file: `overhaul run RULE.yml REPOSITORY`."""

    id = "ast-grep"
    summary = "Apply a file of ast-grep rules, in any of its languages: give FILE.yml as the recipe"
    distribution = "ast-grep-cli"
    settings_files = ()
    Parameters = Parameters

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> AstGrep:
        text = values.get("rules")
        digest = hashlib.sha256(text.encode()).hexdigest() if isinstance(text, str) else ""
        return super().bind({**values, "sha256": digest})  # type: ignore[return-value]

    def check(self) -> None:
        text, name = self.parameters.rules, on_one_line(self.parameters.name)
        if len(text) > LONGEST_RULES:
            raise ParameterError(f"the rules in {name} have more than {LONGEST_RULES:,} characters.")
        if not self.languages:
            raise ParameterError(
                f"{name} has no ast-grep rule: each has an id, a language and a rule, with --- between them."
            )

    @property
    def languages(self) -> list[str]:
        """The languages of the rules, as they are written."""
        return list(dict.fromkeys(str(rule["language"]) for rule in read_rules(self.parameters.rules)))

    @property
    def title(self) -> str:
        first = read_rules(self.parameters.rules)[0]
        said = str(first.get("message") or first.get("id") or self.parameters.name)
        return shortened(on_one_line(" ".join(said.split())))

    @property
    def tool(self) -> str:
        return f"ast-grep {self.parameters.version}"

    @property
    def given_values(self) -> dict[str, Any]:
        """Without the text, which its hash stands for."""
        return {name: value for name, value in super().given_values.items() if name != "rules"}

    @property
    def invocation(self) -> list[str]:
        return [self.parameters.name, *parameter_words(self.given_values, {"name", "sha256"})]

    def may_edit(self, path: str) -> bool:
        suffixes: list[str] = []
        for each in self.languages:
            known = _SUFFIXES.get(_language(each))
            if known is None:
                return True
            suffixes += known
        return path.endswith(tuple(suffixes))

    def work(self, paths: Sequence[str]) -> ForeignWork:  # noqa: ARG002  (ast-grep finds them)
        from overhaul.sandbox.foreign_commands import BESIDE, ForeignWork

        rules = "\n---\n".join([self.parameters.rules, *map(yaml.safe_dump, _error_rules(self.languages))])
        everything = [word for kind in ("hidden", "dot", "vcs") for word in ("--no-ignore", kind)]
        scan = ("ast-grep", "scan", "--rule", f"{BESIDE}/rules.yml", "--json=stream", *everything, ".")
        # 1: a rule whose severity is error has found something.
        return ForeignWork(looks=[scan], fine=(0, 1), extras={"rules.yml": rules.encode()})

    def heard(self, result: ForeignResult) -> Heard:
        unread: dict[str, str] = {}
        for row in json_lines(result.said[0]):
            if str(row.get("ruleId")).startswith(UNREADABLE):
                unread.setdefault(_path(row), f"ast-grep's parser does not understand line {_line(row)}")
        return Heard((), unread)

    def edits_of(
        self,
        files: Mapping[str, bytes],
        result: ForeignResult,
        heard: Heard,  # noqa: ARG002  (the base's)
        failures: dict[str, str],
    ) -> tuple[list[Site], list[Edit]]:
        for path in filter(self.may_edit, files):
            if why := _why_passed_over(files[path]):
                failures.setdefault(path, why)
        matches: dict[str, list[Match]] = {}
        for row in json_lines(result.said[0]):
            path = _path(row)
            if path in files and not str(row.get("ruleId")).startswith(UNREADABLE):
                matches.setdefault(path, []).append(_match(row, path, files[path]))
        made = {path: _Made.of(files[path], found, path in failures) for path, found in matches.items()}
        broken = self._broken({path: each.content for path, each in made.items() if each.done})
        sites: list[Site] = []
        edits: list[Edit] = []
        for path, each in sorted(made.items()):
            if path in broken:
                failures[path] = (
                    f"with the fixes applied it would not parse; {broken[path]}. It stays as it is"
                )
                each = _Made.of(files[path], matches[path], True)
            why_not = failures.get(path, "it overlaps another match; run it again")
            sites += [
                self._site(match, files[path], "" if match in each.done else why_not)
                for match in matches[path]
            ]
            if each.done:
                edits.append(Edit(path, content_hash(files[path]), each.content, len(each.done)))
        return sites, edits

    def _broken(self, contents: Mapping[str, bytes]) -> Mapping[str, str]:
        """The files that do not parse once they are edited, with the reason."""
        if not contents:
            return {}
        found = dict(self.heard(self.run(contents, self.work([*contents]))).unread)
        for path, content in contents.items():
            if path.endswith(PYTHON) and not parses(content):
                found.setdefault(path, "Python refuses it")
        return found

    def _site(self, match: Match, content: bytes, why_not: str) -> Site:
        before = content[: match.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
        if not why_not:
            reason = f"changed by {self.tool} ({match.rule})"
        elif match.replacement is None:
            reason = match.message
        else:
            reason = f"{match.message}; not changed: {why_not}"
        status: SiteStatus = "unresolved" if why_not else "resolved"
        return Site(match.path, line, column, one_line(match.rule), status, one_line(reason))


@dataclass(frozen=True, slots=True)
class _Made:
    """A file with the fixes of the matches in `done`."""

    content: bytes
    done: tuple[Match, ...]

    @classmethod
    def of(cls, content: bytes, matches: Sequence[Match], is_left: bool) -> _Made:
        """Apply what does not overlap, from the start of the file; nothing to a file that is left as it is."""
        done: list[Match] = []
        parts: list[bytes] = []
        end = 0
        for match in sorted(matches, key=lambda each: (each.span[0], -each.span[1])):
            if is_left or match.replacement is None or match.span[0] < end:
                continue
            if content[slice(*match.span)] == match.replacement:
                continue
            parts += [content[end : match.span[0]], match.replacement]
            end = match.span[1]
            done.append(match)
        return cls(b"".join([*parts, content[end:]]), tuple(done))


def read_rules(text: str) -> list[dict[str, Any]]:
    """The rules of an ast-grep rule file; none if it is something else. Raises ParameterError if it is no YAML."""
    try:
        documents = list(yaml.safe_load_all(text))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ParameterError(f"the rules are no YAML: {on_one_line(' '.join(str(error).split()))}") from error
    return [each for each in documents if isinstance(each, dict) and {"rule", "language"} <= set(each)]


def _error_rules(languages: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rules that find where a parser met what it does not understand, or put in what it missed, which is empty."""
    for number, language in enumerate(languages):
        about = {"language": language, "severity": "hint"}
        yield about | {"id": f"{UNREADABLE}{number}", "rule": {"kind": "ERROR"}}
        if root := _ROOTS.get(_language(language)):
            empty = {"kind": root, "has": {"regex": "^$", "stopBy": "end"}}
            yield about | {"id": f"{UNREADABLE}{number}-missing", "rule": empty}


def _language(name: str) -> str:
    return _ALIASES.get(name.lower(), name.lower())


def _match(row: Mapping[str, Any], path: str, content: bytes) -> Match:
    try:
        start, end = (int(row["range"]["byteOffset"][key]) for key in ("start", "end"))
        replacement = row.get("replacement")
        offsets = row.get("replacementOffsets") or row["range"]["byteOffset"]
        span = int(offsets["start"]), int(offsets["end"])
        fits = 0 <= span[0] <= span[1] <= len(content) and content[start:end] == str(row["text"]).encode()
    except (KeyError, TypeError, ValueError, UnicodeEncodeError):
        fits = False
    if not fits:
        raise RefactorError(f"ast-grep says of {on_one_line(path)} what its text does not: nothing is taken")
    rule = str(row.get("ruleId"))
    message = one_line(str(row.get("message") or f"found by {rule}"))
    new = replacement.encode() if isinstance(replacement, str) else None
    return Match(path, start, rule, message, new, span)


def _why_passed_over(content: bytes) -> str:
    """What ast-grep passes over without a word."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return "it is not UTF-8"
    if len(content) > 3_000_000 and content.count(b"\n") > 200_000:
        return "it is larger than ast-grep reads"
    return ""


def _path(row: Mapping[str, Any]) -> str:
    return str(row.get("file", "")).removeprefix("./")


def _line(row: Mapping[str, Any]) -> int:
    try:
        return int(row["range"]["start"]["line"]) + 1
    except (KeyError, TypeError, ValueError):
        return 1
