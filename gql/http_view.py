"""GraphQL over HTTP: the specification's words made a view.

=====================================  =======================  =================================
what happens                           application/json         application/graphql-response+json
=====================================  =======================  =================================
data, in part or in whole              200                      200
the request is not well formed         400, 405, 406, 413, 415  the same
the document cannot be executed        200                      400
a mutation by GET                      405                      405
too many requests, or too slow         429, 504                 the same
=====================================  =======================  =================================

An answer without ``data`` is one whose execution never began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import orjson
from cross_web import StarletteRequestAdapter
from graphql import OperationType
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.types.execution import PreExecutionError

from gql.context import Context
from gql.documents import ALL_KINDS, SAFE_KINDS, Refused
from gql.errors import ErrorCode, RequestError, masked_error
from gql.http_negotiation import GRAPHQL_RESPONSE, accepted, wants_page
from gql.http_request import HttpRefusal, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cross_web import AsyncHTTPRequestAdapter
    from starlette.types import Receive, Scope, Send
    from starlette.websockets import WebSocket
    from strawberry.http import GraphQLRequestData
    from strawberry.types import ExecutionResult

    from gql.context import Services
    from gql.http_negotiation import Accepted

# The page is whole: it loads nothing, and may talk to nobody but this server.
_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline';"
    " script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
}
_METHODS = {"allow": "GET, POST"}
_RETRY_AFTER = "1"  # seconds
_STATUS: dict[object, int] = {
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.TOO_MANY_REQUESTS: 429,
    ErrorCode.REQUEST_TIMEOUT: 504,
}
"""Of the answers that are no GraphQL response of their own: these are so in any media type."""

_HEADERS: dict[object, dict[str, str]] = {
    ErrorCode.METHOD_NOT_ALLOWED: {"allow": "POST"},
    ErrorCode.TOO_MANY_REQUESTS: {"retry-after": _RETRY_AFTER},
}
_FAILED: dict[object, int] = {
    ErrorCode.INTERNAL_SERVER_ERROR: 500,
    ErrorCode.SERVICE_UNAVAILABLE: 503,
}
_DOCUMENT = frozenset({"query", "documentId", "extensions"})


class Adapter(StarletteRequestAdapter):
    """What Strawberry sees of a request. It shows the whole of it to nobody."""

    def __init__(self, request: Request) -> None:
        """Keep the request."""
        super().__init__(request)
        self.asked = request


class HttpView(GraphQL[Context, None]):
    """Strawberry's view, but for what HTTP says and what a wrong request is told."""

    request_adapter_class = Adapter
    services: Services
    page: str | None
    """The playground, where there is one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the shape of every other answer, whatever happens."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.media_type = GRAPHQL_RESPONSE
        try:
            response = await self._answer(request)
        except HttpRefusal as refusal:
            error = RequestError(refusal.code, str(refusal))
            response = _refused(request, error, refusal.status, refusal.headers)
        except RequestError as error:
            response = _refused(request, error)
        except Exception as cause:  # ruff: ignore[blind-except] - of any other, the client gets an id
            response = _refused(request, masked_error(cause, "the request"), status=500)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "POST"}:
            raise HttpRefusal(
                405, "GraphQL goes by POST or GET.", ErrorCode.METHOD_NOT_ALLOWED, _METHODS
            )
        header = ", ".join(request.headers.getlist("accept"))
        asks = request.method == "POST" or not _DOCUMENT.isdisjoint(request.query_params)
        if not asks and wants_page(header):
            if self.page is None:
                raise HttpRefusal(404, "There is no page here.")
            return HTMLResponse(self.page, headers=_PAGE_HEADERS)
        taken = accepted(header)
        if taken is None:
            raise HttpRefusal(
                406,
                "Answers are application/graphql-response+json, application/json,"
                " or text/event-stream.",
                ErrorCode.NOT_ACCEPTABLE,
            )
        request.state.media_type = taken.answer or GRAPHQL_RESPONSE
        request.state.accepted = taken
        return await self.run(request)

    def should_render_graphql_ide(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self,
        request: object,  # ruff: ignore[unused-method-argument] - Strawberry's signature
    ) -> bool:
        """Say no: who wants the page has got it."""
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """Read a request, and decide whether its answer is a stream."""
        asked = cast("Adapter", request).asked
        documents = self.services.documents
        data = await read_request(asked, self.services.settings, documents.trusted)
        if self._is_streamed(data, asked):
            data.protocol = "sse"
        return data

    def _is_streamed(self, data: GraphQLRequestData, asked: Request) -> bool:
        taken: Accepted = asked.state.accepted
        if not taken.stream:
            return False
        kinds = ALL_KINDS if asked.method == "POST" else SAFE_KINDS
        try:
            prepared = self.services.documents.prepare(
                data.query or "", data.operation_name, data.variables, kinds
            )
        except Refused:
            return False  # before there is a stream, an error can still have its status
        is_subscription = prepared.operation.operation is OperationType.SUBSCRIPTION
        return is_subscription or taken.prefers_stream

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Remember the media type until there is something to send."""
        response = await super().get_sub_response(request)
        response.media_type = getattr(request.state, "media_type", None)
        return response

    async def process_result(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self,
        request: Request,  # ruff: ignore[unused-method-argument] - Strawberry's signature
        result: ExecutionResult,
    ) -> GraphQLHTTPResponse:
        """Leave ``data`` out where nothing was executed."""
        payload = process_result(result)
        began = not isinstance(result, PreExecutionError) and (
            not result.errors or any(error.path for error in result.errors)
        )
        if result.data is None and not began:
            del payload["data"]
        return payload

    def create_response(  # ruff: ignore[no-self-use] - as above
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        """Send an answer with the status that its media type asks for."""
        return _response(response_data, str(sub_response.media_type))


def _refused(
    request: Request,
    error: RequestError,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    payload = {"errors": [error.formatted]}
    return _response(payload, request.state.media_type, status=status, headers=headers)


def _response(
    payload: Any,  # ruff: ignore[any-type] - whatever JSON can say
    media_type: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    codes = [] if "data" in payload else [_code(error) for error in payload["errors"]]
    known = next((code for code in codes if code in _HEADERS), None)
    return Response(
        orjson.dumps(payload),
        status_code=status or _status(codes, media_type),
        headers={"vary": "accept", **_HEADERS.get(known, {}), **(headers or {})},
        media_type=f"{media_type}; charset=utf-8",
    )


def _status(codes: list[object], media_type: str) -> int:
    if not codes:
        return 200
    for statuses in (_STATUS, _FAILED if media_type == GRAPHQL_RESPONSE else {}):
        for code in codes:
            if code in statuses:
                return statuses[code]
    return 400 if media_type == GRAPHQL_RESPONSE else 200


def _code(error: Mapping[str, Any]) -> object:
    return (error.get("extensions") or {}).get("code")
