"""The status of an answer, and its headers, by GraphQL over HTTP of September 2026.

=====================================  ====================
what happens                           status
=====================================  ====================
data                                   200
data and errors                        294, or 200 as JSON
the request cannot be read             400, 408, 413, 415
the document cannot be read            400
the request is none, or not valid      422
it is not allowed                      403, 405, 406
too many requests, or too slow         429, 504
the server failed before there is any  500, 503
=====================================  ====================
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from gql.errors import ErrorCode
from gql.http.negotiation import GRAPHQL_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTIAL_SUCCESS = 294
"""The specification's own: nobody but clients of its own media type can know it."""

_RETRY_AFTER = "1"  # seconds
_STATUS: dict[object, int] = {
    ErrorCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ErrorCode.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.REQUEST_TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
    ErrorCode.INTERNAL_SERVER_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    ErrorCode.SERVICE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.DOCUMENT_NOT_TRUSTED: HTTPStatus.FORBIDDEN,
    ErrorCode.INTROSPECTION_DISABLED: HTTPStatus.FORBIDDEN,
    ErrorCode.GRAPHQL_PARSE_FAILED: HTTPStatus.BAD_REQUEST,
}
_HEADERS: dict[object, dict[str, str]] = {
    ErrorCode.METHOD_NOT_ALLOWED: {"allow": "POST"},
    ErrorCode.TOO_MANY_REQUESTS: {"retry-after": _RETRY_AFTER},
}


def status_and_headers(
    payload: Mapping[str, Any], media_type: str
) -> tuple[int, Mapping[str, str]]:
    """Return what an answer of this media type is sent with."""
    if "data" in payload:
        partial = "errors" in payload and media_type == GRAPHQL_RESPONSE
        return (PARTIAL_SUCCESS if partial else HTTPStatus.OK), {}
    codes = [(error.get("extensions") or {}).get("code") for error in payload["errors"]]
    known = next((code for code in codes if code in _STATUS), None)
    return _STATUS.get(known, HTTPStatus.UNPROCESSABLE_ENTITY), _HEADERS.get(known, {})
