"""A client of the API: requests over HTTP, subscriptions over graphql-transport-ws."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import httpx
import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from cli.client.failures import TOO_MANY_REQUESTS, RequestFailed, WrongAddress

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from websockets.asyncio.client import ClientConnection

_PATH = "/graphql"
_PROTOCOL = Subprotocol("graphql-transport-ws")
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)  # seconds for one request
_ACKNOWLEDGED_WITHIN = 10.0  # seconds
_PASSING = frozenset({"SERVICE_UNAVAILABLE", TOO_MANY_REQUESTS, "REQUEST_TIMEOUT"})
_BAD_INPUT = "BAD_USER_INPUT"
_BUSY_OR_AWAY = frozenset({429, 502, 503, 504})  # what proxies say of a service that is away


@dataclass(frozen=True)
class Answer:
    """The data of an answer, and in ``problems`` why parts of it are null, where they failed."""

    data: dict[str, Any]
    problems: list[str]


class GraphqlClient:
    """Talks to one API, whose address comes with or without the path of its endpoint."""

    def __init__(self, url: str) -> None:
        """Nothing is connected yet. Raises WrongAddress."""
        self._endpoint = _endpoint(url)
        # Not as it is sent: it may hold a password.
        self._shown = str(self._endpoint.copy_with(userinfo=b""))
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)

    async def __aenter__(self) -> Self:
        """Connections are kept for the next request."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        await self._http.aclose()

    async def execute(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the data of a query or mutation that failed in no part. Raises RequestFailed."""
        return _whole(await self._post(document, variables))

    async def ask(self, document: str, variables: dict[str, Any]) -> Answer:
        """Return what there is of the data. Raises RequestFailed where that is nothing."""
        result = await self._post(document, variables)
        errors = result.get("errors") or []
        data = result.get("data") or {}
        if errors and not any(value is not None for value in data.values()):
            raise _failure(errors)
        missing = (result.get("extensions") or {}).get("degraded", [])
        return Answer(
            data,
            [
                *(error["message"] for error in errors),
                *(f"The answer is without what the {part} knows." for part in missing),
            ],
        )

    @asynccontextmanager
    async def subscription(
        self, document: str, variables: dict[str, Any]
    ) -> AsyncGenerator[AsyncIterator[dict[str, Any]]]:
        """Subscribe; yield the data of each result, to the subscription's end.

        RequestFailed is raised where it cannot be had, and where it breaks off.
        """
        address = str(self._endpoint).replace("http", "ws", 1)
        try:
            async with connect(address, subprotocols=[_PROTOCOL], proxy=None) as socket:
                operation = await _begin(socket, {"query": document, "variables": variables})
                yield _results(socket, operation)
        except (OSError, WebSocketException) as error:
            passing = True
            if isinstance(error, InvalidStatus):
                passing = error.response.status_code in _BUSY_OR_AWAY
            message = f"the subscription to {self._shown} broke off: {error}"
            raise RequestFailed(message, passing=passing) from error

    async def _post(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        try:
            content = orjson.dumps(body)
        except TypeError as error:  # half a character from the terminal, a number of 20 digits
            message = f"this cannot be sent as JSON: {error}"
            raise RequestFailed(message, code=_BAD_INPUT) from error
        headers = {"content-type": "application/json", "accept": "application/json"}
        try:
            response = await self._http.post(self._endpoint, content=content, headers=headers)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            message = f"{self._shown} did not answer: {reason}"
            raise RequestFailed(message, passing=True) from error
        return self._result(response)

    def _result(self, response: httpx.Response) -> dict[str, Any]:
        try:
            result = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            result = None
        if isinstance(result, dict) and ("data" in result or "errors" in result):
            return result
        status = response.status_code
        message = f"{self._shown} did not answer as an API: HTTP {status}"
        raise RequestFailed(message, passing=status in _BUSY_OR_AWAY)


def _endpoint(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise WrongAddress(f"the API's address is none: {error}") from error
    if address.scheme not in {"http", "https"} or not address.host:
        raise WrongAddress("the API's address must be like http://127.0.0.1:8000/graphql")
    path = address.path.rstrip("/")
    return address.copy_with(path=path if path.endswith(_PATH) else path + _PATH)


async def _begin(socket: ClientConnection, request: dict[str, Any]) -> str:
    operation = uuid4().hex
    await _send(socket, {"type": "connection_init"})
    async with asyncio.timeout(_ACKNOWLEDGED_WITHIN):  # TimeoutError is an OSError
        answer = orjson.loads(await socket.recv())
    if answer["type"] != "connection_ack":
        raise RequestFailed(f"the API does not take subscriptions: {answer}")
    await _send(socket, {"type": "subscribe", "id": operation, "payload": request})
    return operation


async def _results(socket: ClientConnection, operation: str) -> AsyncGenerator[dict[str, Any]]:
    async for text in socket:
        message = orjson.loads(text)
        match message["type"]:
            case "next" if message["id"] == operation:
                yield _whole(message["payload"])
            case "error" if message["id"] == operation:
                raise _failure(message["payload"])
            case "complete" if message["id"] == operation:
                return
            case "ping":
                await _send(socket, {"type": "pong"})
    raise RequestFailed("the API closed the subscription before its end", passing=True)


async def _send(socket: ClientConnection, message: dict[str, Any]) -> None:
    await socket.send(orjson.dumps(message).decode())


def _whole(result: dict[str, Any]) -> dict[str, Any]:
    if result.get("errors"):
        raise _failure(result["errors"])
    data: dict[str, Any] = result["data"]
    return data


def _failure(errors: list[dict[str, Any]]) -> RequestFailed:
    codes = [(error.get("extensions") or {}).get("code") for error in errors]
    return RequestFailed(
        "; ".join(error["message"] for error in errors),
        code=codes[0],
        passing=_PASSING.issuperset(codes),
    )
