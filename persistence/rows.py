"""Mapping between rows and the domain. Nothing outside this package sees a row.

A column of ``orders`` has the name of the field that it stores, and its value is mapped by that
name. Only columns whose values need a conversion are mentioned here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from orchestration.domain.money import Money
from orchestration.domain.order import (
    IDENTIFIER,
    Actor,
    ActorKind,
    Address,
    FailureCode,
    LineItem,
    Order,
    OrderEvent,
    OrderFailure,
    OrderRequest,
    OrderSnapshot,
    PaymentStatus,
    Policy,
    Priority,
    ReviewMode,
)
from orchestration.domain.states import EventType, OrderState
from persistence.tables import SNAPSHOT_COLUMNS, events, orders, payments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Column, Row

_Frozen = TypeVar("_Frozen")

# A page converts thousands of values, and a dict is 20 times faster than OrderState(value).
_STATES = {member.value: member for member in OrderState}
_EVENT_TYPES = {member.value: member for member in EventType}
_PAYMENT_STATUSES = {member.value: member for member in PaymentStatus}
_PRIORITIES = {member.value: member for member in Priority}
_REVIEW_MODES = {member.value: member for member in ReviewMode}

_new = object.__new__
_set = object.__setattr__  # the classes are frozen

_ORDER_FIELDS = tuple(field.name for field in fields(Order))
_SNAPSHOT_FIELDS = tuple(column.name for column in SNAPSHOT_COLUMNS)

_ACTOR = "actor"
"""Member of an event's payload: most events have no actor, and none is searched for."""

ORDER_COLUMNS: tuple[Column[Any], ...] = (
    *SNAPSHOT_COLUMNS,
    *(orders.c[name] for name in _ORDER_FIELDS),
    orders.c.run_id,
    orders.c.created_at,
)
"""The columns that ``stored_order`` reads. The other columns only serve to search and to sort."""

EVENT_COLUMNS: tuple[Column[Any], ...] = (
    events.c.order_id,
    events.c.sequence,
    events.c.type,
    events.c.from_state,
    events.c.state,
    events.c.message,
    events.c.command_id,
    events.c.attempt,
    events.c.payload,
    events.c.at,
)
"""The columns that ``stored_event`` and ``order_event`` read. The latter skips the first."""

PAYMENT_COLUMNS: tuple[Column[Any], ...] = (
    payments.c.id,
    payments.c.order_id,
    payments.c.status,
    payments.c.amount_minor,
    payments.c.currency,
    payments.c.created_at,
    payments.c.updated_at,
)
"""The columns that ``stored_payment`` reads."""


@dataclass(frozen=True)
class StoredOrder:
    """An order as recorded. ``snapshot.updated_at`` is the time of its last recorded event."""

    order: Order
    run_id: str
    created_at: datetime
    snapshot: OrderSnapshot


@dataclass(frozen=True)
class StoredPayment:
    """The payment of an order. An order whose payment ID belonged to another order has none."""

    id: str
    order_id: str
    status: PaymentStatus
    amount: Money
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class StoredCustomer:
    id: str
    name: str
    email: str
    phone: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class StoredEvent:
    """An event, and the order it belongs to."""

    order_id: str
    event: OrderEvent


def stored_order(row: Row[Any]) -> StoredOrder:
    """Read the last columns of a row, which must be ORDER_COLUMNS."""
    *values, run_id, created_at = row[-len(ORDER_COLUMNS) :]
    snapshot_size = len(_SNAPSHOT_FIELDS)

    snapshot = dict(zip(_SNAPSHOT_FIELDS, values[:snapshot_size], strict=True))
    snapshot["state"] = _STATES[snapshot["state"]]
    snapshot["shipping_address"] = _build(Address, snapshot["shipping_address"])
    snapshot["payment_status"] = _PAYMENT_STATUSES[snapshot["payment_status"]]
    code, message = snapshot.pop("failure_code"), snapshot.pop("failure_message")
    snapshot["failure"] = None if code is None else OrderFailure(FailureCode(code), message)

    order = dict(zip(_ORDER_FIELDS, values[snapshot_size:], strict=True))
    order["request"] = _request(order["request"])
    order["policy"] = _policy(order["policy"])

    stored = {
        "order": _build(Order, order),
        "run_id": run_id,
        "created_at": created_at,
        "snapshot": _build(OrderSnapshot, snapshot),
    }
    return _build(StoredOrder, stored)


