"""One feed: out of the record as far as memory does not reach back, then as events happen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gql.streams.interruption import ServerGoesDown, SlowClient
from orchestration.domain.errors import RecordUnavailable
from persistence.reads import matches

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from gql.streams.feed import FeedMemory
    from persistence.reads import FeedPosition, OrderFilter, Reads, TailedEvent, TailPage

_PAGE = 500
_AT_ONCE = 100
_RETRY = 0.5
_READING = 4
"""Feeds that read the record at once: after an outage all of them come back together."""


class FeedReader:
    """Reads for every feed of the process."""

    def __init__(self, reads: Reads, memory: FeedMemory) -> None:
        """``memory`` is filled by the tail."""
        self._reads = reads
        self._memory = memory
        self._reading = asyncio.Semaphore(_READING)

    async def follow(
        self, wanted: OrderFilter, after: FeedPosition | None
    ) -> AsyncGenerator[TailedEvent]:
        """Yield the events that match, after a position or from now on, without end.

        Raises SlowClient where they are asked for more slowly than they happen, ServerGoesDown.
        """
        memory = self._memory
        while memory.floor is None:
            await self._change()
        position = memory.floor if after is None else after
        number = memory.end if after is None else memory.number_after(position)
        while number is None:
            page = await self._page(position)
            for tailed in page.events:
                if matches(wanted, tailed):
                    yield tailed
            position = page.position
            number = memory.number_after(position)
        while True:
            events = memory.read(number, _AT_ONCE)
            if events is None:
                raise SlowClient
            for tailed in events:
                number += 1
                # The record may have been read further than the tail was at that time.
                if tailed.position > position and matches(wanted, tailed):
                    yield tailed
            if not events:
                await self._change()

    async def _change(self) -> None:
        if not self._memory.closed:
            await self._memory.changed.wait()
        if self._memory.closed:
            raise ServerGoesDown

    async def _page(self, position: FeedPosition) -> TailPage:
        while not self._memory.closed:
            try:
                async with self._reading:
                    return await self._reads.tail(position, _PAGE)
            except RecordUnavailable:
                await self._memory.changed.wait(_RETRY)
        raise ServerGoesDown
