"""The ``errors`` of a response: invalid requests, unavailable services and internal errors.

Business failures are union members and never appear here. An error without a message for the client
is masked and logged under an ID that the client receives.
"""

from __future__ import annotations

import logging
import re
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import uuid4

from graphql import GraphQLError, GraphQLSyntaxError

from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

_log = logging.getLogger(__name__)

_VALIDATION_HINT = "Argument '"
_MAX_MESSAGE_LENGTH = 1_000
"""Messages quote what the client sent, which may be long."""
_SUGGESTION = re.compile(r" Did you mean [^?]*\?")
_PYTHON_NULL = re.compile(r"(?<=not to be )None\.$")
_UNAVAILABLE = {
    RecordUnavailable: "Postgres did not respond. Retry.",
    TemporalUnavailable: "Temporal did not respond. Retry.",
}


class ErrorCode(StrEnum):
    """Values of ``extensions.code``."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
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


class UnavailableSource(StrEnum):
    """A source that did not respond, as ``extensions.degraded`` names it."""

    TEMPORAL = "temporal"
    WORKER = "worker"
    RECORD = "record"


class RequestError(GraphQLError):
    """An error whose message and code are meant for the client."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message, extensions={"code": code})


class RequestRejected(Exception):
    """A request whose execution never began, with the errors to return."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


def bad_input(message: str) -> RequestError:
    """Make the error for an argument that is of its type but breaks a rule."""
    return RequestError(ErrorCode.BAD_USER_INPUT, message)


def finish_errors(errors: list[GraphQLError], *, executing: bool, suggesting: bool = True) -> None:
    """Set the code of every error in place, and mask internal errors.

    ``executing`` says that the document was valid, so that a remaining error is about a value.
    Unless ``suggesting``, suggestions that reveal names of the schema are removed.
    """
    for error in errors:
        if not suggesting:
            error.message = _SUGGESTION.sub("", error.message)
        if len(error.message) > _MAX_MESSAGE_LENGTH:
            error.message = f"{error.message[:_MAX_MESSAGE_LENGTH]} …"
        if isinstance(error.extensions, dict) and "code" in error.extensions:
            continue
        error.message = _PYTHON_NULL.sub("null.", error.message)
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
    """Log the cause, and return an error that gives the client only the ID of the log entry."""
    error_id = uuid4().hex
    _log.error("error %s at %s", error_id, place, exc_info=cause)
    error = RequestError(
        ErrorCode.INTERNAL_SERVER_ERROR,
        f"Internal server error. The server's log has the details under ID {error_id}.",
    )
    error.extensions = {**(error.extensions or {}), "errorId": error_id}
    return error


def _place(error: GraphQLError) -> str:
    return ".".join(map(str, error.path or [])) or "the request"


def unavailable_sources(errors: Iterable[GraphQLError]) -> set[UnavailableSource]:
    """Return the sources whose failure caused these errors."""
    causes = [cause for error in errors for cause in _causes(error)]
    return {
        source
        for source, kind in (
            (UnavailableSource.RECORD, RecordUnavailable),
            (UnavailableSource.TEMPORAL, TemporalUnavailable),
        )
        if any(isinstance(cause, kind) for cause in causes)
    }


def _causes(error: GraphQLError) -> tuple[BaseException | None, BaseException | None]:
    cause = error.original_error
    return cause, cause.__cause__ if cause else None
