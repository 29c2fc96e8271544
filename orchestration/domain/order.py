"""The order: the client's request, the values resolved at its start, its events and snapshots."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from orchestration.domain.money import Money
from orchestration.domain.states import END_STATES, EventType, OrderState

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""Full-match pattern for every ID that a client may choose."""

Seconds: TypeAlias = float
"""Durations are plain numbers so that Temporal payloads and JSONB columns can hold them."""


class Priority(StrEnum):
    """Urgency of an order. A search criterion only: it does not change processing."""

    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


class PaymentStatus(StrEnum):
    """Status of an order's payment, as last reported by the gateway."""

    PENDING = "PENDING"
    CHARGED = "CHARGED"
    DECLINED = "DECLINED"
    VOIDED = "VOIDED"
    REFUNDED = "REFUNDED"


PAYMENT_STATUS_AFTER = MappingProxyType({
    EventType.PAYMENT_CHARGED: PaymentStatus.CHARGED,
    EventType.PAYMENT_DECLINED: PaymentStatus.DECLINED,
    EventType.PAYMENT_VOIDED: PaymentStatus.VOIDED,
    EventType.PAYMENT_REFUNDED: PaymentStatus.REFUNDED,
})
"""The events that change a payment's status. The order's end voids a payment that is pending."""


class ReviewMode(StrEnum):
    """Who approves the order before its charge: a person, a timer, or nobody."""

    MANUAL = "MANUAL"
    TIMER = "TIMER"
    NONE = "NONE"


class FailureCode(StrEnum):
    """Why an order ended in a state other than COMPLETED."""

    INVALID = "INVALID"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    APPROVAL_TIMEOUT = "APPROVAL_TIMEOUT"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    PAYMENT_CANCELLED = "PAYMENT_CANCELLED"
    SHIPPING_FAILED = "SHIPPING_FAILED"
    DEADLINE_PASSED = "DEADLINE_PASSED"
    TERMINATED = "TERMINATED"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Address:
    """A shipping address. ``country`` is an ISO 3166 alpha-2 code."""

    street: str
    city: str
    country: str
    region: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True)
class LineItem:
    """One line of an order. ``unit_price`` is in minor units of the order's currency."""

    sku: str
    quantity: int
    unit_price: int
    name: str | None = None


@dataclass(frozen=True)
class Policy:
    """Review mode, time limits and retries of an order, fixed when it is placed.

    Durations are in seconds. None means "no limit" for ``review_timeout``, ``deadline``,
    ``activity_attempts`` and ``activity_total_timeout``, and "do not wait" for
    ``delivery_timeout``. Without ``activity_max_retry_delay``, the delay grows up to five minutes.

    Fields with a default are missing in orders that were started before the fields existed.
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
    activity_total_timeout: Seconds | None = None
    activity_max_retry_delay: Seconds | None = None


@dataclass(frozen=True)
class OrderRequest:
    """The client's request before defaults are applied. Repeating a start requires an equal one.

    ``policy`` contains only the fields that the client set, under their names in Policy.
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
        minor = sum(item.quantity * item.unit_price for item in self.items)
        return Money(minor, self.currency)


@dataclass(frozen=True)
class Order:
    """The immutable part of an order: the request and the values resolved at its start."""

    id: str
    request: OrderRequest
    customer_name: str
    payment_id: str
    policy: Policy


@dataclass(frozen=True)
class OrderFailure:
    code: FailureCode
    message: str


@dataclass(frozen=True)
class OrderSnapshot:
    """An order after the event with this sequence. 0 means that no event has happened yet.

    Of two snapshots of one order, the one with the higher sequence is newer. States cannot be
    compared, because a failed shipping attempt returns to SHIPPING.
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
        """Whether this is the final state: no event follows."""
        return self.state in END_STATES


class ActorKind(StrEnum):
    """How the sender of a command was authenticated."""

    USER = "USER"
    API_KEY = "API_KEY"
    DEVELOPER = "DEVELOPER"


@dataclass(frozen=True)
class Actor:
    """Who sent a command, according to the API. ``id`` is a token's subject or an API key's ID."""

    id: str
    kind: ActorKind
    name: str | None = None


@dataclass(frozen=True)
class OrderEvent:
    """One entry of an order's audit trail. Sequences start at 1 per order and have no gaps.

    ``actor`` sent the command that caused the event. None if no command did, or if it was sent with
    Temporal's own tools.
    """

    sequence: int
    type: EventType
    from_state: OrderState | None
    state: OrderState
    message: str
    payload: dict[str, Any]
    at: datetime
    command_id: str | None = None
    attempt: int | None = None
    actor: Actor | None = None

    @property
    def key(self) -> str:
        """The same for a repeated write of this event, different for a conflicting event."""
        return ":".join(
            str(part) for part in (self.type, self.command_id, self.attempt) if part is not None
        )


def initial_snapshot(order: Order, at: datetime) -> OrderSnapshot:
    """Return the snapshot of an order that was placed at this time and has no events yet."""
    return OrderSnapshot(
        state=OrderState.PLACED,
        sequence=0,
        shipping_address=order.request.shipping_address,
        payment_status=PaymentStatus.PENDING,
        updated_at=at,
        deadline=_deadline(at, order.policy.deadline),
    )


def _deadline(placed_at: datetime, seconds: Seconds | None) -> datetime | None:
    try:
        return None if seconds is None else placed_at + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        # Not a representable time. Validation fails the order as INVALID; it must not crash first.
        return None


def differing_fields(stored: OrderRequest, sent: OrderRequest) -> list[str]:
    """Return the names of the fields that differ between two requests with the same order ID."""
    return [
        name
        for name in OrderRequest.__dataclass_fields__
        if getattr(stored, name) != getattr(sent, name)
    ]
