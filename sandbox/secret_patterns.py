"""What looks like a secret wherever it stands: tokens of well-known forms, private keys, and random words that are
given to something called a password, a token or a key.

A word that is only long is left: commit ids, hashes and test data would go with it.
"""

from __future__ import annotations

import math
import re
from collections import Counter

REDACTED = b"[redacted]"
# In a longer line, or a longer private key, a secret may be cut in two: a stream cannot be held back for ever.
LONGEST_LINE = 8192
_LONGEST_KEY = 16_384
_SHANNON_BITS = 3.2  # per character, of a random word in base64; English has about 2.5 in so short a text

_TOKEN_STARTS = (
    b"AKIA", b"ASIA", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-", b"xox", b"sk-",
    b"k_live_", b"AIza", b"pypi-", b"npm_", b"eyJ",
)  # fmt: skip
_NAMES = (b"passw", b"passphrase", b"secret", b"token", b"key", b"credential", b"authorization")

# The forms that their makers publish, so that such tokens can be found.
_TOKENS = re.compile(
    rb"""(?<![A-Za-z0-9])(?:
      (?:AKIA|ASIA)[0-9A-Z]{16}                                        # Amazon
    | gh[pousr]_[A-Za-z0-9]{36,255} | github_pat_[A-Za-z0-9_]{22,255}  # GitHub
    | glpat-[A-Za-z0-9_-]{20,64}                                       # GitLab
    | xox[abeprs]-[A-Za-z0-9-]{10,250}                                 # Slack
    | sk-[A-Za-z0-9_-]{20,250}                                         # OpenAI, Anthropic
    | [rs]k_live_[A-Za-z0-9]{16,250}                                   # Stripe
    | AIza[0-9A-Za-z_-]{35}                                            # Google
    | pypi-[A-Za-z0-9_-]{32,400} | npm_[A-Za-z0-9]{36}                 # package indexes
    | eyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,1000}  # JSON web tokens
    )(?![A-Za-z0-9])""",
    re.VERBOSE,
)
_KEY_BLOCK = re.compile(
    rb"-----BEGIN ([A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?)-----.{0,%d}?(?:-----END \1-----|\Z)" % _LONGEST_KEY,
    re.DOTALL,
)
_KEY_START = re.compile(rb"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_IN_ADDRESS = re.compile(rb"(?<=://)([^\s/:@]{0,100}):([^\s/@]{3,200})@")
_GIVEN = re.compile(
    rb"""(?i)((?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)s?
    ["']?\s{0,3}(?:=|:|=>)\s{0,3}(?:["']|basic\s|bearer\s)?|authorization:\s{0,3}(?:basic|bearer|token)\s)
    ([A-Za-z0-9+/=_.~-]{12,500})""",
    re.VERBOSE,
)


def hide_found(data: bytes) -> bytes:
    """Return the data with everything that looks like a secret replaced."""
    # Nearly all data has none of these letters, which is told a hundred times as fast as by the patterns.
    if b"PRIVATE KEY" in data:
        data = _KEY_BLOCK.sub(lambda match: b"-----BEGIN %s-----%s" % (match[1], REDACTED), data)
    if any(start in data for start in _TOKEN_STARTS):
        data = _TOKENS.sub(REDACTED, data)
    if b"://" in data:
        data = _IN_ADDRESS.sub(lambda match: match[1] + b":" + REDACTED + b"@", data)
    small = data.lower()
    if any(name in small for name in _NAMES):
        data = _GIVEN.sub(lambda match: match[1] + REDACTED if _is_random(match[2]) else match[0], data)
    return data


def whole_lines(data: bytes, most: int) -> int:
    """Return the end of the last line that ends before `most` and in no private key; of a very long line, a part."""
    cut = data.rfind(b"\n", 0, most) + 1
    if not cut and most > 2 * LONGEST_LINE - 1:
        cut = most - LONGEST_LINE
    for match in _KEY_START.finditer(data, max(0, cut - _LONGEST_KEY), cut + 64):
        end = data.find(b"-----END", match.end())
        if match.start() < cut and (end < 0 or end >= cut) and len(data) - match.start() <= _LONGEST_KEY:
            return match.start()
    return cut


def _is_random(word: bytes) -> bool:
    """Whether a word has digits and letters without order, as passwords and keys have and names have not."""
    if not (re.search(rb"[0-9]", word) and re.search(rb"[A-Za-z]", word)):
        return False
    counts = Counter(word)
    bits = -sum(count / len(word) * math.log2(count / len(word)) for count in counts.values())
    return bits >= _SHANNON_BITS
