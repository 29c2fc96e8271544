"""GraphQL client: requests over HTTP, subscriptions over graphql-transport-ws."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import httpx
import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from cli.client.failures import TOO_MANY_REQUESTS, UNAUTHENTICATED, InvalidUrl, RequestFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from websockets.asyncio.client import ClientConnection

_PATH = "/graphql"
_PROTOCOL = Subprotocol("graphql-transport-ws")
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)  # seconds
_ACKNOWLEDGE_TIMEOUT = 10.0  # seconds
_RETRYABLE_CODES = frozenset({"SERVICE_UNAVAILABLE", TOO_MANY_REQUESTS, "REQUEST_TIMEOUT"})
_BAD_INPUT = "BAD_USER_INPUT"
_FORBIDDEN = 4403  # close code of a WebSocket whose token is not valid
_RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})  # from the API or a proxy before it


@dataclass(frozen=True)
class PartialResult:
    """Data of which parts may be missing. ``warnings`` explains each missing part."""

    data: dict[str, Any]
    warnings: list[str]


class GraphqlClient:
    """Async context manager that keeps its HTTP connections open between requests."""

    def __init__(self, url: str, token: Callable[[], str | None] = lambda: None) -> None:
        """Accept the URL of the API with or without /graphql. Raises InvalidUrl.

        ``token`` is called for each request, because a token may be replaced in the meantime.
        """
        self._endpoint = _endpoint(url)
        self._token = token
        # For messages: the URL may contain a password.
        self._display_url = str(self._endpoint.copy_with(userinfo=b""))
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def execute(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the data of a query or mutation. Raises RequestFailed if there is any error."""
        return _data(await self._post(document, variables))

    async def execute_partial(self, document: str, variables: dict[str, Any]) -> PartialResult:
        """Return the data that is not null. Raises RequestFailed if there are only errors."""
        result = await self._post(document, variables)
        errors = result.get("errors") or []
        data = result.get("data") or {}
        if errors and not any(value is not None for value in data.values()):
            raise _failure(errors)
        missing = (result.get("extensions") or {}).get("degraded", [])
        return PartialResult(
            data,
            [
                *(error["message"] for error in errors),
                *(f"Incomplete result: data from the {source} is missing." for source in missing),
            ],
        )

    @asynccontextmanager
    async def subscription(
        self, document: str, variables: dict[str, Any]
    ) -> AsyncGenerator[AsyncIterator[dict[str, Any]]]:
        """Subscribe, and yield an iterator over the data of each result.

        Raises RequestFailed if the subscription is refused or interrupted.
        """
        address = str(self._endpoint).replace("http", "ws", 1)
        try:
            async with connect(address, subprotocols=[_PROTOCOL], proxy=None) as socket:
                operation = await _begin(
                    socket, self._credentials(), {"query": document, "variables": variables}
                )
                yield _results(socket, operation)
        except (OSError, WebSocketException) as error:
            retryable = True
            if isinstance(error, InvalidStatus):
                retryable = error.response.status_code in _RETRYABLE_STATUSES
            message = f"the subscription to {self._display_url} was interrupted: {error}"
            raise RequestFailed(message, retryable=retryable) from error

    def _credentials(self) -> dict[str, str]:
        token = self._token()
        return {"authorization": f"Bearer {token}"} if token else {}

    async def _post(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        try:
            content = orjson.dumps(body)
        except TypeError as error:  # such as a lone surrogate, or an integer over 64 bits
            message = f"the request cannot be encoded as JSON: {error}"
            raise RequestFailed(message, code=_BAD_INPUT) from error
        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            **self._credentials(),
        }
        try:
            response = await self._http.post(self._endpoint, content=content, headers=headers)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            message = f"{self._display_url} did not respond: {reason}"
            if isinstance(error, httpx.ConnectError):
                message += ". If the API is at another address, set --url or ORDERS_URL."
            raise RequestFailed(message, retryable=True) from error
        return self._result(response)

    def _result(self, response: httpx.Response) -> dict[str, Any]:
        try:
            result = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            result = None
        if isinstance(result, dict) and ("data" in result or "errors" in result):
            return result
        status = response.status_code
        message = f"{self._display_url} did not return a GraphQL response: HTTP {status}"
        raise RequestFailed(message, retryable=status in _RETRYABLE_STATUSES)


def _endpoint(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InvalidUrl(f"invalid URL: {error}") from error
    if address.scheme not in {"http", "https"} or not address.host:
        raise InvalidUrl("the URL must be of the form http://127.0.0.1:8000/graphql")
    path = address.path.rstrip("/")
    return address.copy_with(path=path if path.endswith(_PATH) else path + _PATH)


async def _begin(
    socket: ClientConnection, credentials: dict[str, str], request: dict[str, Any]
) -> str:
    operation = uuid4().hex
    await _send(socket, {"type": "connection_init", "payload": credentials})
    try:
        async with asyncio.timeout(_ACKNOWLEDGE_TIMEOUT):  # TimeoutError is an OSError
            answer = orjson.loads(await socket.recv())
    except ConnectionClosed as error:
        if error.rcvd is None or error.rcvd.code != _FORBIDDEN:
            raise
        raise RequestFailed(error.rcvd.reason, code=UNAUTHENTICATED) from error
    if answer["type"] != "connection_ack":
        raise RequestFailed(f"the API refused the connection: {answer}")
    await _send(socket, {"type": "subscribe", "id": operation, "payload": request})
    return operation


async def _results(socket: ClientConnection, operation: str) -> AsyncGenerator[dict[str, Any]]:
    async for text in socket:
        message = orjson.loads(text)
        match message["type"]:
            case "next" if message["id"] == operation:
                yield _data(message["payload"])
            case "error" if message["id"] == operation:
                raise _failure(message["payload"])
            case "complete" if message["id"] == operation:
                return
            case "ping":
                await _send(socket, {"type": "pong"})
    raise RequestFailed("the API closed the subscription before it was complete", retryable=True)


async def _send(socket: ClientConnection, message: dict[str, Any]) -> None:
    await socket.send(orjson.dumps(message).decode())


def _data(result: dict[str, Any]) -> dict[str, Any]:
    if result.get("errors"):
        raise _failure(result["errors"])
    data: dict[str, Any] = result["data"]
    return data


def _failure(errors: list[dict[str, Any]]) -> RequestFailed:
    extensions = [error.get("extensions") or {} for error in errors]
    codes = [extension.get("code") for extension in extensions]
    return RequestFailed(
        "; ".join(error["message"] for error in errors),
        code=codes[0],
        retryable=_RETRYABLE_CODES.issuperset(codes),
        retry_after=max(extension.get("retryAfter", 0) for extension in extensions),
    )
