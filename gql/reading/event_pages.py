"""Pages of orders' events, never beyond the sequence that the rest of the response is based on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from gql.errors import bad_input
from gql.reading.loaders import EventSlice
from gql.reading.paging import MAX_PAGE, sequence_of
from orchestration.domain.errors import RecordUnavailable
from orchestration.messages import StatusQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gql.reading.loaders import Loaders
    from gql.reading.merged_order import MergedOrder
    from gql.reading.order_reader import OrderReader
    from orchestration.domain.order import OrderEvent


class EventPage(NamedTuple):
    """Events of one order, oldest first."""

    events: list[OrderEvent]
    has_next: bool
    has_previous: bool


async def read_events(
    loaders: Loaders,
    reader: OrderReader,
    orders: Sequence[MergedOrder],
    first: int,
    after: str | None,
) -> list[EventPage]:
    """Read a page of each order's events, up to its ``snapshot.sequence``.

    Recorded events come from Postgres. If the workflow is ahead of the record, its events complete
    the page. Events after the snapshot are left out: a client that continues from the order's
    sequence would see them twice.
    """
    if not 1 <= first <= MAX_PAGE:
        raise bad_input(f"first must be from 1 to {MAX_PAGE}.")
    start = sequence_of(after)
    found = await _recorded(loaders, reader, orders, first, start)
    ahead = [
        index
        for index, (merged, events) in enumerate(zip(orders, found, strict=True))
        if merged.workflow_is_ahead and len(events) < first
    ]
    if ahead:
        newer = (
            events_ahead_of_record(
                reader, orders[index], found[index][-1].sequence if found[index] else start
            )
            for index in ahead
        )
        for index, events in zip(ahead, await asyncio.gather(*newer), strict=True):
            found[index] = [*found[index], *events]
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


async def events_ahead_of_record(
    reader: OrderReader, merged: MergedOrder, known: int
) -> list[OrderEvent]:
    """Read the events after the sequence ``known`` from the workflow, if the order has any."""
    if known >= merged.snapshot.sequence:
        return []
    status = await reader.status(merged.order.id, StatusQuery(after_sequence=known))
    return status.events if status else []


async def _recorded(
    loaders: Loaders, reader: OrderReader, orders: Sequence[MergedOrder], first: int, start: int
) -> list[list[OrderEvent]]:
    slices = [
        EventSlice(merged.order.id, first, start) for merged in orders if start < merged.recorded
    ]
    try:
        stored = iter(await loaders.events.load_all(slices))
    except RecordUnavailable:
        return list(
            await asyncio.gather(
                *(events_from_workflow(reader, merged, start) for merged in orders)
            )
        )
    return [next(stored) if start < merged.recorded else [] for merged in orders]


async def events_from_workflow(
    reader: OrderReader, merged: MergedOrder, start: int
) -> list[OrderEvent]:
    """Read recorded events from the workflow: the record failed between the row and its events."""
    if start >= merged.recorded:
        return []
    status = await reader.status(merged.order.id, StatusQuery(after_sequence=start))
    if status is None:
        raise RecordUnavailable("neither the record nor the workflow responded")
    return status.events
