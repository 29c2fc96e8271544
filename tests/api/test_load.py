"""64 concurrent clients. ``python -m benchmarks.load`` measures the same load."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import httpx

from benchmarks.load_clients import Clients
from tests.support.api_app import make_app, order_client
from tests.support.api_client import served

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import ApiClient

CLIENTS = 64
WRITERS = 16
PLACES = 24
READERS = 8
LOOKS = 3
OBJECTS = 10


async def test_64_concurrent_clients_get_results_or_are_asked_to_retry(
    engine: AsyncEngine,
    temporal_client: Client,
    orchestration: OrchestrationSettings,
    workers: None,  # ruff: ignore[unused-function-argument]
) -> None:
    patient = order_client(temporal_client, orchestration, rpc_timeout=30)
    app = make_app(engine, patient, max_requests=PLACES, request_timeout=60)
    async with served(app) as api, many_connections(api) as http:
        clients = Clients(http)
        await clients.prepare()
        await asyncio.gather(
            *(clients.round(number) for number in range(WRITERS)),
            *(clients.read() for _ in range(CLIENTS - WRITERS)),
        )
        assert [answer for answer in clients.answers if not answer.is_valid] == []
        assert any(answer.is_refusal for answer in clients.answers)
        assert len(clients.started) == WRITERS
        for order_id in clients.started:
            order = await api.field("query ($id: ID!) { order(id: $id) { id } }", id=order_id)
            assert order == {"id": order_id}


async def test_requests_leave_no_objects_in_memory(
    api: ApiClient, new_order: dict[str, object]
) -> None:
    await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
    await api.reaches(str(new_order["id"]), "COMPLETED")
    async with many_connections(api) as http:
        clients = Clients(http)

        clients.started.append(str(new_order["id"]))

        async def client() -> None:
            for _ in range(LOOKS):
                await clients.read()

        async def objects() -> int:
            await asyncio.gather(*(client() for _ in range(READERS)))
            clients.answers.clear()
            gc.collect()
            return len(gc.get_objects())

        await objects()  # what is made once is made now
        before, after = await objects(), await objects()
    # A request that is not released leaves dozens of objects.
    assert after - before < OBJECTS * 2 * LOOKS * READERS


def many_connections(api: ApiClient) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=2 * CLIENTS, keepalive_expiry=2)
    return httpx.AsyncClient(base_url=api.http.base_url, timeout=120, limits=limits)
