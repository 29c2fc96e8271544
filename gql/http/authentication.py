"""Authenticates requests over HTTP and WebSockets. The status is 401, or 503 without a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gql.access.bearer import bearer_token
from gql.access.principal import AccessUnavailable, Unauthenticated
from gql.errors import ErrorCode
from gql.http.request_parser import HttpError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import HTTPConnection, Request

    from gql.access.authenticator import Authenticator
    from gql.access.principal import Principal

_SCHEME = 'Bearer realm="orders"'
_MEMBER = "authorization"


async def authenticate(request: Request, authenticator: Authenticator) -> Principal:
    """Return the caller. Raises HttpError, whose reason is added to the request's log line."""
    try:
        return await authenticator.authenticate(bearer_token(_headers(request)))
    except Unauthenticated as error:
        note_refusal(request, error)
        challenge = _SCHEME
        if error.token_was_sent:
            challenge += f', error="invalid_token", error_description="{error}"'
        headers = {"www-authenticate": challenge}
        raise HttpError(401, str(error), ErrorCode.UNAUTHENTICATED, headers) from None
    except AccessUnavailable as error:
        note_refusal(request, error)
        raise HttpError(503, str(error), ErrorCode.SERVICE_UNAVAILABLE) from None


async def authenticate_socket(
    connection: HTTPConnection, payload: Mapping[str, Any], authenticator: Authenticator
) -> Principal:
    """Return the owner of a WebSocket, by its ``connection_init`` or else by its headers.

    Browsers cannot send headers with a WebSocket. Raises Unauthenticated or AccessUnavailable.
    """
    value = payload.get(_MEMBER)
    if value is None:
        return await authenticator.authenticate(bearer_token(_headers(connection)))
    if not isinstance(value, str):
        raise Unauthenticated(f"The member {_MEMBER} of connection_init must be a string.")
    return await authenticator.authenticate(bearer_token([value]))


def note_refusal(connection: HTTPConnection, error: Exception) -> None:
    """Add the reason to the log line of the request. It never contains a token."""
    connection.state.refusal = str(error)


def _headers(connection: HTTPConnection) -> list[str]:
    return connection.headers.getlist("authorization")
