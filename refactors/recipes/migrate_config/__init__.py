"""`migrate-config`: setup.py and setup.cfg become pyproject.toml, as far as it is proved to say the same."""

from overhaul.refactors.recipes.migrate_config.recipe import MigrateConfig

__all__ = ["MigrateConfig"]
