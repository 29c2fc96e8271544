"""The recent events of one order, from either source, shared by all its subscribers."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from gql.streams.broadcast import Broadcast
from orchestration.domain.states import END_STATES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orchestration.domain.order import OrderEvent

_CAPACITY = 256
"""Events in memory per order. Most orders have about a dozen in all."""


class Watch:
    """The most recent events of an order. It has received events 1 to ``head`` without a gap.

    If ``behind``, the tail reads the order's events after ``head`` from Postgres and then sets
    ``caught_up``. ``finished`` means that no more events will come. ``run_id`` is None until a run
    is known.
    """

    def __init__(self, order_id: str, run_id: str | None) -> None:
        self.order_id = order_id
        self.run_id = run_id
        self.head = 0
        self.behind = True
        self.caught_up = asyncio.Event()
        self.finished = False
        self.subscribers = 0
        self.changed = Broadcast()
        self.polling: asyncio.Task[None] | None = None
        self._events: deque[OrderEvent] = deque(maxlen=_CAPACITY)

    def receive(self, events: Iterable[OrderEvent]) -> None:
        """Append the new ones of these events, which are ordered by sequence.

        At a gap it stops and becomes ``behind``.
        """
        before = self.head
        for event in events:
            if self.finished or event.sequence <= self.head:
                continue
            if event.sequence > self.head + 1:
                self.behind = True
                break
            self._events.append(event)
            self.head = event.sequence
            self.finished = event.state in END_STATES
        if self.head > before:
            self.changed.fire()

    def events_after(self, sequence: int) -> list[OrderEvent] | None:
        """Return the events after a sequence, or None if some of them are no longer in memory."""
        oldest = self.head - len(self._events)
        if sequence < oldest:
            return None
        return list(islice(self._events, sequence - oldest, None))

    def finish(self) -> None:
        """Declare that no more events will come, although the order has no last event."""
        self.finished = True
        self.changed.fire()
