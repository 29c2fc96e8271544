"""The second source: workflows, queried at adaptive intervals within a budget of the process."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gql.streams.broadcast import wait_for_event
from orchestration.client import TemporalUnavailable, WorkflowStatus
from orchestration.messages import StatusQuery

if TYPE_CHECKING:
    from types import TracebackType

    from gql.streams.tailing import Tail
    from gql.streams.watch import Watch
    from orchestration.client import OrderClient

_log = logging.getLogger(__name__)

_MAX_CONCURRENT = 8
_MAX_PER_SECOND = 40
"""Workers answer this many queries without processing orders more slowly."""

_MIN_INTERVAL = 1.0
_MAX_INTERVAL = 15.0
_MIN_INTERVAL_WITHOUT_RECORD = 0.25
_MAX_INTERVAL_WITHOUT_RECORD = 2.0
"""While Postgres is unavailable, the workflow is the only source."""
BACKOFF_FACTOR = 1.5

_RECORD_HEAD_START = 0.05
"""Most watched orders are in Postgres. If one has ended, its workflow is not queried at all."""
_ROUNDS_PER_DESCRIBE = 4
"""Rounds without news after which DescribeWorkflowExecution tells whether the workflow runs."""
_OPEN_STATUSES = frozenset({
    WorkflowStatus.RUNNING,
    WorkflowStatus.PAUSED,
    WorkflowStatus.UNKNOWN,
    WorkflowStatus.CONTINUED_AS_NEW,
})


class QueryBudget:
    """Limits concurrency and rate of the process's calls to Temporal. Callers wait in turn."""

    def __init__(
        self, max_concurrent: int = _MAX_CONCURRENT, max_per_second: float = _MAX_PER_SECOND
    ) -> None:
        self.used = 0
        self._interval = 1 / max_per_second
        self._next = 0.0
        self._turn = asyncio.Lock()
        self._slots = asyncio.Semaphore(max_concurrent)

    async def __aenter__(self) -> None:
        await self._slots.acquire()
        try:
            async with self._turn:  # a caller that is cancelled while it waits uses no budget
                loop = asyncio.get_running_loop()
                await asyncio.sleep(self._next - loop.time())
                self._next = max(self._next, loop.time()) + self._interval
        except BaseException:
            self._slots.release()
            raise
        self.used += 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._slots.release()


class Poller:
    """Queries watched orders' workflows for events that the watch does not have yet."""

    def __init__(self, orders: OrderClient, tail: Tail, budget: QueryBudget) -> None:
        self._orders = orders
        self._tail = tail
        self._budget = budget

    async def poll(self, watch: Watch) -> None:
        """Poll until the watch is finished. The interval grows while there are no new events."""
        loop = asyncio.get_running_loop()
        await wait_for_event(watch.caught_up, _RECORD_HEAD_START)
        interval, rounds_without_news = _MIN_INTERVAL, 0
        while not watch.finished:
            head = watch.head
            await self._query(watch)
            if watch.head > head:
                interval, rounds_without_news = _MIN_INTERVAL, 0
            elif not watch.finished and rounds_without_news % _ROUNDS_PER_DESCRIBE == 0:
                await self._finish_if_closed(watch)
            rounds_without_news += 1
            polled_at = loop.time()
            # The limits of the interval change when Postgres becomes unavailable or returns.
            while (
                not watch.finished
                and (left := polled_at + self._limited(interval) - loop.time()) > 0
            ):
                head = watch.head
                if await watch.changed.wait(left) and watch.head > head:
                    interval, rounds_without_news = _MIN_INTERVAL, 0
            interval = self._limited(interval) * BACKOFF_FACTOR

    def _limited(self, interval: float) -> float:
        if self._tail.failing:
            return max(_MIN_INTERVAL_WITHOUT_RECORD, min(interval, _MAX_INTERVAL_WITHOUT_RECORD))
        return max(_MIN_INTERVAL, min(interval, _MAX_INTERVAL))

    async def _query(self, watch: Watch) -> None:
        async with self._budget:
            try:
                query = StatusQuery(after_sequence=watch.head)
                status = await self._orders.status(watch.order_id, query)
            except TemporalUnavailable:
                return
            except Exception:  # ruff: ignore[blind-except] - the other source continues
                _log.exception("querying the status of order %s failed", watch.order_id)
                return
        if status is None:
            return
        watch.run_id = watch.run_id or status.run_id
        # A later workflow with the same ID is not the order in Postgres.
        if status.run_id == watch.run_id:
            watch.receive(status.events)

    async def _finish_if_closed(self, watch: Watch) -> None:
        """Finish the watch if its workflow is closed and Postgres has no more events."""
        async with self._budget:
            try:
                execution = await self._orders.describe(watch.order_id)
            except TemporalUnavailable:
                return
            except Exception:  # ruff: ignore[blind-except] - the other source continues
                _log.exception("describing the workflow of order %s failed", watch.order_id)
                return
        if execution is not None and execution.status in _OPEN_STATUSES:
            return
        # The workflow may have written its last events after the tail's last read.
        head = watch.head
        watch.caught_up.clear()
        watch.behind = True
        self._tail.wake()
        await watch.caught_up.wait()
        if watch.head == head and not watch.finished and not watch.behind:
            watch.finish()
