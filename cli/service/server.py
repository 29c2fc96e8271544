"""The HTTP server around the API."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from cli.service.garbage_collection import spare_collections
from cli.service.signals import STOP_SIGNALS

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator

    from starlette.applications import Starlette

_log = logging.getLogger(__name__)

_GRACE = 10  # seconds for requests that are under way when the server is told to stop
_READS_WITHIN = 20.0  # seconds that a client may leave what was sent to it unread


class _Impatient(asyncio.Protocol):
    """Cuts off a client that has stopped reading. What waits to be sent to it waits no longer."""

    config: uvicorn.Config
    loop: asyncio.AbstractEventLoop
    transport: Any  # the two protocols below type it each in its own way
    _timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._timer = self.loop.call_later(_READS_WITHIN, self._cut_off)

    def resume_writing(self) -> None:
        self._be_patient()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def _be_patient(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut_off(self) -> None:
        _log.info("a client that has stopped reading is cut off")
        cast("Starlette", self.config.app).state.streams.dropped += 1
        self.transport.abort()


class _Http(_Impatient, HttpToolsProtocol):
    pass


class _WebSocket(_Impatient, WebSocketsSansIOProtocol):
    pass


def server_config(app: Starlette, *, host: str, port: int) -> uvicorn.Config:
    """Return how the API is served, in a loop that is there already."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="none",
        http=_Http,
        ws=_WebSocket,
        # An event is small: packing each of them costs more than it saves, in memory above all.
        ws_per_message_deflate=False,
        ws_max_size=app.state.max_message_bytes,
        lifespan="on",
        log_config=None,
        access_log=False,  # the app writes a line of its own for each request
        timeout_graceful_shutdown=_GRACE,
    )


class ApiServer(uvicorn.Server):
    """uvicorn, ending in good order: streams first, and the process by its own last line."""

    def __init__(self, app: Starlette, *, host: str, port: int) -> None:
        """Nothing listens yet."""
        super().__init__(server_config(app, host=host, port=port))
        self._streams = app.state.streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        spare_collections()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop. Streams would never end by themselves: they are ended so that clients resume."""
        self._streams.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop at a signal. uvicorn's own way raises it again, before anything else is closed."""
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self.handle_exit, number, None)
        yield
