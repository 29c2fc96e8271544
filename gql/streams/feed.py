"""What happened to all orders lately, in one memory for all feeds of the process."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from typing import TYPE_CHECKING

from gql.streams.broadcast import Broadcast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from persistence.reads import FeedPosition, TailedEvent

_KEPT = 10_000


class FeedMemory:
    """All events after ``floor``, as far as the tail has come, by a number that only rises.

    It is filled while ``readers`` are there, and empty otherwise (``floor`` is None).
    """

    def __init__(self, kept: int = _KEPT) -> None:
        """Remember nothing."""
        self.readers = 0
        self.floor: FeedPosition | None = None
        self.closed = False
        self.changed = Broadcast()
        self._events: deque[TailedEvent] = deque()
        self._kept = kept
        self._first = 0

    @property
    def end(self) -> int:
        """The number that the next event will have."""
        return self._first + len(self._events)

    def begin(self, position: FeedPosition) -> None:
        """Have all from this position on, where there was nothing."""
        if self.floor is None:
            self.floor = position
            self.changed.fire()

    def forget(self) -> None:
        """Let go of all."""
        if self.floor is not None:
            self._first = self.end
            self._events.clear()
            self.floor = None

    def close(self) -> None:
        """Wake all readers, to end."""
        self.closed = True
        self.changed.fire()

    def extend(self, events: Sequence[TailedEvent]) -> None:
        """Take the next events, and let go of the oldest where there are too many."""
        self._events.extend(events)
        while len(self._events) > self._kept:
            self.floor = self._events.popleft().position
            self._first += 1
        if events:
            self.changed.fire()

    def number_after(self, position: FeedPosition) -> int | None:
        """Return the number of the first event after a position; None where it is not kept."""
        if self.floor is None or position < self.floor:
            return None
        return self._first + bisect_right(self._events, position, key=lambda one: one.position)

    def read(self, number: int, limit: int) -> list[TailedEvent] | None:
        """Return the next events from that number on; None where they are no longer kept."""
        start = number - self._first
        if start < 0:
            return None
        return [self._events[i] for i in range(start, min(start + limit, len(self._events)))]
