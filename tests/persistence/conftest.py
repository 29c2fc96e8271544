from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from persistence.engine import create_engine
from persistence.ledger import PostgresLedger
from persistence.migrations import migrate
from persistence.reads import Reads
from persistence.settings import PersistenceSettings
from tests.support.orders import make_order
from tests.support.timelines import UNTIL_PAID, Timeline, create_customer, unique_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine


@pytest.fixture(scope="session")
def settings(database_url: str) -> PersistenceSettings:
    return PersistenceSettings(database_url=SecretStr(database_url))


@pytest.fixture(scope="session")
async def engine(settings: PersistenceSettings) -> AsyncIterator[AsyncEngine]:
    await migrate(settings)
    engine = create_engine(settings)
    yield engine
    await engine.dispose()


@pytest.fixture
async def empty_database(
    engine: AsyncEngine, settings: PersistenceSettings
) -> AsyncIterator[PersistenceSettings]:
    name = unique_id("empty")
    async with engine.connect() as connection:
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = settings.url.set(database=name).render_as_string(hide_password=False)
    yield PersistenceSettings(database_url=SecretStr(url))
    async with engine.connect() as connection:
        await connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def ledger(engine: AsyncEngine) -> PostgresLedger:
    return PostgresLedger(engine)


@pytest.fixture
def reads(engine: AsyncEngine) -> Reads:
    return Reads(engine)


@pytest.fixture
async def timeline(engine: AsyncEngine) -> Timeline:
    customer = await create_customer(engine)
    return Timeline(make_order(customer_id=customer.id, deadline=3600.0)).add(*UNTIL_PAID)
