"""Fixtures of tests that use the API on a real socket, with both workers in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr

from orchestration.settings import OrchestrationSettings
from persistence.customers import PostgresCustomers
from persistence.engine import create_engine
from persistence.settings import PersistenceSettings
from tests.support.api_app import make_app, order_client
from tests.support.api_client import served
from tests.support.workers import running_workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]


@pytest_asyncio.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(PersistenceSettings(database_url=SecretStr(database_url)))
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def orchestration(temporal_address: str) -> OrchestrationSettings:
    """Settings with new task queues, which no other worker polls."""
    suffix = uuid4().hex[:8]
    return OrchestrationSettings(
        temporal_address=temporal_address,
        order_task_queue=f"api-orders-{suffix}",
        shipping_task_queue=f"api-shipping-{suffix}",
    )


@pytest_asyncio.fixture(scope="session")
async def workers(engine: AsyncEngine, orchestration: OrchestrationSettings) -> AsyncIterator[None]:
    async with running_workers(engine, orchestration):
        yield


@pytest.fixture(scope="session")
def orders(temporal_client: Client, orchestration: OrchestrationSettings) -> OrderClient:
    # Workers and API share one process here, so a response may take long without any fault.
    return order_client(temporal_client, orchestration, rpc_timeout=10)


@pytest_asyncio.fixture(scope="session")
async def api(
    engine: AsyncEngine,
    orders: OrderClient,
    workers: None,  # ruff: ignore[unused-function-argument]
) -> AsyncIterator[ApiClient]:
    """The API with default settings, and all its servers and workers."""
    async with served(make_app(engine, orders)) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def customer_id(engine: AsyncEngine) -> str:
    suffix = uuid4().hex
    stored = await PostgresCustomers(engine).create(
        f"ada-{suffix}", "Ada Lovelace", f"ada+{suffix}@example.com", None
    )
    return stored.id


@pytest.fixture
def new_order(customer_id: str) -> Json:
    """A valid startOrder input with a new ID."""
    return {
        "id": f"order-{uuid4()}",
        "customerId": customer_id,
        "items": [
            {"sku": "TEAPOT", "name": "Teapot", "quantity": 2, "unitPrice": "24.95"},
            {"sku": "CUP", "quantity": 4, "unitPrice": "5.00"},
        ],
        "currency": "USD",
        "shippingAddress": {
            "street": "1 Main St",
            "city": "Springfield",
            "region": "IL",
            "country": "US",
        },
    }
