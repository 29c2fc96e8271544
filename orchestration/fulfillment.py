"""The steps of an order, from receipt to completion."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
)
from temporalio.workflow import ChildWorkflowCancellationType

from orchestration.activities import PAYMENT_DECLINED, PAYMENT_REFUSED, OrderActivities
from orchestration.compensations import Compensations
from orchestration.domain.errors import OrderStopped
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import FailureCode, OrderFailure, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import MAX_RETRY_DELAY, order_problems
from orchestration.journal import Journal
from orchestration.messages import Shipment, ShippingOutcome
from orchestration.ports import Charge, RecordBatch
from orchestration.retries import (
    WRITE_AHEAD_TIMEOUT,
    failure_reason,
    shipping_retry_delay,
    step_limits,
)
from orchestration.search_attributes import upsert_order_state
from orchestration.shipping_workflow import ShippingWorkflow, shipping_workflow_id
from orchestration.task_queues import payment_task_queue

T = TypeVar("T")


class Fulfillment:
    """Receives, reviews, charges, ships and completes one order.

    Every step that acts on the world first has all earlier events recorded, and registers its
    compensation. A step that cannot succeed either ends the order or stops it.
    If the order is stopped, the current step is cancelled and `run` raises OrderStopped.
    """

    def __init__(
        self,
        lifecycle: OrderLifecycle,
        journal: Journal,
        compensations: Compensations,
        shipping_task_queue: str,
    ) -> None:
        self._lifecycle = lifecycle
        self._journal = journal
        self._compensations = compensations
        self._shipping_task_queue = shipping_task_queue
        self._order = order = lifecycle.order
        self._policy = order.policy
        self.payment = Charge(order.payment_id, order.id, order.request.total)
        self.step = "placed"

    @property
    def step(self) -> str:
        """What the workflow is doing, for people. Temporal's UI shows it as current details."""
        return self._step

    @step.setter
    def step(self, step: str) -> None:
        self._step = step
        workflow.set_current_details(step)

    async def run(self) -> None:
        for step in (self._receive, self._review, self._charge, self._ship, self._complete):
            await step()
            if self._lifecycle.snapshot.ended:
                return

    async def _unless_stopped(self, step: Coroutine[Any, Any, T]) -> T:
        """Return the step's result, or raise OrderStopped if the order is stopped first.

        A result that arrives together with the stop is returned, and the next step raises. The
        state of `OrderLifecycle.stop` decides, not a cancellation of this task: a task that is
        cancelled when its result is already there swallows the cancellation and continues.
        """
        if self._lifecycle.stop is not None:
            step.close()
            raise OrderStopped(self._order.id, self.step)
        task = asyncio.create_task(step)
        await workflow.wait_condition(lambda: task.done() or self._lifecycle.stop is not None)
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise OrderStopped(self._order.id, self.step)
        return await task

    async def _receive(self) -> None:
        self.step = "receiving"
        self._lifecycle.received()
        await self._unless_stopped(self._journal.flush())
        problems = [str(problem) for problem in order_problems(self._order)]
        findings = self._journal.findings
        if findings is not None and not findings.customer_exists:
            problems.append(f"customer {self._order.request.customer_id} does not exist")
        if findings is not None and findings.payment_owner is not None:
            problems.append(
                f"payment {self._order.payment_id} belongs to order {findings.payment_owner}"
            )
        if problems:
            self._lifecycle.failed(FailureCode.INVALID, "; ".join(problems))
        else:
            self._lifecycle.validated()

    async def _review(self) -> None:
        mode = self._policy.review_mode
        if mode is ReviewMode.NONE or self._lifecycle.early_approval is not None:
            self._lifecycle.approved(self._lifecycle.early_approval)
            return
        self.step = "in review"
        self._lifecycle.review_started()
        upsert_order_state(self._lifecycle.state)
        try:
            await self._unless_stopped(
                workflow.wait_condition(
                    lambda: self._lifecycle.state is not OrderState.AWAITING_APPROVAL,
                    timeout=self._policy.review_timeout,
                    timeout_summary="time limit of the review",
                )
            )
        except TimeoutError:
            if self._lifecycle.state is not OrderState.AWAITING_APPROVAL:
                # The approval and the timer arrived in the same workflow task; the approval was
                # first.
                return
            if mode is ReviewMode.TIMER:
                self._lifecycle.approved()
            else:
                self._lifecycle.approval_timed_out()

    async def _charge(self) -> None:
        self.step = "charging payment"
        try:
            await self._unless_stopped(self._charge_after_record())
        except ActivityError as error:
            self._charge_failed(error)
        else:
            self._lifecycle.charged()

    async def _charge_after_record(self) -> None:
        if self._policy.activity_total_timeout is None:
            await self._journal.write_ahead(self._charge_payment)
        else:
            # The write must not use up the time limit of all attempts.
            await self._journal.flush()
            await self._charge_payment(None, 0)

    async def _charge_payment(self, unwritten: RecordBatch | None, attempts_made: int) -> None:
        self._compensations.register_charge(self.payment)
        # The write has a time limit of its own, so that a slow record leaves time for the charge.
        write_time = None if unwritten is None else WRITE_AHEAD_TIMEOUT
        await workflow.execute_activity_method(
            OrderActivities.charge_payment,
            # Both arguments: the SDK ignores the types of an activity that gets fewer of them.
            args=[self.payment, unwritten],
            task_queue=payment_task_queue(workflow.info().task_queue),
            schedule_to_start_timeout=write_time,
            **step_limits(self._policy, attempts_made, write_time),
            summary=f"charge {self.payment.amount.amount} {self.payment.amount.currency}",
        )

    def _charge_failed(self, error: ActivityError) -> None:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type in {
            PAYMENT_DECLINED,
            PAYMENT_REFUSED,
        }:
            self._compensations.discard_charge()
            self._lifecycle.declined(cause.message)
        else:
            # The gateway may have charged without answering, so the charge is reversed.
            message = f"the payment could not be charged: {failure_reason(error)}"
            failure = OrderFailure(FailureCode.OTHER, message)
            self._lifecycle.stopped(EventType.ORDER_FAILED, failure)

    async def _ship(self) -> None:
        max_attempts = self._policy.shipping_attempts
        for attempt in range(1, max_attempts + 1):
            outcome = await self._attempt_shipping(attempt)
            if outcome.tracking_number is not None:
                self._dispatched(attempt, outcome.tracking_number)
                return
            reason = outcome.failure or "no reason given"
            self._lifecycle.shipping_attempt_failed(attempt, reason)
            tracking_number = await self._unless_stopped(
                self._compensations.recall_shipment(attempt)
            )
            if tracking_number is not None:
                # The dispatch took effect, although its response was lost.
                self._dispatched(attempt, tracking_number)
                return
            if attempt < max_attempts:
                self.step = f"waiting to ship again after attempt {attempt}"
                await self._unless_stopped(
                    workflow.sleep(
                        shipping_retry_delay(self._policy, attempt),
                        summary=f"wait before shipping attempt {attempt + 1}",
                    )
                )
        message = f"all {max_attempts} shipping attempts failed; the last one: {reason}"
        failure = OrderFailure(FailureCode.SHIPPING_FAILED, message)
        self._lifecycle.stopped(EventType.ORDER_FAILED, failure)

    def _dispatched(self, attempt: int, tracking_number: str) -> None:
        self._lifecycle.carrier_dispatched(attempt, tracking_number)
        self._lifecycle.shipped()

    async def _attempt_shipping(self, attempt: int) -> ShippingOutcome:
        self.step = f"shipping, attempt {attempt}"
        self._lifecycle.shipping_started(attempt)
        await self._unless_stopped(self._journal.flush())
        shipment = Shipment(
            order_id=self._order.id,
            attempt=attempt,
            items=self._order.request.items,
            address=self._lifecycle.snapshot.shipping_address,
            policy=self._policy,
        )
        self._compensations.register_shipping(attempt)
        try:
            outcome = await self._unless_stopped(self._run_shipping_workflow(shipment))
        except ChildWorkflowError as error:
            reason = f"the shipping workflow failed: {failure_reason(error)}"
            outcome = ShippingOutcome(failure=reason)
        if outcome.package_id is not None:
            self._lifecycle.package_prepared(attempt, outcome.package_id, outcome.prepared_at)
        return outcome

    async def _run_shipping_workflow(self, shipment: Shipment) -> ShippingOutcome:
        delay = 1.0
        while True:
            try:
                return await workflow.execute_child_workflow(
                    ShippingWorkflow.run,
                    shipment,
                    id=shipping_workflow_id(shipment.order_id, shipment.attempt),
                    task_queue=self._shipping_task_queue,
                    static_summary=f"ship, attempt {shipment.attempt}",
                    # Waiting for the cancelled child would block without a shipping worker.
                    cancellation_type=ChildWorkflowCancellationType.TRY_CANCEL,
                )
            except WorkflowAlreadyStartedError:
                # The order was reset to before this step. Temporal lets the shipping workflow of
                # the earlier run end by itself, and reports its result to nobody.
                await workflow.sleep(delay, summary="wait for the earlier shipping workflow")
                delay = min(2 * delay, MAX_RETRY_DELAY)

    async def _complete(self) -> None:
        if self._policy.delivery_timeout is not None and self._lifecycle.stop is None:
            self.step = "waiting for delivery to be confirmed"
            try:
                await workflow.wait_condition(
                    lambda: self._lifecycle.state is OrderState.DELIVERED,
                    timeout=self._policy.delivery_timeout,
                    timeout_summary="wait for delivery",
                )
            except TimeoutError:
                workflow.logger.info("delivery was not confirmed in time")
        self._lifecycle.completed()
