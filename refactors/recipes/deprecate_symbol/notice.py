"""What is said of a deprecated symbol: in the warning, in its docstring and in the changelog."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(r"[\w.+!-]+")


@dataclass(frozen=True, slots=True)
class Notice:
    """A deprecation in words. `replacement` and `removal` are empty where there is none."""

    symbol: str
    since: str
    removal: str
    replacement: str

    @property
    def warning(self) -> str:
        """What the warning says."""
        removal = f" and will be removed in {self.removal}" if self.removal else ""
        replacement = f"; use {self.replacement} instead" if self.replacement else ""
        return f"{self.symbol} is deprecated since {self.since}{removal}{replacement}"

    @property
    def directive(self) -> list[str]:
        """The lines for a docstring, as Sphinx reads them."""
        parts = [f"Use {self.replacement} instead."] if self.replacement else []
        parts += [f"It will be removed in {self.removal}."] if self.removal else []
        return [f".. deprecated:: {self.since}", *([f"    {' '.join(parts)}"] if parts else [])]

    def changelog_line(self, code: str) -> str:
        """The line for the changelog; `code` is what stands around code: one backquote or two."""
        replacement = f"; use {code}{self.replacement}{code} instead" if self.replacement else ""
        removal = f", and will be removed in {self.removal}" if self.removal else ""
        return f"{code}{self.symbol}{code} is deprecated{removal}{replacement}."

    def statement(self, warn: str, indent: str, unit: str, line_end: str, longest: int) -> str:
        """Return the lines of the warning, indented, the last one with its end; `warn` is how it is called there."""
        short = f'{indent}{warn}("{self.warning}", DeprecationWarning, stacklevel=2)'
        if len(short.expandtabs(4)) <= longest:
            return short + line_end
        inner = indent + unit
        pieces = _wrapped(self.warning, longest - len(inner.expandtabs(4)) - 3)
        texts = [f'{inner}"{piece}"' for piece in pieces]
        lines = [
            f"{indent}{warn}(",
            *texts,
            f"{inner}DeprecationWarning,",
            f"{inner}stacklevel=2,",
            f"{indent})",
        ]
        lines[len(pieces)] += ","
        return line_end.join(lines) + line_end


def is_version(text: str) -> bool:
    """Whether a text can be a version, and can stand in a string and a docstring as it is."""
    return _VERSION.fullmatch(text) is not None


def _wrapped(text: str, width: int) -> list[str]:
    """Cut a text into pieces that fit, each with the blank that ends it."""
    pieces = [""]
    for word in re.findall(r"\S+ ?", text):
        if pieces[-1] and len(pieces[-1]) + len(word) > width:
            pieces.append("")
        pieces[-1] += word
    return pieces