def stored_payment(row: Sequence[Any]) -> StoredPayment:
    """Read a row of exactly PAYMENT_COLUMNS."""
    payment_id, order_id, status, minor, currency, created_at, updated_at = row
    payment = {
        "id": payment_id,
        "order_id": order_id,
        "status": _PAYMENT_STATUSES[status],
        "amount": Money(int(minor), currency),
        "created_at": created_at,
        "updated_at": updated_at,
    }
    return _build(StoredPayment, payment)


def stored_customer(row: Row[Any]) -> StoredCustomer:
    """Read a row that contains all columns of the customers table."""
    return StoredCustomer(
        id=row.id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def stored_event(row: Row[Any]) -> StoredEvent:
    """Read a row that contains EVENT_COLUMNS, in any order and among other columns."""
    values = tuple(getattr(row, column.key) for column in EVENT_COLUMNS)
    return StoredEvent(row.order_id, order_event(values))


def order_event(row: Sequence[Any]) -> OrderEvent:
    """Read a row of exactly EVENT_COLUMNS."""
    _, sequence, kind, from_state, state, message, command_id, attempt, payload, at = row
    actor = payload.get(_ACTOR)
    if actor is not None:
        payload = {name: value for name, value in payload.items() if name != _ACTOR}
        actor = Actor(actor["id"], ActorKind(actor["kind"]), actor["name"])
    event = {
        "sequence": sequence,
        "type": _EVENT_TYPES.get(kind, EventType.OTHER),
        "from_state": None if from_state is None else _STATES[from_state],
        "state": _STATES[state],
        "message": message,
        "payload": payload,
        "at": at,
        "command_id": command_id,
        "attempt": attempt,
        "actor": actor,
    }
    return _build(OrderEvent, event)


def placed_columns(order: Order, placed_at: datetime) -> dict[str, Any]:
    """Return the values of PLACED_COLUMNS, and whether the order may claim its payment ID."""
    request = order.request
    return {
        **vars(order),
        "requested_customer_id": request.customer_id,
        "folded_customer_name": folded(order.customer_name),
        # An order with a malformed payment ID ends as INVALID and is never charged. The ID may
        # also be too long for the index of payments.
        "claims_payment": IDENTIFIER.fullmatch(order.payment_id) is not None,
        "priority": request.priority,
        "currency": request.currency,
        "total": str(request.total.amount),
        "total_minor": str(request.total.minor),
        "created_at": placed_at,
    }


def snapshot_columns(snapshot: OrderSnapshot) -> dict[str, Any]:
    """Return the values of SNAPSHOT_COLUMNS."""
    columns = dict(vars(snapshot))
    failure: OrderFailure | None = columns.pop("failure")
    columns["failure_code"] = None if failure is None else failure.code
    columns["failure_message"] = None if failure is None else failure.message
    return columns


def event_columns(event: OrderEvent) -> dict[str, Any]:
    """Return the values of an event's columns except its order and its transaction."""
    columns = {**vars(event), "key": event.key}
    actor = columns.pop("actor")
    if actor is not None:
        columns["payload"] = {**event.payload, _ACTOR: vars(actor)}
    return columns


def folded(name: str) -> str:
    """Return a text for case-insensitive search. SQL's lower() depends on the database's locale."""
    return name.casefold()


def _request(stored: dict[str, Any]) -> OrderRequest:
    request = {
        **stored,
        "items": [_build(LineItem, item) for item in stored["items"]],
        "shipping_address": _build(Address, stored["shipping_address"]),
        "priority": _PRIORITIES[stored["priority"]],
    }
    return _build(OrderRequest, request)


def _policy(stored: dict[str, Any]) -> Policy:
    return _build(Policy, {**stored, "review_mode": _REVIEW_MODES[stored["review_mode"]]})


def _build(kind: type[_Frozen], values: dict[str, Any]) -> _Frozen:
    """Return a frozen dataclass with these values, and keep the dict as the object's own.

    This takes half the time of the dataclass's ``__init__``, which sets each field of a frozen
    class through ``object.__setattr__``. It does not check that every field has a value.
    """
    built = _new(kind)
    _set(built, "__dict__", values)
    return built
