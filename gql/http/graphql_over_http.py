"""GraphQL over HTTP: the specification's words made a view.

An answer without ``data`` is one whose execution never began. ``http_status`` has the statuses.
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
from gql.http.disconnects import ClientGone, cancel_on_disconnect
from gql.http.negotiation import GRAPHQL_RESPONSE, accepted, wants_page
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
    from gql.http.negotiation import Accepted

_METHODS = {"allow": "GET, POST"}
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
    page: Callable[[], Response] | None
    """Makes what a browser gets, where there is a playground."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the shape of every other answer, whatever happens."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.media_type = GRAPHQL_RESPONSE
        request.state.is_legacy = False
        try:
            response = await self._answer(request)
        except HttpError as refusal:
            error = RequestError(refusal.code, str(refusal))
            response = _refused(request, error, refusal.status, refusal.headers)
        except RequestError as error:
            response = _refused(request, error)
        except ClientGone:
            return
        except Exception as cause:  # ruff: ignore[blind-except] - of any other, the client gets an id
            response = _refused(request, masked_error(cause, "the request"))
        if response.status_code >= HTTPStatus.BAD_REQUEST and request.state.is_legacy:
            # What is no answer in JSON may be anybody's, unless it says that it is of GraphQL.
            response.headers["content-type"] = _with_charset(GRAPHQL_RESPONSE)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "POST"}:
            raise HttpError(
                405, "GraphQL goes by POST or GET.", ErrorCode.METHOD_NOT_ALLOWED, _METHODS
            )
        header = ", ".join(request.headers.getlist("accept"))
        asks = request.method == "POST" or not _DOCUMENT.isdisjoint(request.query_params)
        if not asks and wants_page(header):
            if self.page is None:
                raise HttpError(404, "There is no page here.")
            return self.page()
        taken = accepted(header)
        if taken is None:
            raise HttpError(
                406,
                "Answers are application/graphql-response+json, application/json,"
                " or text/event-stream.",
                ErrorCode.NOT_ACCEPTABLE,
            )
        request.state.media_type = taken.answer or GRAPHQL_RESPONSE
        request.state.is_legacy = taken.is_legacy
        request.state.accepted = taken
        return await self.run(request)

    def should_render_graphql_ide(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self,
        request: object,  # ruff: ignore[unused-method-argument] - Strawberry's signature
    ) -> bool:
        """Say no: who wants the page has got it."""
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """Read a request, and decide whether it is for a stream of events."""
        asked = cast("Adapter", request).asked
        documents = self.services.documents
        data = await read_request(asked, self.services.settings, documents.trusted)
        taken: Accepted = asked.state.accepted
        if taken.stream and self._kind(data) is OperationType.SUBSCRIPTION:
            data.protocol = "sse"
        return data

    def _kind(self, data: GraphQLRequestData) -> OperationType | None:
        """Tell what is asked for; None where it is wrong, which is told in its time."""
        try:
            prepared = self.services.documents.prepare(
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
        """Execute a query for as long as its client waits, and a mutation to its end.

        What a mutation has begun is stored: half of it would help nobody.
        """

        def may_be_given_up() -> bool:
            return self._kind(request_data) is not OperationType.MUTATION

        async with cancel_on_disconnect(request, may_be_given_up=may_be_given_up):
            return await super().execute_single(
                request, request_adapter, sub_response, context, root_value, request_data
            )

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Remember the media type until there is something to send."""
        response = await super().get_sub_response(request)
        response.media_type = getattr(request.state, "media_type", None)
        return response

    async def process_result(
        self,
        request: Request,  # ruff: ignore[unused-method-argument] - Strawberry's signature
        result: ExecutionResult,
    ) -> GraphQLHTTPResponse:
        """Leave ``data`` out where nothing was executed."""
        self.services.admission.note(result)
        payload = process_result(result)
        if is_request_error(result):
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
    known_status, known_headers = status_and_headers(payload, media_type)
    return Response(
        orjson.dumps(payload),
        status_code=status or known_status,
        headers={"vary": "accept", **known_headers, **(headers or {})},
        media_type=_with_charset(media_type),
    )


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8"
