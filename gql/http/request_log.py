"""One log line per request. A WebSocket is logged when it closes."""

from __future__ import annotations

import logging
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)


class RequestLog:
    """ASGI middleware. The fields are attributes of the log record, for a JSON formatter."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        start = perf_counter()
        status: int | None = None

        async def send_and_note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = int(HTTPStatus.SWITCHING_PROTOCOLS)
            elif message["type"] == "websocket.close" and status is None:
                # The server sends 403 for a WebSocket that is closed before it is accepted.
                status = int(HTTPStatus.FORBIDDEN)
            await send(message)

        try:
            await self._app(scope, receive, send_and_note_status)
        finally:
            method = scope.get("method", "WEBSOCKET")
            path = scope["path"]
            # Probes call these routes every few seconds.
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
                    **_refusal(scope),
                    "ms": round((perf_counter() - start) * 1000, 1),
                },
            )


def _refusal(scope: Scope) -> dict[str, str]:
    """Return why the caller was not authenticated, if it was not."""
    refusal = scope.get("state", {}).get("refusal")
    return {} if refusal is None else {"refusal": refusal}
