"""What a person sees of hostile text."""

import pytest

from overhaul.flows.plain_text import on_one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünï\tcode\n", "plain ünï\tcode\n"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\rb\x9b31m", "a\\x0db\\x9b31m"),
        ("abc\u202edef\u200b", "abc\\u202edef\\u200b"),
        ("caf\udce9", "caf\\xe9"),
    ],
)
def test_control_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_name_stays_on_its_line() -> None:
    assert on_one_line("a\nb\tc") == "a\\nb\\tc"
