"""Order states, events, and the table of legal transitions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestration.domain.errors import IllegalTransition

if TYPE_CHECKING:
    from collections.abc import Mapping


class OrderState(StrEnum):
    """State of an order. An order without events is ``PLACED``."""

    PLACED = "PLACED"
    RECEIVED = "RECEIVED"
    VALIDATED = "VALIDATED"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    APPROVED = "APPROVED"
    PAID = "PAID"
    SHIPPING = "SHIPPING"
    PACKAGE_PREPARED = "PACKAGE_PREPARED"
    CARRIER_DISPATCHED = "CARRIER_DISPATCHED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    APPROVAL_TIMEOUT = "APPROVAL_TIMEOUT"
    FAILED = "FAILED"


class EventType(StrEnum):
    ORDER_RECEIVED = "ORDER_RECEIVED"
    ORDER_VALIDATED = "ORDER_VALIDATED"
    REVIEW_STARTED = "REVIEW_STARTED"
    ORDER_APPROVED = "ORDER_APPROVED"
    ADDRESS_UPDATED = "ADDRESS_UPDATED"
    PAYMENT_CHARGED = "PAYMENT_CHARGED"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    PAYMENT_VOIDED = "PAYMENT_VOIDED"
    PAYMENT_REFUNDED = "PAYMENT_REFUNDED"
    SHIPPING_STARTED = "SHIPPING_STARTED"
    PACKAGE_PREPARED = "PACKAGE_PREPARED"
    CARRIER_DISPATCHED = "CARRIER_DISPATCHED"
    SHIPPING_ATTEMPT_FAILED = "SHIPPING_ATTEMPT_FAILED"
    RECALL_REFUSED = "RECALL_REFUSED"
    ORDER_SHIPPED = "ORDER_SHIPPED"
    DELIVERY_CONFIRMED = "DELIVERY_CONFIRMED"
    UNDO_STARTED = "UNDO_STARTED"
    ORDER_COMPLETED = "ORDER_COMPLETED"
    ORDER_CANCELLED = "ORDER_CANCELLED"
    APPROVAL_TIMED_OUT = "APPROVAL_TIMED_OUT"
    ORDER_FAILED = "ORDER_FAILED"
    OTHER = "OTHER"
    """How an event of a later version is read. Never recorded."""


END_STATES = frozenset({
    OrderState.COMPLETED,
    OrderState.CANCELLED,
    OrderState.APPROVAL_TIMEOUT,
    OrderState.FAILED,
})


@dataclass(frozen=True)
class Transition:
    """States in which an event is allowed, and the resulting state (None: unchanged)."""

    sources: frozenset[OrderState]
    target: OrderState | None


def _from(*sources: OrderState, to: OrderState | None) -> Transition:
    return Transition(frozenset(sources), to)


_S = OrderState
_BEFORE_CHARGE = (_S.PLACED, _S.RECEIVED, _S.VALIDATED, _S.AWAITING_APPROVAL)
_SHIPPING = (_S.SHIPPING, _S.PACKAGE_PREPARED)
STOPPABLE_STATES = frozenset({*_BEFORE_CHARGE, _S.APPROVED, _S.PAID, *_SHIPPING})
"""States in which an order can be stopped: all states before the carrier has the package."""

TRANSITIONS: Mapping[EventType, Transition] = MappingProxyType({
    EventType.ORDER_RECEIVED: _from(_S.PLACED, to=_S.RECEIVED),
    EventType.ORDER_VALIDATED: _from(_S.RECEIVED, to=_S.VALIDATED),
    EventType.REVIEW_STARTED: _from(_S.VALIDATED, to=_S.AWAITING_APPROVAL),
    EventType.ORDER_APPROVED: _from(_S.VALIDATED, _S.AWAITING_APPROVAL, to=_S.APPROVED),
    EventType.ADDRESS_UPDATED: _from(*_BEFORE_CHARGE, _S.APPROVED, _S.PAID, to=None),
    EventType.PAYMENT_CHARGED: _from(_S.APPROVED, to=_S.PAID),
    # Results of a reversal. They come from the gateway, whose status can contradict the record.
    EventType.PAYMENT_DECLINED: _from(*STOPPABLE_STATES, to=None),
    EventType.PAYMENT_VOIDED: _from(*STOPPABLE_STATES, to=None),
    EventType.PAYMENT_REFUNDED: _from(*STOPPABLE_STATES, to=None),
    EventType.SHIPPING_STARTED: _from(_S.PAID, _S.SHIPPING, to=_S.SHIPPING),
    EventType.PACKAGE_PREPARED: _from(_S.SHIPPING, to=_S.PACKAGE_PREPARED),
    EventType.SHIPPING_ATTEMPT_FAILED: _from(*_SHIPPING, to=_S.SHIPPING),
    EventType.RECALL_REFUSED: _from(*_SHIPPING, to=None),
    # From SHIPPING if the dispatch was reported as failed, and its recall shows that it was not.
    EventType.CARRIER_DISPATCHED: _from(*_SHIPPING, to=_S.CARRIER_DISPATCHED),
    EventType.ORDER_SHIPPED: _from(_S.CARRIER_DISPATCHED, to=_S.SHIPPED),
    EventType.DELIVERY_CONFIRMED: _from(_S.SHIPPED, to=_S.DELIVERED),
    EventType.UNDO_STARTED: _from(*STOPPABLE_STATES, to=None),
    EventType.ORDER_COMPLETED: _from(_S.SHIPPED, _S.DELIVERED, to=_S.COMPLETED),
    EventType.ORDER_CANCELLED: _from(*STOPPABLE_STATES, to=_S.CANCELLED),
    EventType.APPROVAL_TIMED_OUT: _from(_S.AWAITING_APPROVAL, to=_S.APPROVAL_TIMEOUT),
    EventType.ORDER_FAILED: _from(*STOPPABLE_STATES, to=_S.FAILED),
})

ALLOWED_WHILE_UNDOING = frozenset({
    EventType.PAYMENT_CHARGED,
    EventType.PAYMENT_DECLINED,
    EventType.PAYMENT_VOIDED,
    EventType.PAYMENT_REFUNDED,
    EventType.RECALL_REFUSED,
    EventType.ORDER_CANCELLED,
    EventType.ORDER_FAILED,
})
"""Events of an order that is being undone: results of its compensations, and its end."""


def reachable_states(state: OrderState) -> frozenset[OrderState]:
    """Return the states that an order in this state can have now or later."""
    reached = {state}
    while (
        later := {
            transition.target
            for transition in TRANSITIONS.values()
            if transition.target is not None and not reached.isdisjoint(transition.sources)
        }
        - reached
    ):
        reached |= later
    return frozenset(reached)


def state_after(state: OrderState, event: EventType) -> OrderState:
    """Return the state after an event, or raise IllegalTransition."""
    transition = TRANSITIONS[event]
    if state not in transition.sources:
        raise IllegalTransition(state=state, event=event)
    return transition.target or state
