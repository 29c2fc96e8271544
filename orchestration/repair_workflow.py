"""Closes the record of an order whose own workflow was terminated or timed out."""

from __future__ import annotations

from temporalio import workflow

from orchestration.domain.life import OrderLife
from orchestration.domain.order import FailureCode, OrderFailure
from orchestration.domain.states import UNDOABLE, EventType, OrderState
from orchestration.journal import Journal
from orchestration.messages import OrderOutcome, Repair
from orchestration.ports import Charge
from orchestration.undoing import Undoing


def repair_workflow_id(order_id: str) -> str:
    """Name the workflow that repairs an order."""
    return f"{order_id}/repair"


@workflow.defn
class RepairWorkflow:
    """Undoes whatever the order may have done, and ends it; what the carrier has is completed.

    It writes in the name of the run that was closed. Should a last write of that run come in
    between, the record refuses this one (RecordDiverged): repair it again from what is there then.
    """

    @workflow.run
    async def run(self, repair: Repair) -> OrderOutcome:  # ruff: ignore[no-self-use]
        """Bring the order to an end, and return it."""
        life = OrderLife(repair.order, repair.snapshot, workflow.now)
        journal = Journal(life, repair.placed_at, repair.run_id)
        journal.start()
        if life.state in UNDOABLE:
            failure = OrderFailure(FailureCode.TERMINATED, repair.reason)
            life.stopped(EventType.ORDER_FAILED, failure)
            await journal.flush()
            await _undoing(life, repair).run()
            life.undone()
        elif not life.snapshot.ended:
            if life.state is OrderState.CARRIER_DISPATCHED:
                life.shipped()
            life.completed()
        await journal.flush()
        return OrderOutcome(life.state, life.snapshot.failure)


def _undoing(life: OrderLife, repair: Repair) -> Undoing:
    order = repair.order
    undoing = Undoing(life)
    undoing.will_charge(Charge(order.payment_id, order.id, order.request.total))
    for attempt in range(1, repair.attempts + 1):
        undoing.will_ship(attempt)
    return undoing
