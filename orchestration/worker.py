"""The order worker and the shipping worker, with a task queue per system that they call."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from temporalio import activity, workflow
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from orchestration.activities import OrderActivities, ShippingActivities
from orchestration.order_workflow import OrderWorkflow
from orchestration.reconcile_activity import ReconcileActivities
from orchestration.reconcile_workflow import ReconcileWorkflow
from orchestration.repair_workflow import RepairWorkflow
from orchestration.rpc import TemporalUnavailable
from orchestration.shipping_workflow import ShippingWorkflow
from orchestration.signal_guard import SignalGuard
from orchestration.task_queues import payment_task_queue, recall_task_queue
from orchestration.workflow_runner import WorkflowTaskRunner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from temporalio.client import Client

    from orchestration.ports import Carrier, OrderLedger, PaymentGateway
    from orchestration.reconcile_activity import Reconcile
    from orchestration.settings import OrchestrationSettings

WORKFLOW_RUNNER: Final = WorkflowTaskRunner()
"""The workflow runner of workers and replayers."""

PROVIDER_SLOTS: Final = 1_000
"""Concurrent calls per worker to a payment gateway or a carrier. A waiting call costs a few
kilobytes, and the policy's limits give its slot back within a minute."""

_RECORD_SLOTS = 100
_POLLERS = 5  # the SDK's default
_GRACEFUL_SHUTDOWN_TIMEOUT = timedelta(seconds=10)
_STICKY_TIMEOUT = timedelta(seconds=3)
"""How long a workflow task waits for the worker that cached the workflow before others get it."""


async def run_order_worker(  # ruff: ignore[too-many-arguments] - dependencies that the caller owns
    client: Client,
    settings: OrchestrationSettings,
    *,
    ledger: OrderLedger,
    gateway: PaymentGateway,
    carrier: Carrier,
    stop: asyncio.Event,
    reconcile: Reconcile | None = None,
) -> None:
    """Process orders until ``stop`` is set, then finish running tasks and return.

    ``reconcile`` is what this worker runs for the reconcile workflow.
    Polls the order task queue and the queues that belong to it. Raises TemporalUnavailable if the
    server fails before polling begins.
    """
    activities = OrderActivities(ledger, gateway, carrier)
    queue = settings.order_task_queue
    await _run(
        [
            _worker(
                client,
                queue,
                [OrderWorkflow, RepairWorkflow, ReconcileWorkflow],
                [
                    activities.record_events,
                    *([ReconcileActivities(reconcile).reconcile_orders] if reconcile else []),
                ],
            ),
            _worker(
                client,
                payment_task_queue(queue),
                [],
                [activities.charge_payment, activities.reverse_payment],
                slots=PROVIDER_SLOTS,
            ),
            _worker(
                client,
                recall_task_queue(queue),
                [],
                [activities.recall_shipment],
                slots=PROVIDER_SLOTS,
                pollers=2,
            ),
        ],
        stop,
    )


async def run_shipping_worker(
    client: Client, settings: OrchestrationSettings, *, carrier: Carrier, stop: asyncio.Event
) -> None:
    """Ship orders until ``stop`` is set, then finish running tasks and return.

    Calls to the carrier are the only activities on the shipping task queue, and workflow tasks have
    slots of their own, so a second queue is not needed. Raises TemporalUnavailable if the server
    fails before polling begins.
    """
    activities = ShippingActivities(carrier)
    worker = _worker(
        client,
        settings.shipping_task_queue,
        [ShippingWorkflow],
        [activities.prepare_package, activities.dispatch_carrier],
        slots=PROVIDER_SLOTS,
    )
    await _run([worker], stop)


async def _run(workers: Sequence[Worker], stop: asyncio.Event) -> None:
    """Run workers, and shut them down concurrently: each may wait for its running tasks."""
    # Log records carry this information as fields; do not repeat it in the message.
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    try:
        async with asyncio.TaskGroup() as tasks:
            for worker in workers:
                tasks.create_task(worker.run())
            await stop.wait()
            for worker in workers:
                tasks.create_task(worker.shutdown())
    except* RuntimeError as errors:
        # The SDK describes the namespace before it polls. Later, it retries by itself.
        message = f"Temporal failed while the worker started: {errors.exceptions[0]}"
        raise TemporalUnavailable(message) from errors


def _worker(  # ruff: ignore[too-many-arguments]
    client: Client,
    task_queue: str,
    workflows: Sequence[type],
    activities: Sequence[Callable[..., Awaitable[object]]],
    *,
    slots: int = _RECORD_SLOTS,
    pollers: int = _POLLERS,
) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=workflows,
        activities=activities,
        max_concurrent_activities=slots,
        activity_task_poller_behavior=PollerBehaviorSimpleMaximum(pollers),
        interceptors=[SignalGuard()],
        workflow_runner=WORKFLOW_RUNNER,
        graceful_shutdown_timeout=_GRACEFUL_SHUTDOWN_TIMEOUT,
        sticky_queue_schedule_to_start_timeout=_STICKY_TIMEOUT,
    )
