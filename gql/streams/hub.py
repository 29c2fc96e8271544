"""Every event of an order, from the record, as it is written."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.states import END_STATES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from orchestration.client import OrderClient
    from orchestration.domain.order import OrderEvent
    from persistence.reads import Reads

_log = logging.getLogger(__name__)

_QUICK = 0.05
_SLOW = 0.5
_SLOWER_BY = 1.3
_CHECK_EVERY = 20
"""The quiet rounds after which it is asked whether anything can still come."""
_OPEN = frozenset({"RUNNING", "PAUSED", "UNKNOWN", "CONTINUED_AS_NEW"})


class UnknownOrder(Exception):
    """Neither the record nor Temporal knows the order."""

    def __init__(self, order_id: str) -> None:
        """Keep the id that was asked for."""
        super().__init__(f"There is no order {order_id}.")
        self.order_id = order_id


class EventStreams:
    """The source of one process's subscriptions."""

    def __init__(self, reads: Reads, orders: OrderClient) -> None:
        """Read from the record, and ask Temporal where that has nothing yet."""
        self._reads = reads
        self._orders = orders
        self._closed = asyncio.Event()

    def close(self) -> None:
        """End every stream, so that a server which is going down need not wait for them."""
        self._closed.set()

    async def events(self, order_id: str, after: int) -> AsyncGenerator[OrderEvent]:
        """Return the order's events after that sequence, then each new one, to its last.

        Raises UnknownOrder, or what kept it from finding out, before there is a stream.
        """
        if not IDENTIFIER.fullmatch(order_id):
            raise UnknownOrder(order_id)
        try:
            on_record = await self._reads.order(order_id) is not None
        except RecordUnavailable:
            on_record = False
        if not on_record and await self._orders.describe(order_id) is None:
            raise UnknownOrder(order_id)
        return self._follow(order_id, after)

    async def _follow(self, order_id: str, after: int) -> AsyncGenerator[OrderEvent]:
        pause = _QUICK
        idle = 0
        abandoned = False
        while not self._closed.is_set():
            events = await self._next(order_id, after)
            for event in events or ():
                yield event
                after = event.sequence
                if event.state in END_STATES:
                    return
            if events:
                pause, idle = _QUICK, 0
                continue
            if abandoned and events is not None:
                return
            # A client may resume after the last event, and a workflow that was terminated wrote
            # none: its last events are read once more before the end.
            if idle % _CHECK_EVERY == 0 and await self._has_ended(order_id, after):
                return
            idle += 1
            abandoned = idle % _CHECK_EVERY == 0 and await self._is_abandoned(order_id)
            await self._pause(pause)
            pause = min(_SLOW, pause * _SLOWER_BY)

    async def _next(self, order_id: str, after: int) -> list[OrderEvent] | None:
        """Return what has come since; None while the record is away."""
        try:
            return [row.event for row in await self._reads.events_after(order_id, after)]
        except RecordUnavailable as error:
            _log.info("the events of order %s have to wait: %s", order_id, error)
            return None

    async def _has_ended(self, order_id: str, after: int) -> bool:
        try:
            row = await self._reads.order(order_id)
        except RecordUnavailable:
            return False
        return row is not None and row.snapshot.ended and row.snapshot.sequence <= after

    async def _is_abandoned(self, order_id: str) -> bool:
        try:
            execution = await self._orders.describe(order_id)
        except TemporalUnavailable:
            return False
        return execution is None or execution.status not in _OPEN

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closed.wait()
