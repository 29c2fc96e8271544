"""The GraphQL endpoint: HTTP by our own code, WebSockets by Strawberry's view."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
from starlette.requests import Request
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from gql.context import Context
from gql.http.dashboard import playground_page
from gql.http.event_stream import encode_json
from gql.http.graphql_over_http import TOO_MANY_CONNECTIONS, GraphQLOverHttp
from gql.http.websocket import TransportWSHandler, WebSocketAdapter
from gql.schema import schema
from gql.streams.errors import TRY_AGAIN_LATER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from gql.context import Services

CONNECTION_INIT_TIMEOUT = timedelta(seconds=10)
"""How long a WebSocket may stay open without connection_init."""


class GraphQLView(GraphQL[Context, None]):
    graphql_transport_ws_handler_class = TransportWSHandler
    websocket_adapter_class = WebSocketAdapter

    def __init__(
        self, services: Services, *, playground: bool, allowed_origins: Sequence[str]
    ) -> None:
        """``allowed_origins``: other origins whose pages may open WebSockets."""
        super().__init__(
            schema,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            allowed_origins=allowed_origins,
            connection_init_wait_timeout=CONNECTION_INIT_TIMEOUT,
            max_subscriptions_per_connection=services.settings.max_subscriptions,
        )
        self._services = services
        self._http = GraphQLOverHttp(services, playground_page() if playground else None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_websocket(scope, receive, send)
        elif response := await self._http.respond(Request(scope, receive)):
            await response(scope, receive, send)

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """At the limit, accept and close the WebSocket with a code that makes clients reconnect."""
        admission = self._services.admission
        if not admission.accepts_connections:
            socket = WebSocket(scope, receive, send)
            await socket.accept(subprotocol=await self.pick_websocket_subprotocol(socket))
            await socket.close(TRY_AGAIN_LATER, TOO_MANY_CONNECTIONS)
            return
        with admission.connection():
            await super().__call__(scope, receive, send)

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # ruff: ignore[unused-method-argument] - Strawberry's signature
    ) -> Context:
        """Return the connection's context. Each operation derives its own from it."""
        return Context(self._services, request)

    def decode_json(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self, data: str | bytes
    ) -> object:
        """Parse strictly: Strawberry's parser also accepts NaN and other encodings than UTF-8."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:  # ruff: ignore[no-self-use] - Strawberry calls it so
        """Return str: bytes would turn WebSocket frames binary."""
        return encode_json(data)
