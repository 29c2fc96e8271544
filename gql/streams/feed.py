"""The feed of all orders: recent events in memory, older ones read from Postgres."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import deque
from typing import TYPE_CHECKING

from gql.streams.broadcast import Broadcast
from gql.streams.errors import FeedRestarted, ServerStopping, SlowClient
from orchestration.domain.errors import RecordUnavailable
from persistence.reads import OtherEpoch, feed_matcher

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from persistence.reads import FeedPosition, OrderFilter, Reads, TailedEvent, TailPage

_CAPACITY = 10_000
"""Events in memory. A new subscriber reads older events from Postgres. One that falls behind is
disconnected."""
_EVENTS_PER_PAGE = 500
"""Events per read of Postgres."""
_EVENTS_PER_TURN = 100
"""Events that a subscriber takes from memory before it checks again that they were not dropped."""
_RETRY_DELAY = 0.5
_CONCURRENT_READS = 4
"""Subscribers that read Postgres at the same time. After an outage all of them resume at once."""


class FeedBuffer:
    """The recent events of all orders, filled by the tail while there are ``readers``.

    It holds every event after the position ``floor``, up to the position of the tail. Without
    readers it is empty and ``floor`` is None. Each event has an index, which only increases.
    """

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self.readers = 0
        self.floor: FeedPosition | None = None
        self.closed = False
        self.changed = Broadcast()
        self._events: deque[TailedEvent] = deque()
        self._capacity = capacity
        self._first_index = 0

    @property
    def end(self) -> int:
        """The index of the next event."""
        return self._first_index + len(self._events)

    def start(self, position: FeedPosition) -> None:
        """Begin after this position, unless it has begun already."""
        if self.floor is None:
            self.floor = position
            self.changed.fire()

    def clear(self) -> None:
        """Drop everything. Readers, if there are any, end with FeedRestarted."""
        if self.floor is not None:
            self._first_index = self.end
            self._events.clear()
            self.floor = None
            self.changed.fire()

    def close(self) -> None:
        """Wake all readers, so that they end."""
        self.closed = True
        self.changed.fire()

    def extend(self, events: Sequence[TailedEvent]) -> None:
        """Append the next events and drop the oldest ones above the capacity."""
        self._events.extend(events)
        while len(self._events) > self._capacity:
            self.floor = self._events.popleft().position
            self._first_index += 1
        if events:
            self.changed.fire()

    def index_after(self, position: FeedPosition) -> int | None:
        """Return the index of the first event after a position, or None if it was dropped."""
        if self.floor is None or position < self.floor:
            return None
        return self._first_index + bisect_right(
            self._events, position, key=lambda tailed: tailed.position
        )

    def read(self, index: int, limit: int) -> list[TailedEvent] | None:
        """Return the events from this index on, or None if the first of them was dropped."""
        start = index - self._first_index
        if start < 0:
            return None
        return [self._events[i] for i in range(start, min(start + limit, len(self._events)))]


class FeedReader:
    """Reads the feed for each subscriber."""

    def __init__(self, reads: Reads, buffer: FeedBuffer) -> None:
        self._reads = reads
        self._buffer = buffer
        self._database_reads = asyncio.Semaphore(_CONCURRENT_READS)

    async def read(
        self, order_filter: OrderFilter, after: FeedPosition | None
    ) -> AsyncGenerator[TailedEvent]:
        """Yield the events that match, after a position or from now on, without end.

        Raises SlowClient if the next event is no longer in memory, FeedRestarted if the position
        becomes one of another epoch, and ServerStopping.
        """
        matches = feed_matcher(order_filter)
        buffer = self._buffer
        while buffer.floor is None:
            await self._change()
        position = buffer.floor if after is None else after
        self._check_epoch(position)
        index = buffer.end if after is None else buffer.index_after(position)
        while index is None:
            page = await self._page(position)
            for tailed in page.events:
                if matches(tailed.stored, tailed.facts):
                    yield tailed
            position = page.position
            self._check_epoch(position)
            index = buffer.index_after(position)
        while True:
            events = buffer.read(index, _EVENTS_PER_TURN)
            if events is None:
                raise SlowClient
            for tailed in events:
                index += 1
                # The page from Postgres may have been ahead of the tail.
                if tailed.position > position and matches(tailed.stored, tailed.facts):
                    yield tailed
            if not events:
                await self._change()
                self._check_epoch(position)

    def _check_epoch(self, position: FeedPosition) -> None:
        if self._buffer.closed:
            raise ServerStopping
        floor = self._buffer.floor
        if floor is None or floor.epoch != position.epoch:
            raise FeedRestarted

    async def _change(self) -> None:
        if not self._buffer.closed:
            await self._buffer.changed.wait()
        if self._buffer.closed:
            raise ServerStopping

    async def _page(self, position: FeedPosition) -> TailPage:
        while not self._buffer.closed:
            try:
                async with self._database_reads:
                    return await self._reads.tail(position, _EVENTS_PER_PAGE)
            except OtherEpoch:
                raise FeedRestarted from None
            except RecordUnavailable:
                await self._buffer.changed.wait(_RETRY_DELAY)
        raise ServerStopping
