"""Everything that can go wrong with an order, as one tree that knows no HTTP, GraphQL or Temporal.

OrderError
├── IllegalTransition        the workflow tried a move that the table does not have
├── OrderStopped             the order is being undone, and this would have taken it further
├── RecordUnavailable        the record cannot be read or written now; later it can
├── RecordDiverged           the stored record tells another story than the workflow
├── PaymentDeclined          the gateway said no; asking again changes nothing
├── PaymentRefused           the gateway knows this payment id with other content, or voided it
└── DispatchRefused          the carrier said no to this attempt
"""

from __future__ import annotations


class OrderError(Exception):
    """The root. Each border (activity, GraphQL, command line) translates it once."""


class IllegalTransition(OrderError):
    """An event that may not happen in the order's present state."""

    def __init__(self, *, state: str, event: str) -> None:
        """Keep the state the order was in and the event that did not fit it."""
        super().__init__(f"{event} may not happen to an order that is {state}")
        self.state = state
        self.event = event


class OrderStopped(OrderError):
    """Something stopped the order at the very moment when it was to go on."""

    def __init__(self, order_id: str, event: str) -> None:
        """Keep the order and the event that does not happen to it any more."""
        super().__init__(f"{event} does not happen to order {order_id} any more: it is stopped")
        self.order_id = order_id


class RecordUnavailable(OrderError):
    """Postgres did not answer."""

    def __init__(self, reason: str) -> None:
        """Keep what the driver or the pool had to say."""
        super().__init__(f"Postgres did not answer: {reason}")


class RecordDiverged(OrderError):
    """Another run, or another event under the same sequence, is on record already."""

    def __init__(self, order_id: str, detail: str) -> None:
        """Keep the order whose record differs; detail says in what."""
        super().__init__(f"the record of order {order_id} diverged: {detail}")
        self.order_id = order_id


class PaymentDeclined(OrderError):
    """The charge was turned down for good."""

    def __init__(self, payment_id: str, reason: str) -> None:
        """Keep the payment that was declined and the gateway's reason."""
        super().__init__(reason)
        self.payment_id = payment_id


class PaymentRefused(OrderError):
    """The payment id was voided, or belongs to another order or amount."""

    def __init__(self, payment_id: str, reason: str) -> None:
        """Keep the payment that was refused and why."""
        super().__init__(reason)
        self.payment_id = payment_id


class DispatchRefused(OrderError):
    """The carrier will not take this attempt; another attempt may go through."""

    def __init__(self, order_id: str, attempt: int, reason: str) -> None:
        """Keep the attempt that was refused and the carrier's reason."""
        super().__init__(reason)
        self.order_id = order_id
        self.attempt = attempt
