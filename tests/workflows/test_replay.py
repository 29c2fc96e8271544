"""Histories of orders that were just run replay to the same commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.domain.commands import ApproveOrder, CancelPayment
from orchestration.domain.order import LineItem, ReviewMode
from orchestration.domain.states import OrderState
from orchestration.simulation import DISPATCH_FAILS_ONCE
from tests.support.orders import make_order
from tests.support.replay import replay

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_the_history_of_an_order_with_two_shipping_attempts_replays(shop: Shop) -> None:
    items = [LineItem(sku=DISPATCH_FAILS_ONCE, quantity=1, unit_price=1)]
    order_id = await shop.start(make_order(deadline=600, request={"items": items}))
    await shop.until(order_id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    await shop.client.get_workflow_handle(order_id).signal("approve_order")
    await shop.orders.send(order_id, ApproveOrder(command_id="go"))
    await shop.outcome(order_id)
    await replay(shop, order_id, f"{order_id}/shipping/1", f"{order_id}/shipping/2")


async def test_the_history_of_an_undone_order_replays(shop: Shop) -> None:
    items = [LineItem(sku=DISPATCH_FAILS_ONCE, quantity=1, unit_price=1)]
    order_id = await shop.start(
        make_order(review_mode=ReviewMode.NONE, shipping_retry_delay=60, request={"items": items})
    )
    await shop.until(order_id, lambda s: s.step.startswith("waiting to ship again"))
    # Without a command ID, like a signal from the Temporal UI. The workflow generates one.
    await shop.client.get_workflow_handle(order_id).signal("cancel_payment", CancelPayment())
    await shop.outcome(order_id)
    await replay(shop, order_id, f"{order_id}/shipping/1")
