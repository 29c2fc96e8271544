from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from persistence.engine import create_engine
from persistence.ledger import PostgresLedger
from persistence.migrations import migrate
from persistence.reads import Reads
from persistence.settings import PersistenceSettings
from tests.persistence.stories import UNTIL_PAID, Story, a_customer, an_order

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
def ledger(engine: AsyncEngine) -> PostgresLedger:
    return PostgresLedger(engine)


@pytest.fixture
def reads(engine: AsyncEngine) -> Reads:
    return Reads(engine)


@pytest.fixture
async def story(engine: AsyncEngine) -> Story:
    customer = await a_customer(engine)
    return Story(an_order(customer.id)).tell(*UNTIL_PAID)
