"""Pages of the events of all orders, read from Postgres, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gql.reading.paging import bad_cursor, decode_cursor, encode_cursor, time_in_cursor
from orchestration.domain.order import IDENTIFIER
from persistence.reads import EventFilter, EventKeyset, EventQuery, Page, StoredEvent, event_keyset

if TYPE_CHECKING:
    from gql.reading.paging import PageArguments
    from persistence.reads import Reads

_LIST = "events"
_MAX_SEQUENCE = 2**31


@dataclass(frozen=True)
class EventSearchPage:
    """One page of the events that match ``filter``."""

    rows: Page[StoredEvent]
    filter: EventFilter
    backward: bool


async def search_events(
    reads: Reads, filter_: EventFilter, arguments: PageArguments
) -> EventSearchPage:
    query = EventQuery(
        filter=filter_,
        limit=arguments.limit,
        cursor=_keyset_of(arguments.cursor),
        backward=arguments.backward,
    )
    return EventSearchPage(await reads.search_events(query), filter_, arguments.backward)


def event_search_cursor(stored: StoredEvent) -> str:
    return encode_cursor(_LIST, *event_keyset(stored))


def _keyset_of(cursor: str | None) -> EventKeyset | None:
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case [str(kind), str(at), str(order_id), int(sequence)] if (
            kind == _LIST and IDENTIFIER.fullmatch(order_id) and 0 <= sequence < _MAX_SEQUENCE
        ):
            return EventKeyset(time_in_cursor(at), order_id, sequence)
    raise bad_cursor()
