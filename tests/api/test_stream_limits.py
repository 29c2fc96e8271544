"""Limits on subscriptions and connections, slow readers, and shutdown."""

from __future__ import annotations

import asyncio
import gc
import json
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from socket import SO_RCVBUF, SOL_SOCKET
from typing import TYPE_CHECKING, Any

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from cli.service.server import ApiServer
from tests.support import operations
from tests.support.api_app import make_app
from tests.support.api_client import served
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    import pytest
    from sqlalchemy.ext.asyncio import AsyncEngine
    from websockets.asyncio.client import ClientConnection

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

_TIMEOUT = 60.0  # seconds
_FEED = "subscription { orderFeed { sequence } }"
_PAYLOAD = "large payload"
_EVENT_STREAM = {"accept": "text/event-stream"}


async def subscribe(socket: ClientConnection, name: str, query: str) -> None:
    await socket.send(json.dumps({"id": name, "type": "subscribe", "payload": {"query": query}}))


async def test_a_subscription_over_the_limit_is_refused_and_the_others_continue(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, max_subscriptions=2)
    async with served(app) as client, client.socket() as socket, asyncio.timeout(_TIMEOUT):
        for number in range(3):
            await subscribe(socket, str(number), _FEED)
        refusal = json.loads(await socket.recv())
        assert (refusal["id"], refusal["type"]) == ("2", "error")
        assert refusal["payload"][0]["extensions"] == {"code": "TOO_MANY_SUBSCRIPTIONS"}
        await socket.send(json.dumps({"id": "0", "type": "complete"}))
        await wait_until(lambda: app.state.streams.metrics.subscribers == 1)
        await subscribe(socket, "query", "{ __typename }")
        assert json.loads(await socket.recv())["type"] == "next"


async def test_large_variables_which_a_stream_would_keep_are_refused(api: ApiClient) -> None:
    feed = "subscription ($ids: [ID!]) { orderFeed(filter: {ids: $ids}) { sequence } }"
    payload = {"query": feed, "variables": {"ids": ["a"] * 5_000}}
    async with api.socket() as socket, asyncio.timeout(_TIMEOUT):
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        refusal = json.loads(await socket.recv())
    streamed = await api.http.post("/graphql", json=payload, headers=_EVENT_STREAM)

    assert streamed.status_code == 422
    for [error] in (refusal["payload"], streamed.json()["errors"]):
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}
        assert "must not exceed 16384 bytes" in error["message"]


async def test_an_idle_socket_does_not_keep_its_last_message_in_memory(api: ApiClient) -> None:
    def is_kept() -> bool:
        lists = [each for each in gc.get_objects() if type(each) is list]
        return any(type(entry) is str and entry == _PAYLOAD for each in lists for entry in each[:1])

    async with api.socket() as socket, asyncio.timeout(_TIMEOUT):
        await socket.send(f'{{"type": "ping", "payload": {{"of the client": ["{_PAYLOAD}"]}}}}')
        assert json.loads(await socket.recv()) == {"type": "pong"}
        await wait_until(lambda: not is_kept())


async def test_a_connection_over_the_limit_is_asked_to_retry(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, max_connections=1)
    protocol = Subprotocol("graphql-transport-ws")
    async with served(app) as client, asyncio.timeout(_TIMEOUT):
        async with client.socket():
            async with connect(client.websocket_url, subprotocols=[protocol]) as second:
                await second.wait_closed()
                assert second.close_code == 1013
            answer = await client.http.post(
                "/graphql", json={"query": _FEED}, headers=_EVENT_STREAM
            )
            assert answer.status_code == 503
            [error] = answer.json()["errors"]
            assert error["extensions"] == {"code": "TOO_MANY_CONNECTIONS"}
            assert (await client.data("{ __typename }")) == {"__typename": "Query"}
        async with client.socket():
            pass


