"""Streams continue when Postgres or Temporal becomes unavailable."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from orchestration.client import connect
from persistence.engine import create_engine
from persistence.settings import PersistenceSettings
from tests.support import operations
from tests.support.api_app import make_app, order_client
from tests.support.api_client import ApiClient, served
from tests.support.tcp_proxy import TcpProxy, proxy_to, proxy_to_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cli.stack.embedded_stack import Stack
    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import Watch

Json = dict[str, Any]

_TIMEOUT = 60.0  # seconds


@dataclass
class ProxiedApi:
    """An API that reaches its servers through proxies."""

    client: ApiClient
    postgres: TcpProxy
    temporal: TcpProxy


@pytest_asyncio.fixture
async def proxied(
    stack: Stack,
    orchestration: OrchestrationSettings,
    workers: None,  # ruff: ignore[unused-function-argument]
) -> AsyncIterator[ProxiedApi]:
    url = stack.configuration.persistence.url
    async with (
        proxy_to_database(url).listening() as postgres,
        proxy_to(orchestration.temporal_address).listening() as temporal,
    ):
        through = url.set(
            drivername="postgresql", host="127.0.0.1", port=postgres.port, query={}
        ).render_as_string(hide_password=False)
        engine = create_engine(PersistenceSettings(database_url=SecretStr(through)))
        through_proxy = orchestration.model_copy(update={"temporal_address": temporal.address})
        client = await connect(through_proxy)
        try:
            async with served(make_app(engine, order_client(client, orchestration))) as api:
                yield ProxiedApi(api, postgres, temporal)
        finally:
            await engine.dispose()


async def sequences(watch: Watch, until: int) -> list[int]:
    """Return the sequences up to ``until``, or to the end of the stream."""
    seen: list[int] = []
    async with asyncio.timeout(_TIMEOUT):
        async for message in watch:
            if message["type"] == "complete":
                break
            seen.append(message["payload"]["data"]["orderEvents"]["sequence"])
            if seen[-1] == until:
                break
    return seen


@pytest.mark.parametrize("away", [("postgres",), ("temporal",), ("postgres", "temporal")])
async def test_a_stream_loses_and_repeats_no_event_during_an_outage(
    api: ApiClient, proxied: ProxiedApi, new_order: Json, away: tuple[str, ...]
) -> None:
    order_id = new_order["id"]
    proxies = [getattr(proxied, name) for name in away]
    await api.start(new_order)
    query = "subscription S($id: ID!) { orderEvents(orderId: $id) { sequence } }"
    async with proxied.client.watching(query, id=order_id) as watch:
        assert await sequences(watch, until=3) == [1, 2, 3]
        for proxy in proxies:
            proxy.cut()
        await api.approve(order_id)
        await api.reaches(order_id, "COMPLETED")
        if len(away) == 1:
            assert await sequences(watch, until=10) == [*range(4, 11)]
        for proxy in proxies:
            proxy.restore()
        rest = await sequences(watch, until=11)
    assert rest == ([] if len(away) == 1 else [*range(4, 11)])


async def test_a_stream_that_starts_without_postgres_is_served_from_the_workflow(
    api: ApiClient, proxied: ProxiedApi, new_order: Json
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    proxied.postgres.cut()
    async with proxied.client.watching(operations.ORDER_EVENTS, orderId=new_order["id"]) as watch:
        assert await sequences(watch, until=3) == [1, 2, 3]


async def test_a_feed_continues_at_its_position_after_an_outage_of_postgres(
    api: ApiClient, proxied: ProxiedApi, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    page = await proxied.client.data("{ orders(first: 1) { feedCursor } }")
    query = """
    subscription F($filter: OrderFilter, $after: String) {
      orderFeed(filter: $filter, after: $after) { sequence }
    }"""
    after = page["orders"]["feedCursor"]
    async with proxied.client.watching(query, filter={"ids": [order_id]}, after=after) as watch:
        seen: list[int] = []
        await api.approve(order_id)
        async with asyncio.timeout(_TIMEOUT):
            async for message in watch:
                seen.append(message["payload"]["data"]["orderFeed"]["sequence"])
                if seen[-1] == 4:
                    proxied.postgres.cut()
                    await api.reaches(order_id, "COMPLETED")
                    proxied.postgres.restore()
                if seen[-1] == 10:
                    break
    assert [one for one in seen if one > 3] == [*range(4, 11)]
