"""One order's recent events, whichever source brought them, for all who follow it."""

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

_KEPT = 256
"""Events in memory an order: most have a dozen in all."""


class Watch:
    """The events 1 to ``head`` have come, without a gap; the last of them are kept here.

    ``behind`` asks for the record: at the start, after a gap, and before giving up; ``caught_up``
    tells that it has been read. ``finished`` says that nothing more will come.
    """

    def __init__(self, order_id: str, run_id: str | None) -> None:
        """Begin with nothing; ``run_id`` is the run on record, where there is one."""
        self.order_id = order_id
        self.run_id = run_id
        self.head = 0
        self.behind = True
        self.caught_up = asyncio.Event()
        self.finished = False
        self.subscribers = 0
        self.changed = Broadcast()
        self.polling: asyncio.Task[None] | None = None
        self._events: deque[OrderEvent] = deque(maxlen=_KEPT)

    def offer(self, events: Iterable[OrderEvent]) -> None:
        """Take what is new of these, in the order of their sequences; a gap has to be read."""
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

    def after(self, sequence: int) -> list[OrderEvent] | None:
        """Return what is kept after that event; None where memory does not reach back so far."""
        oldest = self.head - len(self._events)
        if sequence < oldest:
            return None
        return list(islice(self._events, sequence - oldest, None))

    def finish(self) -> None:
        """Say that nothing more will come, though the order has not ended."""
        self.finished = True
        self.changed.fire()
