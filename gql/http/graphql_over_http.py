"""Adapts Strawberry's view to the GraphQL-over-HTTP specification.

A response omits ``data`` if execution never began. ``status.py`` has the status codes.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import orjson
from cross_web import StarletteRequestAdapter
from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, process_result

from gql.context import Context
from gql.errors import ErrorCode, RequestError, RequestRejected, masked_error
from gql.http.disconnects import ClientDisconnected, cancel_on_disconnect
from gql.http.negotiation import GRAPHQL_RESPONSE, accepts_html, negotiate
from gql.http.request_errors import is_request_error
from gql.http.request_parser import HttpError, read_request
from gql.http.status import status_and_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cross_web import AsyncHTTPRequestAdapter
    from starlette.types import Receive, Scope, Send
    from starlette.websockets import WebSocket
    from strawberry.http import GraphQLRequestData
    from strawberry.types import ExecutionResult

    from gql.context import Services
    from gql.http.negotiation import AcceptedTypes

_ALLOWED_METHODS = {"allow": "GET, POST"}
_DOCUMENT_PARAMETERS = frozenset({"query", "documentId", "extensions"})


class RequestAdapter(StarletteRequestAdapter):
    """Strawberry's adapter, which keeps the underlying request private."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request


class GraphQLOverHttpView(GraphQL[Context, None]):
    """Strawberry's view with strict request parsing, content negotiation, statuses and errors."""

    request_adapter_class = RequestAdapter
    services: Services
    playground: Callable[[], Response] | None
    """Makes the response for a browser. None if the playground is disabled."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to every failure with a GraphQL error."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.media_type = GRAPHQL_RESPONSE
        request.state.is_legacy = False
        try:
            response = await self._respond(request)
        except HttpError as http_error:
            error = RequestError(http_error.code, str(http_error))
            response = _error_response(request, error, http_error.status, http_error.headers)
        except RequestError as error:
            response = _error_response(request, error)
        except ClientDisconnected:
            return
        except Exception as cause:  # ruff: ignore[blind-except] - masked: the client gets an ID
            response = _error_response(request, masked_error(cause, "the request"))
        if response.status_code >= HTTPStatus.BAD_REQUEST and request.state.is_legacy:
            # An error in application/json could come from any proxy. This type marks it as GraphQL.
            response.headers["content-type"] = _with_charset(GRAPHQL_RESPONSE)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method not in {"GET", "POST"}:
            raise HttpError(405, "Use POST or GET.", ErrorCode.METHOD_NOT_ALLOWED, _ALLOWED_METHODS)
        accept = ", ".join(request.headers.getlist("accept"))
        has_document = request.method == "POST" or not _DOCUMENT_PARAMETERS.isdisjoint(
            request.query_params
        )
        if not has_document and accepts_html(accept):
            if self.playground is None:
                raise HttpError(404, "The playground is disabled on this server.")
            return self.playground()
        accepted = negotiate(accept)
        if accepted is None:
            raise HttpError(
                406,
                "Accept application/graphql-response+json, application/json or text/event-stream.",
                ErrorCode.NOT_ACCEPTABLE,
            )
        request.state.media_type = accepted.json_type or GRAPHQL_RESPONSE
        request.state.is_legacy = accepted.is_legacy
        request.state.accepted = accepted
        return await self.run(request)

    def should_render_graphql_ide(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self,
        request: object,  # ruff: ignore[unused-method-argument] - Strawberry's signature
    ) -> bool:
        """Return False: the playground has been served before."""
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """Read the request, and select server-sent events for an accepted subscription."""
        http_request = cast("RequestAdapter", request).request
        trusted = self.services.document_preparer.trusted
        data = await read_request(http_request, self.services.settings, trusted)
        accepted: AcceptedTypes = http_request.state.accepted
        if accepted.accepts_stream and self._operation_type(data) is OperationType.SUBSCRIPTION:
            data.protocol = "sse"
        return data

    def _operation_type(self, data: GraphQLRequestData) -> OperationType | None:
        """Return None for an invalid document. Its errors are reported when it is executed."""
        try:
            prepared = self.services.document_preparer.prepare(
                data.query or "", data.operation_name, data.variables
            )
        except RequestRejected:
            return None
        return prepared.operation.operation

    async def execute_single(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - Strawberry's
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Context,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Execute an operation, and cancel it if the client disconnects, unless it is a mutation.

        A mutation runs to its end, so that its effects are never left half done.
        """

        def is_cancellable() -> bool:
            return self._operation_type(request_data) is not OperationType.MUTATION

        async with cancel_on_disconnect(request, is_cancellable=is_cancellable):
            return await super().execute_single(
                request, request_adapter, sub_response, context, root_value, request_data
            )

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Pass the negotiated media type on to ``create_response``."""
        response = await super().get_sub_response(request)
        response.media_type = getattr(request.state, "media_type", None)
        return response

    async def process_result(
        self,
        request: Request,  # ruff: ignore[unused-method-argument] - Strawberry's signature
        result: ExecutionResult,
    ) -> GraphQLHTTPResponse:
        """Omit ``data`` if execution never began."""
        self.services.admission.observe(result)
        payload = process_result(result)
        if is_request_error(result):
            del payload["data"]
        return payload

    def create_response(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        return _response(response_data, str(sub_response.media_type))


def _error_response(
    request: Request,
    error: RequestError,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    payload = {"errors": [error.formatted]}
    return _response(payload, request.state.media_type, status=status, headers=headers)


def _response(
    payload: Any,  # ruff: ignore[any-type] - any JSON value
    media_type: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    default_status, default_headers = status_and_headers(payload, media_type)
    return Response(
        orjson.dumps(payload),
        status_code=status or default_status,
        headers={"vary": "accept", **default_headers, **(headers or {})},
        media_type=_with_charset(media_type),
    )


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8"
