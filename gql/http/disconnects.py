"""Requests whose client hangs up before it has its answer."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.requests import Request

WATCHED_AFTER = 0.05
"""Seconds: nearly all requests have ended by then, and need no task that watches their client."""


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


@asynccontextmanager
async def cancel_on_disconnect(
    request: Request, *, may_be_given_up: Callable[[], bool]
) -> AsyncGenerator[None]:
    """Cancel what is done within when the client hangs up, and raise ClientGone.

    The request's body has to be read by then. ``may_be_given_up`` is asked once, where this takes
    long.
    """
    patience = asyncio.timeout(None)
    watch: asyncio.Task[None] | None = None

    def begin() -> None:
        nonlocal watch
        if may_be_given_up():
            watch = asyncio.create_task(_expire_with_client(request, patience))

    timer = asyncio.get_running_loop().call_later(WATCHED_AFTER, begin)
    try:
        async with patience:
            yield
    except TimeoutError:
        if not patience.expired():
            raise
        raise ClientGone from None
    finally:
        timer.cancel()
        if watch is not None:
            watch.cancel()


async def _expire_with_client(request: Request, patience: asyncio.Timeout) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    patience.reschedule(asyncio.get_running_loop().time())
