"""A disconnected client cancels its query, and never its mutation."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import uvicorn

from cli.service.server import server_config
from tests.support import operations
from tests.support.api_app import make_app
from tests.support.api_client import served
from tests.support.lock_waits import wait_for_lock_waits
from tests.support.slow_database import CONNECTIONS, PAGE, SLOW, TYPED, locked, separate_pool
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]
CLIENTS = 64
CANCEL_TIMEOUT = 5  # seconds, less than the statement timeout of ten
BATCHED = "query ($f: OrderFilter) { orders(filter: $f) { nodes { customer { name } } } }"


@asynccontextmanager
async def serving(
    engine: AsyncEngine, orders: OrderClient
) -> AsyncGenerator[tuple[ApiClient, uvicorn.Server]]:
    server = uvicorn.Server(server_config(make_app(engine, orders), host="127.0.0.1", port=0))
    async with served(server.config.app, server) as client:  # type: ignore[arg-type] # an app
        yield client, server


async def hang_up(client: ApiClient, body: Json, engine: AsyncEngine, waiting: int = 1) -> None:
    """Post a request, and disconnect when its statement waits for a lock."""
    await hang_up_all(client, [body], engine, waiting)


async def hang_up_all(
    client: ApiClient, bodies: list[Json], engine: AsyncEngine, waiting: int, accept: str = "*/*"
) -> None:
    host, port = client.http.base_url.host, client.http.base_url.port
    writers = []
    for body in bodies:
        content = json.dumps(body).encode()
        _, writer = await asyncio.open_connection(host, port)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Accept: %b\r\nContent-Length: %d\r\n\r\n%b" % (accept.encode(), len(content), content)
        )
        writers.append(writer)
    await wait_for_lock_waits(engine, waiting)
    for writer in writers:
        writer.transport.abort()


async def test_a_query_is_cancelled_when_its_client_disconnects(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    async with serving(engine, orders) as (client, _), locked(engine):
        await hang_up(client, {"query": SLOW}, engine)
        await wait_for_lock_waits(engine, 0, CANCEL_TIMEOUT)


async def test_a_batched_read_is_cancelled_when_its_client_disconnects(
    engine: AsyncEngine, orders: OrderClient, api: ApiClient, new_order: Json
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    body = {"query": BATCHED, "variables": {"f": {"ids": [new_order["id"]]}}}
    async with serving(engine, orders) as (client, _), locked(engine):
        await hang_up(client, body, engine)
        await wait_for_lock_waits(engine, 0, CANCEL_TIMEOUT)


async def test_disconnected_clients_hold_no_database_connections(
    engine: AsyncEngine, orders: OrderClient, database_url: str
) -> None:
    async with (
        separate_pool(database_url) as own,
        serving(own, orders) as (client, _),
        locked(engine),
    ):
        await hang_up_all(client, [{"query": SLOW}] * CLIENTS, engine, waiting=CONNECTIONS)
        assert "errors" not in await client.send(PAGE)
        await wait_for_lock_waits(engine, 0, CANCEL_TIMEOUT)


def a_creation() -> tuple[Json, Json]:
    """Return a new customer, and the request that creates it."""
    given = {"id": f"gone-{uuid4().hex}", "name": "Gone", "email": f"{uuid4().hex}@example.com"}
    return given, {"query": operations.CREATE_CUSTOMER, "variables": {"input": given}}


@pytest.mark.parametrize("accept", ["*/*", "text/event-stream"])
async def test_a_mutation_completes_after_its_client_disconnects(
    engine: AsyncEngine, orders: OrderClient, accept: str
) -> None:
    given, body = a_creation()
    async with serving(engine, orders) as (client, server):
        async with locked(engine):
            await hang_up_all(client, [body], engine, waiting=1, accept=accept)
            await wait_until(lambda: not server.server_state.connections)
        await wait_for_customer(client, given["id"])


@pytest.mark.parametrize("ending", ["complete", "abort"])
async def test_a_mutation_completes_after_its_websocket_closes(
    engine: AsyncEngine, orders: OrderClient, ending: str
) -> None:
    given, payload = a_creation()
    async with serving(engine, orders) as (client, server):
        async with locked(engine), client.socket() as socket:
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            await wait_for_lock_waits(engine, 1)
            if ending == "complete":
                await socket.send('{"id": "1", "type": "complete"}')
                await socket.send('{"type": "ping"}')
                assert json.loads(await socket.recv()) == {"type": "pong"}
            else:
                socket.transport.abort()
                await wait_until(lambda: not server.server_state.connections)
        await wait_for_customer(client, given["id"])


async def test_a_query_is_cancelled_when_its_websocket_closes(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    async with serving(engine, orders) as (client, _), locked(engine):
        async with client.watching(SLOW) as watch:
            await wait_for_lock_waits(engine, 1)
            watch.drop()
        await wait_for_lock_waits(engine, 0, CANCEL_TIMEOUT)
        assert await client.data(TYPED) == {"__typename": "Query"}


async def wait_for_customer(client: ApiClient, customer_id: str) -> None:
    """Wait until the customer exists."""
    query = "query ($id: ID!) { customer(id: $id) { id } }"
    await wait_until(lambda: client.field(query, id=customer_id), timeout=10)
