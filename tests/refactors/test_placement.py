"""Edits on disk: all or nothing, never half a file, never through a link."""

import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from overhaul.refactors.errors import CannotWrite, StaleEdit
from overhaul.refactors.placement import apply_edits
from overhaul.refactors.recipe import Edit, content_hash

from .conftest import write_files


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def edit_of(folder: Path, path: str, new: bytes, new_path: str | None = None) -> Edit:
    return Edit(path, content_hash((folder / path).read_bytes()), new, 1, new_path)


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_files(tmp_path / "root", {"a.py": b"a", "pkg/b.py": b"b", "pkg/c.py": b"c"})


def test_writes_each_file_and_keeps_its_mode(folder):
    (folder / "a.py").chmod(0o754)
    apply_edits(folder, [edit_of(folder, "a.py", b"A"), edit_of(folder, "pkg/b.py", b"B")])
    assert contents(folder) == {"a.py": b"A", "pkg/b.py": b"B", "pkg/c.py": b"c"}
    assert stat.S_IMODE((folder / "a.py").stat().st_mode) == 0o754


def test_stale_file_stops_everything(folder):
    edits = [edit_of(folder, "a.py", b"A"), edit_of(folder, "pkg/b.py", b"B")]
    (folder / "pkg/b.py").write_bytes(b"someone was here")
    before = contents(folder)
    with pytest.raises(StaleEdit, match=r"pkg/b\.py has changed"):
        apply_edits(folder, edits)
    assert contents(folder) == before


def test_file_that_is_gone_stops_everything(folder):
    edits = [edit_of(folder, "a.py", b"A"), edit_of(folder, "pkg/b.py", b"B")]
    (folder / "pkg/b.py").unlink()
    with pytest.raises(StaleEdit, match=r"pkg/b\.py is gone"):
        apply_edits(folder, edits)
    assert (folder / "a.py").read_bytes() == b"a"


@pytest.mark.parametrize("swapped", ["pkg/b.py", "pkg"])
def test_link_swapped_in_is_refused_and_its_target_untouched(folder, tmp_path, swapped):
    edits = [edit_of(folder, "pkg/b.py", b"B")]
    (folder / swapped).rename(tmp_path / "outside")
    (folder / swapped).symlink_to(tmp_path / "outside")
    with pytest.raises(CannotWrite, match=r"pkg/b\.py cannot be written"):
        apply_edits(folder, edits)
    outside = tmp_path / "outside"
    assert (outside if outside.is_file() else outside / "b.py").read_bytes() == b"b"


def test_path_that_leads_out_is_refused(folder, tmp_path):
    write_files(tmp_path, {"outside.py": b"x"})
    with pytest.raises(CannotWrite, match="below the folder"):
        apply_edits(folder, [Edit("../outside.py", content_hash(b"x"), b"y", 1)])
    with pytest.raises(CannotWrite, match="below the folder"):
        apply_edits(folder, [edit_of(folder, "a.py", b"y", "../new.py")])
    assert contents(tmp_path)["outside.py"] == b"x"


def test_moves_make_folders_and_remove_those_they_empty(folder):
    edits = [
        edit_of(folder, "pkg/b.py", b"B", "lib/deep/b.py"),
        edit_of(folder, "pkg/c.py", b"c", "lib/c.py"),
    ]
    apply_edits(folder, edits)
    assert contents(folder) == {"a.py": b"a", "lib/deep/b.py": b"B", "lib/c.py": b"c"}
    assert not (folder / "pkg").exists()


def test_files_can_change_places(folder):
    apply_edits(
        folder, [edit_of(folder, "a.py", b"a", "pkg/b.py"), edit_of(folder, "pkg/b.py", b"b", "a.py")]
    )
    assert contents(folder) == {"a.py": b"b", "pkg/b.py": b"a", "pkg/c.py": b"c"}


def test_move_onto_a_file_is_refused(folder):
    before = contents(folder)
    with pytest.raises(StaleEdit, match=r"pkg/c\.py exists"):
        apply_edits(folder, [edit_of(folder, "a.py", b"A", "pkg/c.py")])
    assert contents(folder) == before


def test_move_below_a_file_changes_nothing(folder):
    before = contents(folder)
    with pytest.raises(CannotWrite, match=r"a\.py/new\.py cannot be written"):
        apply_edits(folder, [edit_of(folder, "pkg/b.py", b"B", "a.py/new.py")])
    assert contents(folder) == before


