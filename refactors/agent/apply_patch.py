"""The agent's tool `apply_patch`: the patch format of Codex models, applied to bytes.

Unlike theirs, it never guesses: a hunk that fits several places is refused with the places, a file that is there is
never overwritten, encodings and line ends stay, and of a patch with a mistake nothing is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from overhaul.refactors.agent.conversation import ToolDefinition
from overhaul.refactors.agent.file_lines import read_lines
from overhaul.refactors.agent.hunk_places import HunkPlacer, Placed
from overhaul.refactors.agent.line_search import Effort
from overhaul.refactors.agent.patch_actions import (
    AddFile,
    DeleteFile,
    FileAction,
    UpdateFile,
    parse_patch,
)
from overhaul.refactors.errors import PatchError

__all__ = ["APPLY_PATCH", "GRAMMAR", "Patched", "apply_patch", "parse_patch"]

_MOST_ERRORS = 5
_MOST_PATHS = 20_000  # among which a mistyped one is looked for
_MOST_PLACES = 10
_STEPS_PER_BYTE = 20

GRAMMAR = r"""
start: BEGIN file+ END
file: ADD ADDED* | DELETE | UPDATE MOVE? (PLACE | KEPT | REMOVED | ADDED | AT_END)*

BEGIN: "*** Begin Patch\n"
END: /\*\*\* End Patch\n?/
ADD: /\*\*\* Add File: [^\n]+\n/
DELETE: /\*\*\* Delete File: [^\n]+\n/
UPDATE: /\*\*\* Update File: [^\n]+\n/
MOVE: /\*\*\* Move to: [^\n]+\n/
PLACE: /@@( [^\n]+)?\n/
KEPT: / [^\n]*\n/
REMOVED: /-[^\n]*\n/
ADDED: /\+[^\n]*\n/
AT_END: "*** End of File\n"
""".lstrip()

_DESCRIPTION = """\
Add, update, move and delete files, all or none. Paths are relative to the root.
*** Begin Patch
*** Add File: new.py
+each line
*** Update File: src/app.py
*** Move to: src/main.py
@@ class Server:
 a line that stays
