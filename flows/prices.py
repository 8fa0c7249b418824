"""What a model costs: the user's own prices, then a table of published ones. Limits of money need one."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from overhaul.flows.errors import NoPrice
from overhaul.flows.settings import Settings
from overhaul.flows.settings_file import PriceForm, read_settings
from overhaul.refactors.agent.limits import Price

_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def price_of(settings: Settings, model: str) -> Price | None:
    """The model's price, or that of the model that a dated name is a version of; None if nothing says it.

    Raises SettingsError.
    """
    own = read_settings(settings).prices
    for name in (model, _DATE.sub("", model)):
        if form := own.get(name) or _listed().get(name):
            return Price(form.input, form.input if form.cached is None else form.cached, form.output)
    return None


def price_for_limit(settings: Settings, model: str) -> Price:
    """The model's price. Raises NoPrice that says what to add where."""
    if (price := price_of(settings, model)) is not None:
        return price
    raise NoPrice(
        f"a limit of money needs the price of {model}, which nothing says. Add it to {settings.file}, in dollars per"
        f' million tokens: [prices."{model}"] and below it the lines input = 0.0, cached = 0.0, output = 0.0.'
        " Or limit tokens instead."
    )


@cache
def _listed() -> dict[str, PriceForm]:
    text = (files("overhaul.flows") / "prices.toml").read_text(encoding="utf-8")
    return {name: PriceForm.model_validate(row) for name, row in tomllib.loads(text).items()}
