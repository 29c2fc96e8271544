"""What was written since: the statement that the tail of the record is read by, and its filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Integer, Text, any_, bindparam, cast, func, select, true, tuple_

from orchestration.domain.order import Priority
from persistence.feed_position import FeedPosition
from persistence.rows import EVENT_COLUMNS, StoredEvent, folded, stored_event
from persistence.tables import TransactionId, events, orders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row, Select

    from persistence.order_page import OrderFilter


@dataclass(frozen=True)
class OrderFacts:
    """What a filter may ask of an event's order; none of it ever changes."""

    customer_id: str | None
    folded_customer_name: str
    priority: Priority
    total: Decimal
    created_at: datetime


@dataclass(frozen=True)
class TailedEvent:
    """An event, its place among all, and its order's facts where those were asked for."""

    position: FeedPosition
    stored: StoredEvent
    facts: OrderFacts | None


@dataclass(frozen=True)
class TailPage:
    """Events after a position, and the position to go on from; ``full`` where more is there."""

    events: list[TailedEvent]
    position: FeedPosition
    full: bool


_HORIZON = func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=TransactionId())
_FACT_COLUMNS = [
    orders.c.customer_id,
    orders.c.folded_customer_name,
    orders.c.priority,
    orders.c.total,
    orders.c.created_at,
]


def _statement(*, of_all: bool) -> Select[Any]:
    """Select a page of events; one row, void of them, where there are none."""
    horizon = select(_HORIZON.label("horizon")).cte("horizon").prefix_with("MATERIALIZED")
    since = cast(bindparam("xid", type_=Text), TransactionId())
    # Letters are compared as here, whatever the database's own way is.
    order_id = events.c.order_id.collate("C")
    place = tuple_(events.c.xid, order_id, events.c.sequence)
    here = tuple_(
        since,
        bindparam("order_id", type_=Text).collate("C"),
        bindparam("sequence", type_=Integer),
    )
    page = (
        select(cast(events.c.xid, Text).label("xid"), *EVENT_COLUMNS)
        .where(events.c.xid >= since, events.c.xid < horizon.c.horizon, place > here)
        .order_by(events.c.xid, order_id, events.c.sequence)
        .limit(bindparam("limit", type_=Integer))
    )
    if of_all:
        page = page.add_columns(*_FACT_COLUMNS).join(orders, orders.c.id == events.c.order_id)
    else:
        page = page.where(events.c.order_id == any_(bindparam("ids", type_=ARRAY(Text))))
    found = page.correlate(horizon).lateral("page")
    return select(cast(horizon.c.horizon, Text).label("horizon"), found).select_from(
        horizon.outerjoin(found, true())
    )


_OF_ALL = _statement(of_all=True)
_OF_SOME = _statement(of_all=False)


def tail_statement(
    after: FeedPosition, limit: int, order_ids: Sequence[str] | None
) -> tuple[Select[Any], dict[str, object]]:
    """Select the next events after a position, of these orders; of all, with facts, for None."""
    parameters: dict[str, object] = {
        "xid": str(after.xid),
        "order_id": after.order_id,
        "sequence": after.sequence,
        "limit": limit,
    }
    if order_ids is None:
        return _OF_ALL, parameters
    return _OF_SOME, {**parameters, "ids": list(order_ids)}


def tail_page(rows: Sequence[Row[Any]], after: FeedPosition, limit: int) -> TailPage:
    """Read the rows of such a statement."""
    found = [_tailed(row) for row in rows if row.order_id is not None]
    if len(found) == limit:
        return TailPage(found, found[-1].position, full=True)
    # A position that another server gave may be ahead of this one's horizon: never go back.
    return TailPage(found, max(after, FeedPosition(int(rows[0].horizon))), full=False)


def matches(wanted: OrderFilter, tailed: TailedEvent) -> bool:
    """Tell whether an event's order passes a filter, as ``filter_conditions`` do in Postgres.

    Of states it is that before the event or that after it: who watches a state sees orders leave.
    """
    event, facts = tailed.stored.event, tailed.facts
    if wanted.ids is not None and tailed.stored.order_id not in wanted.ids:
        return False
    if wanted.states is not None and not {event.state, event.from_state} & {*wanted.states}:
        return False
    return facts is not None and _facts_match(wanted, facts)


def _facts_match(wanted: OrderFilter, facts: OrderFacts) -> bool:
    name = wanted.customer_name
    return (
        (wanted.customer_id is None or facts.customer_id == wanted.customer_id)
        and (name is None or folded(name) in facts.folded_customer_name)
        and (wanted.priorities is None or facts.priority in wanted.priorities)
        and (wanted.total_min is None or facts.total >= wanted.total_min)
        and (wanted.total_max is None or facts.total <= wanted.total_max)
        and (wanted.created_from is None or facts.created_at >= wanted.created_from)
        and (wanted.created_to is None or facts.created_at <= wanted.created_to)
    )


def _tailed(row: Row[Any]) -> TailedEvent:
    facts = None
    if "total" in row._fields:
        facts = OrderFacts(
            customer_id=row.customer_id,
            folded_customer_name=row.folded_customer_name,
            priority=Priority(row.priority),
            total=row.total,
            created_at=row.created_at,
        )
    position = FeedPosition(int(row.xid), row.order_id, row.sequence)
    return TailedEvent(position, stored_event(row), facts)
