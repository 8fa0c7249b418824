"""What `apply_patch` refuses, leaves and changes."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import pytest

from overhaul.refactors.agent.apply_patch import APPLY_PATCH, Patched, apply_patch
from overhaul.refactors.agent.patch_actions import LARGEST_PATCH
from overhaul.refactors.errors import PatchError

TWO_CLASSES = (
    "class A:\n    def run(self):\n        return 1\n\n\nclass B:\n    def run(self):\n        return 1\n"
)


def patched(files: Mapping[str, bytes], text: str) -> Patched:
    return apply_patch(text, files.get, lambda: files)


def enveloped(body: str) -> str:
    return f"*** Begin Patch\n{body}*** End Patch\n"


def updated(body: str, path: str = "a.py") -> str:
    return enveloped(f"*** Update File: {path}\n{body}")


def changed(old: bytes, body: str) -> bytes:
    content = patched({"a.py": old}, updated(body)).contents["a.py"]
    assert content is not None
    return content


def refusal(files: Mapping[str, bytes], text: str) -> str:
    before = dict(files)
    with pytest.raises(PatchError) as caught:
        patched(files, text)
    assert files == before
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "names no file"),
        ("nothing\n", "line 2 of the patch: 'nothing' belongs to no file"),
        ("*** Update File: a.py\n", "has no hunk"),
        ("*** Update File: a.py\n@@\n", "has no hunk"),
        ("*** Update File: a.py\n@@ class A\n", "no lines stand after '@@'"),
        ("*** Update File: a.py\n*** End of File\n", "no lines stand before '*** End of File'"),
        (
            "*** Update File: a.py\n@@\nx = 1\n",
            "line 4 of the patch: 'x = 1': each line of a hunk begins with",
        ),
        ("*** Update File: a.py\n@@\n-a\n*** Rename to: b\n", "this marker is unknown"),
        ("*** Update File: a.py\n@@\n-a\n*** Move to: b\n", "right after an update's header"),
        ("*** Update File: a.py\n@@\n-a\n\\ No newline at end of file\n", "leave this line out"),
        ("*** Add File: b.py\nx = 1\n", "'x = 1': each line of a new file begins with '+'"),
        ("*** Delete File: a.py\n-a\n", "nothing follows '*** Delete File'"),
        ("*** Begin Patch\n*** Delete File: a.py\n", "belongs to no file"),
        ("*** Add File: b.py\n+\0\n", r"the character '\x00' cannot be in a text file"),
        ("*** Add File: b.py\n+\udc80\n", r"line 3 of the patch: the character '\udc80'"),
        ("*** Add File: \n+a\n", "a path of 1 to"),
    ],
)
def test_patch_that_is_not_in_the_format_is_refused_with_what_to_write(body: str, says: str) -> None:
    assert says.lower() in refusal({"a.py": b"a\n"}, enveloped(body)).lower()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has to begin with the line '*** Begin Patch'"),
        ("*** Begin Patch\n*** Delete File: a.py\n", "breaks off"),
        ("cd src && apply_patch <<'EOF'\n*** Begin Patch\n*** Delete File: a.py\n*** End Patch\nEOF", "Send the patch alone"),
        (enveloped("*** Delete File: a.py\n") + enveloped("*** Delete File: b.py\n"), "stands after '*** End Patch'"),
        ("*** Begin Patch\n" + "x" * LARGEST_PATCH, "too large"),
        (updated("-" + "\r".join(map(str, range(1_000_001))) + "\n"), "too large"),
        (enveloped("".join(f"*** Delete File: {number}\n" for number in range(1_001))), "at most 1000"),
    ],
)  # fmt: skip
def test_patch_that_is_incomplete_or_has_company_is_refused(text: str, says: str) -> None:
    assert says in refusal({"a.py": b"a\n", "b.py": b"b\n"}, text)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../a.py", "src/../../a.py", "~/a.py", "C:/a.py", "c:a.py", "src\\a.py", "src/", ".", "./.", "a\tb", "a\x1b[2J",
        ".git/config", ".GIT/hooks/post-checkout", "sub/.git/config", "git~1/config", ".g\u200cit/config", ".git./config", ".git /config",
        ".git::$INDEX_ALLOCATION/x", "x" * 500,
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["*** Add File: {}\n+a\n", "*** Delete File: {}\n", "*** Update File: a.py\n*** Move to: {}\n"])  # fmt: skip
def test_path_that_leads_elsewhere_is_refused(path: str, form: str) -> None:
    read: list[str] = []
    with pytest.raises(PatchError, match="of the patch: "):
        apply_patch(enveloped(form.format(path)), lambda each: read.append(each))
    assert read == []


FILES = {
    "src/app.py": b"a\n", "src/other.py": b"b\n", "logo.png": b"\x89PNG\r\n\x1a\n\0\0", "wide.txt": b"\xff\xfea",
    "latin.py": "# coding: latin-1\nx = 'é'\n".encode("latin-1"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("*** Update File: src/ap.py\n-a\n+b\n", "there is no file src/ap.py. Did you mean src/app.py"),
        ("*** Update File: app.py\n-a\n+b\n", "Did you mean src/app.py?"),
        ("*** Delete File: a/src/other.py\n", "Did you mean src/other.py"),
        ("*** Delete File: 12345\n", "there is no file 12345.\n"),
        ("*** Add File: src/app.py\n+b\n", "src/app.py is there already. To change it, write '*** Update File'"),
        ("*** Add File: src/app.py/new.py\n+b\n", "src/app.py is a file"),
        ("*** Update File: src/app.py\n*** Move to: src/other.py\n", "src/other.py is there already"),
        ("*** Update File: src/app.py\n*** Move to: src/app.py\n", "both act on src/app.py"),
        ("*** Update File: src/app.py\n-a\n+b\n*** Delete File: ./src//app.py\n", "Lines 2 and 5 of the patch both act on src/app.py"),
        ("*** Add File: new\n+a\n*** Add File: new/a\n+a\n", "Line 2 of the patch takes new for a file"),
        ("*** Update File: logo.png\n-a\n+b\n", "is binary"),
        ("*** Update File: wide.txt\n-a\n+b\n", "broken utf-16-le"),
        ("*** Update File: latin.py\n-x = 'é'\n+x = '→'\n", "is in iso-8859-1, which has no '→' (U+2192)"),
    ],
)  # fmt: skip
def test_action_that_does_not_fit_the_tree_is_refused(body: str, says: str) -> None:
    assert says in refusal(FILES, enveloped(body))


def test_one_mistake_among_several_files_applies_nothing_and_all_mistakes_are_told() -> None:
    body = "*** Add File: new.py\n+a\n*** Delete File: gone\n*** Update File: src/app.py\n-q\n*** Delete File: src/other.py\n"
    said = refusal(FILES, enveloped(body))
    assert "no file gone" in said
    assert "hunk 1 of src/app.py (line 6 of the patch): none of its lines is in the file" in said
    assert said.endswith("Nothing was changed.")


def test_file_that_cannot_be_read_is_an_error_of_the_patch() -> None:
    def read(path: str) -> bytes:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(PatchError, match="a cannot be read: Permission denied"):
        apply_patch(enveloped("*** Delete File: a\n"), read)


def test_hunk_that_fits_several_places_is_refused_with_the_places_and_the_way_out() -> None:
    said = refusal(
        {"a.py": TWO_CLASSES.encode()},
        updated("@@\n     def run(self):\n-        return 1\n+        return 2\n"),
    )
    assert "- line 2: '    def run(self):', below 'class A:' of line 1" in said
    assert "- line 7: '    def run(self):', below 'class B:' of line 6" in said
    assert "such as '@@ class A:'" in said


def test_places_beyond_the_first_five_are_not_listed() -> None:
    said = refusal({"a.py": b"x\n" * 100}, updated("-x\n+y\n"))
    assert said.count("\n- line") == 5
    assert "- and more" in said


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("@@\n-e\n+E\n@@\n-b\n+B\n", "hunk 2 of a.py (line 6 of the patch): its lines stand only at line 2, before the hunk above it"),
        ("@@\n-b\n+B\n@@\n-b\n+C\n", "stand only at line 2, before the hunk above it, which ends at line 2"),
        ("@@\n a\n-x\n+y\n", "Nearest is line 1; at line 2 the file has 'b', and the patch 'x'"),
        ("@@\n e\n-x\n+y\n", "at line 6 the file has none (5 lines)"),
        ("@@\n x\n a\n-b\n", "Nearest is line 1; at line 0 the file has none"),
        ("@@\n-  b\n+B\n", "none of its lines is in the file"),
        ("@@\n-b\n+B\n*** End of File\n", "at line 2, which is not the end"),
        ("@@\n+B\n", "it only adds lines and does not say where"),
        ("@@ d\n-b\n+B\n", "its lines are not below '@@ d', but at line 2"),
        ("@@ class nothing\n-q\n+B\n", "There is no '@@ class nothing' in the file either"),
    ],
)  # fmt: skip
def test_hunk_that_does_not_fit_is_refused_with_the_reason(body: str, says: str) -> None:
    assert says in refusal({"a.py": b"a\nb\nc\nd\ne\n"}, updated(body))


def test_patch_that_puts_the_same_lines_there_changes_nothing() -> None:
    result = patched({"a.py": b"a\r\nb"}, updated("@@\n a\n-b\n+b\n"))
    assert (result.contents, result.moved) == ({}, {})
    assert result.actions == ("left a.py as it is: the patch puts the same lines there",)
    assert patched({"a.py": b"a\nb\n"}, updated("@@\n a\n b\n")).contents == {}


def test_files_are_added_changed_moved_and_deleted_at_once() -> None:
    files = {"a.py": b"a\nb\n", "b.py": b"1\n2\n", "c.png": b"\0\xff", "d.py": b"gone\n"}
    body = (
        "*** Add File: ./new//file.py\n+x\n+\n+  y\n*** Add File: empty.py\n*** Update File: a.py\n@@\n a\n-b\n+c\n"
        "*** Update File: b.py\n*** Move to: sub/b.py\n@@\n-1\n+one\n*** Update File: c.png\n*** Move to: d.png\n*** Delete File: d.py\n"
    )
    result = patched(files, enveloped(body))
    assert result.contents == {
        "new/file.py": b"x\n\n  y\n", "empty.py": b"", "a.py": b"a\nc\n", "b.py": None, "sub/b.py": b"one\n2\n",
        "c.png": None, "d.png": b"\0\xff", "d.py": None,
    }  # fmt: skip
    assert result.moved == {"b.py": "sub/b.py", "c.png": "d.png"}
    assert result.actions == (
        "added new/file.py (3 lines)", "added empty.py (0 lines)", "changed 1 hunk at line 1 in a.py",
        "moved b.py to sub/b.py and changed 1 hunk at line 1", "moved c.png to d.png", "deleted d.py",
    )  # fmt: skip
    assert pickle.loads(pickle.dumps(result)) == result


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""), ("\n\n  ", "  \n"), ("```\n", "```\n"), ("```diff\n", "```"), ("~~~\n", "~~~\n"),
        ("apply_patch <<'EOF'\n", "EOF\n"), ('apply_patch << "PATCH"\n', "PATCH"), ("$ applypatch <<-EOF\n", "EOF\n"),
        ("cat <<'EOF' | apply_patch\n", "EOF\n"), ("<<EOF\n", "EOF"), ("```bash\napply_patch <<'EOF'\n", "EOF\n```\n"),
    ],
)  # fmt: skip
def test_patch_is_taken_out_of_fences_and_heredocs(before: str, after: str) -> None:
    text = before + enveloped("*** Update File: a.py\n-a\n+b\n") + after
    for each in (text, text.replace("\n", "\r\n"), text.replace("Patch\n", "Patch  \n")):
        assert patched({"a.py": b"a\n"}, each).contents == {"a.py": b"b\n"}


@pytest.mark.parametrize(
    ("anchors", "line"),
    [
        ("@@ class B:", 8), ("@@ class A", 3), ("@@ class A:\n@@ def run(self):", 3), ("@@ class B:\n@@     def run", 8),
        ("@@ -7,2 +7,2 @@ class B:", 8), ("@@ class B: @@", 8),
    ],
)  # fmt: skip
def test_anchors_name_the_place(anchors: str, line: int) -> None:
    body = f"{anchors}\n     def run(self):\n-        return 1\n+        return 2\n"
    lines = TWO_CLASSES.encode().splitlines(keepends=True)
    lines[line - 1] = b"        return 2\n"
    assert changed(TWO_CLASSES.encode(), body) == b"".join(lines)


@pytest.mark.parametrize(
    ("old", "body", "new"),
    [
        (b"# A\nx\n# B\nx\n", "@@ # B\n-x\n+y\n", b"# A\nx\n# B\ny\n"),
        (b"def f(\n    a,\n):\n    x\ndef g():\n    x\n", "@@ def f(\n-    x\n+    y\n", b"def f(\n    a,\n):\n    y\ndef g():\n    x\n"),
        (b"@d\ndef f():\n    x\n@d\ndef g():\n    x\n", "@@ def g():\n-@d\n def g():\n", b"@d\ndef f():\n    x\ndef g():\n    x\n"),
        (b"a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n", b"a\nc\n"),
        (b"a\nb\n", "@@ in the function below\n a\n-b\n+c\n", b"a\nc\n"),
        (b"x\ny\nx\n", "@@\n-x\n+z\n*** End of File\n", b"x\ny\nz\n"),
        (b"x\ny\nx\n\n\n", "@@\n-x\n+z\n*** End of File\n", b"x\ny\nz\n\n\n"),
        (b"x\ny\n", "@@\n+z\n*** End of File\n", b"x\ny\nz\n"),
        (b"", "@@\n+z\n+\n+z\n", b"z\n\nz\n"),
        (b"a\n\nb\n", "@@\n a\n\n-b\n+c\n\n\n", b"a\n\nc\n"),
        (b"a\nx\nb\nx\n", "@@\n a\n-x\n+y\n b\n@@\n b\n-x\n+z\n", b"a\ny\nb\nz\n"),
        (b"x\nx\n", "@@\n-x\n-x\n+y\n", b"y\n"),
        (b"a\nb\nc\n", "-a\n-b\n-c\n", b""),
        (b"--- a\n+++ b\n", "@@\n---- a\n++++ c\n++++ d\n +++ b\n", b"+++ c\n+++ d\n+++ b\n"),
        (b"*** End Patch\n*** Add File: x\n", " *** End Patch\n-*** Add File: x\n+@@\n", b"*** End Patch\n@@\n"),
    ],
)  # fmt: skip
def test_hunk_finds_its_one_place(old: bytes, body: str, new: bytes) -> None:
    assert changed(old, body) == new


@pytest.mark.parametrize(
    ("old", "body", "new", "said"),
    [
        ("a  \nb\t\n", " a\n-b\n+c\n", "a  \nc\n", "ignoring blanks at the ends of lines"),
        ("x = “a” – b\u00a0c…\ny\n", ' x = "a" - b c…\n-y\n+z\n', "x = “a” – b\u00a0c…\nz\n", "of Unicode"),
        ("it’s\n", "-it's\n+it is\n", "it is\n", "of Unicode"),
        (
            "a\nb\n",
            "@@ nowhere\n-b\n+c\n",
            "a\nc\n",
            "hunk 1 was placed without its @@ line, which is not in the file",
        ),
    ],
)
def test_small_differences_are_overlooked_and_said(old: str, body: str, new: str, said: str) -> None:
    result = patched({"a.py": old.encode()}, updated(body))
    assert result.contents == {"a.py": new.encode()}
    assert said in result.actions[0]


def test_small_differences_that_leave_several_places_are_refused() -> None:
    assert "several places" in refusal({"a.py": b"a \na\t\n"}, updated("-a\n+b\n"))
    assert "several places" in refusal({"a.py": b"a\na\n"}, updated("@@ nowhere\n-a\n+b\n"))
    assert "There is no '@@ nowhere'" in refusal({"a.py": b"a\na\n"}, updated("@@ nowhere\n-a\n+b\n"))


def test_exact_place_goes_before_one_that_differs() -> None:
    assert changed(b"a \na\n", "-a\n+b\n") == b"a \nb\n"
    assert "before the hunk above it" in refusal({"a.py": b"a\nx\na \n"}, updated("@@\n-x\n+y\n@@\n-a\n+b\n"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a\r\nb\r\nc\r\n", b"a\r\nX\r\nY\r\nc\r\n"),
        (b"a\rb\rc\r", b"a\rX\rY\rc\r"),
        (b"a\r\nb\nc\r", b"a\r\nX\nY\nc\r"),
        (b"a\nb\r\nc", b"a\nX\r\nY\r\nc"),
        (b"a\nb", b"a\nX\nY"),
        (b"a\r\nb", b"a\r\nX\r\nY"),
        (b"\x0c\na\nb\n\x0c\x0b\x1c\xc2\x85\xe2\x80\xa8c", b"\x0c\na\nX\nY\n\x0c\x0b\x1c\xc2\x85\xe2\x80\xa8c"),
        (b"\xef\xbb\xbfa\nb\nc\n", b"\xef\xbb\xbfa\nX\nY\nc\n"),
        ("é\na\nb\n".encode("latin-1"), "é\na\nX\nY\n".encode("latin-1")),
        ("\ufeffa\r\nb\r\né".encode("utf-16-le"), "\ufeffa\r\nX\r\nY\r\né".encode("utf-16-le")),
        ("\ufeffa\nb\n".encode("utf-16-be"), "\ufeffa\nX\nY\n".encode("utf-16-be")),
        ("\ufeffa\nb\n".encode("utf-32-le"), "\ufeffa\nX\nY\n".encode("utf-32-le")),
        ("# coding: shift_jis\n表\na\nb\n".encode("shift_jis"), "# coding: shift_jis\n表\na\nX\nY\n".encode("shift_jis")),
        ("é€\n".encode() + b"\xff\na\nb\n", "é€\n".encode() + b"\xff\na\nX\nY\n"),
        (b"# coding: no-such\na\nb\n", b"# coding: no-such\na\nX\nY\n"),
        (b"# coding: unicode_escape\na\nb\n\\q", b"# coding: unicode_escape\na\nX\nY\n\\q"),
        (b"# coding: utf-7\na\nb\n", b"# coding: utf-7\na\nX\nY\n"),
        (b"# coding: utf-8\n\xe9\na\nb\n", b"# coding: utf-8\n\xe9\na\nX\nY\n"),
    ],
)  # fmt: skip
def test_encoding_line_ends_and_all_other_bytes_stay(old: bytes, new: bytes) -> None:
    assert changed(old, " a\n-b\n+X\n+Y\n") == new


@pytest.mark.parametrize(
    ("encoding", "head"),
    [("latin-1", ""), ("latin-1", "# coding: latin-1\n"), ("shift_jis", "# coding: shift_jis\n"), ("utf-8-sig", ""), ("utf-16", "")],
)  # fmt: skip
def test_context_and_new_lines_are_in_the_encoding_of_the_file(encoding: str, head: str) -> None:
    odd = "表示" if encoding == "shift_jis" else "é"
    old, new = (f"{head}x = '{odd}'\n{line}" for line in ("y\n", f"z = '{odd}{odd}'\n"))
    assert changed(old.encode(encoding), f" x = '{odd}'\n-y\n+z = '{odd}{odd}'\n") == new.encode(encoding)


@pytest.mark.parametrize(
    ("old", "body", "new"),
    [
        (b"a\nb", "@@\n b\n+c\n", b"a\nb\nc"),
        (b"a\r\nb", "@@\n a\n-b\n", b"a"),
        (b"a", "-a\n", b""),
        (b"a\nb\n", "@@\n a\n-b\n", b"a\n"),
        (b"a\rb\nc\n", "-a\rb\n+a\rB\n", b"a\rB\rc\n"),
    ],
)
def test_end_of_the_file_stays_as_it_is(old: bytes, body: str, new: bytes) -> None:
    assert changed(old, body) == new


def test_new_file_has_the_line_ends_that_its_lines_have() -> None:
    text = enveloped("*** Add File: a\n+x\r\n+y\r\n")
    assert patched({}, text).contents == {"a": b"x\r\ny\r\n"}
    assert patched({}, text.replace("\r", "").replace("\n", "\r\n")).contents == {"a": b"x\ny\n"}


def test_example_of_the_description_is_a_patch() -> None:
    start = APPLY_PATCH.description.index("*** Begin Patch")
    text = APPLY_PATCH.description[start : APPLY_PATCH.description.index("Give three")]
    files = {
        "src/app.py": b"class Server:\n a line that stays\n".replace(b" a", b"a") + b"a line that goes\n",
        "old.py": b"",
    }
    assert set(patched(files, text).contents) == {"new.py", "src/app.py", "src/main.py", "old.py"}
