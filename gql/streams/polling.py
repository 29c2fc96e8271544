"""The second source: the orders' workflows, asked seldom, and all together within a bound."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from orchestration.client import TemporalUnavailable, WorkflowStatus
from orchestration.messages import StatusQuery

if TYPE_CHECKING:
    from types import TracebackType

    from gql.streams.tailing import Tail
    from gql.streams.watch import Watch
    from orchestration.client import OrderClient

_log = logging.getLogger(__name__)

_AT_ONCE = 8
_A_SECOND = 40
"""Questions of one process: this many workflows answer without orders being any slower."""

_LIVELY = 1.0
_LONGEST = 15.0
_LIVELY_ALONE = 0.25
_LONGEST_ALONE = 2.0
"""While the record is away, the workflow is the only source."""
SLOWER_BY = 1.5

_HEAD_START = 0.05
"""Most orders that are watched are on record: those that have ended need not be asked at all."""
_DESCRIBED_EVERY = 4
"""Quiet rounds after which it is asked whether anything can still come."""
_OPEN = frozenset({
    WorkflowStatus.RUNNING,
    WorkflowStatus.PAUSED,
    WorkflowStatus.UNKNOWN,
    WorkflowStatus.CONTINUED_AS_NEW,
})


class Budget:
    """Lets the process's questions to Temporal through: few at once, in turn, at a steady pace."""

    def __init__(self, at_once: int = _AT_ONCE, a_second: float = _A_SECOND) -> None:
        """All of it is there."""
        self.spent = 0
        self._interval = 1 / a_second
        self._next = 0.0
        self._turn = asyncio.Lock()
        self._places = asyncio.Semaphore(at_once)

    async def __aenter__(self) -> None:
        """Wait for one's turn."""
        await self._places.acquire()
        try:
            async with self._turn:  # whoever gives up while waiting here has used nothing
                loop = asyncio.get_running_loop()
                await asyncio.sleep(self._next - loop.time())
                self._next = max(self._next, loop.time()) + self._interval
        except BaseException:
            self._places.release()
            raise
        self.spent += 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Make place for the next one."""
        self._places.release()


class Poller:
    """Asks each watched order's workflow for what it has decided beyond what is known."""

    def __init__(self, orders: OrderClient, tail: Tail, budget: Budget) -> None:
        """Begin with no watch: each has its own ``follow``."""
        self._orders = orders
        self._tail = tail
        self._budget = budget

    async def follow(self, watch: Watch) -> None:
        """Ask until nothing more can come: quickly while something happens, slowly otherwise."""
        loop = asyncio.get_running_loop()
        await _within(_HEAD_START, watch.caught_up)
        pace, quiet = _LIVELY, 0
        while not watch.finished:
            known = watch.head
            await self._ask(watch)
            if watch.head > known:
                pace, quiet = _LIVELY, 0
            elif not watch.finished and quiet % _DESCRIBED_EVERY == 0:
                await self._check_open(watch)
            quiet += 1
            asked_at = loop.time()
            while not watch.finished and (left := asked_at + self._bounded(pace) - loop.time()) > 0:
                known = watch.head
                if await watch.changed.wait(left) and watch.head > known:
                    pace, quiet = _LIVELY, 0
            pace = self._bounded(pace) * SLOWER_BY

    def _bounded(self, pace: float) -> float:
        if self._tail.failing:
            return max(_LIVELY_ALONE, min(pace, _LONGEST_ALONE))
        return max(_LIVELY, min(pace, _LONGEST))

    async def _ask(self, watch: Watch) -> None:
        async with self._budget:
            try:
                question = StatusQuery(after_sequence=watch.head)
                status = await self._orders.status(watch.order_id, question)
            except TemporalUnavailable:
                return
            except Exception:  # ruff: ignore[blind-except] - the other source goes on
                _log.exception("the status of order %s cannot be read", watch.order_id)
                return
        if status is None:
            return
        watch.run_id = watch.run_id or status.run_id
        # Another run under the same id tells nothing of the order on record.
        if status.run_id == watch.run_id:
            watch.offer(status.events)

    async def _check_open(self, watch: Watch) -> None:
        """End the watch where its workflow was closed from outside, and the record has no more."""
        async with self._budget:
            try:
                execution = await self._orders.describe(watch.order_id)
            except TemporalUnavailable:
                return
            except Exception:  # ruff: ignore[blind-except] - the other source goes on
                _log.exception("order %s cannot be described", watch.order_id)
                return
        if execution is not None and execution.status in _OPEN:
            return
        # It may have written its last events since they were read.
        known = watch.head
        watch.caught_up.clear()
        watch.behind = True
        self._tail.wake()
        await watch.caught_up.wait()
        if watch.head == known and not watch.finished and not watch.behind:
            watch.finish()


async def _within(seconds: float, event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
