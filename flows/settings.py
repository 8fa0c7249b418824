"""Where everything of ours lives. Reading the settings creates nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The home folder and what is in it."""

    home: Path

    @classmethod
    def from_environment(cls) -> Settings:
        """Use `OVERHAUL_HOME`, or the platform's folder for a user's data."""
        if configured := os.environ.get("OVERHAUL_HOME"):
            return cls(Path(configured).expanduser().absolute())
        import platformdirs

        return cls(platformdirs.user_data_path("overhaul", appauthor=False))

    @property
    def mirrors(self) -> Path:
        return self.home / "mirrors"

    @property
    def sandbox(self) -> Path:
        return self.home / "sandbox"

    @property
    def server(self) -> Path:
        return self.home / "server"

    @property
    def pull_requests(self) -> Path:
        return self.home / "pull-requests"

    @property
    def reports(self) -> Path:
        """Executed notebooks with their pages and tables: the records of campaigns and runs."""
        return self.home / "reports"

    @property
    def facts_index(self) -> Path:
        """What was found out about files, kept for the next time; it may be deleted."""
        return self.home / "index" / "facts.sqlite"

    @property
    def file(self) -> Path:
        """What the user has set: the model, prices, MCP servers (docs/providers.md)."""
        return self.home / "settings.toml"

    @property
    def providers(self) -> Path:
        """What was found out about providers of models."""
        return self.home / "providers"

    @property
    def images(self) -> Path:
        """What people have shown to models, by content."""
        return self.home / "images"

    @property
    def approvals(self) -> Path:
        """What people approved of MCP servers."""
        return self.home / "mcp"

    @property
    def distilled(self) -> Path:
        """Recipes that a model wrote, with their approvals, one folder each."""
        return self.home / "distilled"

    @property
    def trusted(self) -> Path:
        """Which recipes of other people may run outside of the sandbox, by their hash."""
        return self.home / "trusted-recipes"

    @property
    def described(self) -> Path:
        """What recipes of other people said of themselves in the sandbox, by their hash."""
        return self.home / "described-recipes"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def ledger_url(self) -> str:
        return os.environ.get("OVERHAUL_LEDGER_URL") or f"sqlite:///{self.home / 'ledger.sqlite'}"

    def run_folder(self, run_id: str) -> Path:
        """The folder of one run: its lock, logs, exported trees and pages."""
        return self.home / "runs" / run_id
