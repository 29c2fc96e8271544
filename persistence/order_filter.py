"""The filter of orders, defined once: each field says how SQL and the feed apply it.

A field without both does not import. Pages and counts filter rows in SQL. The feed filters events
in Python, because they are in memory.
"""

# ruff: file-ignore[function-call-in-dataclass-default-argument] - _condition is a field specifier
# ruff: file-ignore[unused-lambda-argument] - conditions have the same parameters

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import ARRAY, ColumnElement, Text, any_, bindparam, func

from orchestration.domain.order import (
    PAYMENT_STATUS_AFTER,
    FailureCode,
    PaymentStatus,
    Priority,
)
from orchestration.domain.states import END_STATES, EventType, OrderState
from persistence.rows import folded
from persistence.tables import ORDERED_SKUS, orders
from persistence.text_search import containing, contains

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Column

    from persistence.rows import StoredEvent


@dataclass(frozen=True)
class OrderFacts:
    """What a filter of the feed may compare of an event's order.

    ``previous_payment_event`` is the last event before this one that changed the payment status.
    ``payment_status`` and ``failure_code`` are the order's when the event was read. They are final
    if the event is the order's last, and not used otherwise. Nothing else ever changes.
    """

    customer_id: str | None
    folded_customer_name: str
    priority: Priority
    currency: str
    total: Decimal
    skus: frozenset[str]
    created_at: datetime
    payment_status: PaymentStatus
    failure_code: FailureCode | None
    previous_payment_event: EventType | None


FeedCondition: TypeAlias = "Callable[[Any, StoredEvent, OrderFacts], bool]"
"""Tells whether an event matches the value of a filter's field."""


@dataclass(frozen=True)
class Condition:
    """How one field of the filter is applied.

    ``sql`` is true for the rows that match. Its parameter has the name of the field and the value
    that ``parameter`` returns.
    """

    sql: ColumnElement[bool]
    feed: FeedCondition
    parameter: Callable[[Any], object] = lambda value: value


def _condition(
    sql: ColumnElement[bool],
    feed: FeedCondition,
    parameter: Callable[[Any], object] = lambda value: value,
) -> Any:  # ruff: ignore[any-type] - as dataclasses.field, it has the type of its field
    """Declare a field of the filter, as ``dataclasses.field`` does."""
    return field(default=None, metadata={Condition: Condition(sql, feed, parameter)})


def _payment_statuses(stored: StoredEvent, facts: OrderFacts) -> set[PaymentStatus]:
    """Return the payment status before and after an event."""
    previous = facts.previous_payment_event
    before = PaymentStatus.PENDING if previous is None else PAYMENT_STATUS_AFTER[previous]
    if stored.event.state in END_STATES:
        return {before, facts.payment_status}
    return {before, PAYMENT_STATUS_AFTER.get(stored.event.type, before)}


_C = orders.c


def _same(column: Column[Any], name: str) -> ColumnElement[bool]:
    return column == bindparam(name, type_=Text)


def _one_of(column: Column[Any], name: str) -> ColumnElement[bool]:
    return column == any_(bindparam(name, type_=ARRAY(Text)))


def _at_least(column: Column[Any], name: str) -> ColumnElement[bool]:
    return column >= bindparam(name, type_=column.type)


