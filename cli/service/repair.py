"""Repairs orders whose workflow was closed from outside or is deleted, or whose row lags.

A workflow may be terminated, or fail after a reset. Temporal deletes it after the namespace's
retention period; the row in Postgres is then enough. A row lags after a restore from a backup.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from orchestration.client import OrderClient, Started, TemporalUnavailable, WorkflowStatus
from orchestration.domain.errors import OrderError
from orchestration.domain.order import initial_snapshot
from orchestration.domain.states import EventType
from orchestration.messages import Repair, StatusQuery
from orchestration.ports import RecordBatch
from orchestration.repair_workflow import RepairWorkflow, repair_workflow_id
from persistence.ledger import PostgresLedger
from persistence.reads import Reads, StoredOrder

if TYPE_CHECKING:
    from orchestration.domain.order import OrderSnapshot
    from orchestration.domain.states import OrderState
    from orchestration.execution import Execution
    from orchestration.messages import OrderStatus

_log = logging.getLogger(__name__)

TIME_LIMIT: Final = timedelta(minutes=1)
"""Default time limit of one order's repair. A repair takes seconds unless something is broken."""

_MAX_EVENTS = 100_000
_CLOSED_FROM_OUTSIDE = {WorkflowStatus.TERMINATED, WorkflowStatus.TIMED_OUT}


class NothingToRepair(Exception):
    """The order is unknown, still runs, or has ended and is fully recorded."""


@dataclass(frozen=True)
class RepairResult:
    repaired: bool
    message: str


@dataclass(frozen=True)
class Repairs:
    """Compares each order in Temporal with its row in Postgres.

    ``task_queue`` is the one of the worker that compensates. ``time_limit`` applies per order.
    """

    client: Client
    orders: OrderClient
    reads: Reads
    ledger: PostgresLedger
    task_queue: str
    time_limit: timedelta = TIME_LIMIT

    async def try_repair(self, order_id: str) -> RepairResult:
        """Repair an order within the time limit. Every error is reported in the result.

        After the time limit, a repair workflow that was started continues in Temporal.
        """
        seconds = self.time_limit.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                state = await self.repair(order_id)
        except (NothingToRepair, OrderError, TemporalUnavailable, RPCError) as error:
            return RepairResult(repaired=False, message=_naming(order_id, str(error)))
        except WorkflowFailureError as error:
            # A late write of the closed run changed the row during the repair. A retry succeeds.
            return RepairResult(repaired=False, message=f"Order {order_id}: {error.cause}. Retry.")
        except TimeoutError:
            return RepairResult(
                repaired=False,
                message=f"Order {order_id} was not repaired within {seconds:g} seconds. Look at the"
                f" workflow {repair_workflow_id(order_id)} in Temporal: if it exists, it continues"
                " and shows what it waits for. If it does not, check that an order worker runs.",
            )
        except Exception as error:  # ruff: ignore[blind-except] - it must not stop other repairs
            _log.exception("could not repair order %s", order_id)
            message = f"Order {order_id}: {type(error).__name__}: {error}"
            return RepairResult(repaired=False, message=message)
        return RepairResult(repaired=True, message=f"Order {order_id} is {state}.")

    async def repair(self, order_id: str) -> OrderState:
        """Write missing events, undo an interrupted order, and return the order's state.

        Needs an order worker. Safe to repeat: a repair that is already running is awaited.
        Raises NothingToRepair.
        """
        execution = await self.orders.describe(order_id)
        if execution is None:
            row = await self.reads.order(order_id)
            if row is None:
                raise NothingToRepair(f"Neither Temporal nor Postgres has order {order_id}.")
            return await self._undo(row, "no longer in Temporal")
        status = await self._status(order_id, execution)
        written = await self._write_missing_events(order_id, status) if status else None
        if written is not None and (written.ended or execution.closed_at is None):
            return written.state
        if execution.closed_at is None:
            raise NothingToRepair(
                f"The workflow of order {order_id} is {execution.status} and needs no repair."
                " To undo a running order, use `temporal workflow cancel`."
            )
        row = await self.reads.order(order_id)
        if status is not None and _ended_its_order(status) and not (row and row.snapshot.ended):
            raise NothingToRepair(
                f"The workflow of order {order_id} is {execution.status}, but Postgres has the"
                " events of another run. There is nothing to undo."
            )
        if row is None:
            row = _without_events(await self._started(order_id))
        return await self._undo(row, f"{execution.status}")

    async def _started(self, order_id: str) -> Started:
        started = await self.orders.find_started(order_id)
        if started is None:
            raise _deleted(order_id)
        return started

    async def _status(self, order_id: str, execution: Execution) -> OrderStatus | None:
        """Return the status of the workflow, or None if it was closed before its first task."""
        try:
            status = await self.orders.status(order_id, StatusQuery(0))
        except TemporalUnavailable:
            # It cannot be queried, and has done nothing.
            if execution.status in _CLOSED_FROM_OUTSIDE:
                return None
            raise
        if status is None:
            raise _deleted(order_id)
        return status

    async def _write_missing_events(
        self, order_id: str, status: OrderStatus
    ) -> OrderSnapshot | None:
        """Write the events that Postgres lacks, and return the new snapshot; None if it has all."""
        row = await self.reads.order(order_id)
        # The events of another workflow with the same ID do not belong to this record.
        if row and row.run_id != status.run_id:
            return None
        if status.snapshot.sequence <= (row.snapshot.sequence if row else 0):
            return None
        started = await self._started(order_id)
        # Include all events, so that the ledger compares them with the recorded ones.
        batch = RecordBatch(
            order_id=order_id,
            run_id=status.run_id,
            placed_at=started.placed_at,
            order=started.order,
            events=status.events,
            snapshot=status.snapshot,
        )
        await self.ledger.record(batch)
        return status.snapshot

    async def _undo(self, row: StoredOrder, workflow_status: str) -> OrderState:
        """Undo the order, or complete it if it was dispatched. Raises NothingToRepair."""
        order_id = row.order.id
        if row.snapshot.ended:
            raise NothingToRepair(f"Order {order_id} has ended: it is {row.snapshot.state}.")
        events = await self.reads.events_after(order_id, 0, _MAX_EVENTS)
        repair = Repair(
            order=row.order,
            placed_at=row.created_at,
            run_id=row.run_id,
            snapshot=row.snapshot,
            attempts=sum(stored.event.type is EventType.SHIPPING_STARTED for stored in events),
            reason=f"the order's workflow was closed from outside: {workflow_status}",
        )
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
        return (await handle.result()).state


def _without_events(started: Started) -> StoredOrder:
    """Return the row that the order would have before its first event."""
    return StoredOrder(
        order=started.order,
        run_id=started.run_id,
        created_at=started.placed_at,
        snapshot=initial_snapshot(started.order, started.placed_at),
    )


def _ended_its_order(status: OrderStatus) -> bool:
    """Return whether a closed workflow brought its order to an end and recorded all of it.

    A FAILED workflow may have: it closes like its order. One that failed with RecordDiverged may
    have decided on an end, but could not record it.
    """
    return status.snapshot.ended and status.recorded_sequence == status.snapshot.sequence


def _deleted(order_id: str) -> NothingToRepair:
    return NothingToRepair(f"The workflow of order {order_id} was just deleted.")


def _naming(order_id: str, message: str) -> str:
    return message if order_id in message else f"Order {order_id}: {message}"
