"""The GraphQL endpoint: POST, GET for queries, WebSocket and server-sent events."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL

from gql.context import Context
from gql.errors import ErrorCode
from gql.schema import schema
from gql.websocket import TransportHandler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cross_web import AsyncHTTPRequestAdapter
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send
    from starlette.websockets import WebSocket
    from strawberry.http import GraphQLRequestData

    from gql.context import Services

# The page is whole: it loads nothing, and may talk to nobody but this server.
_PLAYGROUND_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'"
}


class OrdersView(GraphQL[Context, None]):
    """Strawberry's view, for one schema."""

    graphql_transport_ws_handler_class = TransportHandler

    def __init__(
        self, services: Services, *, playground: bool, allowed_origins: Sequence[str]
    ) -> None:
        """``allowed_origins`` may open WebSockets from pages elsewhere."""
        super().__init__(
            schema,
            graphql_ide="graphiql" if playground else None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            allowed_origins=allowed_origins,
        )
        self._services = services
        self._playground = files("gql").joinpath("playground.html").read_text(encoding="utf-8")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a wrong request in the shape of every other answer."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            response: Response = await self.run(Request(scope, receive))
        except HTTPException as error:
            problem = {
                "message": error.reason,
                "extensions": {"code": ErrorCode.BAD_USER_INPUT},
            }
            response = JSONResponse({"errors": [problem]}, status_code=error.status_code)
        await response(scope, receive, send)

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # ruff: ignore[unused-method-argument] - Strawberry's signature
    ) -> Context:
        """Begin with nothing read; each operation then gets one of its own."""
        return Context(self._services, request)

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """Read a request, or refuse one of the wrong types."""
        data = await super().parse_http_body(request)
        if not isinstance(data, list) and not isinstance(data.operation_name, str | None):
            raise HTTPException(400, "operationName must be a string or null.")
        return data

    def parse_json(self, data: str | bytes) -> Any:  # ruff: ignore[any-type] - whatever JSON can say
        """Read JSON; a request's body, which comes as bytes, has to be an object."""
        value = super().parse_json(data)
        if isinstance(data, bytes) and not isinstance(value, dict | list):
            raise HTTPException(400, "The request's body must be a JSON object.")
        return value

    def decode_json(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self, data: str | bytes
    ) -> object:
        """Read strict JSON in UTF-8."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:  # ruff: ignore[no-self-use] - as above
        """Write text: bytes would turn WebSocket frames binary."""
        return orjson.dumps(data).decode()

    async def render_graphql_ide(
        self,
        request: Request,  # ruff: ignore[unused-method-argument] - Strawberry's signature
    ) -> Response:
        """Show the playground."""
        return HTMLResponse(self._playground, headers=_PLAYGROUND_HEADERS)
