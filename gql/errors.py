"""What the ``errors`` of a response may say: a wrong request, or a service that broke.

Business failures are union members and never come here. An error that is nobody's message to the
client is masked, and logged under an id that the client is given.
"""

from __future__ import annotations

import logging
import re
from enum import StrEnum
from uuid import uuid4

from graphql import GraphQLError, GraphQLSyntaxError

from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable

_log = logging.getLogger(__name__)

_VALIDATION_HINT = "Argument '"
_MESSAGE_LENGTH = 1_000
"""A message quotes what the client sent: so much of it is enough."""
_SUGGESTION = re.compile(r" Did you mean [^?]*\?")
_PYTHONS_NULL = re.compile(r"(?<=not to be )None\.$")
_UNAVAILABLE = {
    RecordUnavailable: "The record did not answer. Try again.",
    TemporalUnavailable: "Temporal did not answer. Try again.",
}


class ErrorCode(StrEnum):
    """The ``extensions.code`` of an error."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    TOO_MANY_SUBSCRIPTIONS = "TOO_MANY_SUBSCRIPTIONS"
    TOO_MANY_CONNECTIONS = "TOO_MANY_CONNECTIONS"
    QUERY_LIMIT_EXCEEDED = "QUERY_LIMIT_EXCEEDED"
    INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class RequestError(GraphQLError):
    """An error whose message and code are meant for the client."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        """Say what is wrong, and by which code a program may know it."""
        super().__init__(message, extensions={"code": code})


def bad_input(message: str) -> RequestError:
    """Refuse an argument that no type could refuse."""
    return RequestError(ErrorCode.BAD_USER_INPUT, message)


def finish_errors(errors: list[GraphQLError], *, executing: bool, suggesting: bool = True) -> None:
    """Give every error its code, in place, and mask what the client may not see.

    ``executing`` tells whether the document had been found valid: what is wrong then is a value.
    Not ``suggesting``, names of the schema that a client did not know are kept from it.
    """
    for error in errors:
        if not suggesting:
            error.message = _SUGGESTION.sub("", error.message)
        if len(error.message) > _MESSAGE_LENGTH:
            error.message = f"{error.message[:_MESSAGE_LENGTH]} …"
        if isinstance(error.extensions, dict) and "code" in error.extensions:
            continue
        error.message = _PYTHONS_NULL.sub("null.", error.message)
        code = _code(error, executing=executing)
        if code is ErrorCode.INTERNAL_SERVER_ERROR:
            _mask(error)
        elif code is ErrorCode.SERVICE_UNAVAILABLE:
            _log.warning("%s at %s", error.message, _place(error))
            error.message = next(
                message
                for kind, message in _UNAVAILABLE.items()
                if isinstance(error.original_error, kind)
            )
        error.extensions = {**(error.extensions or {}), "code": code}


def _code(error: GraphQLError, *, executing: bool) -> ErrorCode:
    if isinstance(error, GraphQLSyntaxError):
        return ErrorCode.GRAPHQL_PARSE_FAILED
    if isinstance(error.original_error, tuple(_UNAVAILABLE)):
        return ErrorCode.SERVICE_UNAVAILABLE
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        return ErrorCode.INTERNAL_SERVER_ERROR
    if not executing:
        return ErrorCode.GRAPHQL_VALIDATION_FAILED
    if error.path is None or error.message.startswith(_VALIDATION_HINT):
        return ErrorCode.BAD_USER_INPUT
    return ErrorCode.INTERNAL_SERVER_ERROR


def _mask(error: GraphQLError) -> None:
    masked = masked_error(error.original_error or error, _place(error))
    error.message = masked.message
    error.extensions = masked.extensions


def masked_error(cause: BaseException, place: str) -> RequestError:
    """Log what went wrong, and return what the client may know of it."""
    error_id = uuid4().hex
    _log.error("error %s at %s", error_id, place, exc_info=cause)
    error = RequestError(
        ErrorCode.INTERNAL_SERVER_ERROR,
        f"The server failed. Its log has this as error {error_id}.",
    )
    error.extensions = {**(error.extensions or {}), "errorId": error_id}
    return error


def _place(error: GraphQLError) -> str:
    return ".".join(map(str, error.path or [])) or "the request"
