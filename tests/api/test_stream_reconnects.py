"""Clients that disconnect and reconnect to several API processes."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.support import operations
from tests.support.api_app import make_app
from tests.support.api_client import served
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from starlette.applications import Starlette

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

_TIMEOUT = 120.0  # seconds
_EVENTS = (
    "subscription E($id: ID!, $after: Int!) {"
    " orderEvents(orderId: $id, afterSequence: $after) { sequence } }"
)


async def wait_until_idle(app: Starlette) -> None:
    """Wait until the hub has no watch and no subscriber, and reads nothing any more."""

    def is_idle() -> bool:
        metrics = app.state.streams.metrics
        return (metrics.watches, metrics.subscribers, metrics.lag) == (0, 0, 0)

    await wait_until(is_idle, timeout=_TIMEOUT)


async def test_200_disconnects_during_50_orders_lose_and_repeat_no_event(
    api: ApiClient, engine: AsyncEngine, orders: OrderClient, new_order: Json
) -> None:
    random = Random(4)  # ruff: ignore[suspicious-non-cryptographic-random-usage] - to be repeated
    ids = [f"many-{uuid4()}" for _ in range(50)]
    cuts = {order_id: sorted(random.sample(range(9), 4)) for order_id in ids}
    apps = [make_app(engine, orders) for _ in range(3)]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(served(app)) for app in apps]

        async def follow(order_id: str) -> list[int]:
            seen: list[int] = []
            for cut in [*cuts[order_id], None]:
                client = random.choice(clients)
                after = seen[-1] if seen else 0
                async with client.watching(_EVENTS, id=order_id, after=after) as watch:
                    while len(seen) != cut and (message := await anext(watch))["type"] == "next":
                        seen.append(message["payload"]["data"]["orderEvents"]["sequence"])
                    if random.random() < 0.5:
                        watch.drop()
            return seen

        async def start_and_follow(order_id: str) -> list[int]:
            given = {**new_order, "id": order_id, "policy": {"reviewMode": "NONE"}}
            await api.start(given)
            return await follow(order_id)

        async with asyncio.timeout(_TIMEOUT):
            seen = await asyncio.gather(*map(start_and_follow, ids))
        for app in apps:
            await wait_until_idle(app)
    assert seen == [[*range(1, 10)]] * 50


async def test_1000_subscriptions_leave_no_watches_or_tasks(
    api: ApiClient, engine: AsyncEngine, orders: OrderClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    app = make_app(engine, orders)
    kinds = [
        f'subscription {{ orderEvents(orderId: "{order_id}") {{ sequence }} }}',
        f'subscription {{ orderProgress(orderId: "{order_id}") {{ sequence }} }}',
        "subscription { orderFeed { sequence } }",
    ]

    async def come_and_go(client: ApiClient, times: int) -> None:
        """Subscribe, and complete without waiting for the feed. At the end, just disconnect."""
        async with client.socket() as socket:
            for number in range(times):
                query = kinds[number % 3]
                frame = {"id": str(number), "type": "subscribe", "payload": {"query": query}}
                await socket.send(json.dumps(frame))
                if number % 3 < 2:
                    while json.loads(await socket.recv()).get("id") != str(number):
                        pass
                if number < times - 3:
                    await socket.send(json.dumps({"id": str(number), "type": "complete"}))

    async def look_in(client: ApiClient, query: str) -> None:
        """Disconnect from an event stream after its headers."""
        body, accept = {"query": query}, {"accept": "text/event-stream"}
        async with client.http.stream("POST", "/graphql", json=body, headers=accept) as response:
            assert response.status_code == 200

    async with served(app) as client:
        before = len(asyncio.all_tasks())
        async with asyncio.timeout(_TIMEOUT):
            await asyncio.gather(*(come_and_go(client, 48) for _ in range(20)))
            await asyncio.gather(*(look_in(client, kinds[number % 3]) for number in range(40)))
        await wait_until_idle(app)
        await wait_until(lambda: len(asyncio.all_tasks()) <= before)


async def test_subscriptions_add_no_events_to_a_workflow_history(
    api: ApiClient, engine: AsyncEngine, orders: OrderClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    before = await api.reaches(order_id, "AWAITING_APPROVAL")
    app = make_app(engine, orders)
    async with (
        served(app) as client,
        client.watching(operations.ORDER_EVENTS, orderId=order_id) as events,
        client.watching(operations.ORDER_PROGRESS, orderId=order_id) as progress,
    ):
        assert (await anext(events))["type"] == "next"
        assert (await anext(progress))["type"] == "next"
        await wait_until(lambda: app.state.streams.metrics.workflow_queries >= 6)
    after = await api.order(order_id)
    assert after["workflow"]["historyLength"] == before["workflow"]["historyLength"]
