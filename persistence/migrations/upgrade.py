"""Runs Alembic without an alembic.ini: upgrades the tables, and checks whether they are current."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from persistence.engine import connected, create_migration_engine

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from persistence.settings import PersistenceSettings

# An arbitrary number that no other application uses for an advisory lock in this database.
_ADVISORY_LOCK = 7_206_519_043

_COUNT_RESTORED = text("""
SELECT count(*) FROM events WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
""")
_RESET_RESTORED = (
    text("ALTER TABLE events DISABLE TRIGGER events_append_only"),
    text("UPDATE events SET xid = '0' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"),
    text("ALTER TABLE events ENABLE TRIGGER events_append_only"),
)

_log = logging.getLogger(__name__)
# Alembic logs two lines at INFO for each check whether the tables are current.
logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)


async def migrate(settings: PersistenceSettings) -> None:
    """Upgrade the tables in one transaction. Does nothing if they are current.

    Of two concurrent calls, the second waits for the first. Events from another server's dump get
    a position in this server's feed: see ``_reset_restored_events``. Raises RecordUnavailable.
    """
    engine = create_migration_engine(settings.url)
    try:
        async with connected(engine) as connection, connection.begin():
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK}
            )
            await connection.run_sync(_upgrade)
            await _reset_restored_events(connection)
    finally:
        await engine.dispose()


async def is_current(engine: AsyncEngine) -> bool:
    """Return whether the tables match this version of the code. Raises RecordUnavailable."""
    async with connected(engine) as connection:
        return await connection.run_sync(_stored_revisions) == _known_revisions()


async def _reset_restored_events(connection: AsyncConnection) -> None:
    """Move events with another server's transaction IDs to the start of the feed.

    A server on which a dump was restored has its own transaction counter, which may be behind the
    IDs in the dump. The feed would deliver these events as new when the counter reaches their IDs.
    """
    restored = (await connection.execute(_COUNT_RESTORED)).scalar_one()
    if restored:
        for statement in _RESET_RESTORED:
            await connection.execute(statement)
        _log.warning("Moved %d events from another server to the start of the feed", restored)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "persistence:migrations")
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _stored_revisions(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


@cache
def _known_revisions() -> set[str]:
    return set(ScriptDirectory.from_config(_config()).get_heads())
