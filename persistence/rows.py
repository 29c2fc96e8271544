"""What is on record, in the domain's words: nothing outside this package sees a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from orchestration.domain.money import Money
from orchestration.domain.order import (
    IDENTIFIER,
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
from persistence.tables import events, orders, payments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

_Frozen = TypeVar("_Frozen")

# Looking a member up by its value is twenty times quicker so, and a page has thousands of them.
_STATES = {member.value: member for member in OrderState}
_EVENT_TYPES = {member.value: member for member in EventType}
_PAYMENT_STATUSES = {member.value: member for member in PaymentStatus}
_PRIORITIES = {member.value: member for member in Priority}
_REVIEW_MODES = {member.value: member for member in ReviewMode}

_order, _event, _payment = orders.c, events.c, payments.c
ORDER_COLUMNS = (
    _order.id,
    _order.run_id,
    _order.customer_name,
    _order.payment_id,
    _order.request,
    _order.policy,
    _order.created_at,
    _order.sequence,
    _order.state,
    _order.shipping_address,
    _order.payment_status,
    _order.undoing,
    _order.failure_code,
    _order.failure_message,
    _order.deadline,
    _order.review_deadline,
    _order.ended_at,
    _order.updated_at,
)
"""What an order is read from. The others are there to find and to sort by."""

EVENT_COLUMNS = (
    _event.order_id,
    _event.sequence,
    _event.type,
    _event.from_state,
    _event.state,
    _event.message,
    _event.command_id,
    _event.attempt,
    _event.payload,
    _event.at,
)
"""What an event is read from."""

PAYMENT_COLUMNS = (
    _payment.id,
    _payment.order_id,
    _payment.status,
    _payment.amount_minor,
    _payment.currency,
    _payment.created_at,
    _payment.updated_at,
)
"""What a payment is read from."""


@dataclass(frozen=True)
class StoredOrder:
    """An order as recorded; it was last changed at ``snapshot.updated_at``."""

    order: Order
    run_id: str
    created_at: datetime
    snapshot: OrderSnapshot


@dataclass(frozen=True)
class StoredPayment:
    """An order's payment. An order that lost its payment id to another one has none."""

    id: str
    order_id: str
    status: PaymentStatus
    amount: Money
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class StoredCustomer:
    """A customer as the API last saved it."""

    id: str
    name: str
    email: str
    phone: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class StoredEvent:
    """One event, and the order it belongs to."""

    order_id: str
    event: OrderEvent


def stored_order(row: Row[Any]) -> StoredOrder:  # ruff: ignore[too-many-locals] - a column each
    """Read a row that ends with ORDER_COLUMNS."""
    (
        order_id,
        run_id,
        customer_name,
        payment_id,
        request,
        policy,
        created_at,
        sequence,
        state,
        shipping_address,
        payment_status,
        undoing,
        failure_code,
        failure_message,
        deadline,
        review_deadline,
        ended_at,
        updated_at,
    ) = row[-len(ORDER_COLUMNS) :]
    failure = None
    if failure_code is not None:
        failure = OrderFailure(FailureCode(failure_code), failure_message)
    snapshot = _made(
        OrderSnapshot,
        state=_STATES[state],
        sequence=sequence,
        shipping_address=_made(Address, **shipping_address),
        payment_status=_PAYMENT_STATUSES[payment_status],
        updated_at=updated_at,
        deadline=deadline,
        review_deadline=review_deadline,
        ended_at=ended_at,
        failure=failure,
        undoing=undoing,
    )
    return StoredOrder(
        Order(order_id, _request(request), customer_name, payment_id, _policy(policy)),
        run_id,
        created_at,
        snapshot,
    )


def stored_payment(row: Sequence[Any]) -> StoredPayment:
    """Read a row that has PAYMENT_COLUMNS."""
    payment_id, order_id, status, minor, currency, created_at, updated_at = row
    amount = Money(int(minor), currency)
    return StoredPayment(
        payment_id, order_id, _PAYMENT_STATUSES[status], amount, created_at, updated_at
    )


