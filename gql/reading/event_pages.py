"""Pages of orders' events, never beyond the sequence that the rest of the response is based on."""

from __future__ import annotations

import asyncio
from itertools import compress
from typing import TYPE_CHECKING, Final, NamedTuple

from gql.reading.paging import DefaultSize, sequence_of
from orchestration.domain.errors import RecordUnavailable
from persistence.reads import EventRange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gql.reading.loaders import Loaders
    from gql.reading.merged_order import MergedOrder
    from gql.reading.paging import PageArguments
    from orchestration.domain.order import OrderEvent


DEFAULT_EVENTS: Final = DefaultSize(50)


class EventPage(NamedTuple):
    """Events of one order, oldest first. ``total`` counts those of all pages."""

    events: list[OrderEvent]
    total: int
    has_next: bool
    has_previous: bool


async def read_events(
    loaders: Loaders, orders: Sequence[MergedOrder], arguments: PageArguments
) -> list[EventPage]:
    """Read a page of each order's events, up to its ``snapshot.sequence``.

    Recorded events come from Postgres. If the workflow is ahead of the record, its events complete
    the page. Events after the snapshot are left out: a client that continues from the order's
    sequence would see them twice.
    """
    cursor = None if arguments.cursor is None else sequence_of(arguments.cursor)
    ranges = [_range_of(merged, arguments, cursor) for merged in orders]
    is_recorded = [
        wanted.after < min(wanted.upto, merged.recorded)
        for wanted, merged in zip(ranges, orders, strict=True)
    ]
    try:
        stored = iter(await loaders.events.load_all([*compress(ranges, is_recorded)]))
    except RecordUnavailable as unavailable:
        all_events = await events_without_record(loaders, orders, unavailable)
        found = list(map(_events_in, ranges, all_events))
    else:
        recorded = [next(stored) if is_recorded_ else [] for is_recorded_ in is_recorded]
        ahead = await events_ahead_of_record(loaders, orders)
        found = list(map(_followed_by, ranges, recorded, ahead))
    return [
        EventPage(
            events=events,
            total=merged.snapshot.sequence,
            has_next=wanted.upto < merged.snapshot.sequence,
            has_previous=wanted.after > 0,
        )
        for merged, wanted, events in zip(orders, ranges, found, strict=True)
    ]


def _range_of(merged: MergedOrder, arguments: PageArguments, cursor: int | None) -> EventRange:
    """Return the sequences on the page. They have no gaps, so no event is needed to know them."""
    end = merged.snapshot.sequence
    if arguments.backward:
        upto = end if cursor is None else min(max(cursor - 1, 0), end)
        after = max(upto - arguments.limit, 0)
    else:
        after = cursor or 0
        upto = min(after + arguments.limit, end)
    return EventRange(merged.order.id, after, upto)


def _events_in(wanted: EventRange, events: list[OrderEvent]) -> list[OrderEvent]:
    return [event for event in events if wanted.after < event.sequence <= wanted.upto]


def _followed_by(
    wanted: EventRange, recorded: list[OrderEvent], ahead: list[OrderEvent]
) -> list[OrderEvent]:
    if not ahead:
        return recorded
    # Some events that were ahead of the row may have been recorded before the events were read.
    last = recorded[-1].sequence if recorded else 0
    return [*recorded, *(event for event in _events_in(wanted, ahead) if event.sequence > last)]


async def events_ahead_of_record(
    loaders: Loaders, orders: Sequence[MergedOrder]
) -> list[list[OrderEvent]]:
    """Read the events of each order that only its workflow has. Orders of a page have none."""
    keys = [(merged.order.id, merged.recorded) for merged in orders if merged.workflow_is_ahead]
    found = dict(zip(keys, await loaders.workflow_events.load_all(keys), strict=True))
    return [found.get((merged.order.id, merged.recorded)) or [] for merged in orders]


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
