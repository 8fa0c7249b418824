"""Bring a ledger's tables to the present version, without Alembic where they are there already."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from overhaul.flows.errors import LedgerError

# The newest of `versions/`; a test compares them.
NEWEST = "0005"
_LOCK = 7_108_432_117


def bring_up_to_date(engine: Engine) -> None:
    """Upgrade the tables if they are older than this program. Raises LedgerError if they are newer, or unreachable."""
    try:
        with engine.connect() as connection:
            version = _version(connection)
        if version != NEWEST:
            _upgrade(engine)
    except DBAPIError as error:
        where = engine.url.render_as_string(hide_password=True)
        reason = str(error.orig).strip().partition("\n")[0]
        raise LedgerError(
            f"the ledger {where} cannot be used: {reason}. Its address is OVERHAUL_LEDGER_URL."
        ) from error


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    configuration = Config()
    configuration.set_main_option("script_location", "overhaul.flows:ledger_versions")
    with engine.connect() as connection:
        _wait_for_others(connection)
        configuration.attributes["connection"] = connection
        try:
            if _version(connection) != NEWEST:
                command.upgrade(configuration, "head")
        except CommandError as error:
            where = engine.url.render_as_string(hide_password=True)
            raise LedgerError(
                f"the ledger {where} was made by a newer overhaul ({error}). Update this one."
            ) from error
        connection.commit()


def _wait_for_others(connection: Connection) -> None:
    """Two processes that begin at once would make the same tables twice."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    elif connection.dialect.name == "sqlite":
        connection.execute(text("BEGIN IMMEDIATE"))
