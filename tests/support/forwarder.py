"""A way to a server that can be cut, and held up."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_CHUNK = 65536


@asynccontextmanager
async def forwarded(
    address: str, own_port: int = 0, passing: asyncio.Event | None = None
) -> AsyncGenerator[str]:
    """Lend an address that leads to another; afterwards every connection through it is broken.

    While ``passing`` is not set, whatever is sent in either direction waits on the way.
    """
    host, _, port = address.rpartition(":")
    writers: set[asyncio.StreamWriter] = set()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(host, int(port))
        writers.update((writer, onward_writer))
        await asyncio.gather(
            _pump(reader, onward_writer, passing), _pump(onward_reader, writer, passing)
        )

    server = await asyncio.start_server(forward, "127.0.0.1", own_port)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.close()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passing: asyncio.Event | None
) -> None:
    try:
        while chunk := await reader.read(_CHUNK):
            if passing is not None:
                await passing.wait()
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
