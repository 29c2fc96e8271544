"""The first source: Postgres, read by one loop for all watched orders and for the feed."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING

from gql.streams.broadcast import wait_for_event
from orchestration.domain.errors import RecordUnavailable
from persistence.reads import OtherEpoch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gql.streams.feed import FeedBuffer
    from gql.streams.watch import Watch
    from persistence.reads import FeedPosition, Reads

_log = logging.getLogger(__name__)

_TICK_INTERVAL = 0.05
_EVENTS_PER_TICK = 1000
"""Limit of one statement. If it is reached, the next tick follows at once."""
_ORDERS_PER_READ = 100
_EVENTS_PER_ORDER = 500
_MIN_RETRY_DELAY = 0.1
_MAX_RETRY_DELAY = 2.0


class Tail:
    """Reads new events into ``watches`` and the feed's buffer. It runs only while one is in use.

    One loop does everything in turn, so it is certain which events the next tick returns. A watch
    that joins reads its history *after* the last tick that did not include it.
    """

    def __init__(self, reads: Reads, feed: FeedBuffer) -> None:
        self.watches: dict[str, Watch] = {}
        self.ticks = 0
        self.failing = False
        self._reads = reads
        self._feed = feed
        self._position: FeedPosition | None = None
        self._page_was_full = False
        self._next_tick = 0.0
        self._read_at = 0.0
        self._woken = asyncio.Event()
        self._closed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def lag(self) -> float:
        """Seconds since the last successful tick. 0 if the tail is not running."""
        if self._task is None:
            return 0.0
        return monotonic() - self._read_at

    def wake(self) -> None:
        """Call this when a watch or a reader of the feed is added or removed, or falls behind."""
        self._woken.set()
        if self._task is None and self._in_use:
            self._read_at = monotonic()
            self._task = asyncio.create_task(self._run())

    def close(self) -> None:
        """Stop after the current read."""
        self._closed.set()
        self._woken.set()

    @property
    def _in_use(self) -> bool:
        return bool(self.watches or self._feed.readers) and not self._closed.is_set()

    async def _run(self) -> None:
        retry_delay = _MIN_RETRY_DELAY
        while self._in_use:
            self._woken.clear()
            try:
                await self._round()
            except OtherEpoch:
                _log.warning("The database was restored or has failed over; the feed starts again")
                self._start_anew()
                continue
            except Exception as error:  # ruff: ignore[blind-except] - all streams depend on this loop
                self._report_failure(error)
                await wait_for_event(self._closed, retry_delay)
                retry_delay = min(_MAX_RETRY_DELAY, retry_delay * 2)
                continue
            self.failing = False
            retry_delay = _MIN_RETRY_DELAY
            if not self._page_was_full:
                now = asyncio.get_running_loop().time()
                await wait_for_event(self._woken, self._next_tick - now)
        # Nothing is awaited between the last check and here, so nobody can have joined. A watch
        # that joins now starts a new loop at a later position.
        self._feed.clear()
        self._position = None
        self._page_was_full = self.failing = False
        self._task = None

    def _start_anew(self) -> None:
        """Continue at the end of the feed. Its readers end, and watches read their orders again."""
        self._position = None
        self._next_tick = 0.0
        self._feed.clear()
        for watch in self.watches.values():
            watch.behind = True

    async def _round(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._position is None:
            self._position = await self._reads.feed_position()
        await self._catch_up()
        if self._page_was_full or now >= self._next_tick:
            self._next_tick = now + _TICK_INTERVAL
            self._position = await self._tick(self._position)
            self._read_at = monotonic()
            await self._catch_up()

    async def _tick(self, position: FeedPosition) -> FeedPosition:
        """Read the events after a position, and return the position for the next tick."""
        if feeding := self._feed.readers > 0:
            self._feed.start(position)
        else:
            self._feed.clear()
        order_ids = None if feeding else list(self.watches)
        page = await self._reads.tail(position, _EVENTS_PER_TICK, order_ids)
        self.ticks += 1
        self._page_was_full = page.full
        for tailed in page.events:
            if watch := self.watches.get(tailed.stored.order_id):
                watch.receive([tailed.stored.event])
        if feeding:
            self._feed.extend(page.events)
        return page.position

    async def _catch_up(self) -> None:
        """Read the events that watches lack up to the tail's position."""
        for watches in list(self._watches_behind()):
            await self._read_missing(watches)

    def _watches_behind(self) -> Iterator[list[Watch]]:
        """Group the watches that are behind, so that one statement reads all with the same head."""
        by_head: dict[int, list[Watch]] = {}
        for watch in self.watches.values():
            if watch.behind:
                by_head.setdefault(watch.head, []).append(watch)
        for watches in by_head.values():
            for first in range(0, len(watches), _ORDERS_PER_READ):
                yield watches[first : first + _ORDERS_PER_READ]

    async def _read_missing(self, watches: list[Watch]) -> None:
        head = watches[0].head
        order_ids = [watch.order_id for watch in watches]
        pages = await self._reads.event_pages(order_ids, limit=_EVENTS_PER_ORDER, after=head)
        for watch in watches:
            rows = pages[watch.order_id]
            watch.behind = len(rows) == _EVENTS_PER_ORDER
            watch.receive(row.event for row in rows)
            watch.caught_up.set()

    def _report_failure(self, error: Exception) -> None:
        if not self.failing:
            if isinstance(error, RecordUnavailable):
                _log.warning("Postgres is unavailable; streams continue from workflows: %s", error)
            else:
                _log.error("reading new events from Postgres failed", exc_info=error)
            self.failing = True
            # Polling now has shorter intervals. Wake the pollers from their longer ones.
            for watch in self.watches.values():
                watch.changed.fire()
