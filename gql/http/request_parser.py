"""Reads and checks the parameters of a GraphQL request over HTTP."""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import ClientDisconnect
from strawberry.http import GraphQLRequestData
from strawberry.http.parse_content_type import parse_content_type

from gql.errors import ErrorCode, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from gql.documents.trusted import TrustedDocuments
    from gql.settings import ApiSettings

_JSON = "application/json"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MEMBERS = ("query", "operationName", "variables", "extensions", "documentId")
_NAMES = tuple(name.encode() for name in _MEMBERS)


class HttpError(Exception):
    """A request that cannot be read as a GraphQL request, with the status to respond with."""

    def __init__(
        self,
        status: int,
        message: str,
        code: ErrorCode = ErrorCode.BAD_USER_INPUT,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


async def read_request(
    request: Request, settings: ApiSettings, trusted: TrustedDocuments
) -> GraphQLRequestData:
    """Read the parameters. Raises HttpError, or RequestError for an unknown trusted document."""
    if request.method == "GET":
        members = _members_in_url(request.query_params)
    else:
        _check_content_type(request)
        members = _members_in_body(await _body(request, settings))
    query = _text(members, "query")
    try:
        document = trusted.find(members, query)
    except RequestError as error:
        if error.extensions == {"code": ErrorCode.BAD_USER_INPUT}:
            raise HttpError(422, error.message) from None
        raise
    if document is None:
        raise HttpError(422, "The request has no document. Send query or documentId.")
    return GraphQLRequestData(
        query=document,
        variables=_object(members, "variables"),
        operation_name=_text(members, "operationName"),
        extensions=_object(members, "extensions"),
    )


def _check_content_type(request: Request) -> None:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _unsupported("The body must not be compressed.")
    header = request.headers.get("content-type")
    if header is None:
        raise _unsupported(f"The request needs the header Content-Type: {_JSON}.")
    problem = _content_type_problem(header)
    if problem is not None:
        raise _unsupported(problem)


@lru_cache(maxsize=64)  # the parser is slow, and clients send few distinct values
def _content_type_problem(content_type: str) -> str | None:
    media_type, parameters = parse_content_type(content_type)
    if media_type.strip().lower() != _JSON:
        return f"The Content-Type must be {_JSON}."
    if parameters.get("charset", "utf-8").strip("\"' ").lower() not in {"utf-8", "utf8"}:
        return "The charset must be UTF-8."
    return None


async def _body(request: Request, settings: ApiSettings) -> bytes:
    max_bytes = settings.max_body_bytes
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > len(str(max_bytes)) or int(length) > max_bytes):
        raise _too_large(max_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(settings.request_timeout):
            async for part in request.stream():
                body += part
                if len(body) > max_bytes:
                    raise _too_large(max_bytes)
    except TimeoutError:
        raise HttpError(
            408, "The body did not arrive in time. Retry.", ErrorCode.REQUEST_TIMEOUT
        ) from None
    except ClientDisconnect:
        raise HttpError(400, "The connection closed before the body was complete.") from None
    return bytes(body)


def _members_in_body(body: bytes) -> dict[str, Any]:
    if body.startswith(_BYTE_ORDER_MARK):
        raise HttpError(400, "The body must not begin with a byte order mark.")
    try:
        members = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise HttpError(400, "The body must be JSON in UTF-8.") from None
    if isinstance(members, list):
        raise HttpError(422, "Batches are not supported. Send one operation per request.")
    if not isinstance(members, dict):
        raise HttpError(422, "The body must be a JSON object.")
    # orjson keeps the last of repeated members. A firewall in front of the API may check the first.
    # A name can also be written with escapes.
    is_suspect = b"\\u" in body or any(body.count(b'"%b"' % name) > 1 for name in _NAMES)
    if is_suspect and (repeated := _repeated_member(body)):
        raise HttpError(422, f"{repeated} must be sent only once.")
    return members


def _repeated_member(body: bytes) -> str | None:
    try:
        pairs = json.loads(body, object_pairs_hook=lambda pairs: pairs)
    except RecursionError:
        raise HttpError(400, "The body is nested too deeply.") from None
    names = [name for name, _ in pairs]
    return next((name for name in _MEMBERS if names.count(name) > 1), None)


def _members_in_url(params: QueryParams) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name in _MEMBERS:
        values = params.getlist(name)
        if len(values) > 1:
            raise HttpError(422, f"{name} must be sent only once.")
        # An empty parameter counts as omitted, except for the document.
        if values and (values[0] or name == "query"):
            members[name] = values[0]
    for name in ("variables", "extensions"):
        if name in members:
            try:
                members[name] = orjson.loads(members[name])
            except orjson.JSONDecodeError:
                raise HttpError(422, f"{name} must be a JSON object.") from None
    return members


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if not isinstance(value, str | None):
        raise HttpError(422, f"{name} must be a string.")
    return value


def _object(members: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = members.get(name)
    if not isinstance(value, dict | None):
        raise HttpError(422, f"{name} must be a JSON object.")
    return value


def _unsupported(message: str) -> HttpError:
    return HttpError(415, message, ErrorCode.UNSUPPORTED_MEDIA_TYPE)


def _too_large(max_bytes: int) -> HttpError:
    return HttpError(
        413,
        f"The body exceeds {max_bytes} bytes. Send less per request.",
        ErrorCode.REQUEST_TOO_LARGE,
    )
