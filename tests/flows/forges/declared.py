"""What typings say that a forge's answers and questions hold."""

from __future__ import annotations

import re


def interfaces(source: str) -> dict[str, set[str]]:
    """The fields of each interface in TypeScript, with those of the interfaces that it extends."""
    found: dict[str, set[str]] = {}
    pattern = re.compile(
        r"^interface (\w+)(?: extends ([\w, ]+))?[^\n]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL
    )
    for name, parents, body in pattern.findall(source):
        inherited = [found.get(each.strip(), set()) for each in parents.split(",")]
        found[name] = set(re.findall(r"^    (\w+)\??:", body, re.MULTILINE)).union(*inherited)
    return found
