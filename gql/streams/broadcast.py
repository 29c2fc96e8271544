"""Waking everybody who waits for a change."""

from __future__ import annotations

import asyncio


class Broadcast:
    """An event that is over as soon as it has happened: who waits now is woken, later ones wait.

    Who looks at what changed and, finding nothing, waits here without any other await in between
    misses no change.
    """

    def __init__(self) -> None:
        """Nothing has happened."""
        self._next = asyncio.Event()

    def fire(self) -> None:
        """Wake all who wait."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait for the next time; False where it did not come within that many seconds."""
        coming = self._next
        if seconds is None:
            return await coming.wait()
        try:
            async with asyncio.timeout(seconds):
                await coming.wait()
        except TimeoutError:
            return False
        return True
