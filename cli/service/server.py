"""The HTTP server that serves the API."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from cli.service.garbage_collection import reduce_gc_work
from cli.service.signals import STOP_SIGNALS

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator

    from starlette.applications import Starlette

_log = logging.getLogger(__name__)

_SHUTDOWN_TIMEOUT = 10  # seconds for running requests to finish
_KEEP_ALIVE = 75  # seconds; longer than the 60 for which most proxies keep an idle connection
_WRITE_TIMEOUT = 20.0  # seconds during which a client may read nothing of what was sent


class _WriteTimeout(asyncio.Protocol):
    """Closes the connection of a client that has stopped reading, and frees its send buffer."""

    config: uvicorn.Config
    loop: asyncio.AbstractEventLoop
    transport: Any  # the two protocols below declare different types
    _timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._timer = self.loop.call_later(_WRITE_TIMEOUT, self._abort)

    def resume_writing(self) -> None:
        self._cancel_timer()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_timer()
        super().connection_lost(exc)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _abort(self) -> None:
        _log.info("closed the connection of a client that has stopped reading")
        cast("Starlette", self.config.app).state.streams.dropped += 1
        self.transport.abort()


class _Http(_WriteTimeout, HttpToolsProtocol):
    pass


class _WebSocket(_WriteTimeout, WebSocketsSansIOProtocol):
    pass


def server_config(app: Starlette, *, host: str, port: int) -> uvicorn.Config:
    """Return the configuration for a server that runs in the current event loop."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="none",
        http=_Http,
        ws=_WebSocket,
        # Events are small. Compressing each one costs more than it saves, mainly in memory.
        ws_per_message_deflate=False,
        ws_max_size=app.state.max_message_bytes,
        lifespan="on",
        log_config=None,
        access_log=False,  # the app logs each request itself
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_SHUTDOWN_TIMEOUT,
    )


class ApiServer(uvicorn.Server):
    """uvicorn, except that streams are closed first and signals do not end the process."""

    def __init__(self, app: Starlette, *, host: str, port: int) -> None:
        super().__init__(server_config(app, host=host, port=port))
        self._streams = app.state.streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        reduce_gc_work()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the streams first. They would not end by themselves, and their clients resume."""
        self._streams.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Shut down on a signal.

        uvicorn's own handler raises the signal again, before the caller has closed its resources.
        """
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self.handle_exit, number, None)
        yield
