"""Waking every task that waits for a change."""

from __future__ import annotations

import asyncio


class Broadcast:
    """Wakes all tasks that wait at the time of ``fire``. A later ``wait`` waits for the next one.

    A task misses no change if it awaits nothing between reading the data and calling ``wait``.
    """

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def fire(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait for the next ``fire``. Returns False if it does not happen within that time."""
        event = self._next
        return await event.wait() if seconds is None else await wait_for_event(event, seconds)


async def wait_for_event(event: asyncio.Event, seconds: float) -> bool:
    """Wait until the event is set. Returns False if it is not set within that time."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            return await event.wait()
    except TimeoutError:
        return False
