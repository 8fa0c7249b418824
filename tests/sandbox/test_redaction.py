"""What looks like a secret is taken out of whatever leaves; what does not is left as it is."""

from __future__ import annotations

import base64
import random
import string

import pytest

from overhaul.sandbox.redact import Redactor

ALPHABET = string.ascii_letters + string.digits


def random_word(length: int, alphabet: str = ALPHABET) -> str:
    return "".join(random.Random(length).choices(alphabet, k=length))


# Put together here, so that no scanner of this repository takes them for real ones.
PRIVATE = f"{random_word(64)}\n{random_word(60)}"
SECRETS = {
    "amazon": "AKIA" + random_word(16, string.ascii_uppercase + string.digits),
    "github": "ghp_" + random_word(36),
    "gitlab": "glpat-" + random_word(20),
    "slack": "xoxb-" + random_word(24),
    "model": "sk-proj-" + random_word(48),
    "google": "AIza" + random_word(35),
    "index": "pypi-" + random_word(120),
    "web token": ".".join(
        (
            "eyJ" + random_word(20),
            "eyJ" + random_word(40),
            random_word(43),
        )
    ),
}
GIVEN = "x9F3kQ7zLm2Vt8Rw"


@pytest.mark.parametrize("kind", SECRETS)
def test_tokens_of_known_forms_are_found_anywhere(kind):
    secret = SECRETS[kind]
    for text in (secret, f'"{secret}"', f"url?key={secret}&x=1", f"({secret})"):
        found = Redactor({}).text(f"before {text} after")
        assert secret not in found
        assert found.startswith("before ")
        assert found.endswith(" after")


@pytest.mark.parametrize(
    "text",
    [
        f"password = '{GIVEN}'", f'{{"api_key": "{GIVEN}"}}', f"DB_PASSWORD={GIVEN}", f"Authorization: Bearer {GIVEN}",
        f"authorization: basic {base64.b64encode(GIVEN.encode()).decode()}", f"access-token: {GIVEN}",
        f"postgres://user:{GIVEN}@host/db", f"secret => {GIVEN}",
    ],
)  # fmt: skip
def test_random_words_given_to_secret_names_are_found(text):
    found = Redactor({}).text(text)
    assert GIVEN not in found
    assert base64.b64encode(GIVEN.encode()).decode() not in found
    assert "[redacted]" in found


@pytest.mark.parametrize(
    "text",
    [
        "token = tokens[index]", "password: str = field(default='')", "tests/test_token.py::test_password_is_required",
        "commit 97da80bfe19d3c0b4b42a0bd5b28b1c9d6d1a52e", "sha256:0b1c97da80bfe19d3c0b4b42a0bd5b28b1c9d6d1a52e97da",
        "secret_key_is_missing = 'not_configured_here'", "https://example.org:8080/path", "skeleton-of-a-module-path",
        "def authorization(token: Token) -> None: ...", "password=get_password_from_environment()",
    ],
)  # fmt: skip
def test_code_names_and_hashes_are_left(text):
    assert Redactor({}).text(text) == text


def test_private_keys_are_found_whole_and_cut_off():
    block = f"-----BEGIN RSA PRIVATE KEY-----\n{PRIVATE}\n-----END RSA PRIVATE KEY-----"
    found = Redactor({}).text(f"a\n{block}\nb")
    assert PRIVATE[:20] not in found
    assert found.startswith("a\n")
    assert found.endswith("\nb")
    assert PRIVATE[-20:] not in Redactor({}).text(block.partition("\n-----END")[0])


@pytest.mark.parametrize("size", [1, 3, 17, 64, 1000])
def test_secrets_across_chunks_are_found(size):
    block = f"-----BEGIN PRIVATE KEY-----\n{PRIVATE}\n-----END PRIVATE KEY-----\n"
    secrets = [*SECRETS.values(), GIVEN, *PRIVATE.split("\n")]
    text = "".join(f"line {secret} end\n" for secret in SECRETS.values())
    data = f"{text}password = {GIVEN}\n{block}last line\n".encode()
    out = bytearray()
    stream = Redactor({}).stream(out.extend)
    for place in range(0, len(data), size):
        stream.add(data[place : place + size])
    stream.flush()
    assert not [secret for secret in secrets if secret.encode() in out]
    assert out.endswith(b"last line\n")
    assert out.count(b" end\n") == len(SECRETS)


def test_long_output_is_neither_held_back_nor_slow_to_go_through():
    out = bytearray()
    stream = Redactor({}).stream(out.extend)
    line = b"x" * 1_000_000
    for _ in range(20):
        stream.add(line)
    assert len(out) >= 19 * len(line)
    assert bytes(out).strip(b"x") == b""
