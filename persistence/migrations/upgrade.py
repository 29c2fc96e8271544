"""Migrates, and tells whether that is needed: Alembic, with no file but this package's."""

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

# Any number will do, as long as nobody else in this database locks by it.
_ADVISORY_LOCK = 7_206_519_043

_COUNT_RESTORED = text("""
SELECT count(*) FROM events WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
""")
_NUMBER_RESTORED = (
    text("ALTER TABLE events DISABLE TRIGGER events_append_only"),
    text("UPDATE events SET xid = '0' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"),
    text("ALTER TABLE events ENABLE TRIGGER events_append_only"),
)

_log = logging.getLogger(__name__)
# It says at INFO how it looks at the database, each time that somebody asks whether that is ready.
logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)


async def migrate(settings: PersistenceSettings) -> None:
    """Bring the tables up to date, wholly or not at all; where they are, do nothing.

    Of two that start at once, the second waits for the first. Raises RecordUnavailable.

    A record that was restored from a dump is made good as well: see ``_settle_restored``.
    """
    engine = create_migration_engine(settings.url)
    try:
        async with connected(engine) as connection, connection.begin():
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK}
            )
            await connection.run_sync(_upgrade)
            await _settle_restored(connection)
    finally:
        await engine.dispose()


async def is_current(engine: AsyncEngine) -> bool:
    """Tell whether the tables are those that this version knows, or raise RecordUnavailable."""
    async with connected(engine) as connection:
        return await connection.run_sync(_stored_revisions) == _known_revisions()


async def _settle_restored(connection: AsyncConnection) -> None:
    """Place events that bear another server's transactions before all of this one's.

    A server that a dump was restored on counts its transactions anew. Left as they are, the feed
    would tell these events as new ones once it has counted so far.
    """
    restored = (await connection.execute(_COUNT_RESTORED)).scalar_one()
    if restored:
        for statement in _NUMBER_RESTORED:
            await connection.execute(statement)
        _log.warning("%d events were restored from another server, and are old here", restored)


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
