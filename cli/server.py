"""The HTTP server around the API."""

from __future__ import annotations

import asyncio
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from cli.signals import STOP_SIGNALS

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator

    from starlette.applications import Starlette

_WEBSOCKETS_FIRST = 0.2  # seconds
_GRACE = 10  # seconds for requests that are under way when the server is told to stop


class ApiServer(uvicorn.Server):
    """uvicorn, ending in good order: streams first, and the process by its own last line."""

    def __init__(self, app: Starlette, *, host: str, port: int) -> None:
        """Nothing listens yet."""
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                loop="none",  # it runs in a loop that is there already
                http="httptools",
                ws="websockets-sansio",
                lifespan="on",
                log_config=None,
                access_log=False,  # the app writes a line of its own for each request
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._streams = app.state.streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. What the process holds by now it will hold to its end: no pause to look at it."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop. Streams over plain HTTP would never end by themselves, and are ended here.

        WebSockets uvicorn closes with a code that invites to resume. Ended a moment before, they
        would say to their clients that there is nothing more to come.
        """
        asyncio.get_running_loop().call_later(_WEBSOCKETS_FIRST, self._streams.close)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop at a signal. uvicorn's own way raises it again, before anything else is closed."""
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self.handle_exit, number, None)
        yield
