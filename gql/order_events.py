"""Orders' audit trails, a page at a time, never beyond what the rest of the answer knows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from gql.errors import bad_input
from gql.loaders import EventSlice
from gql.paging import MAX_PAGE, sequence_of
from orchestration.domain.errors import RecordUnavailable
from orchestration.messages import StatusQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gql.context import Context
    from gql.merged_order import MergedOrder
    from orchestration.domain.order import OrderEvent


class EventPage(NamedTuple):
    """Some events of one order, oldest first."""

    events: list[OrderEvent]
    has_next: bool
    has_previous: bool


async def read_events(
    context: Context, orders: Sequence[MergedOrder], first: int, after: str | None
) -> list[EventPage]:
    """Read a page of each order's events up to its ``snapshot.sequence``.

    The row's events come first; where the workflow is ahead of them, its own complete the page. A
    later event is left out: who goes on from the order's sequence would see it twice.
    """
    if not 1 <= first <= MAX_PAGE:
        raise bad_input(f"first must be from 1 to {MAX_PAGE}.")
    start = sequence_of(after)
    found = await _recorded(context, orders, first, start)
    ahead = [
        place
        for place, (merged, events) in enumerate(zip(orders, found, strict=True))
        if merged.workflow_is_ahead and len(events) < first
    ]
    if ahead:
        completed = (_completed(context, orders[one], found[one], start) for one in ahead)
        for place, events in zip(ahead, await asyncio.gather(*completed), strict=True):
            found[place] = events
    pages = zip(orders, found, strict=True)
    return [_page(merged.snapshot.sequence, events, first, start) for merged, events in pages]


def _page(end: int, events: list[OrderEvent], first: int, start: int) -> EventPage:
    page = events[:first]
    while page and page[-1].sequence > end:
        page.pop()
    return EventPage(
        events=page,
        has_next=(page[-1].sequence if page else start) < end,
        has_previous=start > 0,
    )


async def _completed(
    context: Context, merged: MergedOrder, events: list[OrderEvent], start: int
) -> list[OrderEvent]:
    reached = events[-1].sequence if events else start
    if reached >= merged.snapshot.sequence:
        return events
    question = StatusQuery(after_sequence=reached)
    status = await context.order_reader.status(merged.order.id, question)
    return [*events, *(status.events if status else [])]


async def _recorded(
    context: Context, orders: Sequence[MergedOrder], first: int, start: int
) -> list[list[OrderEvent]]:
    slices = [
        EventSlice(merged.order.id, first, start) for merged in orders if start < merged.recorded
    ]
    try:
        stored = iter(await context.loaders.events.load_all(slices))
    except RecordUnavailable:
        return list(await asyncio.gather(*(_told(context, one, start) for one in orders)))
    return [next(stored) if start < merged.recorded else [] for merged in orders]


async def _told(context: Context, merged: MergedOrder, start: int) -> list[OrderEvent]:
    """Have the workflow tell them: the record went away between the row and its events."""
    if start >= merged.recorded:
        return []
    question = StatusQuery(after_sequence=start)
    status = await context.order_reader.status(merged.order.id, question)
    if status is None:
        raise RecordUnavailable("neither the record nor the workflow has answered")
    return status.events
