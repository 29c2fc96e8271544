from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from temporalio.testing import TimeSkipper

from persistence.engine import create_engine
from persistence.settings import PersistenceSettings
from tests.replay.recording import record
from tests.support.shop import Shop, open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(PersistenceSettings(database_url=SecretStr(database_url)))
    yield engine
    await engine.dispose()


@pytest.fixture(autouse=True)  # ruff: ignore[pytest-fixture-autouse] - tests do not request it
async def recorder(request: pytest.FixtureRequest) -> AsyncGenerator[None]:
    """With --record-histories, save the history of the first order that a test starts.

    Tests on the time-skipping server are excluded, because its histories differ from production.
    """
    yield
    folder: Path | None = request.config.getoption("--record-histories")
    if folder is None:
        return
    scenario = request.path.stem.removeprefix("test_")
    test = request.node.name.removeprefix("test_").partition("[")[0]
    for name in {"shop", "shop_without_workers"} & set(request.fixturenames):
        fixture: Shop = request.getfixturevalue(name)
        if fixture.started:
            await record(fixture.client, folder, f"{scenario}.{test}", fixture.started[0])
            fixture.started.clear()


@pytest.fixture(scope="session")
async def shop_without_workers(
    temporal_client: Client, engine: AsyncEngine, temporal_address: str
) -> Shop:
    """A shop whose workers are started by the test."""
    return await open_shop(temporal_client, engine, temporal_address)


@pytest.fixture(scope="session")
async def shop(
    temporal_client: Client, engine: AsyncEngine, temporal_address: str
) -> AsyncIterator[Shop]:
    """A shop with both workers running."""
    shop = await open_shop(temporal_client, engine, temporal_address)
    async with shop.working("order", "shipping"):
        yield shop


@pytest.fixture
async def separate_shop(
    temporal_client: Client, engine: AsyncEngine, temporal_address: str
) -> Shop:
    """A shop with its own task queues and no workers. Histories of its orders are not recorded."""
    return await open_shop(temporal_client, engine, temporal_address)


@pytest.fixture
def without_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that stop do not wait for calls that hang."""
    monkeypatch.setattr("orchestration.worker._GRACEFUL_SHUTDOWN_TIMEOUT", timedelta())


@pytest.fixture(scope="session")
async def time_skipping_shop(
    temporal_client: Client, engine: AsyncEngine, temporal_address: str
) -> AsyncIterator[Shop]:
    """A shop whose orders skip time: a waiting workflow proceeds to its next timer at once.

    A review that waits for a person times out at once too, so tests cannot send signals here.
    """
    client = TimeSkipper(temporal_client).client
    shop = await open_shop(client, engine, temporal_address)
    async with shop.working("order", "shipping"):
        yield shop
