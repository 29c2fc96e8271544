"""Ends an order whose own workflow was terminated or timed out."""

from __future__ import annotations

from temporalio import workflow

from orchestration.compensations import Compensations
from orchestration.domain.errors import IllegalTransition
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import FailureCode, OrderFailure
from orchestration.domain.states import STOPPABLE_STATES, EventType, OrderState
from orchestration.journal import Journal
from orchestration.messages import OrderOutcome, Repair
from orchestration.ports import Charge


def repair_workflow_id(order_id: str) -> str:
    return f"{order_id}/repair"


# As in the order's workflow, a bug fails the workflow instead of retrying its task forever.
@workflow.defn(failure_exception_types=[IllegalTransition])
class RepairWorkflow:
    """Undoes an order that was not dispatched yet, or completes one that was, and records its end.

    It writes with the run ID of the closed workflow. If a late write of that run arrives first, the
    record refuses this one with RecordDiverged. A new repair then starts from the new record.
    """

    @workflow.run
    async def run(self, repair: Repair) -> OrderOutcome:  # ruff: ignore[no-self-use]
        lifecycle = OrderLifecycle(repair.order, repair.snapshot, workflow.now)
        journal = Journal(lifecycle, repair.placed_at, repair.run_id)
        journal.start()
        if lifecycle.state in STOPPABLE_STATES:
            failure = OrderFailure(FailureCode.TERMINATED, repair.reason)
            lifecycle.stopped(EventType.ORDER_FAILED, failure)
            await _compensations(lifecycle, journal, repair).run()
            lifecycle.compensated()
        elif not lifecycle.snapshot.ended:
            if lifecycle.state is OrderState.CARRIER_DISPATCHED:
                lifecycle.shipped()
            lifecycle.completed()
        await journal.flush()
        return OrderOutcome(lifecycle.state, lifecycle.snapshot.failure)


def _compensations(lifecycle: OrderLifecycle, journal: Journal, repair: Repair) -> Compensations:
    order = repair.order
    compensations = Compensations(lifecycle, journal)
    # The record does not say whether the charge was sent. If it was not, its reversal voids it.
    compensations.register_charge(Charge(order.payment_id, order.id, order.request.total))
    for attempt in range(1, repair.attempts + 1):
        compensations.register_shipping(attempt)
    return compensations
