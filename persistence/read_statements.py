"""The statements that read rows by ID, each for all rows and for those of one customer."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Column, Select, Text, any_, bindparam, exists, func, select

from persistence.feed_position import EPOCH, HORIZON_TEXT
from persistence.rows import EVENT_COLUMNS, ORDER_COLUMNS, PAYMENT_COLUMNS
from persistence.tables import customers, events, orders, payments

_IDS = any_(bindparam("ids", type_=ARRAY(Text)))
_OWNER = bindparam("owner", type_=Text)


class OwnedStatement(NamedTuple):
    """A statement over all rows, and the same over the rows of the customer ``:owner``."""

    of_all: Select[Any]
    of_owner: Select[Any]


def _by_order_owner(statement: Select[Any], order_id: Column[Any]) -> OwnedStatement:
    """Limit rows to those whose order belongs to the owner."""
    owned = exists().where(orders.c.id == order_id, orders.c.customer_id == _OWNER)
    return OwnedStatement(statement, statement.where(owned))


def _by_owner(statement: Select[Any], customer_id: Column[Any]) -> OwnedStatement:
    return OwnedStatement(statement, statement.where(customer_id == _OWNER))


ORDER = _by_owner(
    select(*ORDER_COLUMNS).where(orders.c.id == bindparam("order_id")), orders.c.customer_id
)
ORDERS = _by_owner(select(*ORDER_COLUMNS).where(orders.c.id == _IDS), orders.c.customer_id)
CUSTOMERS = _by_owner(select(customers).where(customers.c.id == _IDS), customers.c.id)
PAYMENTS = _by_order_owner(
    select(*PAYMENT_COLUMNS).where(payments.c.order_id == _IDS), payments.c.order_id
)
_RANGE_COLUMNS = (
    Column("order_id", Text),
    Column("after", events.c.sequence.type),
    Column("upto", events.c.sequence.type),
)
_RANGES = (
    func
    .unnest(*(bindparam(column.name, type_=ARRAY(column.type)) for column in _RANGE_COLUMNS))
    .table_valued(*_RANGE_COLUMNS, with_ordinality="number", name="range")
    .render_derived()
)
EVENT_RANGES = _by_order_owner(
    select(_RANGES.c.number, *EVENT_COLUMNS[1:])
    .where(
        events.c.order_id == _RANGES.c.order_id,
        events.c.sequence > _RANGES.c.after,
        events.c.sequence <= _RANGES.c.upto,
    )
    .order_by(_RANGES.c.number, events.c.sequence),
    events.c.order_id,
)
# Events of a shipping attempt, and no others, have its number.
SHIPPING_EVENTS = _by_order_owner(
    select(*EVENT_COLUMNS)
    .where(events.c.order_id == _IDS, events.c.attempt.is_not(None))
    .order_by(events.c.order_id, events.c.sequence),
    events.c.order_id,
)
COMMAND_EVENT = _by_order_owner(
    select(*EVENT_COLUMNS)
    .where(
        events.c.order_id == bindparam("order_id"), events.c.command_id == bindparam("command_id")
    )
    .order_by(events.c.sequence)
    .limit(1),
    events.c.order_id,
)
CUSTOMER_STATE_COUNTS = _by_owner(
    select(orders.c.customer_id, orders.c.state, func.count().label("number"))
    .where(orders.c.customer_id == _IDS)
    .group_by(orders.c.customer_id, orders.c.state),
    orders.c.customer_id,
)
FEED_POSITION = select(HORIZON_TEXT, EPOCH)
