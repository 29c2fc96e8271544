"""The orders of a run: what each client sends, and how each order must end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from orchestration.domain.order import Address, PaymentStatus
from orchestration.domain.states import EventType, OrderState
from orchestration.simulation import DISPATCH_FAILS_ONCE
from tests.support import operations

if TYPE_CHECKING:
    import random

CUSTOMER = {"id": "chaos", "name": "Ada Lovelace", "email": "ada@example.org"}

_ADDRESS = Address(street="1 Main St", city="Springfield", country="US")
_NEW_ADDRESS = Address(street="12 St James's Square", city="London", country="GB")

_POLICY = {
    "reviewMode": "NONE",
    "reviewTimeout": None,
    "deadline": None,
    # Long enough for a call on a busy machine, and short enough that hanging calls cost seconds.
    "activityTimeout": "PT2S",
    "activityAttempts": None,
    "activityRetryDelay": "PT0.2S",
    "activityRetryBackoff": 1.0,
    "shippingAttempts": 3,
    "shippingRetryDelay": "PT0.2S",
    "shippingRetryBackoff": 1.0,
    "deliveryTimeout": None,
}
_REVIEWED = {"reviewMode": "MANUAL"}
# The second shipping attempt is so late that a cancellation always comes first.
_NEVER_DISPATCHED = {"shippingRetryDelay": "PT1H"}


class Kind(StrEnum):
    PLAIN = "plain"
    APPROVED = "approved"
    ADDRESS_CHANGED = "address changed"
    CANCELLED = "cancelled in review"
    REFUNDED = "payment cancelled"
    DISPATCHED_TWICE = "dispatched twice"


@dataclass(frozen=True)
class PlannedCommand:
    """A mutation that the client sends as soon as it has received this event."""

    after: EventType
    mutation: str
    input: dict[str, Any]

    @property
    def id(self) -> str:
        command_id: str = self.input["commandId"]
        return command_id


@dataclass(frozen=True)
class PlannedOrder:
    """The input and commands of an order, and its required end.

    ``dispatched_attempt`` is the only shipping attempt that the carrier may keep, if any.
    """

    id: str
    kind: Kind
    input: dict[str, Any]
    total: int
    commands: list[PlannedCommand]
    end: OrderState
    payment_statuses: frozenset[PaymentStatus]
    address: Address
    dispatched_attempt: int | None


def plan_orders(count: int, rng: random.Random) -> list[PlannedOrder]:
    """Return orders of all kinds in turn."""
    kinds = islice(cycle(Kind), count)
    return [_plan(f"chaos-{number}", kind, rng) for number, kind in enumerate(kinds, start=1)]


def _plan(order_id: str, kind: Kind, rng: random.Random) -> PlannedOrder:
    commands: list[PlannedCommand] = []
    policy: dict[str, Any] = dict(_POLICY)
    sku = "TEAPOT"
    end, payments = OrderState.COMPLETED, {PaymentStatus.CHARGED}
    address = _ADDRESS
    dispatched_attempt: int | None = 1

    def command(after: EventType, mutation: str, **content: object) -> None:
        name = f"command-{len(commands) + 1}"
        input_ = {"orderId": order_id, "commandId": name, **content}
        commands.append(PlannedCommand(after, mutation, input_))

    match kind:
        case Kind.APPROVED:
            policy |= _REVIEWED
            command(EventType.REVIEW_STARTED, operations.APPROVE, note="Looks good")
        case Kind.ADDRESS_CHANGED:
            policy |= _REVIEWED
            address = _NEW_ADDRESS
            command(
                EventType.REVIEW_STARTED,
                operations.UPDATE_ADDRESS,
                address={"street": address.street, "city": address.city, "country": "GB"},
            )
            command(EventType.ADDRESS_UPDATED, operations.APPROVE)
        case Kind.CANCELLED:
            policy |= _REVIEWED
            end, payments, dispatched_attempt = OrderState.CANCELLED, {PaymentStatus.VOIDED}, None
            after = rng.choice([EventType.ORDER_RECEIVED, EventType.REVIEW_STARTED])
            command(after, operations.CANCEL, reason="Changed my mind")
        case Kind.REFUNDED:
            policy |= _NEVER_DISPATCHED
            sku = DISPATCH_FAILS_ONCE
            end, dispatched_attempt = OrderState.CANCELLED, None
            # A cancellation during the charge finds it either not made yet, or made.
            payments = {PaymentStatus.VOIDED, PaymentStatus.REFUNDED}
            after = rng.choice([
                EventType.ORDER_APPROVED,
                EventType.PAYMENT_CHARGED,
                EventType.SHIPPING_STARTED,
                EventType.SHIPPING_ATTEMPT_FAILED,
            ])
            command(after, operations.CANCEL_PAYMENT, reason="Changed my mind")
        case Kind.DISPATCHED_TWICE:
            sku = DISPATCH_FAILS_ONCE
            dispatched_attempt = 2
    quantity = rng.randint(1, 9)
    return PlannedOrder(
        id=order_id,
        kind=kind,
        input={
            "id": order_id,
            "customerId": CUSTOMER["id"],
            "paymentId": f"pay-{order_id}",
            "items": [{"sku": sku, "quantity": quantity, "unitPrice": "24.90"}],
            "currency": "USD",
            "shippingAddress": {"street": "1 Main St", "city": "Springfield", "country": "US"},
            "policy": policy,
        },
        total=quantity * 2490,
        commands=commands,
        end=end,
        payment_statuses=frozenset(payments),
        address=address,
        dispatched_attempt=dispatched_attempt,
    )
