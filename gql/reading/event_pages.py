"""Pages of orders' events, never beyond the sequence that the rest of the response is based on."""

from __future__ import annotations

import asyncio
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple

from gql.errors import bad_input
from gql.reading.loaders import EventSlice
from gql.reading.paging import MAX_PAGE, sequence_of
from orchestration.domain.errors import RecordUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gql.reading.loaders import Loaders
    from gql.reading.merged_order import MergedOrder
    from orchestration.domain.order import OrderEvent


class EventPage(NamedTuple):
    """Events of one order, oldest first."""

    events: list[OrderEvent]
    has_next: bool
    has_previous: bool


async def read_events(
    loaders: Loaders, orders: Sequence[MergedOrder], first: int, after: str | None
) -> list[EventPage]:
    """Read a page of each order's events, up to its ``snapshot.sequence``.

    Recorded events come from Postgres. If the workflow is ahead of the record, its events complete
    the page. Events after the snapshot are left out: a client that continues from the order's
    sequence would see them twice.
    """
    if not 1 <= first <= MAX_PAGE:
        raise bad_input(f"first must be from 1 to {MAX_PAGE}.")
    start = sequence_of(after)
    slices = [
        EventSlice(merged.order.id, first, start) for merged in orders if start < merged.recorded
    ]
    try:
        stored = iter(await loaders.events.load_all(slices))
    except RecordUnavailable as unavailable:
        found = await events_without_record(loaders, orders, unavailable)
    else:
        recorded = [next(stored) if start < merged.recorded else [] for merged in orders]
        ahead = await events_ahead_of_record(loaders, orders)
        found = list(starmap(_followed_by, zip(recorded, ahead, strict=True)))
    pages = zip(orders, found, strict=True)
    return [
        _page(merged.snapshot.sequence, [e for e in events if e.sequence > start], first, start)
        for merged, events in pages
    ]


def _followed_by(recorded: list[OrderEvent], ahead: list[OrderEvent]) -> list[OrderEvent]:
    # Some events that were ahead of the row may have been recorded before the events were read.
    last = recorded[-1].sequence if recorded else 0
    return [*recorded, *(event for event in ahead if event.sequence > last)]


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
    loaders: Loaders, orders: Sequence[MergedOrder]
) -> list[list[OrderEvent]]:
    """Read the events of each order that only its workflow has. Orders of a page have none."""

    async def of(merged: MergedOrder) -> list[OrderEvent]:
        if not merged.workflow_is_ahead:
            return []
        return await loaders.workflow_events.load((merged.order.id, merged.recorded)) or []

    return await asyncio.gather(*map(of, orders))


async def events_without_record(
    loaders: Loaders, orders: Sequence[MergedOrder], unavailable: RecordUnavailable
) -> list[list[OrderEvent]]:
    """Read all events from the workflows: the record failed between the rows and their events.

    Only if the orders' workflows were queried before. A page of orders would need a query for each
    of them, so the error is raised.
    """

    async def of(merged: MergedOrder) -> list[OrderEvent]:
        events = None
        if merged.queried:
            events = await loaders.workflow_events.load((merged.order.id, 0))
        if events is None:
            raise unavailable
        return events

    return await asyncio.gather(*map(of, orders))
