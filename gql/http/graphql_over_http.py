"""One request over HTTP, from its headers to its response, after GraphQL over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import OperationType
from starlette.responses import Response
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType as AllowedTypes

from gql.context import Context, Services
from gql.errors import ErrorCode, RequestError, RequestRejected, masked_error
from gql.http.authentication import authenticate, expire_when_invalid, token_of
from gql.http.disconnects import ClientDisconnected, cancel_on_disconnect
from gql.http.event_stream import event_stream
from gql.http.negotiation import GRAPHQL_RESPONSE, accepts_html, negotiate
from gql.http.request_parser import HttpError, read_request
from gql.http.responses import make_response, payload_of
from gql.schema import is_subscription, schema

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Coroutine

    from starlette.requests import Request
    from strawberry.http import GraphQLRequestData
    from strawberry.types import ExecutionResult

    from gql.access.principal import Principal
    from gql.http.negotiation import AcceptedTypes

TOO_MANY_CONNECTIONS = "The server is at its connection limit. Reconnect in a moment."

_ALLOWED_TYPES = {
    "GET": AllowedTypes.from_http("GET"),
    "POST": AllowedTypes.from_http("POST"),
}
_DOCUMENT_PARAMETERS = frozenset({"query", "documentId", "extensions"})


@dataclass(frozen=True)
class GraphQLOverHttp:
    """``playground`` makes the page for a browser. None if the playground is disabled."""

    services: Services
    playground: Callable[[], Response] | None

    async def respond(self, request: Request) -> Response | None:
        """Respond to every failure with a GraphQL error. Returns None if the client is gone."""
        error_type = GRAPHQL_RESPONSE
        try:
            if _asks_for_playground(request):
                return self._serve_playground()
            accepted = _negotiate(request)
            error_type = accepted.error_type
            principal = await authenticate(request, self.services.authenticator)
            return await self._execute(request, accepted, principal)
        except HttpError as failure:
            error = RequestError(failure.code, str(failure))
            return make_response(
                {"errors": [error.formatted]},
                error_type,
                status=failure.status,
                headers=failure.headers,
            )
        except RequestRejected as rejected:
            return make_response(
                {"errors": [error.formatted for error in rejected.errors]}, error_type
            )
        except ClientDisconnected:
            return None
        except Exception as cause:  # ruff: ignore[blind-except] - masked: the client gets an ID
            error = cause if isinstance(cause, RequestError) else masked_error(cause, "the request")
            return make_response({"errors": [error.formatted]}, error_type)

    def _serve_playground(self) -> Response:
        if self.playground is None:
            raise HttpError(404, "The playground is disabled on this server.")
        return self.playground()

    async def _execute(
        self, request: Request, accepted: AcceptedTypes, principal: Principal
    ) -> Response:
        trusted = self.services.document_preparer.trusted
        data = await read_request(request, self.services.settings, trusted)
        context = Context(self.services, request, principal)
        if accepted.accepts_stream and is_subscription(
            data.query, data.variables, context, data.operation_name
        ):
            self._check_connection_limit()
            results = schema.open_stream(data.query, data.variables, context, data.operation_name)
            return event_stream(results, self.services.admission, self._expiry(request, principal))
        async with cancel_on_disconnect(request, is_cancellable=lambda: self._is_cancellable(data)):
            result = await schema.execute(
                data.query,
                data.variables,
                context,
                operation_name=data.operation_name,
                allowed_operation_types=_ALLOWED_TYPES[request.method],
            )
        if isinstance(result, PreExecutionError):
            return make_response(payload_of(result), accepted.error_type)
        if accepted.prefers_stream:
            return event_stream(_stream_of(result), self.services.admission)
        return make_response(payload_of(result), accepted.json_type or GRAPHQL_RESPONSE)

    def _expiry(
        self, request: Request, principal: Principal
    ) -> Callable[[asyncio.Timeout], Coroutine[Any, Any, None]] | None:
        """Return what ends a stream when the token of its request is no longer valid."""
        token = token_of(request)
        if token is None:
            return None
        authenticator = self.services.authenticator
        return lambda deadline: expire_when_invalid(deadline, authenticator, token, principal)

    def _check_connection_limit(self) -> None:
        if not self.services.admission.accepts_connections:
            raise HttpError(503, TOO_MANY_CONNECTIONS, ErrorCode.TOO_MANY_CONNECTIONS)

    def _is_cancellable(self, data: GraphQLRequestData) -> bool:
        """A mutation runs to its end, so that its effects are never left half done."""
        try:
            prepared = self.services.document_preparer.prepare(
                data.query or "", data.operation_name, data.variables
            )
        except RequestRejected:
            return True
        return prepared.operation.operation is not OperationType.MUTATION


def _asks_for_playground(request: Request) -> bool:
    return (
        request.method == "GET"
        and accepts_html(_accept(request))
        and _DOCUMENT_PARAMETERS.isdisjoint(request.query_params)
    )


def _negotiate(request: Request) -> AcceptedTypes:
    if request.method not in _ALLOWED_TYPES:
        headers = {"allow": ", ".join(_ALLOWED_TYPES)}
        raise HttpError(405, "Use POST or GET.", ErrorCode.METHOD_NOT_ALLOWED, headers)
    accepted = negotiate(_accept(request))
    if accepted is None:
        raise HttpError(
            406,
            "Accept application/graphql-response+json, application/json or text/event-stream.",
            ErrorCode.NOT_ACCEPTABLE,
        )
    return accepted


def _accept(request: Request) -> str:
    return ", ".join(request.headers.getlist("accept"))


async def _stream_of(  # ruff: ignore[unused-async] - an event stream reads async generators
    result: ExecutionResult,
) -> AsyncGenerator[ExecutionResult]:
    yield result