async def test_a_socket_without_connection_init_is_closed(
    engine: AsyncEngine, orders: OrderClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gql.http.view.CONNECTION_INIT_TIMEOUT", timedelta(seconds=0.1))
    protocol = Subprotocol("graphql-transport-ws")
    async with (
        served(make_app(engine, orders)) as client,
        connect(client.websocket_url, subprotocols=[protocol]) as socket,
        asyncio.timeout(_TIMEOUT),
    ):
        await socket.wait_closed()
        assert socket.close_code == 4408


async def test_a_client_that_does_not_read_is_disconnected_and_delays_no_other(
    engine: AsyncEngine,
    orders: OrderClient,
    api: ApiClient,
    new_order: Json,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cli.service.server._WRITE_TIMEOUT", 0.5)
    order_id = new_order["id"]
    await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
    await api.reaches(order_id, "COMPLETED")
    # About 50 kB per event, to fill the buffers of both sockets.
    fields = " ".join(f"{'m' * 2000}{number}: message" for number in range(25))
    query = f'subscription {{ orderEvents(orderId: "{order_id}") {{ {fields} }} }}'
    app = make_app(engine, orders)
    async with served(app) as client, client.socket() as socket, asyncio.timeout(_TIMEOUT):
        socket.transport.pause_reading()
        own = socket.transport.get_extra_info("socket")
        own.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        for number in range(100):
            await subscribe(socket, str(number), query)
        await wait_until(lambda: app.state.streams.metrics.subscribers > 0)
        messages = await client.watch(operations.ORDER_EVENTS, orderId=order_id)
        assert len(messages) == 10
        await wait_until(lambda: app.state.streams.metrics.dropped == 1)
        await wait_until(lambda: app.state.streams.metrics.subscribers == 0)
        socket.transport.abort()


async def test_a_feed_that_falls_too_far_behind_is_asked_to_reconnect(
    engine: AsyncEngine, orders: OrderClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gql.streams.feed.FeedBuffer.read", lambda *_: None)
    app = make_app(engine, orders)
    async with served(app) as client, asyncio.timeout(_TIMEOUT):
        async with client.socket() as socket:
            await subscribe(socket, "1", _FEED)
            await socket.wait_closed()
            assert socket.close_code == 1013
        answer = await client.http.post("/graphql", json={"query": _FEED}, headers=_EVENT_STREAM)
        assert "complete" not in answer.text
        assert app.state.streams.metrics.dropped == 2


class Server(ApiServer):
    """Leaves the signal handlers of the test process alone."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:  # ruff: ignore[no-self-use] - uvicorn calls it so
        yield


async def test_clients_of_a_server_that_shuts_down_resume_at_another(
    api: ApiClient,
    engine: AsyncEngine,
    orders: OrderClient,
    new_order: Json,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # It would change the garbage collector of the test process for good.
    monkeypatch.setattr("cli.service.server.reduce_gc_work", lambda: None)
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    query = f'subscription {{ orderEvents(orderId: "{order_id}") {{ sequence }} }}'
    lines: list[str] = []

    async def read(url: str) -> None:
        async with (
            httpx.AsyncClient() as http,
            http.stream("POST", url, json={"query": query}, headers=_EVENT_STREAM) as response,
        ):
            async for line in response.aiter_lines():
                lines.append(line)  # ruff: ignore[manual-list-comprehension] - looked at meanwhile

    async with asyncio.timeout(_TIMEOUT), AsyncExitStack() as sockets:
        app = make_app(engine, orders)
        async with served(app, Server(app, host="127.0.0.1", port=0)) as client:
            socket = await sockets.enter_async_context(client.socket())
            await subscribe(socket, "1", query)
            frames = [json.loads(await socket.recv()) for _ in range(3)]
            reading = asyncio.create_task(read(f"{client.http.base_url}/graphql"))
            await wait_until(lambda: lines.count("event: next") == 3)
        await socket.wait_closed()
        await reading
        assert [frame["type"] for frame in frames] == ["next"] * 3
        assert socket.close_code == 1012
        assert "event: complete" not in lines
        await api.approve(order_id)
        rest = await api.watch(operations.ORDER_EVENTS, orderId=order_id, afterSequence=3)
    assert len(rest) == 8
