"""Where a model is reached, and how it can be spoken to: apart from the SDK, which takes long to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Wire = Literal["responses", "chat"]
Feature = Literal["freeform tools", "effort"]

ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a model is reached. `deadline_seconds` ends each of the `attempts` of a call whatever the server does.

    `azure_version` is set where `base_url` is a resource of Azure's with dated versions; `is_token` if the key is one
    of Entra's.
    """

    base_url: str
    key: str = field(repr=False)
    deadline_seconds: float = 600.0
    attempts: int = ATTEMPTS
    azure_version: str = ""
    is_token: bool = False
