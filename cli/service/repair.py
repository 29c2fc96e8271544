"""Repairing orders: those whose workflow was closed from outside, and those whose record lags.

A workflow is terminated, reset or timed out; a record is restored from an earlier backup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from orchestration.client import OrderClient, TemporalUnavailable, WorkflowStatus
from orchestration.domain.errors import OrderError
from orchestration.domain.order import initial_snapshot
from orchestration.domain.states import EventType
from orchestration.messages import OrderOutcome, Repair, StatusQuery
from orchestration.ports import RecordBatch
from orchestration.repair_workflow import RepairWorkflow, repair_workflow_id
from persistence.ledger import PostgresLedger
from persistence.reads import Reads

if TYPE_CHECKING:
    from orchestration.domain.order import OrderSnapshot
    from orchestration.domain.states import OrderState
    from orchestration.execution import Execution
    from persistence.rows import StoredOrder

_MOST_EVENTS = 100_000
_CUT_SHORT = {WorkflowStatus.TERMINATED, WorkflowStatus.TIMED_OUT}
_ENDED_BY_ITSELF = {WorkflowStatus.COMPLETED, WorkflowStatus.CANCELED}


class NothingToRepair(Exception):
    """The order is unknown, or it runs or has ended, and its record lacks nothing."""


@dataclass(frozen=True)
class RepairEnd:
    """What became of the attempt to repair an order."""

    repaired: bool
    message: str


@dataclass(frozen=True)
class Repairs:
    """Both sides of orders, and the task queue of a worker that undoes."""

    client: Client
    orders: OrderClient
    reads: Reads
    ledger: PostgresLedger
    task_queue: str

    async def attempt(self, order_id: str) -> RepairEnd:
        """Repair an order, and tell what is expected to go wrong."""
        try:
            state = await self.repair(order_id)
        except (NothingToRepair, OrderError, TemporalUnavailable) as error:
            return RepairEnd(repaired=False, message=str(error))
        except WorkflowFailureError as error:
            # The closed run's last write came in between: what is on record now can be repaired.
            return RepairEnd(repaired=False, message=f"Order {order_id}: {error.cause}. Try again.")
        return RepairEnd(repaired=True, message=f"Order {order_id} is {state}.")

    async def repair(self, order_id: str) -> OrderState:
        """Write what the record lacks, undo what was cut short, and return the order's state.

        Needs an order worker. Safe to repeat: what is under way is waited for. Raises
        NothingToRepair.
        """
        execution = await self.orders.describe(order_id)
        if execution is None:
            raise NothingToRepair(f"Temporal knows no order {order_id}.")
        written = await self._write_what_lacks(order_id, execution)
        if written is not None and (written.ended or execution.closed_at is None):
            return written.state
        row = await self.reads.order(order_id)
        if row is not None and row.snapshot.ended:
            raise NothingToRepair(f"Order {order_id} has ended: it is {row.snapshot.state}.")
        if execution.closed_at is None:
            raise NothingToRepair(
                f"The workflow of order {order_id} is {execution.status}: only one that was closed"
                " from outside needs repair. `temporal workflow cancel` undoes one that runs."
            )
        if execution.status in _ENDED_BY_ITSELF:
            raise NothingToRepair(
                f"The workflow of order {order_id} is {execution.status}, and its record is another"
                " run's: there is nothing to undo, and nobody to bring the record up to."
            )
        return (await self._undo(order_id, execution, row)).state

    async def _write_what_lacks(self, order_id: str, execution: Execution) -> OrderSnapshot | None:
        """Bring the record up to where the workflow is, and return that; None if it was there."""
        row = await self.reads.order(order_id)
        try:
            status = await self.orders.status(order_id, StatusQuery(0))
        except TemporalUnavailable:
            # One that was cut short before its first task never answers, and has done nothing.
            if execution.status in _CUT_SHORT:
                return None
            raise
        # After a reset it is the later run that answers, which the record has refused.
        if status is None or (row and row.run_id != status.run_id):
            return None
        if status.snapshot.sequence <= (row.snapshot.sequence if row else 0):
            return None
        # From the first event on, so that the record compares those that it has.
        batch = RecordBatch(
            order_id=order_id,
            run_id=status.run_id,
            placed_at=execution.placed_at,
            order=execution.order,
            events=status.events,
            snapshot=status.snapshot,
        )
        await self.ledger.record(batch)
        return status.snapshot

    async def _undo(
        self, order_id: str, execution: Execution, row: StoredOrder | None
    ) -> OrderOutcome:
        repair = await self._what_to_undo(order_id, execution, row)
        try:
            handle = await self.client.start_workflow(
                RepairWorkflow.run,
                repair,
                id=repair_workflow_id(order_id),
                task_queue=self.task_queue,
                # A repair that is done and not on record was lost with a record that was restored.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            handle = self.client.get_workflow_handle_for(
                RepairWorkflow.run, repair_workflow_id(order_id)
            )
        return await handle.result()

    async def _what_to_undo(
        self, order_id: str, execution: Execution, row: StoredOrder | None
    ) -> Repair:
        events = await self.reads.events_after(order_id, 0, _MOST_EVENTS)
        order = row.order if row else execution.order
        placed_at = row.created_at if row else execution.placed_at
        return Repair(
            order=order,
            placed_at=placed_at,
            # Where it was reset, Temporal shows the later run, which the record has refused.
            run_id=row.run_id if row else execution.run_id,
            snapshot=row.snapshot if row else initial_snapshot(order, placed_at),
            attempts=sum(one.event.type is EventType.SHIPPING_STARTED for one in events),
            reason=f"the order's workflow was closed from outside: {execution.status}",
        )
