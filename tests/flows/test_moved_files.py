"""Files in which runs move: what is refused of them, and what is not believed. Real git, no server."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from overhaul.flows.errors import HandoffError
from overhaul.flows.mirror import FileChange, Mirror
from overhaul.flows.moving.arriving import Allowed, open_file, options_here, unpacked
from overhaul.flows.moving.contents import steps_of, write_contents
from overhaul.flows.moving.document import MovedRun
from overhaul.flows.moving.leaving import without_secrets, write_file
from overhaul.flows.moving.pack_sizes import measure
from overhaul.flows.options import Gates, PullRequestOptions, RunOptions
from overhaul.flows.settings import Settings
from overhaul.sandbox.redact import Redactor
from tests.flows.repositories import commit_files, git, make_repository

RUN_ID = "0a1b2c3d-0000-4000-8000-000000000000"
ASK = {
    "value": {"items": [{"kind": "message", "role": "assistant", "text": "Hi.", "images": []}], "usage": {}},
    "seconds": 1,
}
NOWHERE = "1" * 40


@dataclass
class Packer:
    """Makes files of a run; `document` is what goes into them, `steps` what its steps gave."""

    mirror: Mirror
    document: dict[str, Any]
    steps: list[Any]
    trees: list[str]
    folder: Path

    def pack(self, above: tuple[str, ...] = ()) -> Path:
        document = MovedRun.model_validate(self.document)
        blobs = [self.mirror.blob_of(json.dumps(each).encode()) for each in self.steps]
        parts = {"steps": blobs, "trees": self.trees, "images": []}
        run = document.run
        commit = write_contents(self.mirror, document, parts, (run.base, run.head, *above))
        file = self.folder / "run.bundle"
        write_file(self.mirror, document, commit, file)
        return file

    def call(self, tree: str) -> dict[str, Any]:
        result = {"call_id": "c", "output": "ok", "is_freeform": False, "images": []}
        return {"value": {"result": result, "tree": tree, "todos": None}, "seconds": 1}


@pytest.fixture
def packer(tmp_path: Path) -> Packer:
    source = make_repository(tmp_path / "source", {"a.py": "a = 1\n"})
    mirror = Mirror.of(str(source), Settings(tmp_path / "home").mirrors)
    base = mirror.fetch(None).commit
    tree = mirror.change_tree(base, [FileChange("a.py", mirror.blob_of(b"a = 2\n"))])
    head = git(
        mirror.folder, "-c", "user.name=x", "-c", "user.email=x", "commit-tree", tree, "-p", base, "-m", "x"
    )
    run = {
        "run_id": RUN_ID, "name": "x", "repository": "x", "base_branch": "main", "base": base, "branch": "overhaul/x",
        "head": head, "status": "waiting", "gate": "publish", "hash": "f", "recipe": "prompt", "parameters": {},
        "options": {}, "commits": [], "agent": None,
    }  # fmt: skip
    document = {
        "run": run, "author": {"name": "Ada", "email": "a@b", "timestamp": 1_700_000_000}, "move": 1, "follows": "", "said": [],
        "steps": [{"parent": base, "key": "ask/1/0"}, {"parent": base, "key": "call/1/0"}], "images": 0,
    }  # fmt: skip
    made = Packer(mirror, document, [ASK], [tree], tmp_path)
    made.steps.append(made.call(tree))
    return made


def refused(packer: Packer, file: Path) -> str:
    """Why a file is refused; afterwards nothing of it is in the mirror that was not there before."""
    before = packer.mirror.text("for-each-ref")
    with pytest.raises(HandoffError) as error, unpacked(open_file(file), packer.mirror):
        pass
    assert packer.mirror.text("for-each-ref") == before
    return str(error.value)


def test_what_was_packed_comes_out_as_it_was(packer: Packer, tmp_path: Path) -> None:
    file = packer.pack()
    other = Mirror.of(packer.mirror.source, tmp_path / "other")
    other.fetch(None)
    bundle = open_file(file)
    with unpacked(bundle, other) as (there, document):
        assert document == MovedRun.model_validate(packer.document)
        assert (
            json.loads(there.read_blob(steps_of(there, bundle.commit)[document.run.base, "ask/1/0"])) == ASK
        )
        assert there.read_blob(f"{packer.trees[0]}:a.py") == b"a = 2\n"
    with pytest.raises(Exception, match="Not a valid object"):
        other.git("cat-file", "-p", bundle.commit)


def test_damaged_files_and_other_bundles_are_refused(packer: Packer) -> None:
    file = packer.pack()
    content = file.read_bytes()
    for damaged in (
        content[:-40],
        content[: len(content) // 2],
        content[:300],
        b"",
        b"PK\x03\x04",
        content + b"x",
    ):
        file.write_bytes(damaged)
        assert refused(packer, file)
    for old, new in (
        (b"refs/overhaul/moves/", b"refs/heads/../moves/"),
        (b" v2 ", b" v3 "),
        (b"/0a1b", b"/1a1b"),
    ):
        file.write_bytes(content.replace(old, new, 1))
        assert "no run of overhaul" in refused(packer, file)
    flipped = bytearray(content)
    flipped[-200] ^= 1
    file.write_bytes(flipped)
    assert refused(packer, file)


def packed(kind: int, declared: int, data: bytes) -> bytes:
    """A pack of one object that says it has a size."""
    head, size = bytearray([kind << 4 | declared & 15]), declared >> 4
    while size:
        head[-1] |= 128
        head.append(size & 127)
        size >>= 7
    return b"PACK\0\0\0\2\0\0\0\1" + bytes(head) + data + b"\0" * 20


def test_little_that_inflates_to_much_is_refused_before_git_sees_it() -> None:
    zeros = zlib.compress(b"\0" * 4_000_000)
    assert len(zeros) < 5_000
    measure(packed(3, 4_000_000, zeros), 4_000_000)
    with pytest.raises(HandoffError, match="more than a run"):
        measure(packed(3, 4_000_000, zeros), 3_000_000)
    with pytest.raises(HandoffError, match="damaged"):
        measure(packed(3, 100, zeros), 3_000_000)
    delta = b"\x0a" + b"\x80\x80\x80\x80\x20" + b"\x90\x0a"  # ten bytes become eight gigabytes
    with pytest.raises(HandoffError, match="more than a run"):
        measure(packed(7, len(delta), b"\1" * 20 + zlib.compress(delta)))
    with pytest.raises(HandoffError, match="git objects"):
        measure(b"PACK\0\0\0\2\xff\xff\xff\xff" + b"\0" * 30)


def no_tree(packer: Packer) -> None:
    packer.steps[1] = packer.call(NOWHERE)


def no_step(packer: Packer) -> None:
    packer.steps.pop()


def no_turn(packer: Packer) -> None:
    packer.steps[0] = {"value": {"items": [{"kind": "message", "role": "user"}], "usage": {}}, "seconds": 1}


def endless_time(packer: Packer) -> None:
    packer.steps[0] = {**ASK, "seconds": -1e12}


def free_tokens(packer: Packer) -> None:
    packer.steps[0] = {"value": {"items": [], "usage": {"input": -5}}, "seconds": 1}


def unknown_commit(packer: Packer) -> None:
    packer.document["steps"][0]["parent"] = NOWHERE


def other_base(packer: Packer) -> None:
    commit_files(Path(packer.mirror.source), {"b.py": "b"}, "later")
    packer.document["said"] = [
        {
            "gate": "publish", "hash": "0" * 64, "decision": "revise", "comment": "", "approver": "", "set_aside": [],
            "commit": NOWHERE,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (no_tree, "files after step call/1/0 are not in it"),
        (no_step, "steps that it speaks of"),
        (no_turn, "step ask/1/0 is none"),
        (endless_time, "no number of seconds"),
        (free_tokens, "no number of tokens"),
        (unknown_commit, "commits that it does not hold"),
        (other_base, "commits that it does not hold"),
    ],
)
def test_file_that_speaks_of_what_it_does_not_hold_is_refused(
    packer: Packer, change: Callable[[Packer], None], why: str
) -> None:
    change(packer)
    assert why in refused(packer, packer.pack())


def test_commits_of_other_histories_are_refused(packer: Packer) -> None:
    alone = packer.mirror.text(
        "-c", "user.name=x", "-c", "user.email=x", "commit-tree", packer.trees[0], "-m", "alone"
    )
    assert "is not in one line with" in refused(packer, packer.pack((alone,)))


def test_run_of_a_commit_that_no_branch_has_is_refused(packer: Packer) -> None:
    file = packer.pack()
    git(Path(packer.mirror.source), "commit", "--amend", "--quiet", "-m", "another history")
    packer.mirror.fetch(None)
    assert "no branch with commit" in refused(packer, file)


def test_files_in_a_git_folder_are_refused(packer: Packer) -> None:
    blob = packer.mirror.blob_of(b"[core]\n\tfsmonitor = touch /tmp/x\n")
    inner = packer.mirror.git("mktree", stdin=f"100644 blob {blob}\tconfig\n".encode()).decode().strip()
    row = b"40000 .git\0" + bytes.fromhex(inner)
    evil = (
        packer.mirror.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=row)
        .decode()
        .strip()
    )
    packer.trees.append(evil)
    assert "git refuses the file" in refused(packer, packer.pack())


@pytest.mark.parametrize(
    "change",
    [
        {"grants": True},
        {"move": 0},
        {"author": {"name": "a\nparent 1", "email": "", "timestamp": 1_700_000_000}},
        {"steps": [{"parent": NOWHERE, "key": "../../etc/passwd"}]},
        {
            "said": [
                {
                    "gate": "publish", "hash": "0" * 64, "decision": "approve", "comment": "", "approver": "ada",
                    "set_aside": [], "commit": "",
                }
            ]
        },
    ],
)  # fmt: skip
def test_document_takes_no_more_than_it_has_places_for(packer: Packer, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        MovedRun.model_validate(packer.document | change)


def test_nothing_that_a_file_allows_is_allowed_here() -> None:
    there = RunOptions(
        mode="full", yes=True, sandbox="process", python="/evil/python", network=("full",), images=("/etc/shadow",),
        gates=Gates(publish="auto", agent="auto"), own_tools=True, leftovers="Do it.", max_files=7,
        pull_request=PullRequestOptions(merge="auto", title="Mine"),
    )  # fmt: skip
    here = options_here(there, Allowed(), ("/kept.png",))
    assert (here.mode, here.yes, here.sandbox, here.python, here.network) == ("auto", False, "auto", None, ())
    assert (here.images, here.gates) == (("/kept.png",), Gates())
    assert (here.leftovers, here.max_files) == ("Do it.", 7)
    assert (here.pull_request.merge, here.pull_request.title) == ("people", "Mine")
    assert options_here(RunOptions(mode="read-only"), Allowed(mode="full"), ()).mode == "read-only"


def test_secrets_stay_here_and_what_a_provider_reads_again_is_as_it_was() -> None:
    secret = "s3cr3t-value-of-mine"
    record = {"type": "reasoning", "encrypted_content": secret}
    items = [
        {"kind": "reasoning", "record": record},
        {"kind": "message", "role": "assistant", "text": f"it is {secret}", "images": []},
        {"kind": "call", "id": "1", "name": "shell", "arguments": json.dumps({"command": f"echo {secret}"})},
    ]
    content = json.dumps({"value": {"items": items}, "seconds": 1}).encode()
    left = json.loads(without_secrets(content, Redactor({"MY_TOKEN": secret})))["value"]["items"]
    assert left[0]["record"] == record
    assert secret not in json.dumps(left[1:])
    assert left[2]["arguments"].startswith('{"command": "echo ')
