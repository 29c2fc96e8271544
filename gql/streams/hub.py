"""The hub: starts the streams of a process's subscriptions from sources that they share.

All streams share one watch per order and one tail of Postgres. An event that both sources deliver
is recognized by its sequence and delivered once.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gql.streams.errors import (
    ServerStopping,
    SlowClient,
    StreamInterrupted,
    UnknownOrder,
    UnknownPosition,
)
from gql.streams.feed import FeedBuffer, FeedReader
from gql.streams.polling import Poller, QueryBudget
from gql.streams.progress import MIN_UPDATE_INTERVAL, Progress, ProgressReader
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

_RETRY_DELAY = 0.5
_MAX_LOOKUPS = 3
"""Attempts to find an order while a source that might know it is unavailable."""
_CONCURRENT_LOOKUPS = 4
"""Reads of Postgres for new streams at the same time. The process has ten connections."""


@dataclass(frozen=True)
class StreamMetrics:
    """Counters and gauges for the streams of this process.

    ``dropped`` (clients that read a feed too slowly), ``ticks`` of the tail and
    ``workflow_queries`` count since the start. ``lag`` is the seconds since the last tick.
    """

    watches: int
    subscribers: int
    dropped: int
    ticks: int
    workflow_queries: int
    lag: float


class EventStreams:
    """The streams of one process. It reads nothing while nobody subscribes."""

    def __init__(self, reads: Reads, orders: OrderClient) -> None:
        self.dropped = 0
        self._reads = reads
        self._orders = orders
        self._closed = False
        self._subscribers = 0
        self._budget = QueryBudget()
        self._lookups = asyncio.Semaphore(_CONCURRENT_LOOKUPS)
        self._feed_buffer = FeedBuffer()
        self._feed_reader = FeedReader(reads, self._feed_buffer)
        self._tail = Tail(reads, self._feed_buffer)
        self._poller = Poller(orders, self._tail, self._budget)
        self._progress: dict[Watch, ProgressReader] = {}

    @property
    def metrics(self) -> StreamMetrics:
        return StreamMetrics(
            watches=len(self._tail.watches),
            subscribers=self._subscribers,
            dropped=self.dropped,
            ticks=self._tail.ticks,
            workflow_queries=self._budget.used,
            lag=self._tail.lag,
        )

    def close(self) -> None:
        """Close every stream with a code that tells clients to reconnect and resume."""
        self._closed = True
        self._tail.close()
        self._feed_buffer.close()
        for watch in self._tail.watches.values():
            watch.changed.fire()
        for progress in self._progress.values():
            progress.changed.fire()

    async def events(self, order_id: str, after: int) -> AsyncGenerator[OrderEvent]:
        """Return the order's events after a sequence, then new events until the order ends.

        Raises UnknownOrder. Raises RecordUnavailable or TemporalUnavailable if the order cannot be
        looked up. The stream raises StreamInterrupted if it ends before the order.
        """
        run_id = await self._find_run(order_id)
        return self._stream_events(order_id, run_id, after)

    async def wait_for_end(self, order_id: str, after: int, seconds: float) -> None:
        """Return when the order has ended, after that time, or if its events cannot be followed.

        All waiting requests and subscriptions of an order share one watch. ``after`` is the
        sequence that the caller knows.
        """
        with suppress(TimeoutError, StreamInterrupted, RecordUnavailable, TemporalUnavailable):
            async with asyncio.timeout(seconds):
                async with aclosing(await self.events(order_id, after)) as events:
                    async for _ in events:
                        pass

    async def progress(self, order_id: str) -> AsyncGenerator[Progress]:
        """Return the order's progress now and after each change. Raises as ``events`` does."""
        run_id = await self._find_run(order_id)
        return self._stream_progress(order_id, run_id)

    async def feed(
        self, order_filter: OrderFilter, after: FeedPosition | None
    ) -> AsyncGenerator[TailedEvent]:
        """Return the events of all orders that match, after a position or from now on.

        Raises UnknownPosition. The stream ends only by raising StreamInterrupted.
        """
        self._check_open()
        if after is not None:
            # While Postgres is unavailable the position cannot be checked, and the stream waits.
            with suppress(RecordUnavailable):
                async with self._lookups:
                    end = await self._reads.feed_position()
                if after.epoch != end.epoch or after.xid > end.xid:
                    raise UnknownPosition
        return self._stream_feed(order_filter, after)

    async def _find_run(self, order_id: str) -> str | None:
        """Return the run in Postgres, or None if only Temporal knows the order."""
        if not IDENTIFIER.fullmatch(order_id):
            raise UnknownOrder(order_id)
        lookups = 0
        while True:
            self._check_open()
            unavailable: RecordUnavailable | TemporalUnavailable | None = None
            try:
                # After a restart all clients reconnect at once. They wait here, so that they do
                # not take all connections of the process.
                async with self._lookups:
                    if watch := self._tail.watches.get(order_id):
                        return watch.run_id
                    row = await self._reads.order(order_id)
                if row is not None:
                    return row.run_id
            except RecordUnavailable as error:
                unavailable = error
            try:
                async with self._budget:
                    if await self._orders.describe(order_id) is not None:
                        return None
            except TemporalUnavailable as error:
                unavailable = error
            if unavailable is None:
                raise UnknownOrder(order_id)
            lookups += 1
            if lookups == _MAX_LOOKUPS:
                raise unavailable

    def _check_open(self) -> None:
        if self._closed:
            raise ServerStopping

    @asynccontextmanager
    async def _shared_watch(self, order_id: str, run_id: str | None) -> AsyncGenerator[Watch]:
        """Subscribe to the order's watch, which exists while it has subscribers."""
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
                self._remove(watch)

    async def _poll(self, watch: Watch) -> None:
        await self._poller.poll(watch)
        self._remove(watch)

    def _remove(self, watch: Watch) -> None:
        if self._tail.watches.get(watch.order_id) is watch:
            del self._tail.watches[watch.order_id]
            self._tail.wake()

    @asynccontextmanager
    async def _shared_progress(self, watch: Watch) -> AsyncGenerator[ProgressReader]:
        """Subscribe to the progress of a watch, which is read while it has subscribers."""
        progress = self._progress.get(watch)
        if progress is None:
            progress = ProgressReader(watch, self._reads, self._orders, self._budget)
            self._progress[watch] = progress
            progress.start()
        progress.subscribers += 1
        try:
            yield progress
        finally:
            progress.subscribers -= 1
            if not progress.subscribers:
                progress.stop()
                del self._progress[watch]

    async def _stream_events(
        self, order_id: str, run_id: str | None, after: int
    ) -> AsyncGenerator[OrderEvent]:
        async with self._shared_watch(order_id, run_id) as watch:
            while True:
                self._check_open()
                in_memory = watch.events_after(after)
                events = await self._read_older(watch, after) if in_memory is None else in_memory
                for event in events:
                    yield event  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller
                    after = event.sequence
                if events or in_memory is None:
                    continue  # the watch may have changed while this task was suspended
                if watch.finished and watch.head <= after:
                    return
                await watch.changed.wait()

    async def _read_older(self, watch: Watch, after: int) -> list[OrderEvent]:
        """Read events that are no longer in memory, from Postgres or else from the workflow.

        If neither has them, it waits for a moment and returns an empty list.
        """
        try:
            rows = await self._reads.events_after(watch.order_id, after)
        except RecordUnavailable:
            rows = []
        if rows:
            return [row.event for row in rows]
        try:
            async with self._budget:
                query = StatusQuery(after_sequence=after)
                status = await self._orders.status(watch.order_id, query)
        except TemporalUnavailable:
            status = None
        if status is None or status.run_id != watch.run_id or not status.events:
            await watch.changed.wait(_RETRY_DELAY)
            return []
        return status.events

    async def _stream_progress(self, order_id: str, run_id: str | None) -> AsyncGenerator[Progress]:
        loop = asyncio.get_running_loop()
        async with (
            self._shared_watch(order_id, run_id) as watch,
            self._shared_progress(watch) as progress,
        ):
            sent: Progress | None = None
            while True:
                self._check_open()
                latest, finished = progress.latest, progress.finished
                if latest is not None and (sent is None or latest.key != sent.key):
                    began = loop.time()
                    yield latest  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller
                    sent = latest
                    await asyncio.sleep(began + MIN_UPDATE_INTERVAL - loop.time())
                elif finished:
                    return
                else:
                    await progress.changed.wait()

    async def _stream_feed(
        self, order_filter: OrderFilter, after: FeedPosition | None
    ) -> AsyncGenerator[TailedEvent]:
        self._subscribers += 1
        self._feed_buffer.readers += 1
        self._tail.wake()
        try:
            async with aclosing(self._feed_reader.read(order_filter, after)) as feed:
                async for tailed in feed:
                    yield tailed  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller
        except SlowClient:
            self.dropped += 1
            raise
        finally:
            self._subscribers -= 1
            self._feed_buffer.readers -= 1
            self._tail.wake()