def test_two_edits_of_one_file_are_refused(folder):
    with pytest.raises(ValueError, match="two edits"):
        apply_edits(folder, [edit_of(folder, "a.py", b"A"), edit_of(folder, "a.py", b"B")])


def test_full_disk_changes_nothing_and_says_so(folder):
    before = contents(folder)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    edits = [edit_of(folder, "a.py", b"A"), edit_of(folder, "pkg/b.py", b"x" * 3_000_000, "new/b.py")]
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, limits[1]))
    try:
        with pytest.raises(CannotWrite, match=r"new/b\.py cannot be written: .*; nothing was changed"):
            apply_edits(folder, edits)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert contents(folder) == before
    assert not (folder / "new").exists()


def test_interrupted_run_leaves_whole_files_only(folder):
    paths = [f"many/{number}.py" for number in range(300)]
    write_files(folder, dict.fromkeys(paths, b"old"))
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from overhaul.refactors.placement import apply_edits
        from overhaul.refactors.recipe import Edit, content_hash
        edits = [Edit(f"many/{n}.py", content_hash(b"old"), b"new" * 100_000, 1) for n in range(300)]
        print("ready", flush=True)
        apply_edits(Path(sys.argv[1]), edits)
    """)
    running = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with running:
        assert running.stdout.readline() == b"ready\n"
        while running.poll() is None and not any(folder.glob("many/.overhaul-*")):
            os.sched_yield()
        running.send_signal(signal.SIGINT)
    assert sorted(contents(folder)) == sorted(["a.py", "pkg/b.py", "pkg/c.py", *paths])
    assert {contents(folder)[path] for path in paths} <= {b"old", b"new" * 100_000}


def test_new_files_are_created_with_their_folders(folder):
    apply_edits(folder, [edit_of(folder, "a.py", b"A"), Edit("pkg/deep/new.py", None, b"new", 1)])
    assert contents(folder) == {"a.py": b"A", "pkg/b.py": b"b", "pkg/c.py": b"c", "pkg/deep/new.py": b"new"}
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((folder / "pkg/deep/new.py").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("kind", ["file", "dangling link", "folder"])
def test_new_file_never_takes_the_place_of_what_is_there(folder, kind):
    if kind == "file":
        (folder / "new.py").write_bytes(b"someone's")
    elif kind == "folder":
        (folder / "new.py").mkdir()
    else:
        (folder / "new.py").symlink_to("nowhere")
    before = contents(folder)
    with pytest.raises(StaleEdit, match=r"new\.py exists"):
        apply_edits(folder, [edit_of(folder, "a.py", b"A"), Edit("new.py", None, b"new", 1)])
    assert contents(folder) == before


def test_new_file_below_a_file_changes_nothing(folder):
    before = contents(folder)
    with pytest.raises(CannotWrite):
        apply_edits(folder, [edit_of(folder, "pkg/b.py", b"B"), Edit("a.py/new.py", None, b"new", 1)])
    assert contents(folder) == before


def test_stale_file_beside_a_new_one_leaves_no_new_folder(folder):
    edits = [edit_of(folder, "a.py", b"A"), Edit("deep/new.py", None, b"new", 1)]
    (folder / "a.py").write_bytes(b"someone was here")
    with pytest.raises(StaleEdit):
        apply_edits(folder, edits)
    assert not (folder / "deep").exists()


def test_removal_takes_the_file_and_the_folder_that_it_empties(folder):
    removals = [
        Edit(path, content_hash((folder / path).read_bytes()), b"", 1, is_removal=True)
        for path in ("pkg/b.py", "pkg/c.py")
    ]
    apply_edits(folder, [edit_of(folder, "a.py", b"A"), *removals])
    assert contents(folder) == {"a.py": b"A"}
    assert not (folder / "pkg").exists()


def test_file_that_is_to_go_and_has_changed_stays_with_all_others(folder):
    removal = Edit("pkg/b.py", content_hash(b"b"), b"", 1, is_removal=True)
    (folder / "pkg/b.py").write_bytes(b"someone was here")
    before = contents(folder)
    with pytest.raises(StaleEdit, match=r"pkg/b\.py has changed"):
        apply_edits(folder, [edit_of(folder, "a.py", b"A"), removal])
    assert contents(folder) == before
