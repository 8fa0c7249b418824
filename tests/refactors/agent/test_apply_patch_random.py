"""`apply_patch` on random edits, on thousands of broken patches, and on sizes that a hostile one would choose.

The cases are random with a seed that a failure prints.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from difflib import SequenceMatcher

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overhaul.refactors.agent.apply_patch import apply_patch, parse_patch
from overhaul.refactors.agent.line_search import Effort, LineSearch
from overhaul.refactors.errors import PatchError

SEED = int(os.environ.get("OVERHAUL_FUZZ_SEED", "4711"))
MANGLED = 10_000

# Few different lines, so that they repeat; some look like markers, some end with blanks or have odd separators.
LINE = st.sampled_from(
    ("", "a", "b", "    a", "é", "a ", "\ta", "+", "-", "@@", "*** End Patch", "*** Add File: x", "\x0c", "a\u2028b", "“a”")
)  # fmt: skip
LINES = st.lists(LINE, max_size=12)
ENCODING = st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-32"))
LINE_END = st.sampled_from(("\n", "\r\n", "\r"))


def written(old: Sequence[str], new: Sequence[str]) -> str:
    """Write one hunk that holds both files whole, so that only one place can be meant."""
    lines = []
    for _, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[start:end] == new[new_start:new_end]:
            lines += [f" {line}" for line in old[start:end]]
        else:
            lines += [f"-{line}" for line in old[start:end]]
            lines += [f"+{line}" for line in new[new_start:new_end]]
    return "".join(f"{line}\n" for line in lines)


def updated(hunks: str) -> str:
    return f"*** Begin Patch\n*** Update File: a.py\n{hunks}*** End Patch\n"


@settings(max_examples=400, deadline=None)
@given(old=LINES, new=LINES, line_end=LINE_END, encoding=ENCODING, has_last_end=st.booleans())
@example(old=[], new=["a"], line_end="\n", encoding="utf-16", has_last_end=True)
def test_patch_from_old_to_new_gives_exactly_new(
    old: list[str], new: list[str], line_end: str, encoding: str, has_last_end: bool
) -> None:
    if not has_last_end:  # an empty line without an end is none
        old, new = [*old, "last"], [*new, "last"]
    if len(old) - (not has_last_end) < 1:
        line_end = "\n"  # nothing tells another one

    def file(lines: Sequence[str]) -> bytes:
        text = "".join(line + line_end for line in lines)
        return (text if has_last_end else text.removesuffix(line_end)).encode(encoding)

    files = {"a.py": file(old)}
    result = apply_patch(updated(written(old, new) or "*** Move to: b.py\n"), files.get)
    path = "a.py" if old or new else "b.py"
    assert result.contents.get(path, files["a.py"]) == file(new)


@settings(max_examples=150, deadline=None)
@given(total=st.integers(1, 60), data=st.data(), line_end=LINE_END)
def test_many_hunks_change_their_places_only(total: int, data: st.DataObject, line_end: str) -> None:
    old = [f"{'    ' * (number % 3)}line {number}" for number in range(total)]
    edits = data.draw(st.dictionaries(st.integers(0, total - 1), st.lists(LINE, max_size=3), min_size=1))
    hunks = ""
    for place in sorted(edits):
        above = f" {old[place - 1]}\n" if place and place - 1 not in edits else ""
        below = f" {old[place + 1]}\n" if place + 1 < total and place + 1 not in edits else ""
        hunks += f"@@\n{above}-{old[place]}\n" + "".join(f"+{line}\n" for line in edits[place]) + below
    new = [line for place, each in enumerate(old) for line in edits.get(place, [each])]
    files = {"a.py": "".join(line + line_end for line in old).encode()}
    result = apply_patch(updated(hunks), files.get)
    assert result.contents == {"a.py": "".join(line + line_end for line in new).encode()}


FILES = {
    "src/app.py": b"class A:\n    def run(self):\n        return 1\n\n\nclass B:\n    def run(self):\n        return 1\n",
    "docs/notes.md": "# Título\r\n\r\nÄnderung “hier”\r\nlast".encode(),
    "latin.txt": b"caf\xe9\nth\xe9\n",
    "old.py": b"gone\n",
    "bin.dat": b"\0\1\2",
}
PATCH = """*** Begin Patch
*** Add File: new/file.py
+import os
+
+os.getcwd()
*** Update File: src/app.py
*** Move to: src/main.py
@@ class A:
     def run(self):
-        return 1
+        return 2
@@ class B:
@@     def run(self):
-        return 1
+        return 3
*** End of File
*** Update File: docs/notes.md
@@
 # Título

