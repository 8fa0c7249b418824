"""Secrets out of everything that leaves: the values of variables whose names look secret, also encoded, and what looks
like a secret by itself (`secret_patterns.py`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from overhaul.sandbox.secret_patterns import LONGEST_LINE, REDACTED, hide_found, whole_lines

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

    def whole_part(self, data: bytes) -> int:
        """Return how much of the beginning no secret goes on from, into what may follow."""
        longest = len(self._forms[0]) if self._forms else 0
        cut = whole_lines(data, max(0, len(data) - longest + 1) if longest else len(data))
        for match in self._pattern.finditer(data, max(0, cut - longest)) if self._pattern else ():
            if match.start() < cut < match.end():
                return match.start()
        return cut

    def data(self, data: bytes) -> bytes:
        return hide_found(self._pattern.sub(REDACTED, data) if self._pattern else data)

    def text(self, text: str) -> str:
        return self.data(text.encode(errors="surrogateescape")).decode(errors="surrogateescape")

    def stream(self, write: Callable[[bytes], object]) -> RedactedStream:
        return RedactedStream(self, write)


class RedactedStream:
    """Redacts what comes in chunks: whole lines, so that a secret that goes on in the next chunk is seen whole."""

    def __init__(self, redactor: Redactor, write: Callable[[bytes], object]) -> None:
        self._redactor = redactor
        self._write = write
        self._held = bytearray()

    def add(self, chunk: bytes) -> None:
        self._held += chunk
        if b"\n" not in chunk and len(self._held) < 2 * LONGEST_LINE:
            return
        data = bytes(self._held)
        cut = self._redactor.whole_part(data)
        if cut:
            del self._held[:cut]
            self._write(self._redactor.data(data[:cut]))

    def flush(self) -> None:
        if self._held:
            self._write(self._redactor.data(bytes(self._held)))
        self._held.clear()


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
