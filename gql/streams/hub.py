"""What one process's subscriptions share: one watch an order, two sources, one feed.

The record is read for all of them by one statement a tick, their workflows are asked seldom and
within a bound, and the sequence of each event says whether it has come already.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gql.streams.feed import FeedMemory
from gql.streams.feed_reader import FeedReader
from gql.streams.interruption import ServerGoesDown, SlowClient
from gql.streams.polling import Budget, Poller
from gql.streams.progress import SHORTEST, Progress, ProgressOfOrder
from gql.streams.tailing import Tail
from gql.streams.watch import Watch
from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.order import IDENTIFIER
from orchestration.messages import StatusQuery

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from orchestration.client import OrderClient
    from orchestration.domain.order import OrderEvent
    from persistence.reads import FeedPosition, OrderFilter, Reads, TailedEvent

_RETRY = 0.5
_LOOKS = 3
"""For an order before nobody can tell whether there is one."""
_FINDING = 4
"""What is looked up at once for new streams, out of the ten connections that a process has."""


class UnknownOrder(Exception):
    """Neither the record nor Temporal knows the order."""

    def __init__(self, order_id: str) -> None:
        """Keep the id that was asked for."""
        super().__init__(f"There is no order {order_id}.")
        self.order_id = order_id


class UnknownPosition(Exception):
    """The feed has not come so far: the record was restored since, or is another one."""


@dataclass(frozen=True)
class StreamFigures:
    """How the streams are doing.

    ``dropped`` counts clients that were too slow, ``ticks`` and ``workflow_questions`` what was
    asked of either source since the start; ``lag`` is how many seconds old the newest look at the
    record is.
    """

    watches: int
    subscribers: int
    dropped: int
    ticks: int
    workflow_questions: int
    lag: float


class EventStreams:
    """The source of one process's subscriptions."""

    def __init__(self, reads: Reads, orders: OrderClient) -> None:
        """Read from the record, and ask Temporal. Nothing is read while nobody subscribes."""
        self.dropped = 0
        self._reads = reads
        self._orders = orders
        self._closed = False
        self._subscribers = 0
        self._budget = Budget()
        self._finding = asyncio.Semaphore(_FINDING)
        self._memory = FeedMemory()
        self._tail = Tail(reads, self._memory)
        self._poller = Poller(orders, self._tail, self._budget)
        self._feeds = FeedReader(reads, self._memory)
        self._progress: dict[Watch, ProgressOfOrder] = {}

    @property
    def figures(self) -> StreamFigures:
        """How the streams are doing now."""
        return StreamFigures(
            watches=len(self._tail.watches),
            subscribers=self._subscribers,
            dropped=self.dropped,
            ticks=self._tail.ticks,
            workflow_questions=self._budget.spent,
            lag=self._tail.lag,
        )

    def close(self) -> None:
        """End every stream in a way that invites to resume it elsewhere."""
        self._closed = True
        self._tail.close()
        self._memory.close()
        for watch in self._tail.watches.values():
            watch.changed.fire()
        for progress in self._progress.values():
            progress.changed.fire()

    async def events(self, order_id: str, after: int) -> AsyncGenerator[OrderEvent]:
        """Return the order's events after that sequence, then each new one, to its last.

        Raises UnknownOrder, or what kept it from finding out, before there is a stream; the stream
        itself raises StreamInterrupted where it ends before the order.
        """
        run_id = await self._find(order_id)
        return self._follow(order_id, run_id, after)

    async def progress(self, order_id: str) -> AsyncGenerator[Progress]:
        """Return how the order stands, then how it does after each change. Raises as ``events``."""
        run_id = await self._find(order_id)
        return self._follow_progress(order_id, run_id)

    async def feed(
        self, wanted: OrderFilter, after: FeedPosition | None
    ) -> AsyncGenerator[TailedEvent]:
        """Return the events of all orders that match, after a position or from now on.

        The stream has no end of its own: it raises StreamInterrupted. Raises UnknownPosition.
        """
        self._check_open()
        if after is not None:
            # While the record is away nobody can tell, and the stream waits for it.
            with suppress(RecordUnavailable):
                async with self._finding:
                    end = await self._reads.feed_position()
                if after.xid > end.xid:
                    raise UnknownPosition
        return self._follow_feed(wanted, after)

    async def _find(self, order_id: str) -> str | None:
        """Return the run on record, None where there is none yet; or raise UnknownOrder."""
        if not IDENTIFIER.fullmatch(order_id):
            raise UnknownOrder(order_id)
        looks = 0
        while True:
            self._check_open()
            away: RecordUnavailable | TemporalUnavailable | None = None
            try:
                # After a restart all come back at once: they wait here, not for a connection.
                async with self._finding:
                    if watch := self._tail.watches.get(order_id):
                        return watch.run_id
                    row = await self._reads.order(order_id)
                if row is not None:
                    return row.run_id
            except RecordUnavailable as error:
                away = error
            try:
                async with self._budget:
                    if await self._orders.describe(order_id) is not None:
                        return None
            except TemporalUnavailable as error:
                away = error
            if away is None:
                raise UnknownOrder(order_id)
            looks += 1
            if looks == _LOOKS:
                raise away

    def _check_open(self) -> None:
        if self._closed:
            raise ServerGoesDown

    @asynccontextmanager
    async def _watching(self, order_id: str, run_id: str | None) -> AsyncGenerator[Watch]:
        """Share the order's watch; it begins with its first subscriber, and ends with its last."""
        watch = self._tail.watches.get(order_id)
        if watch is None or watch.finished:
            watch = Watch(order_id, run_id)
            self._tail.watches[order_id] = watch
            watch.polling = asyncio.create_task(self._poll(watch))
            self._tail.wake()
        watch.subscribers += 1
        self._subscribers += 1
        try:
            yield watch
        finally:
            watch.subscribers -= 1
            self._subscribers -= 1
            if not watch.subscribers:
                if watch.polling is not None:
                    watch.polling.cancel()
                self._end(watch)

    async def _poll(self, watch: Watch) -> None:
        await self._poller.follow(watch)
        self._end(watch)

    def _end(self, watch: Watch) -> None:
        if self._tail.watches.get(watch.order_id) is watch:
            del self._tail.watches[watch.order_id]
            self._tail.wake()

    async def _follow(
        self, order_id: str, run_id: str | None, after: int
    ) -> AsyncGenerator[OrderEvent]:
        async with self._watching(order_id, run_id) as watch:
            while True:
                self._check_open()
                kept = watch.after(after)
                events = await self._older(watch, after) if kept is None else kept
                for event in events:
                    yield event  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller
                    after = event.sequence
                if events or kept is None:
                    continue  # the watch may have gone on meanwhile
                if watch.finished and watch.head <= after:
                    return
                await watch.changed.wait()

    async def _older(self, watch: Watch, after: int) -> list[OrderEvent]:
        """Read what memory no longer has, where it can be read; wait for a moment where not."""
        try:
            rows = await self._reads.events_after(watch.order_id, after)
        except RecordUnavailable:
            rows = []
        if rows:
            return [row.event for row in rows]
        try:
            async with self._budget:
                question = StatusQuery(after_sequence=after)
                status = await self._orders.status(watch.order_id, question)
        except TemporalUnavailable:
            status = None
        if status is None or status.run_id != watch.run_id or not status.events:
            await watch.changed.wait(_RETRY)
            return []
        return status.events

    async def _follow_feed(
        self, wanted: OrderFilter, after: FeedPosition | None
    ) -> AsyncGenerator[TailedEvent]:
        self._subscribers += 1
        self._memory.readers += 1
        self._tail.wake()
        try:
            async with aclosing(self._feeds.follow(wanted, after)) as feed:
                async for tailed in feed:
                    yield tailed  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller
        except SlowClient:
            self.dropped += 1
            raise
        finally:
            self._subscribers -= 1
            self._memory.readers -= 1
            self._tail.wake()

    async def _follow_progress(self, order_id: str, run_id: str | None) -> AsyncGenerator[Progress]:
        loop = asyncio.get_running_loop()
        async with self._watching(order_id, run_id) as watch, self._looking(watch) as progress:
            told: Progress | None = None
            while True:
                self._check_open()
                latest, finished = progress.latest, progress.finished
                if latest is not None and (told is None or latest.key != told.key):
                    began = loop.time()
                    yield latest  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller
                    told = latest
                    await asyncio.sleep(began + SHORTEST - loop.time())
                elif finished:
                    return
                else:
                    await progress.changed.wait()

    @asynccontextmanager
    async def _looking(self, watch: Watch) -> AsyncGenerator[ProgressOfOrder]:
        progress = self._progress.get(watch)
        if progress is None:
            progress = ProgressOfOrder(watch, self._reads, self._orders, self._budget)
            self._progress[watch] = progress
            progress.begin()
        progress.subscribers += 1
        try:
            yield progress
        finally:
            progress.subscribers -= 1
            if not progress.subscribers:
                progress.end()
                del self._progress[watch]
