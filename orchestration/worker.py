"""The order worker and the shipping worker, each on its own task queue."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from temporalio import activity, workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from orchestration.activities import OrderActivities, ShippingActivities
from orchestration.order_workflow import OrderWorkflow
from orchestration.repair_workflow import RepairWorkflow
from orchestration.search_attributes import missing_attributes
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
"""The workflow runner of workers and replayers.

Temporal's sandbox is not used, because it takes a third of the worker's time per order (see
docs/decisions/0008). Tests check instead that workflow code is deterministic.
"""

_GRACEFUL_SHUTDOWN_TIMEOUT = timedelta(seconds=10)
_STICKY_TIMEOUT = timedelta(seconds=3)
"""How long a workflow task waits for the worker that cached the workflow before others get it."""


class SearchAttributesMissing(Exception):
    """The namespace lacks search attributes. Without them, an order's first task fails forever."""


async def run_worker(  # ruff: ignore[too-many-arguments] - dependencies that the caller owns
    client: Client,
    settings: OrchestrationSettings,
    *,
    queue: Literal["order", "shipping"],
    ledger: OrderLedger,
    gateway_book: GatewayBook,
    carrier_book: CarrierBook,
    stop: asyncio.Event,
) -> None:
    """Run until ``stop`` is set, then finish running tasks and return.

    Two workers in one process need one client each. Raises SearchAttributesMissing.
    """
    # Log records carry this information as fields; do not repeat it in the message.
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    absent = await missing_attributes(client)
    if absent:
        raise SearchAttributesMissing(
            f"Namespace {client.namespace} lacks the search attributes {', '.join(absent)}."
            " Run `orders search-attributes` to register them."
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
        graceful_shutdown_timeout=_GRACEFUL_SHUTDOWN_TIMEOUT,
        sticky_queue_schedule_to_start_timeout=_STICKY_TIMEOUT,
    )
