"""An order's events so far and the state they lead to.

Each method of `OrderLifecycle` records one thing that happened. Nothing here waits, reads a clock
or does I/O. Only the workflow calls it, in the order of Temporal's history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orchestration.domain.commands import (
    DECISIONS,
    MAX_ADDRESS_UPDATES,
    CommandName,
    available_commands,
)
from orchestration.domain.errors import OrderStopped
from orchestration.domain.event_facts import (
    address_facts,
    amount_facts,
    dispatched_shipment_facts,
    failure_facts,
    payment_facts,
    shipment_facts,
)
from orchestration.domain.order import FailureCode, OrderEvent, OrderFailure, PaymentStatus
from orchestration.domain.reversals import reversal_event
from orchestration.domain.states import (
    ALLOWED_WHILE_UNDOING,
    END_STATES,
    STOPPABLE_STATES,
    EventType,
    OrderState,
    state_after,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from orchestration.domain.commands import (
        ApproveOrder,
        CancelOrder,
        CancelPayment,
        Command,
        ConfirmDelivery,
        RejectOrder,
        UpdateAddress,
        Verdict,
    )
    from orchestration.domain.order import Order, OrderSnapshot


@dataclass(frozen=True)
class Stop:
    """Why an order is being undone, and the event that ends it. Only the first cause counts."""

    end: EventType
    failure: OrderFailure


class OrderLifecycle:
    """One order's events, its current snapshot, and the verdicts on its commands.

    Methods raise IllegalTransition if the event is not allowed in the current state, and
    OrderStopped if it would advance an order that is being undone.
    """

    def __init__(
        self, order: Order, snapshot: OrderSnapshot, clock: Callable[[], datetime]
    ) -> None:
        self.order = order
        self.snapshot = snapshot
        self.events: list[OrderEvent] = []
        self.verdicts: dict[str, Verdict] = {}
        self.commands_received = 0
        self.stop: Stop | None = None
        self.early_approval: ApproveOrder | None = None
        self._clock = clock

    @property
    def state(self) -> OrderState:
        return self.snapshot.state

    @property
    def available_commands(self) -> list[CommandName]:
        used_up: set[CommandName] = set()
        if self.early_approval is not None:
            used_up |= DECISIONS
        if self.address_updates >= MAX_ADDRESS_UPDATES:
            used_up.add(CommandName.UPDATE_ADDRESS)
        names = available_commands(self.snapshot, self.order.policy)
        return [name for name in names if name not in used_up]

    @property
    def address_updates(self) -> int:
        return sum(event.type is EventType.ADDRESS_UPDATED for event in self.events)

    def events_after(self, sequence: int) -> list[OrderEvent]:
        """Return the events after this sequence. Events from before this run are not included."""
        return [event for event in self.events if event.sequence > sequence]

    def is_attempt_in_progress(self, attempt: int) -> bool:
        """Return whether this attempt has started and has neither failed nor been dispatched."""
        seen = {past.type for past in self.events if past.attempt == attempt}
        return (
            self.stop is None
            and EventType.SHIPPING_STARTED in seen
            and seen.isdisjoint({EventType.SHIPPING_ATTEMPT_FAILED, EventType.CARRIER_DISPATCHED})
        )

    # The successful path.

    def received(self) -> None:
        total = self.order.request.total
        self._append(
            EventType.ORDER_RECEIVED,
            f"Order received: {total.amount} {total.currency}",
            amount_facts(total),
        )

    def validated(self) -> None:
        self._append(EventType.ORDER_VALIDATED, "Order validated")

    def review_started(self) -> None:
        policy = self.order.policy
        limit = policy.review_timeout
        deadline = None if limit is None else self._clock() + timedelta(seconds=limit)
        until = "" if deadline is None else f" until {deadline.isoformat(timespec='seconds')}"
        self._append(
            EventType.REVIEW_STARTED,
            f"{policy.review_mode.capitalize()} review started{until}",
            {
                "reviewMode": policy.review_mode,
                "reviewDeadline": None if deadline is None else deadline.isoformat(),
            },
            review_deadline=deadline,
        )

    def approved(self, by: ApproveOrder | None = None) -> None:
        """Record the approval: by this command, or by the policy if ``by`` is None."""
        if by is None:
            mode = self.order.policy.review_mode
            self._append(
                EventType.ORDER_APPROVED,
                f"Order approved automatically: review mode is {mode}",
                {"reviewMode": mode},
            )
        else:
            payload: dict[str, Any] = {"reviewMode": self.order.policy.review_mode}
            if by.note is not None:
                payload["note"] = by.note
            self._append(EventType.ORDER_APPROVED, "Order approved", payload, by=by)

    def charged(self) -> None:
        self._append(
            EventType.PAYMENT_CHARGED,
            "Payment charged",
            payment_facts(self.order, self.snapshot.payment_status),
            payment_status=PaymentStatus.CHARGED,
        )

    def shipping_started(self, attempt: int) -> None:
        self._append(
            EventType.SHIPPING_STARTED, f"Shipping attempt {attempt} started", attempt=attempt
        )

    def package_prepared(self, attempt: int, package_id: str, at: datetime | None = None) -> None:
        """Record the package, prepared ``at`` a time in the past or now.

        Ignored if already recorded or if the attempt is over.
        """
        if self.state is not OrderState.SHIPPING or not self.is_attempt_in_progress(attempt):
            return
        self._append(
            EventType.PACKAGE_PREPARED,
            f"Package {package_id} prepared",
            {"packageId": package_id},
            at=at,
            attempt=attempt,
        )

    def shipping_attempt_failed(self, attempt: int, reason: str) -> None:
        """Record the failure. Ignored if the attempt is not in progress."""
        if not self.is_attempt_in_progress(attempt):
            return
        self._append(
            EventType.SHIPPING_ATTEMPT_FAILED,
            f"Shipping attempt {attempt} failed: {reason}",
            {"reason": reason},
            attempt=attempt,
        )

    def carrier_dispatched(self, attempt: int, tracking_number: str) -> None:
        """Record the handover. From here on the order cannot be stopped."""
        self._append(
            EventType.CARRIER_DISPATCHED,
            f"Carrier dispatched with tracking number {tracking_number}",
            shipment_facts(self.events, attempt) | {"trackingNumber": tracking_number},
            attempt=attempt,
        )

    def shipped(self) -> None:
        self._append(
            EventType.ORDER_SHIPPED, "Order shipped", dispatched_shipment_facts(self.events)
        )

    def completed(self) -> None:
        self._append(EventType.ORDER_COMPLETED, "Order completed")

    # Other ends.

    def approval_timed_out(self) -> None:
        self._end(
            EventType.APPROVAL_TIMED_OUT,
            OrderFailure(FailureCode.APPROVAL_TIMEOUT, "nobody decided before the review ended"),
        )

    def declined(self, reason: str) -> None:
        """Record the gateway's decline. Ends the order, unless it is already being stopped."""
        self._append(
            EventType.PAYMENT_DECLINED,
            f"Payment declined: {reason}",
            payment_facts(self.order, self.snapshot.payment_status) | {"reason": reason},
            payment_status=PaymentStatus.DECLINED,
        )
        if self.stop is None:
            self.failed(FailureCode.PAYMENT_DECLINED, reason)

    def failed(self, code: FailureCode, reason: str) -> None:
        """End the order because of an error that leaves nothing to undo."""
        if self.stop is not None:
            raise OrderStopped(self.order.id, EventType.ORDER_FAILED)
        self._end(EventType.ORDER_FAILED, OrderFailure(code, reason))

    def stopped(
        self,
        end: EventType,
        failure: OrderFailure,
        by: RejectOrder | CancelOrder | CancelPayment | None = None,
    ) -> None:
        """Start undoing the order. Does nothing if already started or if no longer possible."""
        if self.stop is not None or self.state not in STOPPABLE_STATES:
            return
        self._append(
            EventType.UNDO_STARTED,
            f"Stopping the order: {failure.message}",
            failure_facts(failure) | ({"reason": by.reason} if by else {}),
            by=by,
            undoing=True,
        )
        self.stop = Stop(end, failure)

    def payment_reversed(self, status: PaymentStatus) -> None:
        """Record the payment's status after the reversal, if it has changed."""
        recorded = self.snapshot.payment_status
        if status is not recorded:
            event, message, payload = reversal_event(recorded, status)
            facts = payment_facts(self.order, recorded) | payload
            self._append(event, message, facts, payment_status=status)

    def recall_refused(self, attempt: int, tracking_number: str) -> None:
        """Record that the carrier delivers the package although the order is being undone."""
        self._append(
            EventType.RECALL_REFUSED,
            f"Recall of shipping attempt {attempt} came too late: {tracking_number} is delivered",
            {"trackingNumber": tracking_number},
            attempt=attempt,
        )

    def compensated(self) -> None:
        """End the order with the outcome of its stop, after all steps are undone."""
        if self.stop is not None:
            self._end(self.stop.end, self.stop.failure)

    # Effects of commands.

    def address_updated(self, by: UpdateAddress) -> None:
        address = by.address
        self._append(
            EventType.ADDRESS_UPDATED,
            f"Address updated: {address.street}, {address.city}",
            {
                "old": address_facts(self.snapshot.shipping_address),
                "new": address_facts(address),
            },
            by=by,
            shipping_address=address,
        )

    def delivered(self, by: ConfirmDelivery) -> None:
        self._append(
            EventType.DELIVERY_CONFIRMED,
            "Delivery confirmed",
            dispatched_shipment_facts(self.events),
            by=by,
        )

    def _end(self, event: EventType, failure: OrderFailure) -> None:
        changes: dict[str, Any] = {"failure": failure}
        if self.snapshot.payment_status is PaymentStatus.PENDING:
            # An ended order is never charged.
            changes["payment_status"] = PaymentStatus.VOIDED
        self._append(event, failure.message, failure_facts(failure), **changes)

    def _append(  # ruff: ignore[too-many-arguments]
        self,
        event: EventType,
        message: str,
        payload: dict[str, Any] | None = None,
        *,
        at: datetime | None = None,
        by: Command | None = None,
        attempt: int | None = None,
        **changes: Any,  # ruff: ignore[any-type] - fields of OrderSnapshot, each of its own type
    ) -> None:
        if self.stop is not None and event not in ALLOWED_WHILE_UNDOING:
            raise OrderStopped(self.order.id, event)
        before = self.snapshot
        after = state_after(before.state, event)
        now = self._clock()
        # Another workflow's clock can differ. The times of an order never go back.
        at = now if at is None else min(max(at, before.updated_at), now)
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
                command_id=by.command_id if by else None,
                attempt=attempt,
                actor=by.actor if by else None,
            )
        )
        if after in END_STATES:
            changes["ended_at"] = at
        self.snapshot = replace(before, state=after, sequence=sequence, updated_at=at, **changes)
