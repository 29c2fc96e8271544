"""An order's audit trail, a page at a time, never beyond what the rest of the answer knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gql.errors import bad_input
from gql.loaders import EventSlice
from gql.order_reader import Missing
from gql.paging import MAX_PAGE, sequence_of
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.order import OrderEvent
from orchestration.messages import StatusQuestion

if TYPE_CHECKING:
    from gql.context import Context
    from gql.merged_order import MergedOrder


@dataclass(frozen=True)
class EventPage:
    """Some events of one order, oldest first."""

    events: list[OrderEvent]
    has_next: bool
    has_previous: bool


async def read_events(
    context: Context, merged: MergedOrder, first: int, after: str | None
) -> EventPage:
    """Read a page of events up to ``merged.snapshot.sequence``.

    The row's events come first; where the workflow is ahead of them, its own complete the page. A
    later event is left out: who goes on from the order's sequence would see it twice.
    """
    if not 1 <= first <= MAX_PAGE:
        raise bad_input(f"first must be from 1 to {MAX_PAGE}.")
    start = sequence_of(after)
    end = merged.snapshot.sequence
    events = await _recorded(context, merged, first, start)
    reached = events[-1].sequence if events else start
    if len(events) < first and reached < end and merged.workflow_is_ahead:
        question = StatusQuestion(after_sequence=reached)
        status = await context.order_reader.status(merged.order.id, question)
        events += status.events if status else []
    page = [event for event in events if event.sequence <= end][:first]
    return EventPage(
        events=page,
        has_next=(page[-1].sequence if page else start) < end,
        has_previous=start > 0,
    )


async def _recorded(
    context: Context, merged: MergedOrder, first: int, start: int
) -> list[OrderEvent]:
    if start >= merged.recorded:
        return []
    try:
        stored = await context.loaders.events.load(EventSlice(merged.order.id, first, start))
    except RecordUnavailable:
        # The record went away between the row and its events: the workflow may still tell them.
        question = StatusQuestion(after_sequence=start)
        status = await context.order_reader.status(merged.order.id, question)
        if status is None:
            raise
        context.missing.add(Missing.RECORD)
        return status.events
    return [row.event for row in stored]
