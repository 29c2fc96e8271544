"""One connection to a server, used again and again, with as little between as can be."""

from __future__ import annotations

import asyncio
import re
from typing import Self

import orjson

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_HEADERS = "Host: 127.0.0.1\r\nAccept: application/json\r\n"


def get(path: str) -> bytes:
    """Write a GET request."""
    return f"GET {path} HTTP/1.1\r\n{_HEADERS}\r\n".encode()


def post(path: str, **members: object) -> bytes:
    """Write a POST request of JSON."""
    body = orjson.dumps(members)
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return f"POST {path} HTTP/1.1\r\n{_HEADERS}{length}".encode() + body


class Connection:
    """A client that sends a request, waits for the answer's last byte, and may send the next."""

    def __init__(self, port: int) -> None:
        """Nothing is connected yet."""
        self._port = port

    async def __aenter__(self) -> Self:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()

    async def send(self, request: bytes) -> bytes:
        """Return the body of the answer, which has to be a good one."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if length is None or not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"unexpected answer: {head!r}")
        return await self._reader.readexactly(int(length[1]))
