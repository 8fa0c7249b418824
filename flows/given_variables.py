"""What a program or server of the user's is given of this program's environment: the named variables, nothing else."""

from __future__ import annotations

import os
import string
from collections.abc import Mapping, Sequence

from overhaul.flows.errors import SettingsError
from overhaul.flows.settings import Settings
from overhaul.sandbox.redact import Redactor


def named_variables(
    settings: Settings, place: str, names: Sequence[str], environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The values of these variables. Raises SettingsError; `place` is the section that names them."""
    if missing := [name for name in names if name not in environment]:
        raise SettingsError(f"{place} needs {', '.join(missing)}: set it, or take it out of {settings.file}")
    return {name: environment[name] for name in names}


def filled_headers(
    settings: Settings, place: str, headers: Mapping[str, str], values: Mapping[str, str]
) -> dict[str, str]:
    """Headers with `$NAME` replaced. Raises SettingsError."""
    try:
        return {key: string.Template(text).substitute(values) for key, text in headers.items()}
    except (KeyError, ValueError) as error:
        raise SettingsError(
            f"{settings.file}: {place}.headers: {error} is no name in its variables"
        ) from None


def redactor_of(*given: Mapping[str, str]) -> Redactor:
    """Takes out all that was given: whatever the variables are called, their values are not for a model."""
    words = [word for values in given for value in values.values() for word in (value, *value.split())]
    return Redactor({f"SECRET_{number}": word for number, word in enumerate(words)})
