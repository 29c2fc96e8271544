"""One order as both its sources tell it, read once for all who watch it, told when it changes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from gql.errors import RequestError, UnavailableSource
from gql.reading.merged_order import MergedOrder
from gql.reading.order_reader import OrderReader
from gql.streams.broadcast import Broadcast
from gql.streams.polling import SLOWER_BY

if TYPE_CHECKING:
    from gql.streams.polling import Budget
    from gql.streams.watch import Watch
    from orchestration.client import OrderClient
    from persistence.reads import Reads

_log = logging.getLogger(__name__)

SHORTEST = 0.25
"""Between two looks, and between two answers to one client: at most four a second."""
_LIVELY = 1.0
_LONGEST = 15.0
_LONGEST_RETRYING = 2.0
"""While an activity is tried again and again, what people watch is its attempts."""

_Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Progress:
    """How an order stands, with what did not answer. The same ``key``: nothing has changed."""

    merged: MergedOrder
    unavailable: frozenset[UnavailableSource]

    @property
    def key(self) -> _Key:
        """What is told when it changes."""
        merged = self.merged
        execution, status = merged.execution, merged.status
        pending = execution.pending_activities if execution else []
        return (
            merged.snapshot.sequence,
            status.step if status else None,
            execution.status if execution else None,
            tuple(merged.available_commands),  # an approval that comes early changes these alone
            *sorted((one.type, one.attempt, one.last_failure or "") for one in pending),
        )

    @property
    def closed(self) -> bool:
        """Whether the workflow has ended, or is gone."""
        execution = self.merged.execution
        return execution is None or execution.closed_at is not None

    @property
    def retries(self) -> bool:
        """Whether something is being tried again."""
        execution = self.merged.execution
        return execution is not None and any(a.attempt > 1 for a in execution.pending_activities)


class ProgressOfOrder:
    """Looks at one order while somebody watches it: at each event, and at an adaptive pace.

    An attempt at an activity is no event: for it Temporal has to be asked.
    """

    def __init__(self, watch: Watch, reads: Reads, orders: OrderClient, budget: Budget) -> None:
        """Nothing has been seen yet."""
        self.latest: Progress | None = None
        self.finished = False
        self.changed = Broadcast()
        self.subscribers = 0
        self._looking: asyncio.Task[None] | None = None
        self._watch = watch
        self._reads = reads
        self._orders = orders
        self._budget = budget

    def begin(self) -> None:
        """Look until the order has ended."""
        self._looking = asyncio.create_task(self._run())

    def end(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _run(self) -> None:
        watch = self._watch
        pace = _LIVELY
        while True:
            head, ended = watch.head, watch.finished
            changed = await self._look()
            if ended and self._is_over():
                break
            await asyncio.sleep(SHORTEST)
            if (watch.head, watch.finished) == (head, ended):
                await watch.changed.wait(pace - SHORTEST)
            if changed or ended or watch.head > head:
                pace = _LIVELY
            else:
                retries = self.latest is not None and self.latest.retries
                pace = min(pace * SLOWER_BY, _LONGEST_RETRYING if retries else _LONGEST)
        self.finished = True
        self.changed.fire()

    def _is_over(self) -> bool:
        """Tell whether what was seen last is how the order stays, its events having ended."""
        latest = self.latest
        if latest is None or latest.merged.snapshot.sequence < self._watch.head:
            return False
        # Without an end of its own the order's workflow was closed from outside.
        ended = latest.merged.snapshot.ended
        return not ended or latest.closed or UnavailableSource.TEMPORAL in latest.unavailable

    async def _look(self) -> bool:
        """Read the order anew, and tell whether anything of it has changed."""
        unavailable: set[UnavailableSource] = set()
        reader = OrderReader(self._reads, self._orders, asyncio.Semaphore(1), unavailable)
        order_id = self._watch.order_id
        try:
            async with self._budget:
                merged = await reader.order(order_id)
                execution = await reader.execution(order_id) if merged else None
        except RequestError:  # neither source answers: wait for one
            return False
        except Exception:  # ruff: ignore[blind-except] - its subscribers wait for the next look
            _log.exception("order %s cannot be read", order_id)
            return False
        if merged is None:
            return False
        merged = replace(merged, execution=execution, described=True)
        seen = Progress(merged, frozenset(unavailable))
        told = self.latest
        # An answer that lacks a source may be older than what was told before.
        if told and (
            seen.key == told.key or merged.snapshot.sequence < told.merged.snapshot.sequence
        ):
            return False
        self.latest = seen
        self.changed.fire()
        return True
