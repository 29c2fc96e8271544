"""An order: what was asked for, what was resolved at the start, and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias

from orchestration.domain.money import Money
from orchestration.domain.states import END_STATES, EventType, OrderState

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""What every id that a client may choose has to match, from first to last character."""

Seconds: TypeAlias = float
"""A length of time as Temporal's JSON and Postgres' JSONB carry it."""


class Priority(StrEnum):
    """How urgent an order is; to find it by, nothing more."""

    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


class PaymentStatus(StrEnum):
    """What the gateway last said of an order's payment."""

    PENDING = "PENDING"
    CHARGED = "CHARGED"
    DECLINED = "DECLINED"
    VOIDED = "VOIDED"
    REFUNDED = "REFUNDED"


class ReviewMode(StrEnum):
    """Who decides between validation and charge: a person, a clock or nobody."""

    MANUAL = "MANUAL"
    TIMER = "TIMER"
    NONE = "NONE"


class FailureCode(StrEnum):
    """Why an order ended as anything but COMPLETED."""

    INVALID = "INVALID"
    CANCELLED = "CANCELLED"
    APPROVAL_TIMEOUT = "APPROVAL_TIMEOUT"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    PAYMENT_CANCELLED = "PAYMENT_CANCELLED"
    SHIPPING_FAILED = "SHIPPING_FAILED"
    DEADLINE_PASSED = "DEADLINE_PASSED"
    TERMINATED = "TERMINATED"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Address:
    """Where an order goes; ``country`` is an ISO 3166 alpha-2 code."""

    street: str
    city: str
    country: str
    region: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True)
class LineItem:
    """One line of an order; ``unit_price`` in minor units of the order's currency."""

    sku: str
    quantity: int
    unit_price: int
    name: str | None = None


@dataclass(frozen=True)
class Policy:
    """How patient an order is. It travels with the order: no later setting changes it.

    Times are seconds. None means: no limit (review_timeout, deadline, activity_attempts) or
    no wait (delivery_timeout).
    """

    review_mode: ReviewMode
    review_timeout: Seconds | None
    deadline: Seconds | None
    activity_timeout: Seconds
    activity_attempts: int | None
    activity_retry_delay: Seconds
    activity_retry_backoff: float
    shipping_attempts: int
    shipping_retry_delay: Seconds
    shipping_retry_backoff: float
    delivery_timeout: Seconds | None


@dataclass(frozen=True)
class OrderRequest:
    """What the client asked for, before any default: two are the same order when these are equal.

    ``policy`` holds the fields that were given, and no others, under the names of Policy.
    """

    customer_id: str
    items: list[LineItem]
    currency: str
    shipping_address: Address
    priority: Priority
    payment_id: str | None
    policy: dict[str, Any]

    @property
    def total(self) -> Money:
        """The sum of its lines."""
        minor = sum(item.quantity * item.unit_price for item in self.items)
        return Money(minor, self.currency)


@dataclass(frozen=True)
class Order:
    """The part of an order that never changes: the request, and what was resolved at its start."""

    id: str
    request: OrderRequest
    customer_name: str
    payment_id: str
    policy: Policy


@dataclass(frozen=True)
class OrderFailure:
    """Why an order ended as it did, for programs and for people."""

    code: FailureCode
    message: str


@dataclass(frozen=True)
class OrderSnapshot:
    """Where an order stands after the event of that sequence; 0 is before the first.

    Of two snapshots of one order the higher sequence is the later one, whatever the states.
    """

    state: OrderState
    sequence: int
    shipping_address: Address
    payment_status: PaymentStatus
    updated_at: datetime
    deadline: datetime | None = None
    review_deadline: datetime | None = None
    ended_at: datetime | None = None
    failure: OrderFailure | None = None
    undoing: bool = False

    @property
    def ended(self) -> bool:
        """No further event will come."""
        return self.state in END_STATES


@dataclass(frozen=True)
class OrderEvent:
    """One line of an order's audit trail; sequences count 1, 2, 3 within the order, with no gap."""

    sequence: int
    type: EventType
    from_state: OrderState | None
    state: OrderState
    message: str
    payload: dict[str, Any]
    at: datetime
    command_id: str | None = None
    attempt: int | None = None

    @property
    def key(self) -> str:
        """Tells whether two writings of one sequence are the same event."""
        return ":".join(
            str(part) for part in (self.type, self.command_id, self.attempt) if part is not None
        )


def placed(order: Order, at: datetime) -> OrderSnapshot:
    """Return where an order stands that started at that time and has no event yet."""
    return OrderSnapshot(
        state=OrderState.PLACED,
        sequence=0,
        shipping_address=order.request.shipping_address,
        payment_status=PaymentStatus.PENDING,
        updated_at=at,
        deadline=_later(at, order.policy.deadline),
    )


def _later(at: datetime, seconds: Seconds | None) -> datetime | None:
    try:
        return None if seconds is None else at + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        # No time that there is. Such an order is INVALID, and has to get as far as to say so.
        return None


def differing_fields(stored: OrderRequest, sent: OrderRequest) -> list[str]:
    """Name the fields in which two requests for one order id differ."""
    return [
        name
        for name in OrderRequest.__dataclass_fields__
        if getattr(stored, name) != getattr(sent, name)
    ]
