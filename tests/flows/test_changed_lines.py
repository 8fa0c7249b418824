"""The lines that differ between two commits, with real git."""

from pathlib import Path

from overhaul.flows.changed_lines import changed_lines
from overhaul.flows.mirror import Mirror
from tests.flows.repositories import commit_files, git, make_repository


def test_new_lines_are_told_by_their_numbers_at_head(tmp_path: Path) -> None:
    long = "".join(f"line {number}\n" for number in range(30))
    source = make_repository(
        tmp_path / "source",
        {
            "a.py": "one\ntwo\nthree\n",
            "ü b.py": "x\n",
            "moved.py": long,
            "cut.py": "a\nb\n",
            "gone.py": "x\n",
        },
    )
    base = git(source, "rev-parse", "HEAD")
    git(source, "rm", "--quiet", "moved.py", "gone.py")
    head = commit_files(
        source,
        # Two lines that look like the header of a file and of a hunk.
        {"a.py": "one\n++ b/other.py\n@@ -1 +1 @@\nthree\nfour", "ü b.py": "y\n", "to.py": long, "cut.py": "a\n",
         "new.py": "1\n2\n"},
        "change",
    )  # fmt: skip
    mirror = Mirror.of(str(source), tmp_path / "mirrors")
    mirror.fetch(None)
    assert changed_lines(mirror, base, head) == {
        "a.py": [2, 3, 5], "ü b.py": [1], "to.py": [], "cut.py": [], "new.py": [1, 2],
    }  # fmt: skip
