"""A shipping workflow reports its outcome even if its signals do not reach the order's workflow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

from temporalio import workflow
from temporalio.worker import Worker
from temporalio.workflow import ParentClosePolicy

from orchestration.client import connect
from orchestration.domain.order import LineItem
from orchestration.messages import Shipment, ShippingOutcome
from orchestration.shipping_workflow import ShippingWorkflow
from orchestration.simulation import DISPATCH_FAILS
from orchestration.worker import WORKFLOW_RUNNER
from tests.support.orders import ADDRESS, POLICY, make_order
from tests.support.shop import TIMEOUT

if TYPE_CHECKING:
    from tests.support.shop import Shop


@workflow.defn
class ClosedParent:
    """Starts a shipping workflow and closes, so that every signal to it fails."""

    @workflow.run
    async def run(self, shipment: Shipment, task_queue: str) -> None:  # ruff: ignore[no-self-use]
        await workflow.start_child_workflow(
            ShippingWorkflow.run,
            shipment,
            id=f"{shipment.order_id}/shipping/1",
            task_queue=task_queue,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )


async def ship_for_a_closed_parent(shop: Shop, items: list[LineItem]) -> ShippingOutcome:
    order_id = f"order-{uuid4()}"
    shipment = Shipment(order_id, 1, items, ADDRESS, POLICY)
    parents = Worker(
        await connect(shop.settings),
        task_queue=f"parents-{order_id}",
        workflows=[ClosedParent],
        workflow_runner=WORKFLOW_RUNNER,
    )
    async with parents:
        await shop.client.execute_workflow(
            ClosedParent.run,
            args=[shipment, shop.settings.shipping_task_queue],
            id=order_id,
            task_queue=parents.task_queue,
        )
    async with shop.working("shipping"):
        child = shop.client.get_workflow_handle(
            f"{order_id}/shipping/1", result_type=ShippingOutcome
        )
        outcome: ShippingOutcome = await asyncio.wait_for(child.result(), TIMEOUT)
        return outcome


async def test_a_dispatch_is_reported_if_no_signal_reaches_the_order(
    shop_without_workers: Shop,
) -> None:
    outcome = await ship_for_a_closed_parent(shop_without_workers, make_order().request.items)
    assert outcome.package_id is not None
    assert outcome.tracking_number is not None
    assert outcome.failure is None


async def test_a_failed_dispatch_is_reported_if_no_signal_reaches_the_order(
    shop_without_workers: Shop,
) -> None:
    outcome = await ship_for_a_closed_parent(
        shop_without_workers, [LineItem(sku=DISPATCH_FAILS, quantity=1, unit_price=1)]
    )
    assert outcome == ShippingOutcome(failure="no courier available")
