"""Pages of an order's events, from the record and the workflow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from gql.reading.event_pages import EventPage, read_events
from gql.reading.merged_order import MergedOrder
from gql.reading.paging import PageArguments, event_cursor
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import initial_snapshot
from tests.support.orders import make_order

if TYPE_CHECKING:
    from orchestration.domain.order import OrderEvent
    from persistence.reads import EventRange

START = datetime(2026, 3, 1, tzinfo=UTC)
ALL = [1, 2, 3, 4, 5]


class Sources:
    """A record and a workflow that have all events when they are read."""

    def __init__(self, events: list[OrderEvent]) -> None:
        self._events = events
        self.events = self.workflow_events = self

    async def load_all(self, keys: list[EventRange | tuple[str, int]]) -> list[list[OrderEvent]]:
        return [self._events[after : upto[0] if upto else None] for _, after, *upto in keys]


@pytest.mark.parametrize(
    ("recorded", "arguments", "expected"),
    [
        (2, PageArguments(20, None, backward=False), ALL),
        (0, PageArguments(20, None, backward=False), ALL),
        (2, PageArguments(20, event_cursor(1), backward=False), [2, 3, 4, 5]),
        (2, PageArguments(3, None, backward=False), [1, 2, 3]),
        (2, PageArguments(20, None, backward=True), ALL),
        (0, PageArguments(3, None, backward=True), [3, 4, 5]),
        (2, PageArguments(3, event_cursor(5), backward=True), [2, 3, 4]),
        (5, PageArguments(3, event_cursor(3), backward=True), [1, 2]),
        (5, PageArguments(3, event_cursor(9), backward=True), [3, 4, 5]),
    ],
)
async def test_events_recorded_after_the_row_was_read_are_listed_once(
    recorded: int, arguments: PageArguments, expected: list[int]
) -> None:
    order = make_order()
    lifecycle = OrderLifecycle(order, initial_snapshot(order, START), lambda: START)
    lifecycle.received()
    lifecycle.validated()
    lifecycle.approved()
    lifecycle.charged()
    lifecycle.shipping_started(1)
    merged = MergedOrder(order, lifecycle.snapshot, START, recorded)
    [page] = await read_events(cast("Any", Sources(lifecycle.events)), [merged], arguments)
    assert [event.sequence for event in page.events] == expected
    assert page.has_next == (expected[-1] < ALL[-1])
    assert page.has_previous == (expected[0] > ALL[0])
    assert page.total == len(ALL)


@pytest.mark.parametrize(
    ("arguments", "has_next", "has_previous"),
    [
        (PageArguments(3, event_cursor(5), backward=False), False, True),
        (PageArguments(3, event_cursor(9), backward=False), False, True),
        (PageArguments(3, event_cursor(1), backward=True), True, False),
        (PageArguments(3, event_cursor(0), backward=True), True, False),
    ],
)
async def test_a_page_beyond_either_end_is_empty(
    arguments: PageArguments, *, has_next: bool, has_previous: bool
) -> None:
    snapshot = replace(initial_snapshot(make_order(), START), sequence=5)
    merged = MergedOrder(make_order(), snapshot, START, 5)
    [page] = await read_events(cast("Any", Sources([])), [merged], arguments)
    assert page == EventPage([], 5, has_next=has_next, has_previous=has_previous)
