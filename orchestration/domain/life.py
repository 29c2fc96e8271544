"""An order's life so far: each method is something that happened to it.

Nothing here waits, reads a clock or touches the world. The workflow calls it, alone, in the order
in which Temporal's history says that things happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orchestration.domain.commands import (
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    CommandName,
    Verdict,
    available_commands,
)
from orchestration.domain.errors import OrderStopped
from orchestration.domain.order import (
    FailureCode,
    OrderEvent,
    OrderFailure,
    PaymentStatus,
)
from orchestration.domain.states import (
    END_STATES,
    UNDOABLE,
    WHILE_UNDOING,
    EventType,
    OrderState,
    state_after,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from orchestration.domain.order import Address, Order, OrderSnapshot


@dataclass(frozen=True)
class Stop:
    """What stopped an order: set before anything is undone, and never replaced by a later cause."""

    end: EventType
    failure: OrderFailure


_REVERSALS = {
    PaymentStatus.VOIDED: (EventType.PAYMENT_VOIDED, "Payment voided: never charged"),
    PaymentStatus.REFUNDED: (EventType.PAYMENT_REFUNDED, "Payment refunded"),
    PaymentStatus.DECLINED: (EventType.PAYMENT_DECLINED, "Payment had been declined"),
}


class OrderLife:
    """One order's events, where they leave it, and the verdicts given on its commands."""

    def __init__(
        self, order: Order, snapshot: OrderSnapshot, clock: Callable[[], datetime]
    ) -> None:
        """Go on from that snapshot; ``clock`` gives the time of each next event."""
        self.order = order
        self.snapshot = snapshot
        self.events: list[OrderEvent] = []
        self.verdicts: dict[str, Verdict] = {}
        self.stop: Stop | None = None
        self.approved_early: ApproveOrder | None = None
        self._clock = clock

    @property
    def state(self) -> OrderState:
        """The state after the last event."""
        return self.snapshot.state

    @property
    def available_commands(self) -> list[CommandName]:
        """The commands that would be taken now."""
        names = available_commands(self.snapshot, self.order.policy)
        return [n for n in names if n is not CommandName.APPROVE or self.approved_early is None]

    def events_after(self, sequence: int) -> list[OrderEvent]:
        """Return the events after that sequence, of those that happened here."""
        return [event for event in self.events if event.sequence > sequence]

    def attempt_under_way(self, attempt: int) -> bool:
        """Tell whether this shipping attempt was started and has neither failed nor got there."""
        seen = {past.type for past in self.events if past.attempt == attempt}
        return (
            self.stop is None
            and EventType.SHIPPING_STARTED in seen
            and seen.isdisjoint({EventType.SHIPPING_ATTEMPT_FAILED, EventType.CARRIER_DISPATCHED})
        )

    # The way of an order that goes well.

    def received(self) -> None:
        """Begin."""
        total = self.order.request.total
        self._put(
            EventType.ORDER_RECEIVED,
            f"Order received: {total.amount} {total.currency}",
            {"total": str(total.amount), "currency": total.currency},
        )

    def validated(self) -> None:
        """Find nothing wrong with the request."""
        self._put(EventType.ORDER_VALIDATED, "Order validated")

    def review_started(self) -> None:
        """Open the review, until its deadline where it has one."""
        policy = self.order.policy
        limit = policy.review_timeout
        deadline = None if limit is None else self._clock() + timedelta(seconds=limit)
        until = "" if deadline is None else f" until {deadline.isoformat(timespec='seconds')}"
        self._put(
            EventType.REVIEW_STARTED,
            f"{policy.review_mode.capitalize()} review started{until}",
            {
                "reviewMode": policy.review_mode,
                "reviewDeadline": None if deadline is None else deadline.isoformat(),
            },
            review_deadline=deadline,
        )

    def approved(self, by: ApproveOrder | None = None) -> None:
        """Go on to the charge: by a command, or (None) because the policy asks no person."""
        if by is None:
            mode = self.order.policy.review_mode
            self._put(EventType.ORDER_APPROVED, f"Order approved by policy: {mode} review")
        else:
            note = {} if by.note is None else {"note": by.note}
            self._put(EventType.ORDER_APPROVED, "Order approved", note, command_id=by.command_id)

    def charged(self) -> None:
        """Have the money."""
        self._put(
            EventType.PAYMENT_CHARGED,
            "Payment charged",
            {"paymentId": self.order.payment_id},
            payment_status=PaymentStatus.CHARGED,
        )

    def shipping_started(self, attempt: int) -> None:
        """Hand an attempt to a shipping workflow."""
        self._put(
            EventType.SHIPPING_STARTED, f"Shipping attempt {attempt} started", attempt=attempt
        )

    def package_prepared(self, attempt: int, package_id: str) -> None:
        """Have a package. Ignored where told twice, or of an attempt that is not under way."""
        if self.state is not OrderState.SHIPPING or not self.attempt_under_way(attempt):
            return
        self._put(
            EventType.PACKAGE_PREPARED,
            f"Package {package_id} prepared",
            {"packageId": package_id},
            attempt=attempt,
        )

    def shipping_attempt_failed(self, attempt: int, reason: str) -> None:
        """Learn that an attempt will not get there. Ignored as above."""
        if not self.attempt_under_way(attempt):
            return
        self._put(
            EventType.SHIPPING_ATTEMPT_FAILED,
            f"Shipping attempt {attempt} failed: {reason}",
            {"reason": reason},
            attempt=attempt,
        )

    def carrier_dispatched(self, attempt: int, tracking_number: str) -> None:
        """Have handed the package over: from here on nothing is undone."""
        self._put(
            EventType.CARRIER_DISPATCHED,
            f"Carrier dispatched, tracking number {tracking_number}",
            {"trackingNumber": tracking_number},
            attempt=attempt,
        )

    def shipped(self) -> None:
        """Be under way."""
        self._put(EventType.ORDER_SHIPPED, "Order shipped")

    def completed(self) -> None:
        """End well."""
        self._put(EventType.ORDER_COMPLETED, "Order completed")

    # The ways out.

    def approval_timed_out(self) -> None:
        """End because nobody decided in time."""
        self._end(
            EventType.APPROVAL_TIMED_OUT,
            OrderFailure(FailureCode.APPROVAL_TIMEOUT, "the review ended with no decision in time"),
        )

    def declined(self, reason: str) -> None:
        """End because the gateway turned the charge down: there is nothing to undo."""
        self._put(
            EventType.PAYMENT_DECLINED,
            f"Payment declined: {reason}",
            {"paymentId": self.order.payment_id, "reason": reason},
            payment_status=PaymentStatus.DECLINED,
        )
        if self.stop is None:
            self.failed(FailureCode.PAYMENT_DECLINED, reason)

    def failed(self, code: FailureCode, reason: str) -> None:
        """End because something went wrong that leaves nothing to undo."""
        self._end(EventType.ORDER_FAILED, OrderFailure(code, reason))

    def stopped(
        self, end: EventType, failure: OrderFailure, by: CancelOrder | CancelPayment | None = None
    ) -> None:
        """Begin to undo, by a command or not. Does nothing once that has begun, or too late."""
        if self.stop is not None or self.state not in UNDOABLE:
            return
        self._put(
            EventType.UNDO_STARTED,
            f"Stopping: {failure.message}",
            {"code": failure.code} | ({"reason": by.reason} if by else {}),
            command_id=by.command_id if by else None,
            undoing=True,
        )
        self.stop = Stop(end, failure)

    def reversed(self, status: PaymentStatus) -> None:
        """Learn what the gateway made of the reversal."""
        if status is not self.snapshot.payment_status:
            event, message = _REVERSALS[status]
            self._put(event, message, {"paymentId": self.order.payment_id}, payment_status=status)

    def undone(self) -> None:
        """End as what stopped the order said, once all is undone."""
        if self.stop is not None:
            self._end(self.stop.end, self.stop.failure)

    # What commands bring about.

    def address_updated(self, address: Address, command_id: str | None) -> None:
        """Go elsewhere."""
        self._put(
            EventType.ADDRESS_UPDATED,
            f"Address updated: {address.street}, {address.city}",
            {"old": _for_clients(self.snapshot.shipping_address), "new": _for_clients(address)},
            command_id=command_id,
            shipping_address=address,
        )

    def delivered(self, command_id: str | None) -> None:
        """Be in the customer's hands."""
        self._put(EventType.DELIVERY_CONFIRMED, "Delivery confirmed", command_id=command_id)

    # Every event passes here.

    def _end(self, event: EventType, failure: OrderFailure) -> None:
        changes: dict[str, Any] = {"failure": failure}
        if self.snapshot.payment_status is PaymentStatus.PENDING:
            # What was never charged never will be.
            changes["payment_status"] = PaymentStatus.VOIDED
        self._put(event, failure.message, {"code": failure.code}, **changes)

    def _put(
        self,
        event: EventType,
        message: str,
        payload: dict[str, Any] | None = None,
        *,
        command_id: str | None = None,
        attempt: int | None = None,
        **changes: Any,  # ruff: ignore[any-type] - fields of OrderSnapshot, each of its own type
    ) -> None:
        if self.stop is not None and event not in WHILE_UNDOING:
            raise OrderStopped(self.order.id, event)
        before = self.snapshot
        after = state_after(before.state, event)
        at = self._clock()
        sequence = before.sequence + 1
        if attempt is not None:
            payload = {"attempt": attempt, **(payload or {})}
        self.events.append(
            OrderEvent(
                sequence=sequence,
                type=event,
                from_state=before.state if before.sequence else None,
                state=after,
                message=message,
                payload=payload or {},
                at=at,
                command_id=command_id,
                attempt=attempt,
            )
        )
        if after in END_STATES:
            changes["ended_at"] = at
        self.snapshot = replace(before, state=after, sequence=sequence, updated_at=at, **changes)


def _for_clients(address: Address) -> dict[str, str | None]:
    return {
        "street": address.street,
        "city": address.city,
        "region": address.region,
        "postalCode": address.postal_code,
        "country": address.country,
    }
