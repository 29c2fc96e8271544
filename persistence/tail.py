"""Reading the events that were written after a position, and filtering them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Integer, Text, any_, bindparam, cast, select, true, tuple_

from orchestration.domain.order import (
    PAYMENT_STATUS_AFTER,
    FailureCode,
    PaymentStatus,
    Priority,
)
from orchestration.domain.states import EventType
from persistence.feed_position import EPOCH, HORIZON, FeedPosition, OtherEpoch
from persistence.order_filter import (
    OrderFacts,
)
from persistence.rows import EVENT_COLUMNS, StoredEvent, stored_event
from persistence.tables import ORDERED_SKUS, TransactionId, events, orders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row, Select

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TailedEvent:
    """An event and its position. ``facts`` is None if the tail was read for selected orders."""

    position: FeedPosition
    stored: StoredEvent
    facts: OrderFacts | None


@dataclass(frozen=True)
class TailPage:
    """Events after a position, and the position of the next page.

    ``full``: the page reached its limit, so there may be more events to read at once.
    """

    events: list[TailedEvent]
    position: FeedPosition
    full: bool


_earlier = events.alias("earlier")
_FACT_COLUMNS: dict[str, ColumnElement[Any]] = {
    "skus": ORDERED_SKUS,
    "previous_payment_event": select(_earlier.c.type)
    .where(
        _earlier.c.order_id == events.c.order_id,
        _earlier.c.sequence < events.c.sequence,
        _earlier.c.type.in_(PAYMENT_STATUS_AFTER),
    )
    .order_by(_earlier.c.sequence.desc())
    .limit(1)
    .correlate(events)
    .scalar_subquery(),
}
_FACTS = [
    (_FACT_COLUMNS[name] if name in _FACT_COLUMNS else orders.c[name]).label(name)
    for name in (field.name for field in fields(OrderFacts))
]


def _statement(*, all_orders: bool) -> Select[Any]:
    """Select the horizon, the epoch and a page of events. Without events, one row has no event."""
    horizon = select(HORIZON.label("horizon"), EPOCH).cte("horizon").prefix_with("MATERIALIZED")
    since = cast(bindparam("xid", type_=Text), TransactionId())
    # The C collation compares as Python does, whatever the database's collation is.
    order_id = events.c.order_id.collate("C")
    position = tuple_(events.c.xid, order_id, events.c.sequence)
    after = tuple_(
        since,
        bindparam("order_id", type_=Text).collate("C"),
        bindparam("sequence", type_=Integer),
    )
    page = (
        select(cast(events.c.xid, Text).label("xid"), *EVENT_COLUMNS)
        .where(events.c.xid >= since, events.c.xid < horizon.c.horizon, position > after)
        .order_by(events.c.xid, order_id, events.c.sequence)
        .limit(bindparam("limit", type_=Integer))
    )
    if all_orders:
        page = page.add_columns(*_FACTS).join(orders, orders.c.id == events.c.order_id)
    else:
        page = page.where(events.c.order_id == any_(bindparam("ids", type_=ARRAY(Text))))
    found = page.correlate(horizon).lateral("page")
    return select(
        cast(horizon.c.horizon, Text).label("horizon"), horizon.c.epoch, found
    ).select_from(horizon.outerjoin(found, true()))


_ALL_ORDERS = _statement(all_orders=True)
_SELECTED_ORDERS = _statement(all_orders=False)


def tail_statement(
    after: FeedPosition, limit: int, order_ids: Sequence[str] | None
) -> tuple[Select[Any], dict[str, object]]:
    """Return the statement for the next events of these orders, and its parameters.

    With None it reads the events of all orders, with the facts that a filter needs.
    """
    parameters: dict[str, object] = {
        "xid": str(after.xid),
        "order_id": after.order_id,
        "sequence": after.sequence,
        "limit": limit,
    }
    if order_ids is None:
        return _ALL_ORDERS, parameters
    return _SELECTED_ORDERS, {**parameters, "ids": list(order_ids)}


def tail_page(rows: Sequence[Row[Any]], after: FeedPosition, limit: int) -> TailPage:
    """Read the rows of a ``tail_statement``. Raises OtherEpoch.

    Events that cannot be read are left out, because the streams of all other orders wait for them.
    """
    epoch = rows[0].epoch
    if epoch != after.epoch:
        raise OtherEpoch
    rows_with_event = [row for row in rows if row.order_id is not None]
    found = [tailed for row in rows_with_event if (tailed := _tailed_if_readable(row))]
    if len(rows_with_event) == limit:
        return TailPage(found, _position(rows_with_event[-1]), full=True)
    # Another connection's horizon may have been later. A reader's position must not go back.
    horizon = FeedPosition(int(rows[0].horizon), epoch=epoch)
    return TailPage(found, max(after, horizon), full=False)


def _tailed_if_readable(row: Row[Any]) -> TailedEvent | None:
    try:
        return _tailed(row)
    except (LookupError, ValueError) as error:  # an enum of this version lacks a value
        _log.error("event %s of order %s cannot be read: %r", row.sequence, row.order_id, error)
        return None


def _position(row: Row[Any]) -> FeedPosition:
    return FeedPosition(int(row.xid), row.order_id, row.sequence, row.epoch)


def _tailed(row: Row[Any]) -> TailedEvent:
    facts = None
    if "total" in row._fields:
        previous = row.previous_payment_event
        facts = OrderFacts(
            customer_id=row.customer_id,
            folded_customer_name=row.folded_customer_name,
            priority=Priority(row.priority),
            currency=row.currency,
            total=row.total,
            skus=frozenset(row.skus),
            created_at=row.created_at,
            payment_status=PaymentStatus(row.payment_status),
            failure_code=None if row.failure_code is None else FailureCode(row.failure_code),
            previous_payment_event=None if previous is None else EventType(previous),
        )
    return TailedEvent(_position(row), stored_event(row), facts)