def stored_customer(row: Row[Any]) -> StoredCustomer:
    """Read a row that has all of the customers' columns."""
    return StoredCustomer(
        id=row.id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def stored_event(row: Row[Any]) -> StoredEvent:
    """Read a row that has EVENT_COLUMNS among its own."""
    values = tuple(getattr(row, column.key) for column in EVENT_COLUMNS)
    return StoredEvent(row.order_id, order_event(values))


def order_event(row: Sequence[Any]) -> OrderEvent:
    """Read a row that has EVENT_COLUMNS and no others."""
    _, sequence, kind, from_state, state, message, command_id, attempt, payload, at = row
    return _made(
        OrderEvent,
        sequence=sequence,
        type=_EVENT_TYPES[kind],
        from_state=None if from_state is None else _STATES[from_state],
        state=_STATES[state],
        message=message,
        payload=payload,
        at=at,
        command_id=command_id,
        attempt=attempt,
    )


def order_columns(order: Order, placed_at: datetime) -> dict[str, Any]:
    """Lay out an order's immutable part for the ledger's statement."""
    request = order.request
    return {
        "requested_customer_id": request.customer_id,
        "customer_name": order.customer_name,
        "folded_customer_name": folded(order.customer_name),
        "payment_id": order.payment_id,
        # Such an order is INVALID and never charged; its id might not even fit into an index.
        "claims_payment": IDENTIFIER.fullmatch(order.payment_id) is not None,
        "priority": request.priority,
        "currency": request.currency,
        "total": str(request.total.amount),
        "total_minor": str(request.total.minor),
        "request": request,
        "policy": order.policy,
        "created_at": placed_at,
    }


def snapshot_columns(snapshot: OrderSnapshot) -> dict[str, Any]:
    """Lay out where an order stands for the ledger's statement."""
    failure = snapshot.failure
    return {
        "sequence": snapshot.sequence,
        "state": snapshot.state,
        "shipping_address": snapshot.shipping_address,
        "payment_status": snapshot.payment_status,
        "undoing": snapshot.undoing,
        "failure_code": None if failure is None else failure.code,
        "failure_message": None if failure is None else failure.message,
        "deadline": snapshot.deadline,
        "review_deadline": snapshot.review_deadline,
        "ended_at": snapshot.ended_at,
        "updated_at": snapshot.updated_at,
    }


def event_columns(event: OrderEvent) -> dict[str, Any]:
    """Lay out one event for the ledger's statement."""
    return {**vars(event), "key": event.key}


def folded(name: str) -> str:
    """Put letter case aside, here since the database's own way depends on its locale."""
    return name.casefold()


def _request(stored: dict[str, Any]) -> OrderRequest:
    return _made(
        OrderRequest,
        customer_id=stored["customer_id"],
        items=[_made(LineItem, **item) for item in stored["items"]],
        currency=stored["currency"],
        shipping_address=_made(Address, **stored["shipping_address"]),
        priority=_PRIORITIES[stored["priority"]],
        payment_id=stored["payment_id"],
        policy=stored["policy"],
    )


def _policy(stored: dict[str, Any]) -> Policy:
    return _made(Policy, **{**stored, "review_mode": _REVIEW_MODES[stored["review_mode"]]})


def _made(kind: type[_Frozen], /, **values: Any) -> _Frozen:  # ruff: ignore[any-type] - of any field
    """Make a frozen dataclass of all its values, twice as fast as by its own ``__init__``.

    That one sets each value through ``object.__setattr__``, since its class refuses to. Here nobody
    looks whether they are all there, and each object has a dict of its own, twice as large.
    """
    made = object.__new__(kind)
    object.__setattr__(made, "__dict__", values)  # ruff: ignore[unnecessary-dunder-call] - as that one does
    return made
