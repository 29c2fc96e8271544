"""A minimal HTTP client with one persistent connection, so that it adds little to a measurement."""

from __future__ import annotations

import asyncio
import re
from typing import Self

import orjson

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_HEADERS = "Host: 127.0.0.1\r\nAccept: application/json\r\n"


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n{_HEADERS}\r\n".encode()


def post(path: str, *, token: str | None = None, **members: object) -> bytes:
    """Return a POST request with a JSON body of these members."""
    body = orjson.dumps(members)
    authorization = "" if token is None else f"Authorization: Bearer {token}\r\n"
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return f"POST {path} HTTP/1.1\r\n{_HEADERS}{authorization}{length}".encode() + body


class Connection:
    """Sends one request at a time and reads its response to the last byte."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def send(self, request: bytes) -> bytes:
        """Return the response body. Raises RuntimeError for any status but 200."""
        try:
            head = await self._head(request)
        except (asyncio.IncompleteReadError, ConnectionError):
            # A server closes connections that were idle for some seconds.
            self._writer.close()
            await self._open()
            head = await self._head(request)
        length = _LENGTH.search(head)
        if length is None or not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"unexpected response: {head!r}")
        return await self._reader.readexactly(int(length[1]))

    async def _open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def _head(self, request: bytes) -> bytes:
        self._writer.write(request)
        return await self._reader.readuntil(b"\r\n\r\n")
