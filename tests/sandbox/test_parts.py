"""The small parts: choosing a tier, redaction, records in a stream, capped output, index settings, owners."""

from __future__ import annotations

import base64
import os
import random
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

from overhaul.sandbox.choose import PROVIDERS, availability, choose
from overhaul.sandbox.docker import DockerProvider
from overhaul.sandbox.docker_setup import LENT, lent
from overhaul.sandbox.docker_stream import FrameReader
from overhaul.sandbox.errors import NoSandbox
from overhaul.sandbox.index_access import index_access
from overhaul.sandbox.output_cap import OutputCap
from overhaul.sandbox.owner import identity_of, is_alive, own_identity
from overhaul.sandbox.reaper import remove_folders_of_the_dead, remove_tree
from overhaul.sandbox.records import RecordParser
from overhaul.sandbox.redact import Redactor, secrets

SECRET = "s3cr3t/val+ue=="


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")


def test_unknown_tier_is_told_with_the_nearest(tmp_path: Path):
    with pytest.raises(NoSandbox, match=r"'dokcer' is unknown\. Did you mean 'docker'"):
        choose("dokcer", tmp_path)


def test_auto_takes_the_strongest_and_never_one_that_does_not_isolate(
    no_engine: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert choose("auto", tmp_path).name == "bubblewrap"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choose("auto", tmp_path).name == "landlock"
    monkeypatch.delitem(PROVIDERS, "landlock")
    missing = r"docker: no Docker engine answers.*bubblewrap: .*apt-get install bubblewrap.*--sandbox process"
    with pytest.raises(NoSandbox, match=missing):
        choose("auto", tmp_path)


def test_named_tier_that_is_missing_says_what_to_do(no_engine: None, tmp_path: Path):
    with pytest.raises(NoSandbox, match=r"'docker' cannot be used here.*systemctl start docker"):
        choose("docker", tmp_path)


def test_process_tier_is_given_when_it_is_named(tmp_path: Path):
    provider = choose("process", tmp_path)
    assert (provider.name, provider.isolates) == ("process", False)


def test_availability_has_a_row_for_each_tier(no_engine: None, tmp_path: Path):
    rows = availability(tmp_path)
    assert [row.name for row in rows] == list(PROVIDERS)
    assert [row.missing is None for row in rows if row.name in ("docker", "process")] == [False, True]


@pytest.mark.docker
def test_auto_gives_docker_where_it_is(docker_engine: None, tmp_path: Path):
    assert isinstance(choose("auto", tmp_path), DockerProvider)


@pytest.mark.parametrize(
    "text",
    [
        SECRET.encode(),
        quote(SECRET, safe="").encode(),
        *(base64.b64encode(b"x" * n + SECRET.encode() + b"yy") for n in range(3)),
        base64.urlsafe_b64encode(b"user:" + SECRET.encode()),
    ],
)
def test_secret_is_redacted_in_each_form(text: bytes):
    redacted = Redactor({"MY_API_KEY": SECRET}).data(b"before " + text + b" after")
    assert b"[redacted]" in redacted
    assert SECRET.encode()[2:-2] not in redacted
    assert redacted.startswith(b"before ")
    assert redacted.endswith(b" after")


def test_secrets_are_told_by_name_and_in_addresses():
    environment = {
        "GITHUB_TOKEN": "token-1234",
        "SSH_AUTH_SOCK": "/tmp/ssh-agent",
        "INDEX": "https://user:password-9@index.example/simple https://plain.example",
        "SHORT_PASSWORD": "abc",
        "HOME": "/home/someone",
    }
    assert secrets(environment) == {"token-1234", "password-9"}


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_secret_across_chunks_is_redacted(size: int):
    out = bytearray()
    stream = Redactor({"A_TOKEN": SECRET}).stream(out.extend)
    data = b"x" * 50 + SECRET.encode() + b"y" * 50 + SECRET.encode()
    for place in range(0, len(data), size):
        stream.add(data[place : place + size])
    stream.flush()
    assert bytes(out) == b"x" * 50 + b"[redacted]" + b"y" * 50 + b"[redacted]"


@pytest.mark.parametrize("size", [1, 2, 5, 33, 10_000])
def test_records_are_taken_out_of_a_stream_in_any_chunks(size: int):
    records: list[dict[str, int]] = []
    out = bytearray()
    parser = RecordParser("ab12", records.append, out.extend)
    lookalike = b"\x1eab1 x\x1e\n\x1eab12 not json\x1e\n\x1eab12 [1]\x1e\n\x1e\x1e"
    data = (
        b'first\n\x1eab12 {"n":1}\x1e\n' + lookalike + b'half a line\x1eab12 {"n":2}\x1e\n' + b"end\x1eab12"
    )
    for place in range(0, len(data), size):
        parser.add(data[place : place + size])
    parser.flush()
    assert records == [{"n": 1}, {"n": 2}]
    assert bytes(out) == b"first\n" + lookalike + b"half a line" + b"end\x1eab12"


def test_mark_without_an_end_does_not_hold_the_output_back():
    out = bytearray()
    parser = RecordParser("ab12", lambda record: None, out.extend)
    parser.add(b"\x1eab12 " + b"x" * 100_000)
    assert len(out) > 90_000


def test_output_is_capped_whatever_the_chunks():
    numbers = random.Random(7)
    data = numbers.randbytes(10_000)
    for limit in (0, 1, 100, 9_999, 10_000, 20_000):
        cap, place = OutputCap(limit), 0
        while place < len(data):
            size = numbers.randint(1, 3_000)
            cap.add(data[place : place + size])
            place += size
        assert cap.dropped_bytes == max(0, len(data) - limit)
        output = cap.output()
        assert output.startswith(data[: limit // 2])
        assert output.endswith(data[len(data) - min(len(data), limit - limit // 2) :])
        assert cap.dropped_bytes or output == data


def test_frames_of_the_engine_are_read_in_any_chunks():
    data = b"".join(
        bytes([1, 0, 0, 0]) + len(part).to_bytes(4, "big") + part for part in (b"one", b"", b"two" * 99)
    )
    for size in (1, 3, 8, 1000):
        out = bytearray()
        reader = FrameReader(out.extend)
        for place in range(0, len(data), size):
            reader.add(data[place : place + size])
        assert bytes(out) == b"one" + b"two" * 99


def test_index_settings_of_pip_reach_uv(tmp_path: Path):
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nindex-url = https://user:pw@index.example/simple\nextra-index-url =\n    https://a.example\n    file:///local\n"
        f"find-links = {tmp_path}\ncert = {configuration}\n"
    )
    access = index_access({"UNRELATED_TOKEN": "x", "HTTPS_PROXY": "http://proxy.example"}, (configuration,))
    assert access.environment["UV_DEFAULT_INDEX"] == "https://user:pw@index.example/simple"
    assert access.environment["PIP_INDEX_URL"] == "https://user:pw@index.example/simple"
    assert access.environment["UV_INDEX"] == "file:///local https://a.example"
    assert access.environment["SSL_CERT_FILE"] == str(configuration)
    assert access.environment["HTTPS_PROXY"] == "http://proxy.example"
    assert "UNRELATED_TOKEN" not in access.environment
    inside = lent(access)
    assert inside.environment["UV_INDEX"] == "https://a.example"
    assert set(inside.mounts.values()) == {configuration, tmp_path}
    assert inside.environment["SSL_CERT_FILE"].startswith(LENT)
    assert inside.environment["UV_FIND_LINKS"].startswith(LENT)


def test_settings_for_uv_itself_win_over_those_of_pip(tmp_path: Path):
    environment = {"UV_DEFAULT_INDEX": "https://uv.example", "PIP_INDEX_URL": "https://pip.example"}
    assert index_access(environment, ()).environment["UV_DEFAULT_INDEX"] == "https://uv.example"
    assert index_access({}, ()).environment == {}


def test_owner_is_alive_only_as_the_same_process():
    assert is_alive(own_identity())
    assert not is_alive(f"{os.getpid()}-1")
    assert not is_alive("not an identity")
    assert identity_of(os.getpid()) == own_identity()


def test_folder_nested_without_end_is_removed(tmp_path: Path):
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("below", dir_fd=place)
        below = os.open("below", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(place)
    remove_tree(tmp_path / "below")
    assert not list(tmp_path.iterdir())


def test_folder_without_permissions_is_removed_by_its_owner():
    with tempfile.TemporaryDirectory() as above:  # that of pytest is closed to others
        folder = Path(above, "workspace")
        (folder / "a/b").mkdir(parents=True)
        (folder / "a/b/file").touch()
        (folder / "a/b").chmod(0)
        (folder / "a").chmod(0o500)
        child = os.fork()
        if child == 0:
            try:
                if os.geteuid() == 0:  # who needs no permissions
                    for path in (Path(above), folder, folder / "a", folder / "a/b"):
                        os.chown(path, 65534, 65534)
                    os.setuid(65534)
                remove_tree(folder)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert not folder.exists()


def test_folders_of_dead_owners_are_removed_and_others_stay(tmp_path: Path):
    (tmp_path / "999999999-1-abc/locked").mkdir(parents=True)
    (tmp_path / "999999999-1-abc/locked").chmod(0)
    mine = tmp_path / f"{own_identity()}-xyz"
    mine.mkdir()
    assert remove_folders_of_the_dead(tmp_path) == ["999999999-1-abc"]
    assert list(tmp_path.iterdir()) == [mine]
    remove_tree(tmp_path / "absent")
