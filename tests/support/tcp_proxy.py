"""A TCP proxy in front of a server, to interrupt or delay its connections."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from sqlalchemy import URL

    Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_CHUNK = 65536  # bytes


class TcpProxy:
    """Forwards connections to a server."""

    def __init__(self, connect: Callable[[], Awaitable[Streams]]) -> None:
        self.port = 0
        self._connect = connect
        self._accepts = True
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Break every connection. Until ``restore``, new ones are broken at once."""
        self._accepts = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def restore(self) -> None:
        self._accepts = True

    def pause(self) -> None:
        """Hold back what either side sends, until ``resume``. Connections stay open."""
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncGenerator[TcpProxy]:
        """Listen on a port, by default a free one. On exit, close it and break all connections."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.resume()
            self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._accepts:
            writer.transport.abort()
            return
        server_reader, server_writer = await self._connect()
        self._writers |= {writer, server_writer}
        await asyncio.gather(
            self._forward(reader, server_writer), self._forward(server_reader, writer)
        )

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(_CHUNK):
                await self._flows.wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()


def proxy_to(address: str) -> TcpProxy:
    host, _, port = address.rpartition(":")
    return TcpProxy(lambda: asyncio.open_connection(host, int(port)))


def proxy_to_database(url: URL) -> TcpProxy:
    folder = url.query.get("host")
    if isinstance(folder, str) and folder.startswith("/"):
        path = f"{folder}/.s.PGSQL.{url.port or 5432}"
        return TcpProxy(lambda: asyncio.open_unix_connection(path))
    return proxy_to(f"{url.host}:{url.port or 5432}")
