"""Limits the number of concurrent requests to what the API accepts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from cli.client.failures import TOO_MANY_REQUESTS, RequestFailed
from cli.client.retries import with_retries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

_Result = TypeVar("_Result")


class ApiUnavailable(Exception):
    """The request was not sent, because all retries of an earlier request failed."""


class ConcurrencyLimit:
    """An adaptive limit: reduced by one per TOO_MANY_REQUESTS, raised slowly after successes.

    Retrying after a delay alone would not be enough. The other requests of this process would
    keep the server at its limit, and some requests would never be accepted.
    """

    def __init__(self, maximum: int) -> None:
        self._maximum = self._limit = maximum
        self._slots = asyncio.Semaphore(maximum)  # first come, first served
        self._successes = 0
        self.api_unavailable = False

    async def run(
        self, request: Callable[[], Awaitable[_Result]], delays: Sequence[float]
    ) -> _Result:
        """Send a request, with retries, as soon as a slot is free.

        Raises RequestFailed, or ApiUnavailable.
        """
        while True:
            await self._slots.acquire()
            if self.api_unavailable:
                self._slots.release()
                raise ApiUnavailable
            try:
                result = await with_retries(lambda: self._attempt(request), delays)
            except _OverLimit:
                self._limit -= 1  # the slot is not released
            except RequestFailed as failure:
                self.api_unavailable |= failure.retryable
                self._slots.release()
                raise
            else:
                self._slots.release()
                self._raise_limit()
                return result

    async def _attempt(self, request: Callable[[], Awaitable[_Result]]) -> _Result:
        try:
            return await request()
        except RequestFailed as failure:
            if failure.code == TOO_MANY_REQUESTS and self._limit > 1:
                raise _OverLimit from failure
            raise

    def _raise_limit(self) -> None:
        """Add a slot after as many successes as there are slots: other clients may have left."""
        self._successes += 1
        if self._successes >= self._limit < self._maximum:
            self._successes = 0
            self._limit += 1
            self._slots.release()


class _OverLimit(Exception):
    """The API refused the request, which must wait for another slot."""
