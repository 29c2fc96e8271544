"""The workflow of an order: runs its fulfillment, stops it, and answers signals and queries."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, CancelledError

from orchestration.compensations import Compensations
from orchestration.domain.commands import (
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    Command,
    ConfirmDelivery,
    RejectOrder,
    UpdateAddress,
)
from orchestration.domain.errors import IllegalTransition, OrderStopped
from orchestration.domain.judgement import judge
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import IDENTIFIER, FailureCode, OrderFailure, initial_snapshot
from orchestration.domain.states import EventType, OrderState
from orchestration.fulfillment import Fulfillment
from orchestration.journal import Journal
from orchestration.messages import (
    DispatchFailed,
    OrderOutcome,
    OrderStart,
    OrderStatus,
    PackagePrepared,
    StatusQuery,
)
from orchestration.search_attributes import upsert_order_state


# An illegal transition is a bug. Failing the workflow makes it visible and lets a repair undo the
# order; by default, Temporal would retry the workflow task forever.
@workflow.defn(failure_exception_types=[IllegalTransition])
class OrderWorkflow:
    """One order. The workflow ID is the order ID.

    A command, the deadline or a workflow cancellation stops the order: it sets
    `OrderLifecycle.stop`, and the fulfillment raises OrderStopped at its current step. The steps
    that it had started are then undone.
    """

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        placed_at = start.placement_time(workflow.info().start_time)
        snapshot = initial_snapshot(start.order, placed_at)
        self._lifecycle = OrderLifecycle(start.order, snapshot, workflow.now)
        self._run_id = workflow.info().first_execution_run_id  # stays the same after a reset
        self._journal = Journal(self._lifecycle, placed_at, self._run_id)
        self._compensations = Compensations(self._lifecycle, self._journal)
        self._fulfillment = Fulfillment(
            self._lifecycle, self._journal, self._compensations, start.shipping_task_queue
        )

    @workflow.run
    async def run(self, start: OrderStart) -> OrderOutcome:  # ruff: ignore[unused-method-argument]
        """Process the order to its end. ``start`` is handled by ``__init__``.

        The workflow closes as FAILED if the order failed or was not approved in time. A workflow
        cancellation undoes the order and closes the workflow as CANCELED. If the order can no
        longer be stopped, or already fails, it ends as without the cancellation.
        """
        process = asyncio.create_task(self._process())
        try:
            outcome = await asyncio.shield(process)
        except asyncio.CancelledError:
            failure = OrderFailure(FailureCode.CANCELLED, "the workflow was cancelled in Temporal")
            self._lifecycle.stopped(EventType.ORDER_CANCELLED, failure)
            outcome = await process
            if outcome.state is OrderState.CANCELLED:
                raise CancelledError from None
        if outcome.failure is None or outcome.state is OrderState.CANCELLED:
            return outcome
        raise _workflow_failure(outcome, outcome.failure)

    async def _process(self) -> OrderOutcome:
        self._journal.start()
        # The deadline's task runs first: if the deadline has already passed, no step is taken.
        deadline = asyncio.create_task(self._stop_at_deadline())
        fulfillment = asyncio.create_task(self._fulfillment.run())
        try:
            await fulfillment
        except OrderStopped:
            await self._undo()
        finally:
            deadline.cancel()
        await self._journal.flush()
        upsert_order_state(self._lifecycle.state)
        workflow.set_current_details(f"ended as {self._lifecycle.state}")
        return OrderOutcome(self._lifecycle.state, self._lifecycle.snapshot.failure)

    async def _stop_at_deadline(self) -> None:
        """Stop the order at its deadline, unless the carrier already has the package.

        The deadline counts from the order's placement: a worker that is late does not extend it.
        """
        deadline = self._lifecycle.snapshot.deadline
        if deadline is None:
            return
        remaining = deadline - workflow.now()
        if remaining > timedelta(0):
            await workflow.sleep(remaining, summary="deadline of the order")
        failure = OrderFailure(FailureCode.DEADLINE_PASSED, "the order's deadline has passed")
        self._lifecycle.stopped(EventType.ORDER_FAILED, failure)

    async def _undo(self) -> None:
        workflow.set_current_details("undoing")
        stop = self._lifecycle.stop
        if stop is not None and stop.failure.code is FailureCode.PAYMENT_CANCELLED:
            # Void the payment even if no charge has started, so that a late charge is refused.
            self._compensations.register_charge(self._fulfillment.payment)
        await self._compensations.run()
        self._lifecycle.compensated()

    # Signals are handled at once, in the order in which Temporal stored them.

    @workflow.signal
    def approve_order(self, command: ApproveOrder) -> None:
        self._judge(command)

    @workflow.signal
    def reject_order(self, command: RejectOrder) -> None:
        self._judge(command)

    @workflow.signal
    def cancel_order(self, command: CancelOrder) -> None:
        self._judge(command)

    @workflow.signal
    def update_address(self, command: UpdateAddress) -> None:
        self._judge(command)

    @workflow.signal
    def cancel_payment(self, command: CancelPayment) -> None:
        self._judge(command)

    @workflow.signal
    def confirm_delivery(self, command: ConfirmDelivery) -> None:
        self._judge(command)

    @workflow.signal
    def package_prepared(self, message: PackagePrepared) -> None:
        self._lifecycle.package_prepared(message.attempt, message.package_id)

    @workflow.signal
    def dispatch_failed(self, message: DispatchFailed) -> None:
        """Record the failed attempt. The child's result, not this signal, triggers the retry."""
        self._lifecycle.shipping_attempt_failed(message.attempt, message.reason)

    def _judge(self, command: Command) -> None:
        command_id = command.command_id or str(workflow.uuid4())
        if not IDENTIFIER.fullmatch(command_id):
            workflow.logger.warning("dropped %s: its command ID is malformed", command.signal)
            return
        verdict = judge(self._lifecycle, command, command_id)
        workflow.logger.info("%s %s: %s", command.signal, command_id, verdict.message)

    @workflow.query
    def status(self, query: StatusQuery | None = None) -> OrderStatus:
        """Return the order's current state, with the events and verdicts that were requested."""
        query = query or StatusQuery()
        after = query.after_sequence
        verdicts = self._lifecycle.verdicts
        return OrderStatus(
            step=self._step(),
            run_id=self._run_id,
            snapshot=self._lifecycle.snapshot,
            recorded_sequence=self._journal.recorded_sequence,
            available_commands=self._lifecycle.available_commands,
            commands_received=self._lifecycle.commands_received,
            events=[] if after is None else self._lifecycle.events_after(after),
            verdicts=[verdicts[name] for name in query.command_ids if name in verdicts],
        )

    def _step(self) -> str:
        if self._lifecycle.snapshot.ended:
            return "ended"
        return "undoing" if self._lifecycle.stop is not None else self._fulfillment.step


def _workflow_failure(outcome: OrderOutcome, failure: OrderFailure) -> ApplicationError:
    """Return the error that closes the workflow as FAILED. Its details are the outcome.

    It is BENIGN because it is the order that failed, not the workflow's code.
    """
    return ApplicationError(
        failure.message,
        outcome,
        type=failure.code,
        non_retryable=True,  # a workflow that was started with a retry policy would start again
        category=ApplicationErrorCategory.BENIGN,
    )
