"""Each of the servers taken away from a process whose clients watch an order."""

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
from tests.api.conftest import make_app, order_client
from tests.support import operations
from tests.support.api_client import ApiClient, served
from tests.support.lines import Line, to_address, to_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cli.stack.embedded_stack import Stack
    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import Watch

Json = dict[str, Any]

_WITHIN = 60.0


@dataclass
class Api:
    """An API of its own, and its lines."""

    client: ApiClient
    postgres: Line
    temporal: Line


@pytest_asyncio.fixture
async def lined(
    stack: Stack,
    orchestration: OrchestrationSettings,
    workers: None,  # ruff: ignore[unused-function-argument]
) -> AsyncIterator[Api]:
    url = stack.configuration.persistence.url
    async with (
        to_database(url).laid() as postgres,
        to_address(orchestration.temporal_address).laid() as temporal,
    ):
        through = url.set(
            drivername="postgresql", host="127.0.0.1", port=postgres.port, query={}
        ).render_as_string(hide_password=False)
        engine = create_engine(PersistenceSettings(database_url=SecretStr(through)))
        address = f"127.0.0.1:{temporal.port}"
        client = await connect(orchestration.model_copy(update={"temporal_address": address}))
        try:
            async with served(make_app(engine, order_client(client, orchestration))) as api:
                yield Api(api, postgres, temporal)
        finally:
            await engine.dispose()


async def sequences(watch: Watch, until: int) -> list[int]:
    """Read on to the event of that sequence, or to the end."""
    seen: list[int] = []
    async with asyncio.timeout(_WITHIN):
        async for message in watch:
            if message["type"] == "complete":
                break
            seen.append(message["payload"]["data"]["orderEvents"]["sequence"])
            if seen[-1] == until:
                break
    return seen


@pytest.mark.parametrize("away", [("postgres",), ("temporal",), ("postgres", "temporal")])
async def test_a_stream_loses_and_repeats_nothing_while_a_server_is_away(
    api: ApiClient, lined: Api, new_order: Json, away: tuple[str, ...]
) -> None:
    order_id = new_order["id"]
    lines = [getattr(lined, name) for name in away]
    await api.start(new_order)
    query = "subscription S($id: ID!) { orderEvents(orderId: $id) { sequence } }"
    async with lined.client.watching(query, id=order_id) as watch:
        assert await sequences(watch, until=3) == [1, 2, 3]
        for line in lines:
            line.cut()
        await api.approve(order_id)
        await api.reaches(order_id, "COMPLETED")
        if len(away) == 1:
            assert await sequences(watch, until=10) == [*range(4, 11)]
        for line in lines:
            line.mend()
        rest = await sequences(watch, until=11)
    assert rest == ([] if len(away) == 1 else [*range(4, 11)])


async def test_a_stream_that_begins_without_postgres_comes_from_the_workflow(
    api: ApiClient, lined: Api, new_order: Json
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    lined.postgres.cut()
    async with lined.client.watching(operations.ORDER_EVENTS, orderId=new_order["id"]) as watch:
        assert await sequences(watch, until=3) == [1, 2, 3]


async def test_a_feed_goes_on_where_it_was_when_postgres_comes_back(
    api: ApiClient, lined: Api, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    page = await lined.client.data("{ orders(first: 1) { feedCursor } }")
    query = """
    subscription F($filter: OrderFilter, $after: String) {
      orderFeed(filter: $filter, after: $after) { sequence }
    }"""
    after = page["orders"]["feedCursor"]
    async with lined.client.watching(query, filter={"ids": [order_id]}, after=after) as watch:
        seen: list[int] = []
        await api.approve(order_id)
        async with asyncio.timeout(_WITHIN):
            async for message in watch:
                seen.append(message["payload"]["data"]["orderFeed"]["sequence"])
                if seen[-1] == 4:
                    lined.postgres.cut()
                    await api.reaches(order_id, "COMPLETED")
                    lined.postgres.mend()
                if seen[-1] == 10:
                    break
    assert [one for one in seen if one > 3] == [*range(4, 11)]
