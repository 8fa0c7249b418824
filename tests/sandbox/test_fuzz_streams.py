"""What comes back from a sandbox and what goes into it, in thousands of broken and hostile forms.

The cases are random with a seed that a failure prints.
"""

from __future__ import annotations

import base64
import os
import random
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from overhaul.sandbox.docker_archive import archive
from overhaul.sandbox.docker_stream import FrameReader
from overhaul.sandbox.formatting import read_back
from overhaul.sandbox.provider import Command, Outcome
from overhaul.sandbox.records import RecordParser
from overhaul.sandbox.test_record import Heard
from overhaul.sandbox.tree_copy import copy_tree

SEED = int(os.environ.get("OVERHAUL_FUZZ_SEED", "4711"))
STREAMS, FRAMES, EMITTED, TREES = 4_000, 2_000, 2_000, 1_000
MARK = "0123456789abcdef"
VALUES = (
    "1", "-1", "1e999", "NaN", "null", '"x"', '"\\ud800"', "[]", "{}", "1" * 5000, "[" * 3000, '{"a":' * 3000,
    "true", '"passed"', '"no such outcome"', '"\\u0000"',
)  # fmt: skip
KINDS = ("collected", "start", "test", "collection_error", "end", "no such kind")


def pieces(numbers: random.Random, make: Callable[[], bytes]) -> Iterator[bytes]:
    """Cut what `make` gives into chunks of any size."""
    data = b"".join(make() for _ in range(numbers.randint(0, 12)))
    place = 0
    while place < len(data):
        size = numbers.choice((1, 2, 7, 50, 10_000))
        yield data[place : place + size]
        place += size


def hostile_record(numbers: random.Random) -> bytes:
    kind = numbers.random()
    if kind < 0.2:
        return numbers.randbytes(numbers.randint(0, 40))
    if kind < 0.4:
        start = f"\x1e{MARK} ".encode()
        return start[: numbers.randint(0, len(start))]
    names = ("kind", "id", "count", "outcome", "seconds", "text", "exit_code")
    fields = ", ".join(
        f'"{numbers.choice(names)}": {numbers.choice(VALUES)}' for _ in range(numbers.randint(0, 7))
    )
    body = f'{{"kind": "{numbers.choice(KINDS)}", {fields}}}' if kind < 0.9 else numbers.choice(VALUES)
    return f"\x1e{MARK} {body}\x1e\n".encode()


def test_forged_records_are_output_and_stop_nothing() -> None:
    print("seed:", SEED)
    numbers = random.Random(SEED)
    for _ in range(STREAMS):
        heard, out, given = Heard(None, lambda _: None), bytearray(), 0
        parser = RecordParser(MARK, heard.take, out.extend)
        for chunk in pieces(numbers, lambda: hostile_record(numbers)):
            given += len(chunk)
            parser.add(chunk)
        parser.flush()
        assert len(out) <= given
        assert all(isinstance(each.seconds, float) for each in heard.results.values())


def test_broken_frames_give_no_more_than_came() -> None:
    print("seed:", SEED)
    numbers = random.Random(SEED)

    def frame() -> bytes:
        content = numbers.randbytes(numbers.randint(0, 40))
        length = numbers.choice((len(content), 0, 1, 0xFFFFFFFF))
        return bytes([numbers.randint(0, 255), 0, 0, 0]) + length.to_bytes(4, "big") + content

    for _ in range(FRAMES):
        out, given = bytearray(), 0
        reader = FrameReader(out.extend)
        for chunk in pieces(numbers, frame):
            given += len(chunk)
            reader.add(chunk)
        assert len(out) <= given


class Emitter:
    """A workspace in which the script that sends files back has been replaced by somebody's own."""

    root, tools = "/tree", "/tools"

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks

    def run(self, command: Command, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        assert on_output is not None
        for chunk in self.chunks:
            on_output(chunk)
        return Outcome("exited", 0, b"", 0, 0.0)


def test_files_sent_back_are_those_asked_for_whatever_is_sent() -> None:
    print("seed:", SEED)
    numbers = random.Random(SEED)
    ends = (b"\n", b"\n", b"\n", b"", b"\r\n", b"\0\n")

    def line() -> bytes:
        content = base64.b64encode(numbers.randbytes(numbers.randint(0, 30)))
        if numbers.random() < 0.3:
            content = numbers.choice(
                (b"-", b"", b"=", b"../../x", numbers.randbytes(9), content[:-1], b"\xff" * 9)
            )
        return content + numbers.choice(ends)

    for number in range(EMITTED):
        asked = [f"{number}.py", "../escape.py", "-"][: numbers.randint(0, 3)]
        found = read_back(Emitter(pieces(numbers, line)), asked)  # type: ignore[arg-type]
        assert set(found) <= set(asked)


def plant(folder: Path, numbers: random.Random, outside: Path) -> None:
    """Fill a folder with files and links of all kinds, named at random."""
    names = (
        "a",
        "b",
        ".git",
        ".GIT",
        "-rf",
        "a\nb",
        "\udcff",
        "é",
        "c" * 255,
        "__pycache__",
        ".svn",
        "x:y",
        "\\..\\..",
    )
    folders = [folder]
    for _ in range(numbers.randint(1, 12)):
        place = numbers.choice(folders) / numbers.choice(names)
        if os.path.lexists(place):
            continue
        kind = numbers.random()
        if kind < 0.3:
            place.mkdir()
            folders.append(place)
        elif kind < 0.55:
            place.write_bytes(b"x" * numbers.randint(0, 9))
        elif kind < 0.6:
            os.link(outside / "secret", place)
        elif kind < 0.65:
            os.mkfifo(place)
        else:
            targets = (
                outside, outside / "secret", os.path.relpath(outside, place.parent), "..", ".", "a", "b/a", "../a",
                "/", "loop", place.name, f"a/../../{folder.name}/b", "x" * 4000, "/proc/self/root", "a/../../..",
            )  # fmt: skip
            place.symlink_to(numbers.choice(targets))


def test_trees_go_into_a_sandbox_without_git_and_without_what_is_outside(tmp_path: Path) -> None:
    print("seed:", SEED)
    numbers = random.Random(SEED)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("canary")
    for number in range(TREES):
        source, copy = tmp_path / f"tree{number}", tmp_path / "copies" / str(number)
        source.mkdir()
        plant(source, numbers, outside)
        with archive({"tree": source}, 1000) as data, tarfile.open(fileobj=data) as tar:
            for member in tar:
                parts = PurePosixPath(member.name).parts
                assert parts[0] == "tree", member
                assert not {"..", ".git", ".svn"} & set(parts), member
                assert member.isreg() or member.isdir() or member.issym(), member
                if member.issym():
                    assert stays_inside(PurePosixPath(member.name), member.linkname), member
        copy_tree(source, copy)
        for path in copy.rglob("*"):
            assert not {".git", ".svn"} & set(path.relative_to(copy).parts), path
            if path.is_symlink():
                assert stays_inside("tree" / PurePosixPath(path.relative_to(copy)), str(path.readlink())), (
                    path
                )
            else:
                assert path.is_dir() or path.is_file(), path
                assert path.is_dir() or path.stat().st_nlink == 1, path
    assert (outside / "secret").read_text() == "canary"
    assert [each.name for each in outside.iterdir()] == ["secret"]


def stays_inside(name: PurePosixPath, target: str) -> bool:
    """Whether a link's words lead no higher than its tree's top."""
    joined = os.path.normpath(name.parent / target)
    return not target.startswith("/") and joined.split("/")[0] == "tree"
