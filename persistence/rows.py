"""What is on record, in the domain's words: nothing outside this package sees a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.domain.money import CURRENCY_DECIMALS, Money
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

if TYPE_CHECKING:
    from sqlalchemy import Row


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


def stored_order(row: Row[Any]) -> StoredOrder:
    """Read a row that has all of the orders' columns."""
    failure = None
    if row.failure_code is not None:
        failure = OrderFailure(FailureCode(row.failure_code), row.failure_message)
    return StoredOrder(
        order=Order(
            id=row.id,
            request=_request(row.request),
            customer_name=row.customer_name,
            payment_id=row.payment_id,
            policy=Policy(**{**row.policy, "review_mode": ReviewMode(row.policy["review_mode"])}),
        ),
        run_id=row.run_id,
        created_at=row.created_at,
        snapshot=OrderSnapshot(
            state=OrderState(row.state),
            sequence=row.sequence,
            shipping_address=Address(**row.shipping_address),
            payment_status=PaymentStatus(row.payment_status),
            updated_at=row.updated_at,
            deadline=row.deadline,
            review_deadline=row.review_deadline,
            ended_at=row.ended_at,
            failure=failure,
            undoing=row.undoing,
        ),
    )


def stored_payment(row: Row[Any]) -> StoredPayment:
    """Read a row that has all of the payments' columns."""
    return StoredPayment(
        id=row.id,
        order_id=row.order_id,
        status=PaymentStatus(row.status),
        amount=Money(int(row.amount_minor), row.currency),
        created_at=row.created_at,
        updated_at=row.updated_at,
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
    """Read a row that has all of the events' columns but for key and xid."""
    event = OrderEvent(
        sequence=row.sequence,
        type=EventType(row.type),
        from_state=None if row.from_state is None else OrderState(row.from_state),
        state=OrderState(row.state),
        message=row.message,
        payload=row.payload,
        at=row.at,
        command_id=row.command_id,
        attempt=row.attempt,
    )
    return StoredEvent(row.order_id, event)


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
        "total": str(major_units(request.total)),
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


def major_units(total: Money) -> Decimal:
    """Return what orders are sorted and filtered by."""
    # Only an INVALID order has a currency that is not known, and its total says little anyway.
    return Decimal(total.minor).scaleb(-CURRENCY_DECIMALS.get(total.currency, 0))


def _request(stored: dict[str, Any]) -> OrderRequest:
    return OrderRequest(
        customer_id=stored["customer_id"],
        items=[LineItem(**item) for item in stored["items"]],
        currency=stored["currency"],
        shipping_address=Address(**stored["shipping_address"]),
        priority=Priority(stored["priority"]),
        payment_id=stored["payment_id"],
        policy=stored["policy"],
    )