def _at_most(column: Column[Any], name: str) -> ColumnElement[bool]:
    return column <= bindparam(name, type_=column.type)


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """Conditions that an order must all meet. None: no condition. An empty list matches nothing.

    Bounds are inclusive. Totals are in major units. ``customer_name`` is any part of the name,
    regardless of letter case.

    In the feed, ``states`` and ``payment_statuses`` match the value before or after the event, so
    that a client that follows one also sees orders leave it. All else is the order's after it.

    ``owner`` is a customer whose token limits the caller to that customer's orders. It is separate
    from ``customer_id``, which the caller chooses.
    """

    ids: list[str] | None = _condition(
        _one_of(_C.id, "ids"), lambda ids, stored, facts: stored.order_id in ids
    )
    states: list[OrderState] | None = _condition(
        _one_of(_C.state, "states"),
        lambda states, stored, facts: (
            stored.event.state in states or stored.event.from_state in states
        ),
    )
    customer_id: str | None = _condition(
        _same(_C.customer_id, "customer_id"),
        lambda customer_id, stored, facts: facts.customer_id == customer_id,
    )
    owner: str | None = _condition(
        _same(_C.customer_id, "owner"), lambda owner, stored, facts: facts.customer_id == owner
    )
    customer_name: str | None = _condition(
        contains(_C.folded_customer_name, "customer_name"),
        lambda name, stored, facts: folded(name) in facts.folded_customer_name,
        containing,
    )
    priorities: list[Priority] | None = _condition(
        _one_of(_C.priority, "priorities"),
        lambda priorities, stored, facts: facts.priority in priorities,
    )
    currency: str | None = _condition(
        _same(_C.currency, "currency"),
        lambda currency, stored, facts: facts.currency == currency,
    )
    total_from: Decimal | None = _condition(
        _at_least(_C.total, "total_from"), lambda bound, stored, facts: facts.total >= bound
    )
    total_to: Decimal | None = _condition(
        _at_most(_C.total, "total_to"), lambda bound, stored, facts: facts.total <= bound
    )
    sku: str | None = _condition(
        ORDERED_SKUS.contains(func.jsonb_build_array(bindparam("sku", type_=Text))),
        lambda sku, stored, facts: sku in facts.skus,
    )
    payment_statuses: list[PaymentStatus] | None = _condition(
        _one_of(_C.payment_status, "payment_statuses"),
        lambda statuses, stored, facts: not _payment_statuses(stored, facts).isdisjoint(statuses),
    )
    failure_codes: list[FailureCode] | None = _condition(
        _one_of(_C.failure_code, "failure_codes"),
        lambda codes, stored, facts: (
            stored.event.state in END_STATES and facts.failure_code in codes
        ),
    )
    created_from: datetime | None = _condition(
        _at_least(_C.created_at, "created_from"),
        lambda bound, stored, facts: facts.created_at >= bound,
    )
    created_to: datetime | None = _condition(
        _at_most(_C.created_at, "created_to"),
        lambda bound, stored, facts: facts.created_at <= bound,
    )
    updated_from: datetime | None = _condition(
        _at_least(_C.updated_at, "updated_from"),
        lambda bound, stored, facts: stored.event.at >= bound,
    )
    updated_to: datetime | None = _condition(
        _at_most(_C.updated_at, "updated_to"), lambda bound, stored, facts: stored.event.at <= bound
    )


def conditions_of(filter_class: type[OrderFilter]) -> dict[str, Condition]:
    """Return the condition of each field. Raises TypeError for one that has none."""
    conditions = {}
    for each in fields(filter_class):
        if Condition not in each.metadata:
            raise TypeError(
                f"{filter_class.__name__}.{each.name} does not say how SQL and the feed apply it."
                " Define it with _condition."
            )
        condition: Condition = each.metadata[Condition]
        if each.name not in condition.sql.compile().params:
            raise TypeError(
                f"The SQL of {filter_class.__name__}.{each.name} does not use its value."
            )
        conditions[each.name] = condition
    return conditions


_CONDITIONS = conditions_of(OrderFilter)


def filter_conditions(names: Iterable[str]) -> list[ColumnElement[bool]]:
    """Return the conditions, to be joined by AND, that use these parameters."""
    return [_CONDITIONS[name].sql for name in sorted(names)]


def filter_parameters(filter_: OrderFilter) -> dict[str, object]:
    """Return the parameters for the conditions that the filter has."""
    return {
        name: _CONDITIONS[name].parameter(value)
        for name, value in vars(filter_).items()
        if value is not None
    }


def feed_matcher(filter_: OrderFilter) -> Callable[[StoredEvent, OrderFacts | None], bool]:
    """Return a function that tells whether an event passes. An event without facts does not."""
    given = [
        (_CONDITIONS[name].feed, frozenset(value) if isinstance(value, list) else value)
        for name, value in vars(filter_).items()
        if value is not None
    ]

    def matches(stored: StoredEvent, facts: OrderFacts | None) -> bool:
        return facts is not None and all(
            condition(value, stored, facts) for condition, value in given
        )

    return matches
