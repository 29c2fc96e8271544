"""Pages of an order's events, from the record and the workflow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from gql.reading.event_pages import read_events
from gql.reading.merged_order import MergedOrder
from gql.reading.paging import event_cursor
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import initial_snapshot
from tests.support.orders import make_order

if TYPE_CHECKING:
    from gql.reading.loaders import EventSlice
    from orchestration.domain.order import OrderEvent

START = datetime(2026, 3, 1, tzinfo=UTC)
ALL = [1, 2, 3, 4, 5]


class Sources:
    """A record and a workflow that have all events when they are read."""

    def __init__(self, events: list[OrderEvent]) -> None:
        self._events = events
        self.events = self.workflow_events = self

    async def load_all(self, slices: list[EventSlice]) -> list[list[OrderEvent]]:
        return [self._events[after : after + first] for _, first, after in slices]

    async def load(self, key: tuple[str, int]) -> list[OrderEvent]:
        return self._events[key[1] :]


@pytest.mark.parametrize(
    ("recorded", "first", "after", "expected"),
    [
        (2, 20, None, ALL),
        (0, 20, None, ALL),
        (2, 20, event_cursor(1), [2, 3, 4, 5]),
        (2, 3, None, [1, 2, 3]),
    ],
)
async def test_events_recorded_after_the_row_was_read_are_listed_once(
    recorded: int, first: int, after: str | None, expected: list[int]
) -> None:
    order = make_order()
    lifecycle = OrderLifecycle(order, initial_snapshot(order, START), lambda: START)
    lifecycle.received()
    lifecycle.validated()
    lifecycle.approved()
    lifecycle.charged()
    lifecycle.shipping_started(1)
    merged = MergedOrder(order, lifecycle.snapshot, START, recorded)
    [page] = await read_events(cast("Any", Sources(lifecycle.events)), [merged], first, after)
    assert [event.sequence for event in page.events] == expected
    assert page.has_next == (expected[-1] < ALL[-1])
