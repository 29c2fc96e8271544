"""Lines to the servers that can be cut, and mended."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from sqlalchemy import URL

    Ends: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_CHUNK = 65536


class Line:
    """A port that leads to a server, unless it is cut."""

    def __init__(self, connect: Callable[[], Awaitable[Ends]]) -> None:
        self.port = 0
        self._connect = connect
        self._whole = True
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Break every connection, and each new one at once."""
        self._whole = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        self._whole = True

    @asynccontextmanager
    async def laid(self) -> AsyncGenerator[Line]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        onward_reader, onward_writer = await self._connect()
        self._writers |= {writer, onward_writer}
        await asyncio.gather(_pump(reader, onward_writer), _pump(onward_reader, writer))


def to_address(address: str) -> Line:
    host, _, port = address.rpartition(":")
    return Line(lambda: asyncio.open_connection(host, int(port)))


def to_database(url: URL) -> Line:
    folder = url.query.get("host")
    if isinstance(folder, str) and folder.startswith("/"):
        path = f"{folder}/.s.PGSQL.{url.port or 5432}"
        return Line(lambda: asyncio.open_unix_connection(path))
    return to_address(f"{url.host}:{url.port or 5432}")


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
