"""Serves the API on a real socket, and sends requests to it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from cli.service.server import server_config
from tests.support import operations
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.applications import Starlette
    from websockets.asyncio.client import ClientConnection

Json = dict[str, Any]

_TIMEOUT = 30.0  # seconds


class ApiClient:
    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx.AsyncClient(base_url=f"http://{address}", timeout=_TIMEOUT)
        self.websocket_url = f"ws://{address}/graphql"

    async def send(self, query: str, **variables: object) -> Json:
        """Return the whole response, including errors."""
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        answer: Json = response.json()
        return answer

    async def data(self, query: str, **variables: object) -> Json:
        """Return the data of a response, which must have no errors."""
        answer = await self.send(query, **variables)
        assert "errors" not in answer, answer
        data: Json = answer["data"]
        return data

    async def field(self, query: str, **variables: object) -> Any:
        """Return the only field that the operation selects."""
        [value] = (await self.data(query, **variables)).values()
        return value

    async def start(self, given: Json) -> Any:
        return await self.field(operations.START_ORDER, input=given)

    async def order(self, order_id: str) -> Any:
        return await self.field(operations.ORDER, id=order_id)

    async def approve(self, order_id: str, **given: object) -> Any:
        return await self.field(operations.APPROVE, input={"orderId": order_id, **given})

    async def reaches(self, order_id: str, *states: str) -> Any:
        """Wait until the order is in one of these states, and return it."""

        async def reached() -> bool:
            order = await self.field(operations.STATE, id=order_id)
            return order is not None and order["state"] in states

        await wait_until(reached, timeout=_TIMEOUT)
        return await self.order(order_id)

    @asynccontextmanager
    async def socket(self) -> AsyncGenerator[ClientConnection]:
        """Open a WebSocket and complete the handshake of the protocol."""
        protocol = Subprotocol("graphql-transport-ws")
        async with connect(self.websocket_url, subprotocols=[protocol]) as socket:
            await socket.send('{"type": "connection_init"}')
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            yield socket

    @asynccontextmanager
    async def watching(self, query: str, **variables: object) -> AsyncGenerator[Watch]:
        """Subscribe over a new WebSocket."""
        async with self.socket() as socket:
            payload = {"query": query, "variables": variables}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            yield Watch(socket)

    async def watch(self, query: str, **variables: object) -> list[Json]:
        """Subscribe, and return all messages until the subscription ends."""
        async with self.watching(query, **variables) as watch:
            return [message async for message in watch]


class Watch:
    """Iterates over the messages of a subscription until it ends."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ended = False

    def drop(self) -> None:
        """Abort the connection without closing it."""
        self._socket.transport.abort()

    def __aiter__(self) -> Watch:
        return self

    async def __anext__(self) -> Json:
        if self._ended:
            raise StopAsyncIteration
        message: Json = json.loads(await self._socket.recv())
        self._ended = message["type"] in {"complete", "error"}
        return message


@asynccontextmanager
async def served(app: Starlette, server: uvicorn.Server | None = None) -> AsyncGenerator[ApiClient]:
    """Serve an application on a free port.

    Close its streams on exit, unless the caller passes a server, which must close them itself.
    """
    own = server is None
    server = server or uvicorn.Server(server_config(app, host="127.0.0.1", port=0))
    serving = asyncio.create_task(server.serve())
    try:
        await wait_until(lambda: server.started, timeout=_TIMEOUT, interval=0.005)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        client = ApiClient(f"{host}:{port}")
        async with client.http:
            yield client
    finally:
        if own:
            app.state.streams.close()
        server.should_exit = True
        await serving
