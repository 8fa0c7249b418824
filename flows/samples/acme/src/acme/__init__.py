"""Users of the Acme service."""

from acme.api import Client, User, fetch_user

__all__ = ["Client", "User", "fetch_user"]
