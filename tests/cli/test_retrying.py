"""How often a request is sent, and how many at once."""

from __future__ import annotations

import asyncio

import pytest

from cli.client.concurrency_limit import ConcurrencyLimit
from cli.client.failures import TOO_MANY_REQUESTS, RequestFailed
from cli.client.retries import persistently


async def test_attempts_that_take_long_use_up_the_time_but_there_is_a_second_one() -> None:
    attempts = 0

    async def slow() -> None:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0.2)
        raise RequestFailed("too slow", code="REQUEST_TIMEOUT", passing=True)

    with pytest.raises(RequestFailed):
        await persistently(slow, delays=[0.01] * 10)
    assert attempts == 2


async def test_all_get_in_where_the_api_takes_fewer_and_later_more_at_once() -> None:
    api = _Api(takes=2)
    room = ConcurrencyLimit(8)

    async def send_many() -> None:
        await asyncio.gather(*(room.one(api.answer, delays=()) for _ in range(100)))

    await send_many()
    assert api.most == 2
    api.takes = 100
    await send_many()
    assert api.most == 8


class _Api:
    """Answers so many at once, and refuses the others."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.most = self._under_way = 0

    async def answer(self) -> None:
        if self._under_way >= self.takes:
            raise RequestFailed("no room", code=TOO_MANY_REQUESTS, passing=True)
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        await asyncio.sleep(0.001)
        self._under_way -= 1
