"""The GraphQL endpoint: POST, GET for queries, WebSocket and server-sent events."""

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
from gql.http.graphql_over_http import HttpView
from gql.http.request_errors import is_request_error
from gql.http.request_parser import HttpError
from gql.http.websocket import SocketAdapter, TransportHandler
from gql.schema import schema
from gql.streams.interruption import TRY_AGAIN_LATER, interruption

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
        self.page = playground_page() if playground else None

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

    async def execute_operation(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - Strawberry's
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: Context,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult | list[ExecutionResult] | SubscriptionExecutionResult:
        """Begin a subscription, or execute all else: it is the same to who takes it as a stream."""
        assert isinstance(request_data, GraphQLRequestData)  # ruff: ignore[assert] - no batches
        if request_data.protocol == "sse":
            if self._is_full:
                raise HttpError(503, _TOO_MANY, ErrorCode.TOO_MANY_CONNECTIONS)
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
        """Answer with a stream, and count it for as long as it lasts."""

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


async def _stream_of(  # ruff: ignore[unused-async] - what reads it reads streams
    result: ExecutionResult,
) -> AsyncGenerator[ExecutionResult]:
    yield result
