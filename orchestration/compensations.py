"""Undoes the completed steps of an order."""

from __future__ import annotations

import asyncio

from temporalio import workflow

from orchestration.activities import OrderActivities
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.ports import Charge
from orchestration.retries import ATTEMPT_TIMEOUT, RETRY_FOREVER
from orchestration.task_queues import payment_task_queue, recall_task_queue


class Compensations:
    """The steps of an order that may have to be undone.

    Register a step before it starts: an activity can take effect and still never return. Each
    compensation is retried until it succeeds, regardless of the order's policy, and runs
    independently of the others: an unavailable carrier does not delay the refund.
    """

    def __init__(self, lifecycle: OrderLifecycle) -> None:
        self._lifecycle = lifecycle
        self._charge: Charge | None = None
        self._shipping_attempts: list[int] = []

    def register_charge(self, charge: Charge) -> None:
        self._charge = charge

    def discard_charge(self) -> None:
        """Forget the charge, because the gateway reported that it did not take effect."""
        self._charge = None

    def register_shipping(self, attempt: int) -> None:
        self._shipping_attempts.append(attempt)

    async def recall_shipment(self, attempt: int) -> None:
        """Undo one shipping attempt and forget it."""
        await workflow.execute_activity_method(
            OrderActivities.recall_shipment,
            args=[self._lifecycle.order.id, attempt],
            task_queue=recall_task_queue(workflow.info().task_queue),
            start_to_close_timeout=ATTEMPT_TIMEOUT,
            retry_policy=RETRY_FOREVER,
        )
        self._shipping_attempts.remove(attempt)

    async def run(self) -> None:
        """Undo all registered steps concurrently."""
        compensations = [self.recall_shipment(attempt) for attempt in self._shipping_attempts]
        if self._charge is not None:
            compensations.append(self._reverse_payment(self._charge))
        await asyncio.gather(*compensations)

    async def _reverse_payment(self, charge: Charge) -> None:
        status = await workflow.execute_activity_method(
            OrderActivities.reverse_payment,
            charge,
            task_queue=payment_task_queue(workflow.info().task_queue),
            start_to_close_timeout=ATTEMPT_TIMEOUT,
            retry_policy=RETRY_FOREVER,
        )
        self._lifecycle.payment_reversed(status)
