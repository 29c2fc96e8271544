"""Errors of the order domain, independent of HTTP, GraphQL and Temporal.

OrderError
├── IllegalTransition        the event is not allowed in the order's current state
├── OrderStopped             the order is being undone, and the event or step would advance it
├── RecordUnavailable        Postgres cannot be reached; retrying later can succeed
├── RecordDiverged           the stored record contradicts the workflow
├── PaymentDeclined          the gateway declined the charge; retrying does not help
├── PaymentRefused           the payment ID was voided, or belongs to another charge
├── PaymentNotReversed       the gateway answered a reversal, but did not reverse the payment
└── DispatchRefused          the carrier refused this shipping attempt
"""

from __future__ import annotations


class OrderError(Exception):
    """Base class. Activities, the API and the command line each translate it once."""


class IllegalTransition(OrderError):
    def __init__(self, *, state: str, event: str) -> None:
        super().__init__(f"{event} is not allowed while the order is {state}")
        self.state = state
        self.event = event


class OrderStopped(OrderError):
    """The order was stopped before or during this event or step.

    The fulfillment raises it for a step that it waits for, and the lifecycle for an event: the
    result of a step can arrive together with the stop.
    """

    def __init__(self, order_id: str, interrupted: str) -> None:
        super().__init__(f"{interrupted} is not allowed: order {order_id} is being stopped")
        self.order_id = order_id


class RecordUnavailable(OrderError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Postgres is unavailable: {reason}")


class RecordDiverged(OrderError):
    """The record belongs to another run, or has a different event with this sequence."""

    def __init__(self, order_id: str, detail: str) -> None:
        super().__init__(f"the record of order {order_id} diverged: {detail}")
        self.order_id = order_id


class PaymentDeclined(OrderError):
    def __init__(self, payment_id: str, reason: str) -> None:
        super().__init__(reason)
        self.payment_id = payment_id


class PaymentRefused(OrderError):
    """The payment ID was voided, or belongs to another order or amount."""

    def __init__(self, payment_id: str, reason: str) -> None:
        super().__init__(reason)
        self.payment_id = payment_id


class PaymentNotReversed(OrderError):
    def __init__(self, payment_id: str, status: str) -> None:
        super().__init__(f"payment {payment_id} is still {status} after its reversal")
        self.payment_id = payment_id


class DispatchRefused(OrderError):
    """The carrier refused this attempt. A new attempt may succeed."""

    def __init__(self, order_id: str, attempt: int, reason: str) -> None:
        super().__init__(reason)
        self.order_id = order_id
        self.attempt = attempt
