"""Cancels a request whose client disconnects before it gets a response."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.requests import Request

WATCH_DELAY = 0.05
"""Seconds before the connection is watched. Most requests end sooner and need no extra task."""


class ClientDisconnected(Exception):
    """The client closed its connection, so no response can be sent."""


@asynccontextmanager
async def cancel_on_disconnect(
    request: Request, *, is_cancellable: Callable[[], bool]
) -> AsyncGenerator[None]:
    """Cancel the block if the client disconnects, and raise ClientDisconnected.

    The request's body must have been read. ``is_cancellable`` is called at most once, and only if
    the block takes longer than ``WATCH_DELAY``.
    """
    deadline = asyncio.timeout(None)
    watch: asyncio.Task[None] | None = None

    def start_watch() -> None:
        nonlocal watch
        if is_cancellable():
            watch = asyncio.create_task(_expire_on_disconnect(request, deadline))

    timer = asyncio.get_running_loop().call_later(WATCH_DELAY, start_watch)
    try:
        async with deadline:
            yield
    except TimeoutError:
        if not deadline.expired():
            raise
        raise ClientDisconnected from None
    finally:
        timer.cancel()
        if watch is not None:
            watch.cancel()


async def _expire_on_disconnect(request: Request, deadline: asyncio.Timeout) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    deadline.reschedule(asyncio.get_running_loop().time())
