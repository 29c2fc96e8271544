"""Undoes the completed steps of an order."""

from __future__ import annotations

import asyncio

from temporalio import workflow

from orchestration.activities import OrderActivities
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.reversals import contradicts_charge
from orchestration.journal import Journal
from orchestration.ports import Charge
from orchestration.retries import ATTEMPT_TIMEOUT, RETRY_FOREVER
from orchestration.task_queues import payment_task_queue, recall_task_queue


class Compensations:
    """The steps of an order that may have to be undone.

    Register a step before it starts: an activity can take effect and still never return. Each
    compensation is retried until it succeeds, regardless of the order's policy, and runs
    independently of the others: an unavailable carrier does not delay the refund.
    """

    def __init__(self, lifecycle: OrderLifecycle, journal: Journal) -> None:
        self._lifecycle = lifecycle
        self._journal = journal
        self._charge: Charge | None = None
        self._shipping_attempts: list[int] = []

    def register_charge(self, charge: Charge) -> None:
        self._charge = charge

    def discard_charge(self) -> None:
        """Forget the charge, because the gateway reported that it did not take effect."""
        self._charge = None

    def register_shipping(self, attempt: int) -> None:
        self._shipping_attempts.append(attempt)

    async def recall_shipment(self, attempt: int) -> str | None:
        """Undo one shipping attempt and forget it.

        Returns the tracking number if it was too late, because the parcel has been handed over.
        """
        recall = await workflow.execute_activity_method(
            OrderActivities.recall_shipment,
            args=[self._lifecycle.order.id, attempt],
            task_queue=recall_task_queue(workflow.info().task_queue),
            start_to_close_timeout=ATTEMPT_TIMEOUT,
            retry_policy=RETRY_FOREVER,
            summary=f"recall attempt {attempt}",
        )
        if recall.tracking_number is None:
            self._shipping_attempts.remove(attempt)
        return recall.tracking_number

    async def run(self) -> None:
        """Undo all registered steps concurrently, after the reason for it is recorded.

        The payment is reversed only if the record says that this order owns it.
        """
        await self._journal.flush()
        compensations = [self._recall(attempt) for attempt in self._shipping_attempts]
        if self._charge is not None and self._journal.owns_payment:
            compensations.append(self._reverse_payment(self._charge))
        await asyncio.gather(*compensations)

    async def _recall(self, attempt: int) -> None:
        tracking_number = await self.recall_shipment(attempt)
        if tracking_number is not None:
            self._lifecycle.recall_refused(attempt, tracking_number)
            workflow.logger.error(
                "recall refused: attempt %d of order %s is with the carrier as %s",
                attempt,
                self._lifecycle.order.id,
                tracking_number,
            )

    async def _reverse_payment(self, charge: Charge) -> None:
        status = await workflow.execute_activity_method(
            OrderActivities.reverse_payment,
            charge,
            task_queue=payment_task_queue(workflow.info().task_queue),
            start_to_close_timeout=ATTEMPT_TIMEOUT,
            retry_policy=RETRY_FOREVER,
            summary=f"void or refund {charge.amount.amount} {charge.amount.currency}",
        )
        recorded = self._lifecycle.snapshot.payment_status
        self._lifecycle.payment_reversed(status)
        if contradicts_charge(recorded, status):
            # For example, the gateway was restored from a backup.
            workflow.logger.error(
                "payment mismatch: payment %s of order %s is recorded as %s, but the gateway"
                " reports %s",
                charge.payment_id,
                charge.order_id,
                recorded,
                status,
            )