-a line that goes
+a line that comes
*** Delete File: old.py
*** End Patch
Give three unchanged lines around each change; they must fit one place only. If they fit more, name the class or \
function after @@ (optional otherwise). `*** Move to:` is optional. `*** End of File` after a hunk says that it is at \
the end. Line ends and encodings stay."""

APPLY_PATCH = ToolDefinition(
    "apply_patch",
    _DESCRIPTION,
    {
        "type": "object",
        "properties": {"patch": {"type": "string", "description": "From *** Begin Patch to *** End Patch"}},
        "required": ["patch"],
        "additionalProperties": False,
    },
    GRAMMAR,
)


@dataclass(frozen=True, slots=True)
class Patched:
    """What a patch makes of files.

    `contents` has the new bytes by path, None for a file that goes, and nothing of files that stay as they are.
    `moved` maps old paths to new ones, which are both in `contents` as well. `actions` says it in words, one a file.
    """

    contents: Mapping[str, bytes | None]
    moved: Mapping[str, str]
    actions: tuple[str, ...]


Read = Callable[[str], bytes | None]


def apply_patch(text: str, read: Read, paths: Callable[[], Iterable[str]] = tuple) -> Patched:
    """Return what a patch makes of the files, of which `read` gives the bytes, or None where there is no file.

    `paths` gives the files there are; it is asked only to suggest one for a mistyped path.
    Raises PatchError, which tells a model what is wrong with up to five files; then nothing of the patch holds.
    """
    actions = parse_patch(text)
    _refuse_doubles(actions)
    applier = _Applier(read, paths, Effort())
    contents: dict[str, bytes | None] = {}
    moved: dict[str, str] = {}
    words: list[str] = []
    errors: list[str] = []
    for action in actions:
        try:
            changed, said = applier.apply(action)
        except PatchError as error:
            errors.append(str(error))
            if len(errors) == _MOST_ERRORS:
                break
            continue
        contents.update(changed)
        words.append(said)
        if isinstance(action, UpdateFile) and action.new_path:
            moved[action.path] = action.new_path
    if errors:
        raise PatchError("\n".join([*errors, "Nothing was changed."]))
    return Patched(contents, moved, tuple(words))


def _refuse_doubles(actions: Sequence[FileAction]) -> None:
    lines: dict[str, int] = {}
    for action in actions:
        new_path = action.new_path if isinstance(action, UpdateFile) else None
        for path in filter(None, (action.path, new_path)):
            if path in lines:
                raise PatchError(
                    f"Lines {lines[path]} and {action.line} of the patch both act on {path}. Put all hunks of a file "
                    "below one '*** Update File'; to replace a file whole, update it."
                )
            lines[path] = action.line
    targets = {
        path
        for action in actions
        for path in [action.path if isinstance(action, AddFile) else getattr(action, "new_path", None)]
        if path
    }
    for path in targets:
        for folder in _folders(path):
            if folder in lines:
                raise PatchError(
                    f"Line {lines[folder]} of the patch takes {folder} for a file, and line {lines[path]} for the "
                    f"folder of {path}. Choose another name."
                )


def _folders(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


class _Applier:
    def __init__(self, read: Read, paths: Callable[[], Iterable[str]], effort: Effort) -> None:
        self._read_file = read
        self._paths = paths
        self._effort = effort
        self._folders: set[str] = set()

    def apply(self, action: FileAction) -> tuple[dict[str, bytes | None], str]:
        """Return the contents that differ, and what was done in words."""
        if isinstance(action, AddFile):
            return self._add(action)
        if isinstance(action, UpdateFile):
            return self._update(action)
        self._existing(action)
        return {action.path: None}, f"deleted {action.path}"

    def _add(self, action: AddFile) -> tuple[dict[str, bytes | None], str]:
        self._refuse_taken(action.path, action.line, "To change it, write '*** Update File'.")
        content = "".join(f"{line}\n" for line in action.lines).encode()
        return {action.path: content}, f"added {action.path} ({_counted(len(action.lines), 'line')})"

    def _update(self, action: UpdateFile) -> tuple[dict[str, bytes | None], str]:
        old = self._existing(action)
        if action.new_path:
            self._refuse_taken(
                action.new_path, action.line, "Choose another path, or delete that file with a patch before."
            )
        new, changes = self._changed(action, old) if action.hunks else (old, "")
        if action.new_path:
            moved = f"moved {action.path} to {action.new_path}"
            return {action.path: None, action.new_path: new}, moved + (f" and {changes}" if changes else "")
        if new == old:
            return {}, f"left {action.path} as it is: the patch puts the same lines there"
        return {action.path: new}, f"{changes} in {action.path}"

    def _changed(self, action: UpdateFile, old: bytes) -> tuple[bytes, str]:
        self._effort.spend(_STEPS_PER_BYTE * len(old))
        file = read_lines(action.path, old)
        placed = HunkPlacer(action, file.texts, self._effort).place()
        new = file.replaced(change for each in placed for change in each.replacements)
        return new, _described(placed)

    def _existing(self, action: DeleteFile | UpdateFile) -> bytes:
        content = self._read(action.path)
        if content is None:
            raise PatchError(
                f"Line {action.line} of the patch: there is no file {action.path}.{self._suggested(action.path)}"
            )
        return content

    def _refuse_taken(self, path: str, line: int, instead: str) -> None:
        if self._read(path) is not None:
            raise PatchError(f"Line {line} of the patch: {path} is there already. {instead}")
        for folder in _folders(path):
            if folder in self._folders:
                break
            if self._read(folder) is not None:
                raise PatchError(
                    f"Line {line} of the patch: {path} cannot be made, since {folder} is a file. Choose another path."
                )
            self._folders.add(folder)

    def _read(self, path: str) -> bytes | None:
        try:
            return self._read_file(path)
        except OSError as error:
            raise PatchError(f"{path} cannot be read: {error.strerror or error}.") from None

    def _suggested(self, path: str) -> str:
        known = list(islice(self._paths(), _MOST_PATHS))
        name = path.rpartition("/")[2]
        nearest = get_close_matches(
            path, [each for each in known if each.rpartition("/")[2] == name], cutoff=0
        )
        nearest += [each for each in get_close_matches(path, known, cutoff=0.7) if each not in nearest]
        return f" Did you mean {' or '.join(nearest[:3])}?" if nearest else ""


def _described(placed: Collection[Placed]) -> str:
    places = ", ".join(str(each.start + 1) for each in islice(placed, _MOST_PLACES))
    more = ", ..." if len(placed) > _MOST_PLACES else ""
    lines = "line" if len(placed) == 1 else "lines"
    notes = [f"hunk {number} was placed {each.note}" for number, each in enumerate(placed, 1) if each.note]
    said = f"; {'; '.join(notes[:_MOST_PLACES])}" if notes else ""
    return f"changed {_counted(len(placed), 'hunk')} at {lines} {places}{more}{said}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
