"""Too many requests, and too slow ones: refused or given up, and by a code."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests.api.client import served
from tests.api.conftest import make_app

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.api.client import ApiClient

SLOW = "query Slow { customers { totalCount } }"
TYPED = "{ __typename }"


@asynccontextmanager
async def locked(engine: AsyncEngine) -> AsyncGenerator[None]:
    """Have nobody read customers meanwhile."""
    async with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
        await connection.execute(text("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE"))
        yield


_WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'customers'::regclass"
)


async def waiting(engine: AsyncEngine) -> int:
    """Count the statements that wait for that lock."""
    async with engine.connect() as connection:
        found = await connection.execute(_WAITING)
        return int(found.scalar_one())


async def have_waiting(engine: AsyncEngine, number: int) -> None:
    async with asyncio.timeout(10):
        # Postgres tells of locks to those who ask.
        while await waiting(engine) != number:  # ruff: ignore[async-busy-wait]
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("media_type", ["application/json", "application/graphql-response+json"])
async def test_a_request_that_takes_too_long_is_given_up(
    engine: AsyncEngine, orders: OrderClient, media_type: str
) -> None:
    app = make_app(engine, orders, request_timeout=0.3)
    async with served(app) as api, locked(engine):
        response = await api.http.post(
            "/graphql", json={"query": SLOW}, headers={"accept": media_type}
        )
        assert response.status_code == 504
        assert list(response.json()) == ["errors"]
        assert response.json()["errors"][0]["extensions"] == {"code": "REQUEST_TIMEOUT"}
        # The statement goes with the request.
        await have_waiting(engine, 0)
        [message] = await api.watch(SLOW)
        assert message["payload"][0]["extensions"] == {"code": "REQUEST_TIMEOUT"}
        assert await api.data(TYPED) == {"__typename": "Query"}


async def test_a_batch_is_given_up_with_its_request(
    engine: AsyncEngine, orders: OrderClient, api: ApiClient, new_order: dict[str, Any]
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    app = make_app(engine, orders, request_timeout=0.5)
    query = "query ($f: OrderFilter) { orders(filter: $f) { nodes { customer { name } } } }"
    async with served(app) as client, locked(engine):
        answer = asyncio.create_task(client.send(query, f={"ids": [new_order["id"]]}))
        await have_waiting(engine, 1)
        assert (await answer)["errors"][0]["extensions"] == {"code": "REQUEST_TIMEOUT"}
        await have_waiting(engine, 0)


async def test_a_body_that_does_not_come_is_given_up(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, request_timeout=0.3)
    async with served(app) as api:
        host, port = api.http.base_url.host, api.http.base_url.port
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        async with asyncio.timeout(5):
            assert b" 408 " in await reader.readline()
        writer.close()
        await writer.wait_closed()


async def test_one_request_too_many_is_told_to_come_again(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, max_requests=3)
    async with served(app) as api:
        async with locked(engine):
            slow = [asyncio.create_task(api.data(SLOW)) for _ in range(3)]
            await have_waiting(engine, 3)
            for media_type in ("application/json", "application/graphql-response+json"):
                # The three before it do not move meanwhile.
                async with asyncio.timeout(30):
                    refused = await api.http.post(
                        "/graphql", json={"query": TYPED}, headers={"accept": media_type}
                    )
                assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
                [error] = refused.json()["errors"]
                assert error["extensions"] == {"code": "TOO_MANY_REQUESTS"}
            [message] = await api.watch(TYPED)
            assert message["payload"][0]["extensions"] == {"code": "TOO_MANY_REQUESTS"}
            assert (await api.http.get("/health/live")).status_code == 200
        await asyncio.gather(*slow)
        assert await api.data(TYPED) == {"__typename": "Query"}


async def test_requests_that_were_given_up_or_refused_are_not_counted_for_ever(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, max_requests=2, request_timeout=0.2)
    async with served(app) as api:
        async with locked(engine):
            answers: list[Any] = await asyncio.gather(*(api.send(SLOW) for _ in range(8)))
        codes = {answer["errors"][0]["extensions"]["code"] for answer in answers}
        assert codes == {"TOO_MANY_REQUESTS", "REQUEST_TIMEOUT"}
        for query in ("{", "{ nothing }", TYPED, TYPED, TYPED):
            await api.send(query)
        assert await api.data(TYPED) == {"__typename": "Query"}


async def test_streams_are_not_counted_among_requests(
    engine: AsyncEngine, orders: OrderClient, api: ApiClient, new_order: dict[str, Any]
) -> None:
    await api.start(new_order)
    app = make_app(engine, orders, max_requests=1, request_timeout=0.2)
    query = "subscription ($id: ID!) { orderEvents(orderId: $id) { sequence } }"
    async with served(app) as client, client.watching(query, id=new_order["id"]) as watch:
        assert (await anext(watch))["payload"]["data"]["orderEvents"]["sequence"] == 1
        await asyncio.sleep(0.4)
        assert await client.data(TYPED) == {"__typename": "Query"}
        assert (await anext(watch))["payload"]["data"]["orderEvents"]["sequence"] == 2
