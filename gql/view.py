"""The GraphQL endpoint: POST, GET for queries, WebSocket and server-sent events."""

from __future__ import annotations

from contextlib import aclosing
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import orjson
from starlette.responses import JSONResponse, StreamingResponse
from starlette.websockets import WebSocket
from strawberry.http.streaming import merge_stream_with_heartbeat
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL

from gql.context import Context
from gql.errors import ErrorCode
from gql.http_view import HttpView
from gql.schema import schema
from gql.streams.interruption import TRY_AGAIN_LATER, interruption
from gql.websocket import SocketAdapter, TransportHandler

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send
    from strawberry.http.streaming import AsyncTextStream, HTTPStreamTransport
    from strawberry.types.execution import SubscriptionExecutionResult

    from gql.context import Services

INIT_WITHIN = timedelta(seconds=10)
"""How long a WebSocket may stay open without connection_init."""

_TOO_MANY = "This process has as many connections as it keeps open. Try again."


class OrdersView(HttpView):
    """Strawberry's view, for one schema."""

    graphql_transport_ws_handler_class = TransportHandler
    websocket_adapter_class = SocketAdapter  # type: ignore[assignment] # as Strawberry has it

    def __init__(
        self, services: Services, *, playground: bool, allowed_origins: Sequence[str]
    ) -> None:
        """``allowed_origins`` may open WebSockets from pages elsewhere."""
        super().__init__(
            schema,
            graphql_ide=None,  # the page is one of our own
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            allowed_origins=allowed_origins,
            connection_init_wait_timeout=INIT_WITHIN,
            max_subscriptions_per_connection=services.settings.max_subscriptions,
        )
        self.services = services
        self._connections = 0
        self.page = None
        if playground:
            self.page = files("gql").joinpath("playground.html").read_text(encoding="utf-8")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count sockets; the rest is HTTP's."""
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket, or close it with a code that has its client try again."""
        if self._is_full:
            socket = WebSocket(scope, receive, send)
            await socket.accept(subprotocol=await self.pick_websocket_subprotocol(socket))
            await socket.close(TRY_AGAIN_LATER, _TOO_MANY)
            return
        self._connections += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._connections -= 1

    @property
    def _is_full(self) -> bool:
        return self._connections >= self.services.settings.max_connections

    async def create_streaming_response(
        self,
        request: Request | WebSocket,  # ruff: ignore[unused-method-argument] - Strawberry's signature
        stream: Callable[[], AsyncIterator[str]],
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """Answer with a stream, or refuse to by a code."""
        if self._is_full:
            problem = {
                "message": _TOO_MANY,
                "extensions": {"code": ErrorCode.TOO_MANY_CONNECTIONS},
            }
            return JSONResponse({"errors": [problem]}, status_code=503)

        async def counted() -> AsyncGenerator[str]:
            self._connections += 1
            try:
                async for part in stream():
                    yield part
            finally:
                self._connections -= 1

        return StreamingResponse(counted(), headers={**sub_response.headers, **headers})

    def _stream_result(
        self,
        request: Request,
        result: SubscriptionExecutionResult,
        transport: HTTPStreamTransport,
    ) -> AsyncTextStream:
        """As the stock one, but that a stream which was interrupted is not complete."""

        async def stream() -> AsyncGenerator[str]:
            pending: list[Any] = []
            async with aclosing(cast("AsyncGenerator[object]", result)) as values:
                async for value in values:
                    if interruption(value):
                        return
                    response, pending = await self._process_stream_result(request, value, pending)
                    yield transport.encode_next(response, self.encode_json)  # ruff: ignore[yield-in-context-manager-in-async-generator] - a task runs it to its end, or is dropped with it
            yield transport.encode_complete()

        return merge_stream_with_heartbeat(
            stream,
            lambda: transport.heartbeat_message(self.encode_json),
            interval=transport.heartbeat_interval,
            send_initial_heartbeat=transport.send_initial_heartbeat,
        )

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # ruff: ignore[unused-method-argument] - Strawberry's signature
    ) -> Context:
        """Begin with nothing read; each operation then gets one of its own."""
        return Context(self.services, request)

    def decode_json(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self, data: str | bytes
    ) -> object:
        """Read strict JSON in UTF-8."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:  # ruff: ignore[no-self-use] - as above
        """Write text: bytes would turn WebSocket frames binary."""
        return orjson.dumps(data).decode()
