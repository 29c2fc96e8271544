"""The database role of the API and the workers, which owns no table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from persistence.customers import PostgresCustomers
from persistence.engine import create_engine
from persistence.ledger import PostgresLedger
from persistence.migrations.compatibility import has_compatible_tables
from persistence.migrations.upgrade import migrate
from persistence.reads import Reads
from persistence.settings import PersistenceSettings
from tests.support.orders import make_order
from tests.support.timelines import UNTIL_PAID, Timeline, create_customer, unique_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

_SQL = Path(__file__).parents[2] / "deploy/service-role.sql"


@pytest.fixture
async def service(empty_database: PersistenceSettings) -> AsyncIterator[AsyncEngine]:
    """Connect as the service role to tables that were created after it."""
    role = unique_id("service").replace("-", "_")
    script = _SQL.read_text().replace("\\getenv password SERVICE_DB_PASSWORD\n", "")
    script = script.replace("orders_service", role).replace(":'password'", "'secret'")
    owner = create_engine(empty_database)
    async with owner.connect() as connection:
        for statement in script.split(";\n")[:-1]:
            await connection.execute(text(statement))
    await migrate(empty_database)
    url = empty_database.url.set(username=role, password="secret")  # ruff: ignore[hardcoded-password-func-arg]
    dsn = SecretStr(url.render_as_string(hide_password=False))
    engine = create_engine(PersistenceSettings(database_url=dsn))
    try:
        yield engine
    finally:
        await engine.dispose()
        async with owner.connect() as connection:
            await connection.execute(text(f"DROP OWNED BY {role}"))
            await connection.execute(text(f"DROP ROLE {role}"))
        await owner.dispose()


async def test_the_service_role_can_do_what_the_service_does(service: AsyncEngine) -> None:
    assert await has_compatible_tables(service)
    customers = PostgresCustomers(service)
    customer = await create_customer(service)
    timeline = Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID)
    await PostgresLedger(service).record(timeline.batch(1, 2))
    await PostgresLedger(service).record(timeline.batch(3, 4))
    stored = await Reads(service).order(timeline.order.id)
    assert stored is not None
    assert stored.snapshot.sequence == 4
    await Reads(service).feed_position()
    unused = await create_customer(service)
    assert await customers.delete(unused.id)


@pytest.mark.parametrize(
    "attack",
    [
        "ALTER TABLE events DISABLE TRIGGER events_append_only",
        "DROP TRIGGER events_append_only ON events",
        "SET session_replication_role = replica",
        "TRUNCATE events",
        "DROP TABLE events",
        "UPDATE events SET message = 'changed'",
        "DELETE FROM events",
        "CREATE TABLE mine (id int)",
    ],
)
async def test_the_service_role_cannot_get_around_the_append_only_record(
    service: AsyncEngine, attack: str
) -> None:
    async with service.connect() as connection:
        with pytest.raises(DBAPIError, match=r"must be owner|permission denied|append-only"):
            await connection.execute(text(attack))
