"""Repairing an order whose workflow was closed from outside: terminated, reset, timed out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio.client import WorkflowFailureError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import OrderError
from orchestration.domain.order import placed
from orchestration.domain.states import EventType
from orchestration.messages import OrderOutcome, Repair
from orchestration.repair_workflow import RepairWorkflow, repair_workflow_id

if TYPE_CHECKING:
    from temporalio.client import Client

    from orchestration.client import OrderClient
    from persistence.reads import Reads

_MOST_EVENTS = 100_000


class NothingToRepair(Exception):
    """The order's workflow still runs, or its record is closed as well."""


@dataclass(frozen=True)
class RepairEnd:
    """What became of the attempt to repair an order."""

    repaired: bool
    message: str


async def try_to_repair(
    order_id: str, client: Client, orders: OrderClient, reads: Reads, task_queue: str
) -> RepairEnd:
    """Repair an order as repair_order does, and tell what is expected to go wrong."""
    try:
        outcome = await repair_order(order_id, client, orders, reads, task_queue)
    except (NothingToRepair, OrderError, TemporalUnavailable) as error:
        return RepairEnd(repaired=False, message=str(error))
    except WorkflowFailureError as error:
        # The closed run's last write came in between: what is on record now can be repaired.
        return RepairEnd(repaired=False, message=f"Order {order_id}: {error.cause}. Try again.")
    return RepairEnd(repaired=True, message=f"Order {order_id} is {outcome.state}.")


async def repair_order(
    order_id: str, client: Client, orders: OrderClient, reads: Reads, task_queue: str
) -> OrderOutcome:
    """Undo what the order did, close its record, and return how it ended.

    Needs an order worker. Safe to repeat: a repair that is under way is waited for. Raises
    NothingToRepair.
    """
    repair = await _what_to_repair(order_id, orders, reads)
    try:
        handle = await client.start_workflow(
            RepairWorkflow.run,
            repair,
            id=repair_workflow_id(order_id),
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        )
    except WorkflowAlreadyStartedError:
        handle = client.get_workflow_handle_for(RepairWorkflow.run, repair_workflow_id(order_id))
    return await handle.result()


async def _what_to_repair(order_id: str, orders: OrderClient, reads: Reads) -> Repair:
    execution = await orders.describe(order_id)
    if execution is None:
        raise NothingToRepair(f"Temporal knows no order {order_id}.")
    if execution.closed_at is None:
        raise NothingToRepair(
            f"The workflow of order {order_id} is {execution.status}: only one that was closed from"
            " outside needs repair. `temporal workflow cancel` undoes one that runs."
        )
    row = await reads.order(order_id)
    if row is not None and row.snapshot.ended:
        raise NothingToRepair(f"Order {order_id} has ended: it is {row.snapshot.state}.")
    events = await reads.events_after(order_id, 0, _MOST_EVENTS)
    order = row.order if row else execution.order
    placed_at = row.created_at if row else execution.placed_at
    return Repair(
        order=order,
        placed_at=placed_at,
        # Where it was reset, Temporal shows the later run, which the record has refused.
        run_id=row.run_id if row else execution.run_id,
        snapshot=row.snapshot if row else placed(order, placed_at),
        attempts=sum(one.event.type is EventType.SHIPPING_STARTED for one in events),
        reason=f"the order's workflow was closed from outside: {execution.status}",
    )
