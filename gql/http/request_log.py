"""One log line a request. A WebSocket's comes when it closes."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)

_ACCEPTED = 101
_REFUSED = 403


class RequestLog:
    """ASGI middleware. The line's fields are the record's attributes, for a JSON formatter."""

    def __init__(self, app: ASGIApp) -> None:
        """Log what this application answers."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and say afterwards how it went."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status: int | None = None

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = _ACCEPTED
            elif message["type"] == "websocket.close" and status is None:
                status = _REFUSED
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            method = scope.get("method", "WEBSOCKET")
            path = scope["path"]
            # Probes come every few seconds and say nothing.
            level = logging.DEBUG if path.startswith("/health/") else logging.INFO
            _log.log(
                level,
                "%s %s",
                method,
                path,
                extra={
                    "method": method,
                    "path": path,
                    "operation": scope.get("state", {}).get("operation_name"),
                    "status": status,
                    "ms": round((perf_counter() - began) * 1000, 1),
                },
            )