-Änderung "hier"
+Änderung dort
*** Update File: latin.txt
-thé
+tisane é
*** Delete File: old.py
*** End Patch
"""
PIECES = (
    *PATCH.splitlines(keepends=True), "*** Delete File: bin.dat\n", "*** Update File: bin.dat\n", "*** Move to: ../x\n", "@@\n", "@@ \n",
    "@@ -1,2 +1,3 @@\n", "+\n", "-\n", " \n", "\n", "\r", "\r\n", "\0", "\ud800", "\ufeff", "→\n", "```\n", "EOF\n", "*** ", "***\n", "\t\n",
    "*** Add File: .git/config\n", "*** Add File: " + "a/" * 300 + "\n", "- \n", "+" * 500 + "\n", "@@ (\n", "@@ " + "x" * 500 + "\n",
)  # fmt: skip


def mangled(numbers: random.Random) -> str:
    """Change some lines or characters of the patch: dropped, doubled, swapped, replaced, cut."""
    lines = PATCH.splitlines(keepends=True)
    for _ in range(numbers.choice((1, 1, 1, 2, 3, 8))):
        place, other = numbers.randrange(len(lines)), numbers.randrange(len(lines))
        match numbers.randrange(7):
            case 0:
                del lines[place : place + numbers.randint(1, 4)]
            case 1:
                lines.insert(place, lines[other])
            case 2:
                lines[place], lines[other] = lines[other], lines[place]
            case 3:
                lines.insert(place, numbers.choice(PIECES))
            case 4:
                lines[place] = numbers.choice(PIECES)
            case 5:
                line, at = lines[place], numbers.randint(0, len(lines[place]))
                lines[place] = (
                    line[:at] + numbers.choice(("", " ", "\r", "*", "é", "/", "\\", "@")) + line[at + 1 :]
                )
            case _:
                lines[place] = lines[place][: numbers.randint(0, len(lines[place]))]
        lines = lines or ["\n"]
    return "".join(lines)


def test_mangled_patches_are_applied_whole_or_refused() -> None:
    print("seed:", SEED)
    numbers = random.Random(SEED)
    refused = 0
    for case in range(MANGLED):
        text = mangled(numbers)
        files = dict(FILES)
        try:
            result = apply_patch(text, files.get, lambda: FILES)
        except PatchError as error:
            refused += 1
            str(error).encode()
        else:
            actions = parse_patch(text)
            assert len(result.actions) == len(actions), case
            assert set(result.contents) <= {action.path for action in actions} | set(result.moved.values()), (
                case
            )
            assert all(".git" not in path and ".." not in path for path in result.contents), case
        assert files == FILES, case
    assert MANGLED // 10 < refused < MANGLED


def test_lines_of_noise_are_refused() -> None:
    numbers = random.Random(SEED)
    for _ in range(1_000):
        text = (
            "*** Begin Patch\n" + "".join(numbers.choices(PIECES, k=numbers.randrange(12))) + "*** End Patch"
        )
        files = dict(FILES)
        try:
            apply_patch(text, files.get, lambda: FILES)
        except PatchError as error:
            str(error).encode()
        assert files == FILES


def test_thousands_of_hunks_in_ten_megabytes_are_placed() -> None:
    # With a search of the whole file for each hunk this takes minutes.
    lines = [f"    value_{number} = compute({number % 97}, 'some text')\n" for number in range(240_000)]
    hunks, new = [], list(lines)
    for place in range(20, 240_000, 48):
        hunks.append(f"@@\n {lines[place - 1]}-{lines[place]}+changed {place}\n {lines[place + 1]}")
        new[place] = f"changed {place}\n"
    assert len(hunks) == 5_000
    old = "".join(lines).encode()
    assert len(old) > 10_000_000
    result = apply_patch(updated("".join(hunks)), {"a.py": old}.get)
    assert result.contents == {"a.py": "".join(new).encode()}


@pytest.mark.parametrize(
    ("old", "hunk"),
    [
        (b"\n" * 1_000_000, "@@\n" + " \n" * 50 + "-x\n"),
        (b"a\n" * 500_000, "@@\n" + " a\n" * 60 + "-b\n+c\n"),
        (b"a\nb\n" * 500_000 + b"b\n", "@@\n a\n b\n b\n"),
        (b"class A:\n a\n" * 200_000, "@@ class A:\n@@ a\n a\n a\n-a\n+c\n"),
        (b"".join(b" " * number + b"a\n" for number in range(4_000)), "@@ a\n@@ a\n@@ a\n-b\n+c\n"),
    ],
    ids=[
        "empty lines",
        "one line",
        "one place found again and again",
        "one anchor everywhere",
        "nested blocks",
    ],
)
def test_hostile_sizes_are_refused_and_not_searched_for_long(old: bytes, hunk: str) -> None:
    with pytest.raises(PatchError):
        apply_patch(updated(hunk * 5_000), {"a.py": old}.get)


def test_search_ends_when_its_effort_is_spent() -> None:
    search = LineSearch(["a", "b"] * 1_000, ["a", "b"], Effort(60_000))
    assert search.places(["a", "b", "b"], (0, 2_000), 1) == []
    with pytest.raises(PatchError, match="takes too long to place"):
        search.places(["a", "b", "b"], (0, 2_000), 1)
