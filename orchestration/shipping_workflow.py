"""One attempt to ship an order: prepare the package, dispatch the carrier."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from orchestration.activities import ShippingActivities
from orchestration.messages import DispatchFailed, PackagePrepared, Shipment, ShippingOutcome
from orchestration.ports import Parcel
from orchestration.retries import by_policy, reason_of


def shipping_workflow_id(order_id: str, attempt: int) -> str:
    """Name the workflow of one attempt."""
    return f"{order_id}/shipping/{attempt}"


@workflow.defn
class ShippingWorkflow:
    """A child of the order's workflow, on the shipping queue. It never writes the order."""

    @workflow.run
    async def run(self, shipment: Shipment) -> ShippingOutcome:  # ruff: ignore[no-self-use]
        """Ship, telling the parent on the way; a failed attempt is an outcome, not an exception."""
        parcel = Parcel(shipment.order_id, shipment.attempt, shipment.items, shipment.address)
        telling: asyncio.Task[None] | None = None
        try:
            package_id = await _step(ShippingActivities.prepare_package, parcel, shipment)
            # The carrier is not kept waiting until the order has heard of its package.
            prepared = PackagePrepared(shipment.attempt, package_id)
            telling = asyncio.create_task(_tell("package_prepared", prepared))
            tracking_number = await _step(ShippingActivities.dispatch_carrier, parcel, shipment)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            reason = reason_of(error)
            if telling is not None:
                await telling  # two signals on their way at once may arrive in either order
            await _tell("dispatch_failed", DispatchFailed(shipment.attempt, reason))
            return ShippingOutcome(failure=reason)
        await telling
        return ShippingOutcome(package_id=package_id, tracking_number=tracking_number)


async def _step(
    activity: Callable[[ShippingActivities, Parcel], Awaitable[str]],
    parcel: Parcel,
    shipment: Shipment,
) -> str:
    return await workflow.execute_activity_method(
        activity,
        parcel,
        start_to_close_timeout=timedelta(seconds=shipment.policy.activity_timeout),
        retry_policy=by_policy(shipment.policy),
    )


async def _tell(signal: str, message: PackagePrepared | DispatchFailed) -> None:
    parent = workflow.info().parent
    if parent is not None:
        handle = workflow.get_external_workflow_handle(parent.workflow_id, run_id=parent.run_id)
        await handle.signal(signal, message)
