"""Pages of the events of all orders, read from Postgres, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gql.reading.paging import (
    KeysetCursors,
    id_in_cursor,
    sequence_in_cursor,
    time_in_cursor,
)
from persistence.reads import EventFilter, EventQuery, Page, StoredEvent, event_keyset

if TYPE_CHECKING:
    from gql.reading.paging import PageArguments
    from persistence.reads import Reads

_CURSORS = KeysetCursors(("events",), (time_in_cursor, id_in_cursor, sequence_in_cursor))


@dataclass(frozen=True)
class EventSearchPage:
    """One page of the events that match ``filter``."""

    rows: Page[StoredEvent]
    filter: EventFilter


async def search_events(
    reads: Reads, filter_: EventFilter, arguments: PageArguments
) -> EventSearchPage:
    query = EventQuery(filter=filter_, **vars(arguments.slice_of(_CURSORS)))
    return EventSearchPage(await reads.search_events(query), filter_)


def event_search_cursor(stored: StoredEvent) -> str:
    return _CURSORS.encode(event_keyset(stored))
