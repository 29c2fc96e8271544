"""The GraphQL endpoint: adds WebSockets and server-sent events to GraphQL over HTTP."""

from __future__ import annotations

from contextlib import aclosing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import orjson
from starlette.responses import StreamingResponse
from starlette.websockets import WebSocket
from strawberry.http import GraphQLRequestData
from strawberry.http.streaming import merge_stream_with_heartbeat
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL

from gql.context import Context
from gql.errors import ErrorCode
from gql.http.dashboard import playground_page
from gql.http.graphql_over_http import GraphQLOverHttpView
from gql.http.request_errors import is_request_error
from gql.http.request_parser import HttpError
from gql.http.websocket import TransportWSHandler, WebSocketAdapter
from gql.schema import schema
from gql.streams.errors import TRY_AGAIN_LATER, interruption

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence

    from cross_web import AsyncHTTPRequestAdapter
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send
    from strawberry.http.streaming import AsyncTextStream, HTTPStreamTransport
    from strawberry.types import ExecutionResult
    from strawberry.types.execution import SubscriptionExecutionResult

    from gql.context import Services

CONNECTION_INIT_TIMEOUT = timedelta(seconds=10)
"""How long a WebSocket may stay open without connection_init."""

_TOO_MANY_CONNECTIONS = "The server is at its connection limit. Reconnect in a moment."


class GraphQLView(GraphQLOverHttpView):
    """Serves the schema over every transport, and limits the number of long-lived connections."""

    graphql_transport_ws_handler_class = TransportWSHandler
    websocket_adapter_class = WebSocketAdapter  # type: ignore[assignment] # Strawberry's own type

    def __init__(
        self, services: Services, *, playground: bool, allowed_origins: Sequence[str]
    ) -> None:
        """``allowed_origins``: other origins whose pages may open WebSockets."""
        super().__init__(
            schema,
            graphql_ide=None,  # the project has its own
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            allowed_origins=allowed_origins,
            connection_init_wait_timeout=CONNECTION_INIT_TIMEOUT,
            max_subscriptions_per_connection=services.settings.max_subscriptions,
        )
        self.services = services
        self._connections = 0
        self.playground = playground_page() if playground else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_websocket(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """At the limit, accept and close the WebSocket with a code that makes clients reconnect."""
        if self._at_connection_limit:
            socket = WebSocket(scope, receive, send)
            await socket.accept(subprotocol=await self.pick_websocket_subprotocol(socket))
            await socket.close(TRY_AGAIN_LATER, _TOO_MANY_CONNECTIONS)
            return
        self._connections += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._connections -= 1

    @property
    def _at_connection_limit(self) -> bool:
        return self._connections >= self.services.settings.max_connections

    async def execute_operation(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - Strawberry's
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: Context,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult | list[ExecutionResult] | SubscriptionExecutionResult:
        """Start a subscription or execute another operation, which may be streamed too."""
        assert isinstance(request_data, GraphQLRequestData)  # ruff: ignore[assert] - no batches
        if request_data.protocol == "sse":
            if self._at_connection_limit:
                raise HttpError(503, _TOO_MANY_CONNECTIONS, ErrorCode.TOO_MANY_CONNECTIONS)
            return await super().execute_operation(
                request, request_adapter, request_data, context, root_value, sub_response
            )
        result = await self.execute_single(
            request, request_adapter, sub_response, context, root_value, request_data
        )
        if not request.state.accepted.prefers_stream or is_request_error(result):
            return result
        request_data.protocol = "sse"
        return cast("SubscriptionExecutionResult", _stream_of(result))

    async def create_streaming_response(
        self,
        request: Request | WebSocket,  # ruff: ignore[unused-method-argument] - Strawberry's signature
        stream: Callable[[], AsyncIterator[str]],
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """Count the stream as a connection until it ends."""

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
        """Like Strawberry's, but omit ``complete`` after an interruption, so clients resume."""

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
        """Return the connection's context. Each operation derives its own from it."""
        return Context(self.services, request)

    def decode_json(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self, data: str | bytes
    ) -> object:
        """Parse strictly: Strawberry's parser also accepts NaN and other encodings than UTF-8."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:  # ruff: ignore[no-self-use] - Strawberry calls it so
        """Return str: bytes would turn WebSocket frames binary."""
        return orjson.dumps(data).decode()


async def _stream_of(  # ruff: ignore[unused-async] - Strawberry reads async generators
    result: ExecutionResult,
) -> AsyncGenerator[ExecutionResult]:
    yield result
