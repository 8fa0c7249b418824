"""The two places: where imports lead now, and where they shall lead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replacement:
    """The dotted name that imports lead to now, and the one that they shall lead to."""

    old: str
    new: str

    def covers(self, path: str) -> bool:
        """Tell whether a dotted name is the old one or of it."""
        return f"{path}.".startswith(f"{self.old}.")

    def leads_to(self, path: str) -> bool:
        """Tell whether the old name is of another one, as `a.b` is of `a`."""
        return self.old.startswith(f"{path}.")

    def renamed(self, path: str) -> str:
        """Return the new name for the old one or one of it."""
        return self.new + path[len(self.old) :]

    def counterpart(self, name: str) -> str | None:
        """Return the old name for the new one or one of it, None for others: what a file of the new place replaces."""
        return self.old + name[len(self.new) :] if f"{name}.".startswith(f"{self.new}.") else None
