"""Repairs orders whose workflow was closed by an operator or a time-out, or whose row lags.

A workflow may be terminated, reset or timed out. A row lags after a restore from a backup.
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

_MAX_EVENTS = 100_000
_CLOSED_FROM_OUTSIDE = {WorkflowStatus.TERMINATED, WorkflowStatus.TIMED_OUT}
_CLOSED_BY_ITSELF = {WorkflowStatus.COMPLETED, WorkflowStatus.CANCELED}


class NothingToRepair(Exception):
    """The order is unknown, still runs, or has ended and is fully recorded."""


@dataclass(frozen=True)
class RepairResult:
    repaired: bool
    message: str


@dataclass(frozen=True)
class Repairs:
    """Compares each order in Temporal with its row in Postgres.

    ``task_queue`` is the one of the worker that compensates.
    """

    client: Client
    orders: OrderClient
    reads: Reads
    ledger: PostgresLedger
    task_queue: str

    async def try_repair(self, order_id: str) -> RepairResult:
        """Repair an order, and report an expected error in the result."""
        try:
            state = await self.repair(order_id)
        except (NothingToRepair, OrderError, TemporalUnavailable) as error:
            return RepairResult(repaired=False, message=str(error))
        except WorkflowFailureError as error:
            # A late write of the closed run changed the row during the repair. A retry succeeds.
            return RepairResult(repaired=False, message=f"Order {order_id}: {error.cause}. Retry.")
        return RepairResult(repaired=True, message=f"Order {order_id} is {state}.")

    async def repair(self, order_id: str) -> OrderState:
        """Write missing events, undo an interrupted order, and return the order's state.

        Needs an order worker. Safe to repeat: a repair that is already running is awaited.
        Raises NothingToRepair.
        """
        execution = await self.orders.describe(order_id)
        if execution is None:
            raise NothingToRepair(f"No workflow found for order {order_id}.")
        written = await self._write_missing_events(order_id, execution)
        if written is not None and (written.ended or execution.closed_at is None):
            return written.state
        row = await self.reads.order(order_id)
        if row is not None and row.snapshot.ended:
            raise NothingToRepair(f"Order {order_id} has ended: it is {row.snapshot.state}.")
        if execution.closed_at is None:
            raise NothingToRepair(
                f"The workflow of order {order_id} is {execution.status} and needs no repair."
                " To undo a running order, use `temporal workflow cancel`."
            )
        if execution.status in _CLOSED_BY_ITSELF:
            raise NothingToRepair(
                f"The workflow of order {order_id} is {execution.status}, but Postgres has the"
                " events of another run. There is nothing to undo."
            )
        return (await self._undo(order_id, execution, row)).state

    async def _write_missing_events(
        self, order_id: str, execution: Execution
    ) -> OrderSnapshot | None:
        """Write the events that Postgres lacks, and return the new snapshot; None if it has all."""
        row = await self.reads.order(order_id)
        try:
            status = await self.orders.status(order_id, StatusQuery(0))
        except TemporalUnavailable:
            # A run that was closed before its first task cannot be queried, and has done nothing.
            if execution.status in _CLOSED_FROM_OUTSIDE:
                return None
            raise
        # After a reset the query reaches the later run, whose events the ledger refuses.
        if status is None or (row and row.run_id != status.run_id):
            return None
        if status.snapshot.sequence <= (row.snapshot.sequence if row else 0):
            return None
        # Include all events, so that the ledger compares them with the recorded ones.
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
        repair = await self._repair_input(order_id, execution, row)
        try:
            handle = await self.client.start_workflow(
                RepairWorkflow.run,
                repair,
                id=repair_workflow_id(order_id),
                task_queue=self.task_queue,
                # A completed repair may have been lost when the database was restored.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            handle = self.client.get_workflow_handle_for(
                RepairWorkflow.run, repair_workflow_id(order_id)
            )
        return await handle.result()

    async def _repair_input(
        self, order_id: str, execution: Execution, row: StoredOrder | None
    ) -> Repair:
        events = await self.reads.events_after(order_id, 0, _MAX_EVENTS)
        order = row.order if row else execution.order
        placed_at = row.created_at if row else execution.placed_at
        return Repair(
            order=order,
            placed_at=placed_at,
            # After a reset, Temporal describes the later run, whose events the ledger refuses.
            run_id=row.run_id if row else execution.run_id,
            snapshot=row.snapshot if row else initial_snapshot(order, placed_at),
            attempts=sum(stored.event.type is EventType.SHIPPING_STARTED for stored in events),
            reason=f"the order's workflow was closed from outside: {execution.status}",
        )
