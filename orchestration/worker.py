"""The two workers: orders on one task queue, their shipping on another."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from temporalio import activity, workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from orchestration.activities import OrderActivities, ShippingActivities
from orchestration.order_workflow import OrderWorkflow
from orchestration.repair_workflow import RepairWorkflow
from orchestration.search_attributes import missing
from orchestration.shipping_workflow import ShippingWorkflow
from orchestration.signal_guard import SignalGuard
from orchestration.simulation import Faults, SimulatedCarrier, SimulatedGateway

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Sequence

    from temporalio.client import Client

    from orchestration.ports import CarrierBook, GatewayBook, OrderLedger
    from orchestration.settings import OrchestrationSettings

WORKFLOW_RUNNER: Final = UnsandboxedWorkflowRunner()
"""What workflows run in, here and when a history is replayed.

Not Temporal's sandbox, which costs an order a third of its worker's time: docs/decisions/0008. That
workflow code is deterministic is for the tests to see to.
"""

_GRACE = timedelta(seconds=10)
_ORPHANED_AFTER = timedelta(seconds=3)
"""How long an order waits for the worker that had it last before any other may take it."""


class SearchAttributesMissing(Exception):
    """Orders would hang in their first task: an unknown attribute fails it for ever."""


async def run_worker(  # ruff: ignore[too-many-arguments] - each a part that the caller owns
    client: Client,
    settings: OrchestrationSettings,
    *,
    queue: Literal["order", "shipping"],
    ledger: OrderLedger,
    gateway_book: GatewayBook,
    carrier_book: CarrierBook,
    stop: asyncio.Event,
) -> None:
    """Work until told to stop, then finish what is in hand.

    Two workers need a client each, also within one process. Raises SearchAttributesMissing.
    """
    # Where and for what comes with each log record; the SDK would repeat it in the message.
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    absent = await missing(client)
    if absent:
        raise SearchAttributesMissing(
            f"namespace {client.namespace} lacks the search attributes {', '.join(absent)}:"
            " run `orders search-attributes`"
        )
    faults = Faults(
        error_rate=settings.fault_error_rate,
        hang_rate=settings.fault_hang_rate,
        seed=settings.fault_seed,
    )
    carrier = SimulatedCarrier(carrier_book, faults)
    if queue == "order":
        activities = OrderActivities(ledger, SimulatedGateway(gateway_book, faults), carrier)
        worker = _worker(
            client,
            settings.order_task_queue,
            [OrderWorkflow, RepairWorkflow],
            [
                activities.record_events,
                activities.charge_payment,
                activities.reverse_payment,
                activities.recall_shipment,
            ],
        )
    else:
        shipping = ShippingActivities(carrier)
        worker = _worker(
            client,
            settings.shipping_task_queue,
            [ShippingWorkflow],
            [shipping.prepare_package, shipping.dispatch_carrier],
        )
    async with worker:
        await stop.wait()


def _worker(
    client: Client,
    task_queue: str,
    workflows: Sequence[type],
    activities: Sequence[Callable[..., Awaitable[object]]],
) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=workflows,
        activities=activities,
        interceptors=[SignalGuard()],
        workflow_runner=WORKFLOW_RUNNER,
        graceful_shutdown_timeout=_GRACE,
        sticky_queue_schedule_to_start_timeout=_ORPHANED_AFTER,
    )
