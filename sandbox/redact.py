"""Known secrets out of logs and excerpts: the values of variables whose names look secret, also encoded."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

REDACTED = b"[redacted]"
SHORTEST = 6
_SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|AUTH", re.IGNORECASE
)
_PLAIN_NAME = re.compile(r"_(?:SOCK|FILE|PATH|DIR|HOST|PORT|USER|USERNAME|ENABLED)$", re.IGNORECASE)


class Redactor:
    """Replaces the secrets of one environment in bytes, text and streams."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        forms = {form for secret in secrets(environment) for form in encoded_forms(secret)}
        # The longest first, so that a secret which contains another is replaced as a whole.
        self._forms = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(re.escape(form) for form in self._forms)) if forms else None

    @property
    def longest(self) -> int:
        return len(self._forms[0]) if self._forms else 0

    def data(self, data: bytes) -> bytes:
        return self._pattern.sub(REDACTED, data) if self._pattern else data

    def text(self, text: str) -> str:
        return self.data(text.encode(errors="surrogateescape")).decode(errors="surrogateescape")

    def stream(self, write: Callable[[bytes], object]) -> RedactedStream:
        return RedactedStream(self, write)


class RedactedStream:
    """Redacts what comes in chunks: the end of each is held back for as long as a secret may go on in the next."""

    def __init__(self, redactor: Redactor, write: Callable[[bytes], object]) -> None:
        self._redactor = redactor
        self._write = write
        self._held = b""

    def add(self, chunk: bytes) -> None:
        data = self._redactor.data(self._held + chunk)
        keep = max(0, self._redactor.longest - 1)
        cut = max(0, len(data) - keep)
        self._held = data[cut:]
        if cut:
            self._write(data[:cut])

    def flush(self) -> None:
        if self._held:
            self._write(self._redactor.data(self._held))
        self._held = b""


def secrets(environment: Mapping[str, str]) -> set[str]:
    """Values of variables with secret names, and passwords inside addresses, whatever the variable is called."""
    found = set()
    for name, value in environment.items():
        if _SECRET_NAME.search(name) and not _PLAIN_NAME.search(name):
            found.add(value.strip())
        if "://" in value and "@" in value:
            for word in value.split():
                found.add(_password(word))
    return {secret for secret in found if len(secret) >= SHORTEST}


def encoded_forms(secret: str) -> set[bytes]:
    """The secret itself, URL-encoded, and in base64 at each of the three places it can have in a longer text."""
    plain = secret.encode(errors="surrogateescape")
    forms = {plain, quote(secret, safe="", errors="surrogateescape").encode()}
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Characters at the ends also hold bits of the neighbours.
            start = (offset * 8 + 5) // 6
            end = (offset + len(plain)) * 8 // 6
            forms.add(encode(b"\0" * offset + plain)[start:end])
    return {form for form in forms if len(form) >= SHORTEST}


def _password(address: str) -> str:
    try:
        return urlsplit(address).password or ""
    except ValueError:
        return ""
