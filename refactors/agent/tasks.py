"""What an agent is told to do: a prompt alone, or a prompt with the sites that a recipe could not prove."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from overhaul.refactors.recipe import Site

MOST_SITES, MOST_FILES, AROUND = 60, 30, 3
Read = Callable[[str], bytes]


def leftovers_task(prompt: str, done: str, sites: Sequence[Site], read: Read, about: str = "") -> str:
    """The prompt, what the recipe has `done`, and each site with its reason and the lines around it.

    `read` gives a file as it was when the sites were found; `about` is what they have to do with (`surroundings`).
    """
    left = f"These {len(sites)} places are left" if len(sites) > 1 else "This place is left"
    lines = [
        prompt.strip(),
        "",
        f"A recipe has already done this wherever it could prove it: {done}",
        f"{left}. Decide for each: change it, or leave it and say why. Lines are counted before the recipe's edits.",
    ]
    for site in sites[:MOST_SITES]:
        lines += ["", f"{site.path}:{site.line}:{site.column}: {site.symbol}: {site.reason}"]
        lines += _around(read(site.path), site.line)
    if len(sites) > MOST_SITES:
        lines += [
            "",
            *(f"{site.path}:{site.line}:{site.column}: {site.reason}" for site in sites[MOST_SITES:]),
        ]
    if about:
        lines += ["", about]
    return "\n".join(lines)


def failures_message(told: str, last: bool) -> str:
    """Send failing tests back."""
    chance = " This is the last time: if it cannot be mended, take back what breaks them." if last else ""
    return f"Your changes were tested, and tests fail that passed before.{chance}\n\n{told}"


def remark_message(remark: str) -> str:
    """Hand on what a person who has looked at the change wants otherwise."""
    return f"A person has looked at your changes and sends them back: {remark}"


def returned_message(files: Sequence[str], remark: str) -> str:
    """Say that a person has edited the files that it goes on with, and what they want."""
    named = ", ".join(files[:MOST_FILES]) + (
        f" and {len(files) - MOST_FILES} more" if len(files) > MOST_FILES else ""
    )
    said = f" They say: {remark}" if remark else ""
    return f"A person has taken over and changed files: {named}. Go on from what is there now.{said}"


def _around(content: bytes, line: int) -> list[str]:
    if b"\0" in content[:8000]:
        return []
    lines = content.decode(errors="replace").splitlines()
    first = max(line - AROUND, 1)
    return [
        f"{number:>5} {text[:200]}" for number, text in enumerate(lines[first - 1 : line + AROUND], first)
    ]
