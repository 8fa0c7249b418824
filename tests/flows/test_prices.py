"""What models cost: listed, the user's own, and what is said where nothing says it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from overhaul.flows.errors import NoPrice
from overhaul.flows.prices import price_for_limit, price_of
from overhaul.flows.settings import Settings
from overhaul.refactors.agent.conversation import Usage
from overhaul.refactors.agent.limits import Limits, Price


def test_listed_price_is_found_also_by_a_dated_name(tmp_path: Path) -> None:
    price = price_of(Settings(tmp_path), "gpt-5.5-2026-04-23")
    assert price == Price(5.0, 0.5, 30.0)
    assert price.of(Usage(input=1_000_000, cached=400_000, output=100_000)) == pytest.approx(3.0 + 0.2 + 3.0)


def test_own_price_comes_first_and_cached_input_costs_as_fresh_if_not_said(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.file.write_text('[prices."gpt-5.5"]\ninput = 1\noutput = 2\n')
    assert price_of(settings, "gpt-5.5") == Price(1.0, 1.0, 2.0)


def test_unknown_price_says_what_to_add_and_that_is_taken(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    with pytest.raises(NoPrice, match="Or limit tokens instead") as caught:
        price_for_limit(settings, "qwen:7b")
    said = str(caught.value)
    lines = ['[prices."qwen:7b"]', "input = 0.0", "cached = 0.0", "output = 0.0"]
    assert all(line in said for line in lines)
    assert str(settings.file) in said
    settings.file.write_text("\n".join(lines))
    assert tomllib.loads(settings.file.read_text())
    assert price_for_limit(settings, "qwen:7b") == Price(0.0, 0.0, 0.0)


def test_limit_of_money_without_a_price_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a price"):
        Limits(dollars=1.0)
