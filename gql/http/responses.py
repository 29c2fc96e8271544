"""HTTP responses after GraphQL over HTTP of September 2026.

======================================  ====================
situation                               status
======================================  ====================
data without errors                     200
data with errors                        294, or 200 as JSON
unreadable request                      400, 408, 413, 415
syntax error in the document            400
invalid request or invalid document     422
caller not authenticated                401
request not allowed                     403, 405, 406
too many requests, request timed out    429, 504
server error before execution           500, 503
======================================  ====================
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.types.execution import PreExecutionError

from gql.errors import ErrorCode
from gql.http.negotiation import GRAPHQL_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strawberry.types import ExecutionResult

PARTIAL_SUCCESS = 294
"""Defined by GraphQL over HTTP, so it is sent only with the specification's own media type."""

_RETRY_AFTER = "1"  # seconds
_STATUS: dict[object, int] = {
    ErrorCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ErrorCode.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.TOO_MANY_SUBSCRIPTIONS: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.REQUEST_TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
    ErrorCode.INTERNAL_SERVER_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    ErrorCode.SERVICE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.DOCUMENT_NOT_TRUSTED: HTTPStatus.FORBIDDEN,
    ErrorCode.INTROSPECTION_DISABLED: HTTPStatus.FORBIDDEN,
    ErrorCode.GRAPHQL_PARSE_FAILED: HTTPStatus.BAD_REQUEST,
}
_HEADERS: dict[object, dict[str, str]] = {
    ErrorCode.METHOD_NOT_ALLOWED: {"allow": "POST"},
    ErrorCode.TOO_MANY_REQUESTS: {"retry-after": _RETRY_AFTER},
    ErrorCode.TOO_MANY_SUBSCRIPTIONS: {"retry-after": _RETRY_AFTER},
}


def payload_of(result: ExecutionResult) -> GraphQLHTTPResponse:
    """Omit ``data`` if execution never began."""
    payload = process_result(result)
    if isinstance(result, PreExecutionError):
        del payload["data"]
    return payload


def make_response(
    payload: Mapping[str, Any],
    media_type: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Derive the status from the payload, unless one is given."""
    default_status, default_headers = _status_and_headers(payload, media_type)
    return Response(
        orjson.dumps(payload),
        status_code=status or default_status,
        headers={"vary": "accept", **default_headers, **(headers or {})},
        media_type=f"{media_type}; charset=utf-8",
    )


def _status_and_headers(
    payload: Mapping[str, Any], media_type: str
) -> tuple[int, Mapping[str, str]]:
    """Derive both from the first error code that has a status. Other errors get 422."""
    if "data" in payload:
        partial = "errors" in payload and media_type == GRAPHQL_RESPONSE
        return (PARTIAL_SUCCESS if partial else HTTPStatus.OK), {}
    for extensions in (error.get("extensions") or {} for error in payload["errors"]):
        code = extensions.get("code")
        if code in _STATUS:
            headers = _HEADERS.get(code, {})
            if "retryAfter" in extensions:
                headers = {"retry-after": str(extensions["retryAfter"])}
            return _STATUS[code], headers
    return HTTPStatus.UNPROCESSABLE_ENTITY, {}
