"""Hand-made samples of hard code; each line says what a rename must do to it (see `marked_samples`)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Files with marked lines, and the symbol to rename; `python` is the version whose syntax they need."""

    name: str
    files: Mapping[str, str]
    old: str
    new: str = "new"
    python: tuple[int, int] = (3, 11)
