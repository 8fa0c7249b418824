"""Files that follow: locks, environments of conda, and commands that name versions. They are reported, never edited."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from overhaul.refactors.recipes.bump_dependency.document import Document, Found, Place, lines_of, mentions

_COMMANDS = {
    "uv.lock": "uv lock --upgrade-package {name}",
    "poetry.lock": "poetry update --lock {name}",
    "pdm.lock": "pdm update --no-sync {name}",
    "Pipfile.lock": "pipenv upgrade {name}",
    "pixi.lock": "pixi update {name}",
    "conda-lock.yml": "conda-lock lock --update {name}",
}
_PACKAGE = re.compile(r'^name = "([^"\r\n]+)"\r?\n(?:version = "([^"\r\n]*)")?', re.MULTILINE)
_PYLOCK = re.compile(r"pylock(\.[^./]+)?\.toml")
_CONDA = re.compile(r"(environment|conda)[^/]*\.ya?ml|meta\.yaml")
_ELSEWHERE = re.compile(
    r"(^|/)(tox\.ini|noxfile\.py|Dockerfile[^/]*|\.pre-commit-config\.yaml|\.gitlab-ci\.yml|\.travis\.yml"
    r"|pixi\.toml|\.readthedocs\.ya?ml)$|(^|/)\.github/workflows/[^/]+\.ya?ml$"
)
_COMPARED = (
    r"(?:\[[\w,. -]*\])?[\"']?\s*=?\s*[\"']?"
    r"((?:===|~=|==|!=|<=|>=|<|>|\^) ?[0-9][\w.*+!]*(?:\s*,\s*[~=!<>]+\s*[\w.*+!]+)*)"
)


def reads(path: str) -> bool:
    """Tell whether a file is one of these."""
    name = path.rpartition("/")[2]
    return bool(
        name in _COMMANDS or _PYLOCK.fullmatch(name) or _CONDA.fullmatch(name) or _ELSEWHERE.search(path)
    )


def read_follower(document: Document, name: str) -> Found:
    """Find the places in a file that is not edited; each has the reason, and what to do instead."""
    file = document.path.rpartition("/")[2]
    if file in {"uv.lock", "poetry.lock", "pdm.lock"} or _PYLOCK.fullmatch(file):
        command = _COMMANDS.get(file, "the tool that has made it")
        return Found(list(_packages(document, name, command.format(name=name))))
    if file == "Pipfile.lock":
        return Found(list(_pipfile_lock(document, name, _COMMANDS[file].format(name=name))))
    if file in _COMMANDS:
        return Found(list(_first_line(document, name, _lock(_COMMANDS[file].format(name=name)))))
    if _CONDA.fullmatch(file):
        return Found(list(_conda(document, name)))
    return Found(list(_compared(document, name)))


def _lock(command: str) -> str:
    return f"a lock file; it is made again by: {command}"


def _packages(document: Document, name: str, command: str) -> Iterator[Place]:
    for match in _PACKAGE.finditer(document.text):
        if canonicalize_name(match[1]) == name:
            text = f"=={match[2]}" if match[2] else ""
            yield _reported(match.start(1), text, _lock(command))


def _pipfile_lock(document: Document, name: str, command: str) -> Iterator[Place]:
    for match in re.finditer(r'"([^"\r\n]+)"\s*:\s*\{([^{}]*)\}', document.text):
        if canonicalize_name(match[1]) == name:
            version = re.search(r'"version"\s*:\s*"(==[^"]+)"', match[2])
            yield _reported(match.start(1), version[1] if version else "", _lock(command))


def _first_line(document: Document, name: str, doubt: str) -> Iterator[Place]:
    match = mentions(name).search(document.text)
    if match is not None:
        yield _reported(match.start(), "", doubt)


def _conda(document: Document, name: str) -> Iterator[Place]:
    listed = re.compile(
        rf"\s*-\s*[\"']?(?:[\w./-]+::)?({mentions(name).pattern})\s*([=<>!~][^\"'#\s]*)?", re.IGNORECASE
    )
    command = f"conda env update --file {document.path}"
    if document.path.endswith("meta.yaml"):
        command = "conda build"
    for offset, line in lines_of(document.text):
        match = listed.match(line)
        if match is not None:
            yield _reported(
                offset + match.start(1), match[2] or "", f"a file of conda's; change it, then: {command}"
            )


def _compared(document: Document, name: str) -> Iterator[Place]:
    pattern = re.compile(rf"({mentions(name).pattern}){_COMPARED}", re.IGNORECASE)
    for offset, line in lines_of(document.text):
        match = pattern.search(line)
        if match is not None and not line.lstrip().startswith("#"):
            yield _reported(
                offset + match.start(1),
                match[2],
                f"'{match[2]}' is asked for outside of the project's metadata",
            )


def _reported(offset: int, text: str, doubt: str) -> Place:
    return Place(offset, offset, offset, text, doubt, aside=True)
