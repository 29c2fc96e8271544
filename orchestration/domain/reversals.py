"""The event that records the result of reversing a payment."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestration.domain.order import PaymentStatus
from orchestration.domain.states import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping

_REVERSALS: Mapping[PaymentStatus, tuple[EventType, str]] = MappingProxyType({
    PaymentStatus.VOIDED: (EventType.PAYMENT_VOIDED, "Payment voided before it was charged"),
    PaymentStatus.REFUNDED: (EventType.PAYMENT_REFUNDED, "Payment refunded"),
    PaymentStatus.DECLINED: (EventType.PAYMENT_DECLINED, "Payment was declined"),
})
REVERSED_STATUSES = frozenset(_REVERSALS)
"""The statuses that a payment can have after its reversal."""


def contradicts_charge(recorded: PaymentStatus, reversed_to: PaymentStatus) -> bool:
    """Whether the gateway denies a charge that is on record: there was nothing to refund."""
    return recorded is PaymentStatus.CHARGED and reversed_to is not PaymentStatus.REFUNDED


def reversal_event(
    recorded: PaymentStatus, reversed_to: PaymentStatus
) -> tuple[EventType, str, dict[str, str]]:
    """Return the event's type, message, and what its payload says about a contradiction."""
    event, message = _REVERSALS[reversed_to]
    payload: dict[str, str] = {}
    if contradicts_charge(recorded, reversed_to):
        message = f"Payment recorded as {recorded}, but the gateway reports {reversed_to}"
        payload["recordedStatus"] = recorded
    return event, message, payload
