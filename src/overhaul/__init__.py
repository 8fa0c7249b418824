"""Large codebase refactors as Prefect flows."""

__version__ = "0.1.0"
