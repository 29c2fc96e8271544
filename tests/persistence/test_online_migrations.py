"""Migrations while processes of the previous version use the tables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from persistence.customers import PostgresCustomers
from persistence.engine import create_engine
from persistence.ledger import PostgresLedger
from persistence.migrations import compatibility, upgrade
from persistence.migrations.compatibility import has_compatible_tables
from persistence.migrations.upgrade import MigrationFailed, migrate
from persistence.reads import Reads
from persistence.settings import PersistenceSettings
from tests.support.orders import make_order
from tests.support.timelines import UNTIL_PAID, Timeline, create_customer, unique_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

_TIME_LIMIT = 60

_EXPAND = """
import sqlalchemy as sa
from alembic import op
from persistence.migrations.online import create_index_concurrently, id_ranges, outside_transaction

revision = "0004"
down_revision = "0003"
compatible_from = "0003"

def upgrade():
    op.add_column("customers", sa.Column("nickname", sa.Text), if_not_exists=True)
    with outside_transaction():
        for after, upto in id_ranges("customers"):
            op.get_bind().execute(
                sa.text("UPDATE customers SET nickname = name WHERE id > :after AND id <= :upto"
                        " AND nickname IS NULL"),
                {"after": after, "upto": upto},
            )
    create_index_concurrently("customers_nickname_idx", "customers", ["nickname"])
"""
_CONTRACT = """
from alembic import op

revision = "0005"
down_revision = "0004"
compatible_from = "0005"

def upgrade():
    op.drop_column("customers", "phone")
"""
_SLOW = """
from alembic import op

revision = "0004"
down_revision = "0003"
compatible_from = "0003"

def upgrade():
    op.execute("LOCK TABLE customers")
    op.execute("SELECT pg_sleep(60)")
"""

_INDEX_IS_VALID = (
    "SELECT indisvalid FROM pg_index WHERE indexrelid = 'customers_nickname_idx'::regclass"
)


@pytest.fixture
async def today(empty_database: PersistenceSettings) -> AsyncIterator[AsyncEngine]:
    """The pool of a process of this version, with this version's tables."""
    await migrate(empty_database)
    engine = create_engine(empty_database)
    yield engine
    await engine.dispose()


