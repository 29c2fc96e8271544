"""The order's life, from receipt to its end, as the business tells it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    is_cancelled_exception,
)
from temporalio.workflow import ChildWorkflowCancellationType

from orchestration.activities import PAYMENT_DECLINED, PAYMENT_REFUSED, OrderActivities
from orchestration.domain.commands import (
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    Command,
    ConfirmDelivery,
    UpdateAddress,
)
from orchestration.domain.errors import OrderStopped
from orchestration.domain.judgement import judge
from orchestration.domain.life import OrderLife, Stop
from orchestration.domain.order import IDENTIFIER, FailureCode, OrderFailure, ReviewMode, placed
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import order_problems
from orchestration.journal import Journal
from orchestration.messages import (
    DispatchFailed,
    OrderOutcome,
    OrderStart,
    OrderStatus,
    PackagePrepared,
    Shipment,
    ShippingOutcome,
    StatusQuestion,
)
from orchestration.ports import Charge
from orchestration.retries import by_policy, reason_of
from orchestration.search_attributes import ORDER_STATE
from orchestration.shipping_workflow import ShippingWorkflow, shipping_workflow_id
from orchestration.undoing import Undoing


@workflow.defn
class OrderWorkflow:
    """One order; the workflow's id is the order's.

    The course below is a task of its own. What stops the order (a command, the deadline, Temporal's
    cancellation) is noted first, as ``OrderLife.stop``; then the course is cancelled and all that
    it had done is undone.
    """

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        """Be PLACED: signals and queries may come before the first step."""
        self._order = start.order
        self._policy = start.order.policy
        self._shipping_task_queue = start.shipping_task_queue
        placed_at = start.placed_at or workflow.info().start_time
        self._life = OrderLife(start.order, placed(start.order, placed_at), workflow.now)
        self._journal = Journal(self._life, placed_at, workflow.info().run_id)
        self._undoing = Undoing(self._life)
        self._payment = Charge(start.order.payment_id, start.order.id, start.order.request.total)
        self._step = "placed"

    @workflow.run
    async def run(self, start: OrderStart) -> OrderOutcome:  # ruff: ignore[unused-method-argument]
        """Live to an end, and return it; cancelled from Temporal's side, undo and close so.

        ``start`` has been taken by ``__init__``, which Temporal gives the same argument.
        """
        living = asyncio.create_task(self._live())
        try:
            return await asyncio.shield(living)
        except asyncio.CancelledError:
            failure = OrderFailure(FailureCode.CANCELLED, "cancelled from Temporal's side")
            self._life.stopped(EventType.ORDER_CANCELLED, failure)
            outcome = await living
            if outcome.failure == failure:
                raise CancelledError(failure.message) from None
            # Too late to undo, or stopped for another reason: that end stands.
            return outcome

    async def _live(self) -> OrderOutcome:
        self._journal.start()
        await self._end_or_stop(asyncio.create_task(self._course()))
        if self._life.stop is not None:
            await self._undo(self._life.stop)
        self._step = "ended"
        self._show_state()
        await self._journal.flush()
        return OrderOutcome(self._life.state, self._life.snapshot.failure)

    async def _end_or_stop(self, course: asyncio.Task[None]) -> None:
        def over() -> bool:
            return course.done() or self._life.stop is not None

        try:
            limited = self._life.snapshot.deadline is not None
            await workflow.wait_condition(over, timeout=self._policy.deadline if limited else None)
        except TimeoutError:
            failure = OrderFailure(FailureCode.DEADLINE_PASSED, "the order's deadline has passed")
            self._life.stopped(EventType.ORDER_FAILED, failure)
            await workflow.wait_condition(over)
        course.cancel()
        try:
            await course
        except (OrderStopped, asyncio.CancelledError):
            pass
        except FailureError as error:
            if not is_cancelled_exception(error):
                raise

    async def _undo(self, stop: Stop) -> None:
        self._step = "undoing"
        if stop.failure.code is FailureCode.PAYMENT_CANCELLED:
            # Also where no charge was begun: a void at the gateway holds against a later one.
            self._undoing.will_charge(self._payment)
        await self._journal.flush()
        await self._undoing.run()
        self._life.undone()

    # The course of an order.

    async def _course(self) -> None:
        for step in (self._receive, self._review, self._charge, self._ship, self._complete):
            await step()
            if self._life.snapshot.ended:
                return

    async def _receive(self) -> None:
        self._step = "receiving"
        self._life.received()
        await self._journal.flush()
        problems = [f"{'.'.join(p.path)} {p.message}" for p in order_problems(self._order)]
        found = self._journal.findings
        if found is not None and not found.customer_exists:
            problems.append(f"customer {self._order.request.customer_id} does not exist")
        if found is not None and found.payment_owner is not None:
            problems.append(
                f"payment {self._order.payment_id} belongs to order {found.payment_owner}"
            )
        if problems:
            self._life.failed(FailureCode.INVALID, "; ".join(problems))
        else:
            self._life.validated()

    async def _review(self) -> None:
        mode = self._policy.review_mode
        if mode is ReviewMode.NONE or self._life.approved_early is not None:
            self._life.approved(self._life.approved_early)
            return
        self._step = "in review"
        self._life.review_started()
        self._show_state()
        try:
            await workflow.wait_condition(
                lambda: self._life.state is not OrderState.AWAITING_APPROVAL,
                timeout=self._policy.review_timeout,
            )
        except TimeoutError:
            if self._life.state is not OrderState.AWAITING_APPROVAL:
                # Approved in the very task in which the timer fired: the approval came first.
                return
            if mode is ReviewMode.TIMER:
                self._life.approved()
            else:
                self._life.approval_timed_out()

    async def _charge(self) -> None:
        self._step = "charging payment"
        await self._journal.flush()
        self._undoing.will_charge(self._payment)
        try:
            await workflow.execute_activity_method(
                OrderActivities.charge_payment,
                self._payment,
                start_to_close_timeout=timedelta(seconds=self._policy.activity_timeout),
                retry_policy=by_policy(self._policy),
            )
        except ActivityError as error:
            self._charge_failed(error)
        else:
            self._life.charged()

    def _charge_failed(self, error: ActivityError) -> None:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type in {
            PAYMENT_DECLINED,
            PAYMENT_REFUSED,
        }:
            self._undoing.was_not_charged()
            self._life.declined(cause.message)
        else:
            message = f"the payment could not be charged: {reason_of(error)}"
            self._life.stopped(EventType.ORDER_FAILED, OrderFailure(FailureCode.OTHER, message))

    async def _ship(self) -> None:
        delay = self._policy.shipping_retry_delay
        last = self._policy.shipping_attempts
        for attempt in range(1, last + 1):
            outcome = await self._shipping_attempt(attempt)
            if outcome.tracking_number is not None:
                self._life.carrier_dispatched(attempt, outcome.tracking_number)
                self._life.shipped()
                return
            reason = outcome.failure or "no reason given"
            self._life.shipping_attempt_failed(attempt, reason)
            await self._undoing.recall(attempt)
            if attempt < last:
                self._step = f"waiting to ship again after attempt {attempt}"
                await workflow.sleep(delay)
                delay *= self._policy.shipping_retry_backoff
        message = f"no shipping attempt of {last} succeeded, the last: {reason}"
        failure = OrderFailure(FailureCode.SHIPPING_FAILED, message)
        self._life.stopped(EventType.ORDER_FAILED, failure)

    async def _shipping_attempt(self, attempt: int) -> ShippingOutcome:
        self._step = f"shipping, attempt {attempt}"
        self._life.shipping_started(attempt)
        if attempt == 1:
            self._show_state()
        await self._journal.flush()
        shipment = Shipment(
            order_id=self._order.id,
            attempt=attempt,
            items=self._order.request.items,
            address=self._life.snapshot.shipping_address,
            policy=self._policy,
        )
        self._undoing.will_ship(attempt)
        try:
            outcome = await workflow.execute_child_workflow(
                ShippingWorkflow.run,
                shipment,
                id=shipping_workflow_id(self._order.id, attempt),
                task_queue=self._shipping_task_queue,
                # Waiting for a cancelled child would hang where no shipping worker is up.
                cancellation_type=ChildWorkflowCancellationType.TRY_CANCEL,
            )
        except ChildWorkflowError as error:
            if is_cancelled_exception(error) and self._life.stop is not None:
                raise
            outcome = ShippingOutcome(failure=f"the shipping workflow failed: {reason_of(error)}")
        if outcome.package_id is not None:
            self._life.package_prepared(attempt, outcome.package_id)
        return outcome

    async def _complete(self) -> None:
        if self._policy.delivery_timeout is not None and self._life.stop is None:
            self._step = "waiting for delivery to be confirmed"
            try:
                await workflow.wait_condition(
                    lambda: self._life.state is OrderState.DELIVERED,
                    timeout=self._policy.delivery_timeout,
                )
            except TimeoutError:
                workflow.logger.info("delivery was not confirmed in time")
        self._life.completed()

    # Signals. Each is judged at once, in the order in which Temporal stored them.

    @workflow.signal
    def approve_order(self, command: ApproveOrder) -> None:
        """Approve an order in MANUAL review."""
        self._judge(command)

    @workflow.signal
    def cancel_order(self, command: CancelOrder) -> None:
        """Cancel an order that has not begun to charge."""
        self._judge(command)

    @workflow.signal
    def update_address(self, command: UpdateAddress) -> None:
        """Change where the order goes, until shipping starts."""
        self._judge(command)

    @workflow.signal
    def cancel_payment(self, command: CancelPayment) -> None:
        """Void or refund the payment and cancel the order, until the carrier has it."""
        self._judge(command)

    @workflow.signal
    def confirm_delivery(self, command: ConfirmDelivery) -> None:
        """Confirm that a shipped order has arrived."""
        self._judge(command)

    @workflow.signal
    def package_prepared(self, message: PackagePrepared) -> None:
        """Hear from the shipping workflow that the package is ready."""
        self._life.package_prepared(message.attempt, message.package_id)

    @workflow.signal
    def dispatch_failed(self, message: DispatchFailed) -> None:
        """Hear from the shipping workflow that its attempt failed; its end drives the retry."""
        self._life.shipping_attempt_failed(message.attempt, message.reason)

    def _judge(self, command: Command) -> None:
        command_id = command.command_id or str(workflow.uuid4())
        if not IDENTIFIER.fullmatch(command_id):
            workflow.logger.warning("dropped %s: its command id is malformed", command.signal)
            return
        verdict = judge(self._life, command, command_id)
        workflow.logger.info("%s %s: %s", command.signal, command_id, verdict.message)

    @workflow.query
    def status(self, question: StatusQuestion | None = None) -> OrderStatus:
        """Answer everything at once: where the order stands, and what was asked for besides."""
        asked = question or StatusQuestion()
        after = asked.after_sequence
        return OrderStatus(
            step=self._step,
            run_id=workflow.info().run_id,
            snapshot=self._life.snapshot,
            recorded_sequence=self._journal.recorded_sequence,
            available_commands=self._life.available_commands,
            events=[] if after is None else self._life.events_after(after),
            verdicts=[
                self._life.verdicts[command_id]
                for command_id in asked.command_ids
                if command_id in self._life.verdicts
            ],
        )

    def _show_state(self) -> None:
        workflow.upsert_search_attributes([ORDER_STATE.value_set(str(self._life.state))])
