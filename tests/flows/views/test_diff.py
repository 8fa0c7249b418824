"""Patches of real repositories as HTML: what a reviewer sees, and what hostile content cannot do."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from overhaul.flows.mirror import Mirror
from overhaul.flows.views.diff import diff_html
from overhaul.flows.views.patch import FilePatch, finding_notes, joined_notes, notes_of, read_patch
from overhaul.refactors.recipe import Site
from overhaul.refactors.review import Finding
from tests.flows.repositories import commit_files, git, make_repository

Files = dict[str, str | bytes]


def patch_of(folder: Path, before: Files, after: Files, *, gone: tuple[str, ...] = ()) -> bytes:
    """The patch between two commits of a repository, as a run's mirror gives it."""
    repository = make_repository(folder / "repository", {"README": "x\n", **before})
    for path in gone:
        (repository / path).unlink()
    commit_files(repository, {"README": "y\n", **after}, "second")
    mirror = Mirror.of(str(repository), folder / "mirrors")
    head = mirror.fetch(None).commit
    return mirror.diff(f"{head}~1", head)


def only(patch: bytes) -> FilePatch:
    (file,) = [each for each in read_patch(patch) if each.path != "README"]
    return file


class Text(HTMLParser):
    """The words of a page, without its tags, and the tags that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(html: str) -> Text:
    parser = Text()
    parser.feed(html)
    return parser


def shown(html: str) -> str:
    return "".join(read(html).words)


def test_changed_words_of_a_line_are_marked_on_both_sides(tmp_path: Path) -> None:
    html = diff_html(patch_of(tmp_path, {"a.py": "x = fetch_user(1)\n"}, {"a.py": "x = get_user(1)\n"}), {})
    assert re.search(r"<mark>(<span[^>]*>)?fetch_user(</span>)?</mark>", html)
    assert re.search(r"<mark>(<span[^>]*>)?get_user(</span>)?</mark>", html)


def test_lines_with_nothing_in_common_are_not_marked(tmp_path: Path) -> None:
    html = diff_html(patch_of(tmp_path, {"a.py": "import os\n"}, {"a.py": "def f(x): return x * 2\n"}), {})
    assert "<mark>" not in html.split("README")[-1].split("a.py")[-1]


@pytest.mark.parametrize(
    ("path", "line", "css"),
    [
        ("a.py", "def f(): return 'x'  # why\n", {"k", "f", "s", "c"}),
        ("a.js", "function f() { return 'x' } // why\n", {"k", "s", "c"}),
        ("a.toml", "x = 'y'  # why\n", {"s", "c"}),
        ("a.yaml", "x: 'y'  # why\n", {"s", "c"}),
    ],
)
def test_code_is_coloured_by_the_name_of_its_file(
    tmp_path: Path, path: str, line: str, css: set[str]
) -> None:
    html = diff_html(patch_of(tmp_path, {}, {path: line}), {})
    assert css <= set(re.findall(r'<span class="(\w)">', html))


def test_note_stands_beside_the_new_line_of_its_site(tmp_path: Path) -> None:
    before = "import os\n\n\nx = old(1)\n"
    patch = patch_of(tmp_path, {"a.py": before}, {"a.py": "import os\nimport sys\n\n\nx = new(1)\n"})
    sites = [
        Site("a.py", 4, 5, "old", "resolved", "call of the symbol"),
        Site("a.py", 4, 9, "old", "resolved", "call of the symbol"),
        Site("a.py", 1, 1, "old", "unresolved", "a name in a string"),
        Site("b.py", 4, 5, "old", "resolved", "another file"),
    ]
    notes = notes_of(patch, sites)
    assert notes == {("a.py", 5): "call of the symbol (2 times)"}
    row = next(row for row in diff_html(patch, notes).split("<tr") if "<small>" in row)
    assert ">5<" in row
    assert "call of the symbol (2 times)" in row


def test_site_of_a_removed_line_is_told_at_the_next_one_and_follows_a_rename(tmp_path: Path) -> None:
    lines = "".join(f"line{number} = {number}\n" for number in range(30))
    patch = patch_of(tmp_path, {"a.py": f"gone()\n{lines}"}, {"b.py": lines}, gone=("a.py",))
    assert only(patch).status == "renamed"
    assert notes_of(patch, [Site("a.py", 1, 1, "gone", "resolved", "moved")]) == {("b.py", 1): "moved"}


def test_findings_stand_beside_their_lines_with_the_reasons_of_sites(tmp_path: Path) -> None:
    patch = patch_of(tmp_path, {"a.py": "x = 1\ny = 2\nz = 3\n"}, {"a.py": "x = 1\nz = 4\n"})
    findings = [
        Finding("y is gone", "", 1, "a.py", 2, 2, side="base", proved_by="rule"),
        Finding("z is wrong", "", 2, "a.py", 2, 2),
        Finding("Tests change", "", 3, "a.py"),
        Finding("Elsewhere", "", 0, "b.py", 7, 7),
    ]
    notes = finding_notes(patch, findings)
    assert notes == {("a.py", 2): "P2: z is wrong; P1: y is gone"}
    assert joined_notes({("a.py", 2): "why"}, notes) == {("a.py", 2): "why; P2: z is wrong; P1: y is gone"}


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;\x1b[2J\u202eevil\u200b{x}%s\x00"


@pytest.mark.parametrize("name", ["a.py", "a.md", "a.html", "a.unknown"])
def test_hostile_text_stays_text(tmp_path: Path, name: str) -> None:
    before, after = f"x = 1\n'''{HOSTILE}'''\n", f"x = 1\n'''{HOSTILE}!'''\n@@ -1,1 +1,1 @@\n--- a/x\n"
    patch = patch_of(tmp_path, {name: before.replace("\x00", "")}, {name: after.replace("\x00", "")})
    html = diff_html(patch, {(name, 2): HOSTILE})
    page = read(html)
    assert not page.tags & {"script", "img"}
    assert not {each for each in page.attributes if each.startswith("on")}
    assert "<script>alert(1)</script>" in "".join(page.words)
    assert r"\x1b[2J\u202eevil\u200b" in "".join(page.words)
    assert not set(html) & set("\x1b\u202e\u200b\x00")
    assert "@@ -1,1 +1,1 @@" in "".join(page.words), "a line of a file is no header"


@pytest.mark.parametrize(
    "path", ["<b onclick=x>.py", 'quo"te&.py', "a b/c\td.py", "new\nline.py", "\u202ebidi.py", "café.py"]
)
def test_hostile_paths_are_shown_as_they_are(tmp_path: Path, path: str) -> None:
    patch = patch_of(tmp_path, {path: "x = 1\n"}, {path: "x = 2\n"})
    assert only(patch).path == path
    html = diff_html(patch, {})
    assert not read(html).tags & {"b"}
    assert "\u202e" not in html
    assert path.replace("\n", "\\n").replace("\t", "\\t").replace("\u202e", "\\u202e") in shown(html)


def test_bytes_that_are_not_utf_8_are_shown_as_escapes(tmp_path: Path) -> None:
    patch = patch_of(tmp_path, {"a.txt": b"caf\xe9 1\n"}, {"a.txt": b"caf\xe9 2\n"})
    assert r"caf\xe9 2" in shown(diff_html(patch, {}))
    diff_html(patch, {}).encode()


def test_path_that_is_not_utf_8_is_shown_as_escapes() -> None:
    patch = b'diff --git "a/\\377.py" "b/\\377.py"\n--- "a/\\377.py"\n+++ "b/\\377.py"\n@@ -1 +1 @@\n-x\n+y\n'
    assert r"\xff.py" in shown(diff_html(patch, {}))


def test_line_of_a_megabyte_is_cut_and_says_so(tmp_path: Path) -> None:
    line = "x" * 1_000_000
    html = diff_html(patch_of(tmp_path, {"a.py": f"{line}\n"}, {"a.py": f"{line}y\n"}), {})
    assert len(html) < 20_000
    assert "998,000 more characters" in html
    assert "998,001 more characters" in html


def test_new_deleted_renamed_and_binary_files_say_what_they_are(tmp_path: Path) -> None:
    lines = "".join(f"line{number} = {number}\n" for number in range(30))
    patch = patch_of(
        tmp_path,
        {"gone.py": "x = 1\n", "old/name.py": lines, "same.py": lines.upper(), "picture.png": b"\x00\x01"},
        {"new.py": "y = 2\n", "new/name.py": f"{lines}more = 1\n", "other.py": lines.upper(), "picture.png": b"\x00\x02",
         "empty.py": ""},
        gone=("gone.py", "old/name.py", "same.py"),
    )  # fmt: skip
    files = {file.path: file for file in read_patch(patch)}
    assert {path: file.status for path, file in files.items()} == {
        "README": "changed", "gone.py": "deleted", "new.py": "new", "new/name.py": "renamed", "other.py": "renamed",
        "picture.png": "changed", "empty.py": "new",
    }  # fmt: skip
    assert files["new/name.py"].old_path == "old/name.py"
    assert (files["new.py"].added, files["gone.py"].removed) == (1, 1)
    html = shown(diff_html(patch, {}))
    assert "old/name.py → new/name.py" in html
    assert "binary, its content is not shown" in html
    assert "No line changes." in html


def test_change_of_mode_and_links_are_told(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository", {"run.sh": "true\n"})
    (repository / "run.sh").chmod(0o755)
    (repository / "link").symlink_to("/etc/passwd")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "second")
    mirror = Mirror.of(str(repository), tmp_path / "mirrors")
    head = mirror.fetch(None).commit
    files = {file.path: file for file in read_patch(mirror.diff(f"{head}~1", head))}
    assert files["run.sh"].facts == ["mode 100644 becomes 100755"]
    assert files["link"].facts == ["symbolic link"]


def test_missing_line_end_is_told(tmp_path: Path) -> None:
    html = shown(diff_html(patch_of(tmp_path, {"a.py": "x = 1"}, {"a.py": "x = 1\n"}), {}))
    assert html.count("(no line end)") == 1
    both = shown(diff_html(patch_of(tmp_path / "two", {"a.py": "x = 1"}, {"a.py": "x = 2"}), {}))
    assert both.count("(no line end)") == 2


def test_windows_line_ends_are_said_once_or_shown_where_they_differ(tmp_path: Path) -> None:
    all_of_them = patch_of(tmp_path, {"a.py": b"x = 1\r\ny = 1\r\n"}, {"a.py": b"x = 2\r\ny = 1\r\n"})
    assert "CRLF line ends" in only(all_of_them).facts
    assert r"\x0d" not in shown(diff_html(all_of_them, {}))
    some = patch_of(tmp_path / "two", {"a.py": b"x = 1\r\n"}, {"a.py": b"x = 1\n"})
    assert r"x = 1\x0d" in shown(diff_html(some, {}))


def test_nothing_is_said_of_an_empty_patch() -> None:
    assert "Nothing changes." in diff_html(b"", {})


def test_what_is_left_out_of_a_large_diff_is_counted(tmp_path: Path) -> None:
    before = "".join(f"a{number} = 1\n" for number in range(300))
    patch = patch_of(
        tmp_path, {"a.py": before, "b.py": before}, {"a.py": before.upper(), "b.py": before.upper()}
    )
    html = diff_html(patch, {}, lines_at_most=400)
    assert "201 more lines of this file are left out here." in html
    assert "<code>b.py</code>" in html


def test_large_files_are_folded(tmp_path: Path) -> None:
    before = "".join(f"a{number} = 1\n" for number in range(500))
    patch = patch_of(tmp_path, {"a.py": before}, {"a.py": before.upper()})
    folded = [
        part.startswith(" open") for part in re.split(r'<details class="file"', diff_html(patch, {}))[1:]
    ]
    assert folded == [True, False]


NASTY = [
    "'" * 9_000,
    '"""' * 3_000,
    "(" * 9_000,
    "\\" * 9_000,
    "a" * 9_000,
    "{{" * 4_000,
    "`" * 9_000,
    "<!--" * 2_000,
]


@pytest.mark.parametrize(
    "suffix", ["py", "md", "html", "js", "yaml", "toml", "rst", "json", "css", "sh", "ini", "c"]
)
def test_no_text_keeps_the_colouring_busy(tmp_path: Path, suffix: str) -> None:
    """Lines within the limit, of which a lexer could make so much work that this does not end."""
    folded = ["\n".join(text[start : start + 400] for start in range(0, len(text), 400)) for text in NASTY]
    files: Files = {f"{number}.{suffix}": f"{text}\n" for number, text in enumerate(folded)}
    patch = patch_of(tmp_path, {}, files)
    assert diff_html(patch, {}).count("<details") == len(files) + 1
