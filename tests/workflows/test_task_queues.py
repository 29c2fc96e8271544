"""Without a shipping worker, orders wait in SHIPPING. They complete once one starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.domain.order import ReviewMode
from orchestration.domain.states import OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_orders_wait_for_a_shipping_worker_and_then_complete(
    shop_without_workers: Shop,
) -> None:
    orders = [make_order(review_mode=ReviewMode.NONE) for _ in range(3)]
    async with shop_without_workers.working("order"):
        for order in orders:
            await shop_without_workers.start(order)
        for order in orders:
            await shop_without_workers.until_state(order.id, OrderState.SHIPPING)
        async with shop_without_workers.working("shipping"):
            for order in orders:
                assert await shop_without_workers.end(order.id) == (OrderState.COMPLETED, None)
