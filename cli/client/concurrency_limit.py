"""How many requests at once the API has room for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from cli.client.failures import TOO_MANY_REQUESTS, RequestFailed
from cli.client.retries import persistently

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

_Answer = TypeVar("_Answer")


class OutOfReach(Exception):
    """Another request was tried in vain for as long as there is patience: this one was not sent."""


class ConcurrencyLimit:
    """Places for requests: one fewer when one is refused for want of room, and slowly more again.

    Requests that only came back later would meet a server that is kept full by their own kind, and
    some of them would never get in.
    """

    def __init__(self, places: int) -> None:
        """Begin with these, which are the most that there will ever be."""
        self._most = self._places = places
        self._free = asyncio.Semaphore(places)  # who waits longest is the next
        self._answered = 0
        self.out_of_reach = False

    async def one(
        self, request: Callable[[], Awaitable[_Answer]], delays: Sequence[float]
    ) -> _Answer:
        """Send a request from a place of its own, persistently.

        Raises RequestFailed, or OutOfReach.
        """
        while True:
            await self._free.acquire()
            if self.out_of_reach:
                self._free.release()
                raise OutOfReach
            try:
                answer = await persistently(lambda: self._attempt(request), delays)
            except _NoRoom:
                self._places -= 1
            except RequestFailed as failure:
                self.out_of_reach |= failure.passing
                self._free.release()
                raise
            else:
                self._free.release()
                self._widen()
                return answer

    async def _attempt(self, request: Callable[[], Awaitable[_Answer]]) -> _Answer:
        try:
            return await request()
        except RequestFailed as failure:
            if failure.code == TOO_MANY_REQUESTS and self._places > 1:
                raise _NoRoom from failure
            raise

    def _widen(self) -> None:
        """Add a place once as many were answered as there are places: others may have gone."""
        self._answered += 1
        if self._answered >= self._places < self._most:
            self._answered = 0
            self._places += 1
            self._free.release()


class _NoRoom(Exception):
    """The API has no room for as many: the request is to wait for another place."""
