"""The facts in the payloads of events, which the API shows as their details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestration.domain.states import EventType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.domain.money import Money
    from orchestration.domain.order import Address, Order, OrderEvent, OrderFailure, PaymentStatus


def address_facts(address: Address) -> dict[str, str | None]:
    facts = dict(vars(address))
    facts["postalCode"] = facts.pop("postal_code")
    return facts


def amount_facts(money: Money) -> dict[str, str]:
    return {"amount": str(money.amount), "currency": money.currency}


def failure_facts(failure: OrderFailure) -> dict[str, Any]:
    return {"code": failure.code, "message": failure.message}


def payment_facts(order: Order, previous: PaymentStatus) -> dict[str, Any]:
    return {
        "paymentId": order.payment_id,
        **amount_facts(order.request.total),
        "previousStatus": previous,
    }


def shipment_facts(events: Sequence[OrderEvent], attempt: int) -> dict[str, Any]:
    """Return the attempt's package and tracking number, as far as these events have them."""
    names = ("packageId", "trackingNumber")
    return {
        name: event.payload[name]
        for event in events
        if event.attempt == attempt
        for name in names
        if name in event.payload
    }


def dispatched_shipment_facts(events: Sequence[OrderEvent]) -> dict[str, Any]:
    """Return the facts of the attempt that succeeded. A repair lacks its event, and gets none."""
    for event in events:
        if event.type is EventType.CARRIER_DISPATCHED and event.attempt is not None:
            return {"attempt": event.attempt, **shipment_facts(events, event.attempt)}
    return {}
