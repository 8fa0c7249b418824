"""What an agent is told: sites with their reasons and the lines around them."""

from __future__ import annotations

from overhaul.refactors.agent.tasks import MOST_SITES, leftovers_task
from overhaul.refactors.recipe import Site

LINES = "".join(f"line {number}\n" for number in range(1, 101)).encode()


def site(line: int) -> Site:
    return Site("a.py", line, 3, "old", "unresolved", "unknown receiver")


def test_site_comes_with_its_reason_and_the_lines_around_it() -> None:
    told = leftovers_task("Be careful.\n", "Rename old to new", [site(5)], lambda _: LINES)
    assert told.startswith(
        "Be careful.\n\nA recipe has already done this wherever it could prove it: Rename old to new\n"
    )
    assert "a.py:5:3: old: unknown receiver\n    2 line 2\n" in told
    assert told.endswith("    8 line 8")


def test_many_sites_are_all_named_and_the_first_ones_shown() -> None:
    told = leftovers_task("Go.", "x", [site(number) for number in range(1, MOST_SITES + 11)], lambda _: LINES)
    assert told.count(": unknown receiver") == MOST_SITES + 10
    assert told.endswith(f"a.py:{MOST_SITES + 10}:3: unknown receiver")


def test_binary_file_is_named_without_its_content() -> None:
    assert leftovers_task("Go.", "x", [site(1)], lambda _: b"\0\1").endswith(
        "a.py:1:3: old: unknown receiver"
    )
