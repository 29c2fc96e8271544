"""Retries of requests, and the limit on concurrent requests."""

from __future__ import annotations

import asyncio

import pytest

from cli.client.concurrency_limit import ConcurrencyLimit
from cli.client.failures import TOO_MANY_REQUESTS, RequestFailed
from cli.client.retries import with_retries


async def test_slow_attempts_use_up_the_retry_time_but_at_least_one_retry_is_made() -> None:
    attempts = 0

    async def slow() -> None:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0.2)
        raise RequestFailed("too slow", code="REQUEST_TIMEOUT", retryable=True)

    with pytest.raises(RequestFailed):
        await with_retries(slow, delays=[0.01] * 10)
    assert attempts == 2


async def test_a_retry_waits_as_long_as_the_api_asks_for() -> None:
    times: list[float] = []

    async def limited() -> None:  # ruff: ignore[unused-async] - an attempt is a coroutine
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            raise RequestFailed("busy", code=TOO_MANY_REQUESTS, retryable=True, retry_after=0.3)

    await with_retries(limited, delays=[0.01])
    assert times[1] - times[0] >= 0.3


async def test_concurrency_adapts_to_the_limit_of_the_api_and_every_request_succeeds() -> None:
    api = _Api(limit=2)
    limit = ConcurrencyLimit(8)

    async def send_many() -> None:
        await asyncio.gather(*(limit.run(api.handle, delays=()) for _ in range(100)))

    await send_many()
    assert api.peak == 2
    api.limit = 100
    await send_many()
    assert api.peak == 8


class _Api:
    """Accepts a number of concurrent requests, and refuses others."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.peak = self._running = 0

    async def handle(self) -> None:
        if self._running >= self.limit:
            raise RequestFailed("busy", code=TOO_MANY_REQUESTS, retryable=True)
        self._running += 1
        self.peak = max(self.peak, self._running)
        await asyncio.sleep(0.001)
        self._running -= 1
