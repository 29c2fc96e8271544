"""The merged order of a watch, read after each change for all subscribers of its progress."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from gql.errors import RequestError, UnavailableSource
from gql.reading.merged_order import MergedOrder
from gql.reading.order_reader import OrderReader
from gql.streams.broadcast import Broadcast
from gql.streams.polling import BACKOFF_FACTOR

if TYPE_CHECKING:
    from gql.streams.polling import QueryBudget
    from gql.streams.watch import Watch
    from orchestration.client import OrderClient
    from persistence.reads import Reads

_log = logging.getLogger(__name__)

MIN_UPDATE_INTERVAL = 0.25
"""Seconds between two reads, and between two updates of a client."""
_MIN_INTERVAL = 1.0
_MAX_INTERVAL = 15.0
_MAX_INTERVAL_WHILE_RETRYING = 2.0
"""While an activity is retried, its attempts are what users watch."""

_Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Progress:
    """The merged order, and the sources that were unavailable when it was read."""

    merged: MergedOrder
    unavailable: frozenset[UnavailableSource]

    @property
    def key(self) -> _Key:
        """What clients are interested in: subscribers get an update when the key changes."""
        merged = self.merged
        execution, status = merged.execution, merged.status
        pending = execution.pending_activities if execution else []
        # The workflow of an ended order is not queried any more, but its step is still known.
        step = None if status is None or merged.snapshot.ended else status.step
        return (
            merged.snapshot.sequence,
            step,
            execution.status if execution else None,
            tuple(merged.available_commands),  # an early approval changes these alone
            *sorted(
                (activity.type, activity.attempt, activity.last_failure or "")
                for activity in pending
            ),
        )

    @property
    def closed(self) -> bool:
        """Whether the workflow has closed or no longer exists."""
        execution = self.merged.execution
        return execution is None or execution.closed_at is not None

    @property
    def retrying(self) -> bool:
        """Whether an activity is being retried."""
        execution = self.merged.execution
        return execution is not None and any(
            activity.attempt > 1 for activity in execution.pending_activities
        )


class ProgressReader:
    """Reads one order while somebody subscribes to its progress.

    It reads after each event, and at adaptive intervals in between: a new attempt of an activity is
    no event, so only Temporal knows of it.
    """

    def __init__(
        self, watch: Watch, reads: Reads, orders: OrderClient, budget: QueryBudget
    ) -> None:
        self.latest: Progress | None = None
        self.finished = False
        self.changed = Broadcast()
        self.subscribers = 0
        self._task: asyncio.Task[None] | None = None
        self._watch = watch
        self._reads = reads
        self._orders = orders
        self._budget = budget

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        watch = self._watch
        interval = _MIN_INTERVAL
        while True:
            head, ended = watch.head, watch.finished
            changed = await self._read()
            if ended and self._is_final():
                break
            await asyncio.sleep(MIN_UPDATE_INTERVAL)
            if (watch.head, watch.finished) == (head, ended):
                await watch.changed.wait(interval - MIN_UPDATE_INTERVAL)
            if changed or ended or watch.head > head:
                interval = _MIN_INTERVAL
            else:
                retrying = self.latest is not None and self.latest.retrying
                longest = _MAX_INTERVAL_WHILE_RETRYING if retrying else _MAX_INTERVAL
                interval = min(interval * BACKOFF_FACTOR, longest)
        self.finished = True
        self.changed.fire()

    def _is_final(self) -> bool:
        """Return whether the latest read cannot change any more. The watch is finished."""
        latest = self.latest
        if latest is None or latest.merged.snapshot.sequence < self._watch.head:
            return False
        # If the order has not ended, its workflow was closed from outside.
        ended = latest.merged.snapshot.ended
        return not ended or latest.closed or UnavailableSource.TEMPORAL in latest.unavailable

    async def _read(self) -> bool:
        """Read the order, and return whether its key has changed."""
        unavailable: set[UnavailableSource] = set()
        reader = OrderReader(self._reads, self._orders, asyncio.Semaphore(1), unavailable)
        order_id = self._watch.order_id
        try:
            async with self._budget:
                merged = await reader.order(order_id)
                execution = await reader.execution(order_id) if merged else None
        except RequestError:  # both sources are unavailable
            return False
        except Exception:  # ruff: ignore[blind-except] - the next read may succeed
            _log.exception("reading the progress of order %s failed", order_id)
            return False
        if merged is None:
            return False
        merged = replace(merged, execution=execution, described=True)
        read = Progress(merged, frozenset(unavailable))
        latest = self.latest
        # A read without one of the sources may be older than the latest one.
        if latest and (
            read.key == latest.key or merged.snapshot.sequence < latest.merged.snapshot.sequence
        ):
            return False
        self.latest = read
        self.changed.fire()
        return True
