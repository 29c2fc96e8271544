"""The first source: the record, read by one loop for all orders that somebody watches."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING

from orchestration.domain.errors import RecordUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gql.streams.feed import FeedMemory
    from gql.streams.watch import Watch
    from persistence.reads import FeedPosition, Reads

_log = logging.getLogger(__name__)

_TICK = 0.05
_PAGE = 1000
"""Events a statement: after a burst, the next one follows at once."""
_ORDERS_AT_ONCE = 100
_EVENTS_AT_ONCE = 500
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class Tail:
    """Reads while somebody is there, and stands still otherwise.

    All is done in turn by one loop, so that it is certain what the next statement will bring: a
    watch that joins is brought up to date from the record *after* the last tick without it.
    """

    def __init__(self, reads: Reads, memory: FeedMemory) -> None:
        """Fill ``watches``, and the memory of feeds where there are any."""
        self.watches: dict[str, Watch] = {}
        self.ticks = 0
        self.failing = False
        self._reads = reads
        self._memory = memory
        self._position: FeedPosition | None = None
        self._more = False
        self._next_tick = 0.0
        self._read_at = 0.0
        self._woken = asyncio.Event()
        self._closed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def lag(self) -> float:
        """How old the newest look at the record is, in seconds; 0 while nobody needs one."""
        if self._task is None:
            return 0.0
        return monotonic() - self._read_at

    def wake(self) -> None:
        """Look after somebody who has joined, or left."""
        self._woken.set()
        if self._task is None and self._wanted:
            self._read_at = monotonic()
            self._task = asyncio.create_task(self._run())

    def close(self) -> None:
        """Stop, once what is being read has been read."""
        self._closed.set()
        self._woken.set()

    @property
    def _wanted(self) -> bool:
        return bool(self.watches or self._memory.readers) and not self._closed.is_set()

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while self._wanted:
            self._woken.clear()
            try:
                await self._round()
            except Exception as error:  # ruff: ignore[blind-except] - all streams hang on this loop
                self._tell(error)
                await _wait(self._closed, pause)
                pause = min(_LONGEST_PAUSE, pause * 2)
                continue
            self.failing = False
            pause = _FIRST_PAUSE
            if not self._more:
                await _wait(self._woken, self._next_tick - asyncio.get_running_loop().time())
        # Nobody can join between the last look and here. Who joins later begins at a later place.
        self._memory.forget()
        self._position = None
        self._more = self.failing = False
        self._task = None

    async def _round(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._position is None:
            self._position = await self._reads.feed_position()
        await self._catch_up()
        if self._more or now >= self._next_tick:
            self._next_tick = now + _TICK
            self._position = await self._tick(self._position)
            self._read_at = monotonic()
            await self._catch_up()

    async def _tick(self, position: FeedPosition) -> FeedPosition:
        if feeding := self._memory.readers > 0:
            self._memory.begin(position)
        else:
            self._memory.forget()
        order_ids = None if feeding else list(self.watches)
        page = await self._reads.tail(position, _PAGE, order_ids)
        self.ticks += 1
        self._more = page.full
        for tailed in page.events:
            if watch := self.watches.get(tailed.stored.order_id):
                watch.offer([tailed.stored.event])
        if feeding:
            self._memory.extend(page.events)
        return page.position

    async def _catch_up(self) -> None:
        """Read what came before the tail's position, of all who lack it."""
        for part in list(self._behind()):
            await self._read_on(part)

    def _behind(self) -> Iterator[list[Watch]]:
        by_head: dict[int, list[Watch]] = {}
        for watch in self.watches.values():
            if watch.behind:
                by_head.setdefault(watch.head, []).append(watch)
        for watches in by_head.values():
            for first in range(0, len(watches), _ORDERS_AT_ONCE):
                yield watches[first : first + _ORDERS_AT_ONCE]

    async def _read_on(self, watches: list[Watch]) -> None:
        head = watches[0].head
        order_ids = [watch.order_id for watch in watches]
        pages = await self._reads.event_pages(order_ids, limit=_EVENTS_AT_ONCE, after=head)
        for watch in watches:
            rows = pages[watch.order_id]
            watch.behind = len(rows) == _EVENTS_AT_ONCE
            watch.offer(row.event for row in rows)
            watch.caught_up.set()

    def _tell(self, error: Exception) -> None:
        if not self.failing:
            if isinstance(error, RecordUnavailable):
                _log.warning("the record is away; streams go on from the workflows: %s", error)
            else:
                _log.error("the tail of the record failed", exc_info=error)
            self.failing = True
            # Who waits at leisure for a workflow shall look again: it is the only source now.
            for watch in self.watches.values():
                watch.changed.fire()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        pass
