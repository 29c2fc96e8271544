"""Upgrades the tables with Alembic, without an alembic.ini.

A migration must not make the processes of the previous version wait. It waits at most half a second
for a lock, because everybody else would queue behind it, and each of its statements may take at
most a second. If either limit is exceeded, the migration is rolled back and retried.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from persistence.engine import connected, create_migration_engine
from persistence.migrations.compatibility import read_schema

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from persistence.settings import PersistenceSettings

# An arbitrary number that no other application uses for an advisory lock in this database.
_ADVISORY_LOCK = 7_206_519_043
_TRY_ADVISORY_LOCK = text("SELECT pg_try_advisory_lock(:lock)")
_ADVISORY_LOCK_INTERVAL = 0.2  # seconds

# SQLSTATE: lock not available (lock_timeout), query canceled (statement_timeout), deadlock.
_BLOCKED = {"55P03", "57014", "40P01"}
_ATTEMPTS = 60
_MIN_RETRY_DELAY = 0.5  # seconds
_MAX_RETRY_DELAY = 10.0

_COUNT_RESTORED = text("""
SELECT count(*) FROM events WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
""")
_RESET_RESTORED = (
    text("SET LOCAL statement_timeout = 0"),
    text("ALTER TABLE events DISABLE TRIGGER events_append_only"),
    text("UPDATE events SET xid = '0' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"),
    text("ALTER TABLE events ENABLE TRIGGER events_append_only"),
)

_log = logging.getLogger(__name__)


class MigrationFailed(Exception):
    """The tables could not be migrated. The message says why and what to do."""


async def migrate(settings: PersistenceSettings) -> None:
    """Apply pending migrations, each in its own transaction. Does nothing if there are none.

    Of two concurrent calls, the second waits for the first. Events from another server's dump get
    a position in this server's feed: see ``_reset_restored_events``. Raises RecordUnavailable, or
    MigrationFailed if other transactions block a migration for minutes, or if the tables are newer
    than this version of the code and incompatible with it.
    """
    engine = create_migration_engine(settings.url)
    try:
        async with _only_migration(engine):
            await _retry_while_blocked(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _only_migration(engine: AsyncEngine) -> AsyncGenerator[None]:
    """Wait until no other migration runs, and keep others waiting."""
    async with connected(engine) as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        # A statement that waits for the lock would hold a snapshot, and CREATE INDEX CONCURRENTLY
        # waits for all snapshots: the two migrations would deadlock.
        while not await connection.scalar(  # ruff: ignore[async-busy-wait]
            _TRY_ADVISORY_LOCK, {"lock": _ADVISORY_LOCK}
        ):
            await asyncio.sleep(_ADVISORY_LOCK_INTERVAL)
        yield


async def _retry_while_blocked(engine: AsyncEngine) -> None:
    delay = _MIN_RETRY_DELAY
    for _ in range(_ATTEMPTS):
        async with connected(engine) as connection:
            try:
                await connection.run_sync(_upgrade)
                await _reset_restored_events(connection)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _BLOCKED:
                    raise
                _log.warning("A migration is blocked: %s. Retrying in %.1f s.", error.orig, delay)
            else:
                return
        await asyncio.sleep(delay)
        delay = min(_MAX_RETRY_DELAY, delay * 2)
    raise MigrationFailed(
        "Other transactions have blocked a migration for minutes. End them, or wait until they"
        " have ended, and run the command again."
    )


async def _reset_restored_events(connection: AsyncConnection) -> None:
    """Move events with another server's transaction IDs to the start of the feed.

    A server on which a dump was restored has its own transaction counter, which may be behind the
    IDs in the dump. The feed would deliver these events as new when the counter reaches their IDs.
    """
    async with connection.begin():
        restored = (await connection.execute(_COUNT_RESTORED)).scalar_one()
        if restored:
            for statement in _RESET_RESTORED:
                await connection.execute(statement)
    if restored:
        _log.warning("Moved %d events from another server to the start of the feed", restored)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "persistence:migrations")
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    stored = read_schema(connection)
    connection.rollback()
    if stored is None:
        # Nobody uses the tables yet, so their creation need not be fast.
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()
    elif stored.revision > (newest := _newest_revision(config)):
        if stored.serves(newest):
            _log.info("The tables are newer (%s) than this version (%s)", stored.revision, newest)
            return
        raise MigrationFailed(
            f"The tables (revision {stored.revision}) are too new for this version of the program"
            f" (revision {newest}). Use a newer version."
        )
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise MigrationFailed(
            f"This version of the program cannot migrate the tables: {error}"
        ) from error
    connection.commit()


def _newest_revision(config: Config) -> str:
    (revision,) = ScriptDirectory.from_config(config).get_heads()
    return revision
