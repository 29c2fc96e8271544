from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from persistence.engine import create_engine
from persistence.ledger import PostgresLedger
from persistence.migrations.upgrade import migrate
from persistence.reads import Reads
from persistence.settings import PersistenceSettings
from tests.support.databases import temporary_database
from tests.support.orders import make_order
from tests.support.timelines import UNTIL_PAID, Timeline, create_customer

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
async def empty_database(database_url: str) -> AsyncIterator[PersistenceSettings]:
    async with temporary_database(database_url) as settings:
        yield settings


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
