"""One attempt to ship an order: prepare the package, then dispatch the carrier."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from orchestration.activities import ShippingActivities
from orchestration.messages import DispatchFailed, PackagePrepared, Shipment, ShippingOutcome
from orchestration.ports import Parcel
from orchestration.retries import failure_reason, step_limits

_SLOW_DISPATCH = timedelta(seconds=1)
"""A dispatch that takes longer is preceded by a signal that the package is prepared."""


def shipping_workflow_id(order_id: str, attempt: int) -> str:
    return f"{order_id}/shipping/{attempt}"


@workflow.defn
class ShippingWorkflow:
    """A child of the order's workflow, on the shipping task queue. It never writes the record."""

    @workflow.run
    async def run(self, shipment: Shipment) -> ShippingOutcome:  # ruff: ignore[no-self-use]
        """Ship and report to the parent. A failed attempt is a result, not an error.

        Only the result decides what the parent does. A signal merely tells it earlier, and can fail
        without an effect: Temporal refuses signals to a workflow that has received too many. A
        package whose dispatch follows soon needs no signal.
        """
        parcel = Parcel(shipment.order_id, shipment.attempt, shipment.items, shipment.address)
        prepared_signal: asyncio.Task[None] | None = None
        has_failed = asyncio.Event()
        try:
            package_id = await _run_step(ShippingActivities.prepare_package, parcel, shipment)
            prepared_at = workflow.now()
            prepared = PackagePrepared(shipment.attempt, package_id)
            prepared_signal = asyncio.create_task(_signal_prepared(prepared, has_failed))
            tracking_number = await _run_step(ShippingActivities.dispatch_carrier, parcel, shipment)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            reason = failure_reason(error)
            if prepared_signal is not None:
                has_failed.set()
                await prepared_signal  # two signals sent concurrently can arrive in either order
            await _signal_parent("dispatch_failed", DispatchFailed(shipment.attempt, reason))
            return ShippingOutcome(failure=reason)
        return ShippingOutcome(package_id, prepared_at, tracking_number)


async def _run_step(
    activity: Callable[[ShippingActivities, Parcel], Awaitable[str]],
    parcel: Parcel,
    shipment: Shipment,
) -> str:
    return await workflow.execute_activity_method(
        activity,
        parcel,
        **step_limits(shipment.policy),
    )


async def _signal_prepared(prepared: PackagePrepared, has_failed: asyncio.Event) -> None:
    """Signal the package when its dispatch has become slow, or has failed."""
    try:
        await workflow.wait_condition(
            has_failed.is_set, timeout=_SLOW_DISPATCH, timeout_summary="slow dispatch"
        )
    except TimeoutError:
        workflow.logger.info("the dispatch is slow")
    await _signal_parent("package_prepared", prepared)


async def _signal_parent(signal: str, message: PackagePrepared | DispatchFailed) -> None:
    parent = workflow.info().parent
    if parent is None:
        return
    handle = workflow.get_external_workflow_handle(parent.workflow_id, run_id=parent.run_id)
    try:
        await handle.signal(signal, message)
    except FailureError as error:
        workflow.logger.warning("%s was not signalled to the order: %s", signal, error)
