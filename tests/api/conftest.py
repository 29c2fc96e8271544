"""The API over a real socket, with both workers in this process."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr

from gql.app import create_app
from gql.settings import ApiSettings
from orchestration.client import OrderClient, connect
from orchestration.settings import OrchestrationSettings
from orchestration.worker import run_worker
from persistence.customers import PostgresCustomers
from persistence.engine import create_engine, ping
from persistence.ledger import PostgresLedger
from persistence.migrations import is_current
from persistence.reads import Reads
from persistence.settings import PersistenceSettings
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook
from tests.support.api_client import served

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine
    from starlette.applications import Starlette
    from temporalio.client import Client

    from tests.support.api_client import ApiClient

Json = dict[str, Any]


@pytest_asyncio.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(PersistenceSettings(database_url=SecretStr(database_url)))
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def orchestration(temporal_address: str) -> OrchestrationSettings:
    """Queues of these tests' own: no other worker takes from them."""
    suffix = uuid4().hex[:8]
    return OrchestrationSettings(
        temporal_address=temporal_address,
        order_task_queue=f"api-orders-{suffix}",
        shipping_task_queue=f"api-shipping-{suffix}",
    )


@pytest_asyncio.fixture(scope="session")
async def workers(engine: AsyncEngine, orchestration: OrchestrationSettings) -> AsyncIterator[None]:
    async with working(engine, orchestration):
        yield


@asynccontextmanager
async def working(engine: AsyncEngine, settings: OrchestrationSettings) -> AsyncGenerator[None]:
    """Run both workers meanwhile."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for queue in ("order", "shipping"):
            tasks.create_task(
                run_worker(
                    await connect(settings),
                    settings,
                    queue=queue,
                    ledger=PostgresLedger(engine),
                    gateway_book=PostgresGatewayBook(engine),
                    carrier_book=PostgresCarrierBook(engine),
                    stop=stop,
                )
            )
        try:
            yield
        finally:
            stop.set()


def order_client(
    client: Client, settings: OrchestrationSettings, *, rpc_timeout: float = 2
) -> OrderClient:
    return OrderClient(
        client,
        order_task_queue=settings.order_task_queue,
        shipping_task_queue=settings.shipping_task_queue,
        ui_url="http://temporal.example/namespaces/default",
        rpc_timeout=timedelta(seconds=rpc_timeout),
    )


def make_app(
    engine: AsyncEngine,
    orders: OrderClient,
    **settings: Any,
) -> Starlette:
    return create_app(
        settings=ApiSettings(**settings),
        reads=Reads(engine),
        customers=PostgresCustomers(engine),
        orders=orders,
        ping_record=partial(ping, engine),
        record_is_current=partial(is_current, engine),
    )


@pytest.fixture(scope="session")
def orders(temporal_client: Client, orchestration: OrchestrationSettings) -> OrderClient:
    # All of it is one process here, the workers too: patience is not what is tested.
    return order_client(temporal_client, orchestration, rpc_timeout=10)


@pytest_asyncio.fixture(scope="session")
async def api(
    engine: AsyncEngine,
    orders: OrderClient,
    workers: None,  # ruff: ignore[unused-function-argument]
) -> AsyncIterator[ApiClient]:
    """The API with everything there, in development, with the default settings."""
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
    """A startOrder input with an id of its own that nothing is wrong with."""
    return {
        "id": f"order-{uuid4()}",
        "customerId": customer_id,
        "items": [
            {"sku": "TEAPOT", "name": "Teapot", "quantity": 2, "unitPrice": "24.95"},
            {"sku": "CUP", "quantity": 4, "unitPrice": "5.00"},
        ],
        "shippingAddress": {"street": "1 Main St", "city": "Springfield", "region": "IL"},
    }
