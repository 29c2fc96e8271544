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
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.settings import PersistenceSettings

# Any number will do, as long as nobody else in this database locks by it.
_ADVISORY_LOCK = 7_206_519_043

# It says at INFO how it looks at the database, each time that somebody asks whether that is ready.
logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)


async def migrate(settings: PersistenceSettings) -> None:
    """Bring the tables up to date, wholly or not at all; where they are, do nothing.

    Of two that start at once, the second waits for the first. Raises RecordUnavailable.
    """
    engine = create_migration_engine(settings.url)
    try:
        async with connected(engine) as connection, connection.begin():
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK}
            )
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def is_current(engine: AsyncEngine) -> bool:
    """Tell whether the tables are those that this version knows, or raise RecordUnavailable."""
    async with connected(engine) as connection:
        return await connection.run_sync(_stored_revisions) == _known_revisions()


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
