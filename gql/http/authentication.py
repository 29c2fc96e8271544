"""Authenticates requests over HTTP and WebSockets. The status is 401, or 503 without a decision."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from gql.access.bearer import bearer_token
from gql.access.principal import AccessUnavailable, Unauthenticated
from gql.access.validity import wait_until_invalid
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
        return await authenticator.authenticate(token_of(request))
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


def token_of(connection: HTTPConnection) -> str | None:
    """Return the token in the headers. Raises Unauthenticated."""
    return bearer_token(connection.headers.getlist("authorization"))


def token_of_socket(connection: HTTPConnection, payload: Mapping[str, Any]) -> str | None:
    """Return the token in the payload of ``connection_init``, or else in the headers.

    Browsers cannot send headers with a WebSocket. Raises Unauthenticated.
    """
    value = payload.get(_MEMBER)
    if value is None:
        return token_of(connection)
    if not isinstance(value, str):
        raise Unauthenticated(f"The member {_MEMBER} of connection_init must be a string.")
    return bearer_token([value])


async def expire_when_invalid(
    deadline: asyncio.Timeout, authenticator: Authenticator, token: str, principal: Principal
) -> None:
    """Let the deadline pass once the token is no longer valid."""
    await wait_until_invalid(authenticator, token, principal)
    deadline.reschedule(asyncio.get_running_loop().time())


def note_refusal(connection: HTTPConnection, error: Exception) -> None:
    """Add the reason to the log line of the request. It never contains a token."""
    connection.state.refusal = str(error)
