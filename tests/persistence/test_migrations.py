from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import DBAPIError

from persistence.engine import create_engine
from persistence.ledger import PostgresLedger
from persistence.migrations.compatibility import code_revision, has_compatible_tables
from persistence.migrations.upgrade import migrate
from persistence.tables import TransactionId, metadata
from tests.support.orders import make_order
from tests.support.timelines import UNTIL_PAID, Timeline, create_customer

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.settings import PersistenceSettings


def _differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


async def test_the_migrations_create_the_tables_that_the_code_declares(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ischema_names, "xid8", TransactionId)  # unknown to SQLAlchemy
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


def test_the_code_has_the_revision_of_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "persistence:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [code_revision()]


async def test_two_concurrent_migrations_create_the_tables_once(
    empty_database: PersistenceSettings,
) -> None:
    engine = create_engine(empty_database)
    try:
        assert not await has_compatible_tables(engine)
        await asyncio.gather(migrate(empty_database), migrate(empty_database))
        assert await has_compatible_tables(engine)
    finally:
        await engine.dispose()


async def test_checking_the_tables_does_not_write_to_the_log(
    engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await has_compatible_tables(engine)

    assert not caplog.text


async def test_migrating_current_tables_from_another_directory_changes_nothing(
    engine: AsyncEngine,
    settings: PersistenceSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)

    await migrate(settings)

    assert await has_compatible_tables(engine)


_INSERT_RESTORED_EVENTS = """
INSERT INTO events (order_id, sequence, key, type, from_state, state, message, payload, at, xid)
SELECT order_id, sequence + 4, key, type, from_state, state, message, payload, at,
    ((xid::text)::bigint + 1000000000)::text::xid8
FROM events
"""
_COUNT_AHEAD = "SELECT count(*) FROM events WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"
_ALL_EVENTS = "SELECT order_id, sequence, key, type, payload::text, at FROM events ORDER BY 1, 2"
_OWN_XIDS = "SELECT xid::text FROM events WHERE sequence <= 4 ORDER BY sequence"


async def test_events_restored_from_another_server_move_to_the_start_of_the_feed(
    empty_database: PersistenceSettings, caplog: pytest.LogCaptureFixture
) -> None:
    await migrate(empty_database)
    engine = create_engine(empty_database)
    try:
        customer = await create_customer(engine)
        timeline = Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID)
        await PostgresLedger(engine).record(timeline.batch(1, 4))
        async with engine.connect() as connection:

            async def rows(query: str) -> list[tuple[object, ...]]:
                return [tuple(row) for row in await connection.execute(text(query))]

            await connection.execute(text(_INSERT_RESTORED_EVENTS))
            stored, own = await rows(_ALL_EVENTS), await rows(_OWN_XIDS)
            assert await rows(_COUNT_AHEAD) == [(4,)]

            for _ in range(2):
                await migrate(empty_database)

            assert await rows(_COUNT_AHEAD) == [(0,)]
            assert (await rows(_ALL_EVENTS), await rows(_OWN_XIDS)) == (stored, own)
            assert caplog.messages == [
                "Moved 4 events from another server to the start of the feed"
            ]
            with pytest.raises(DBAPIError, match="append-only"):
                await connection.execute(text("UPDATE events SET message = ''"))
    finally:
        await engine.dispose()