@pytest.fixture
def newer_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let ``migrate`` apply additional migrations, as that of a newer version would."""

    def add(*migrations: str) -> None:
        for number, migration in enumerate(migrations, start=4):
            (tmp_path / f"v{number:04}.py").write_text(migration)
        config = Config()
        config.set_main_option("script_location", "persistence:migrations")
        config.set_main_option("path_separator", "space")
        config.set_main_option("version_locations", f"persistence:migrations/versions {tmp_path}")
        monkeypatch.setattr(upgrade, "_config", lambda: config)

    return add


async def _use_everything(engine: AsyncEngine) -> None:
    customer = await create_customer(engine)
    timeline = Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID)
    await PostgresLedger(engine).record(timeline.batch(1, 4))
    assert await Reads(engine).order(timeline.order.id)
    assert await PostgresCustomers(engine).update(customer.id, {"name": "Grace Hopper"})


async def test_a_process_serves_with_newer_tables_that_only_have_more(
    today: AsyncEngine,
    empty_database: PersistenceSettings,
    newer_version: Callable[..., None],
) -> None:
    await _use_everything(today)
    newer_version(_EXPAND)
    await migrate(empty_database)

    assert await has_compatible_tables(today)
    await _use_everything(today)
    async with today.connect() as connection:
        filled = await connection.execute(
            text("SELECT count(*) FROM customers WHERE nickname IS NOT NULL")
        )
        assert filled.scalar_one() == 1, "the customer from before the migration"


async def test_the_migrate_command_of_an_older_version_leaves_newer_tables_alone(
    today: AsyncEngine,
    empty_database: PersistenceSettings,
    newer_version: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newer_version(_EXPAND)
    await migrate(empty_database)
    monkeypatch.undo()

    await migrate(empty_database)

    assert await has_compatible_tables(today)


async def test_a_process_is_not_ready_if_a_newer_version_removed_what_it_needs(
    today: AsyncEngine,
    empty_database: PersistenceSettings,
    newer_version: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newer_version(_EXPAND, _CONTRACT)
    await migrate(empty_database)
    monkeypatch.undo()

    assert not await has_compatible_tables(today)
    with pytest.raises(MigrationFailed, match="too new"):
        await migrate(empty_database)


async def test_a_process_is_not_ready_before_its_own_migrations(
    today: AsyncEngine, newer_version: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    newer_version(_EXPAND)
    monkeypatch.setattr(compatibility, "code_revision", lambda: "0004")

    assert not await has_compatible_tables(today)


async def test_a_migration_behind_a_long_transaction_does_not_block_others(
    today: AsyncEngine,
    empty_database: PersistenceSettings,
    newer_version: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    newer_version(_EXPAND)
    async with asyncio.timeout(_TIME_LIMIT), today.connect() as connection:
        await connection.execute(text("BEGIN"))
        await connection.execute(text("SELECT count(*) FROM customers"))
        migration = asyncio.create_task(migrate(empty_database))
        while caplog.text.count("A migration is blocked") < 2:
            await _use_everything(today)
        assert not migration.done()
        await connection.execute(text("COMMIT"))
        await migration
        found = await connection.execute(text(_INDEX_IS_VALID))
        assert found.scalar_one()


async def test_a_statement_that_would_hold_its_locks_for_long_is_rolled_back(
    today: AsyncEngine,
    empty_database: PersistenceSettings,
    newer_version: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newer_version(_SLOW)
    monkeypatch.setattr(upgrade, "_ATTEMPTS", 1)

    async with asyncio.timeout(_TIME_LIMIT):
        with pytest.raises(MigrationFailed, match="blocked"):
            await migrate(empty_database)

    assert await has_compatible_tables(today)


async def test_concurrent_migrations_with_concurrent_index_builds_do_not_deadlock(
    today: AsyncEngine, empty_database: PersistenceSettings, newer_version: Callable[..., None]
) -> None:
    await _use_everything(today)
    newer_version(_EXPAND)
    async with asyncio.timeout(_TIME_LIMIT):
        await asyncio.gather(*(migrate(empty_database) for _ in range(3)))


async def test_an_index_whose_build_was_interrupted_is_built_again(
    today: AsyncEngine, empty_database: PersistenceSettings, newer_version: Callable[..., None]
) -> None:
    for _ in range(2):
        await create_customer(today)
    async with today.connect() as connection:
        with pytest.raises(DBAPIError, match="could not create unique index"):
            await connection.execute(
                text("CREATE UNIQUE INDEX CONCURRENTLY customers_nickname_idx ON customers (name)")
            )
        newer_version(_EXPAND)
        await migrate(empty_database)
        assert (await connection.execute(text(_INDEX_IS_VALID))).scalar_one()


async def test_a_role_without_rights_to_change_the_tables_can_run_the_service(
    empty_database: PersistenceSettings,
) -> None:
    role, password = unique_id("service").replace("-", "_"), unique_id("password")
    owner = create_engine(empty_database)
    url = empty_database.url.set(username=role, password=password)
    service = create_engine(
        PersistenceSettings(database_url=SecretStr(url.render_as_string(hide_password=False)))
    )
    async with owner.connect() as connection:
        await connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'"))
        await connection.execute(
            text(
                "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
                f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}"
            )
        )
        try:
            await migrate(empty_database)

            assert await has_compatible_tables(service)
            await _use_everything(service)
            await Reads(service).feed_position()
            async with service.connect() as unprivileged:
                with pytest.raises(ProgrammingError, match="must be owner"):
                    await unprivileged.execute(
                        text("ALTER TABLE events DISABLE TRIGGER events_append_only")
                    )
        finally:
            await service.dispose()
            await connection.execute(text(f"DROP OWNED BY {role}"))
            await connection.execute(text(f"DROP ROLE {role}"))
    await owner.dispose()
