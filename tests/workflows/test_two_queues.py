"""The order worker alone leaves orders at SHIPPING; the shipping worker finishes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.domain.order import ReviewMode
from orchestration.domain.states import OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_orders_wait_for_the_shipping_worker_and_go_on_when_it_comes(
    closed_shop: Shop,
) -> None:
    orders = [make_order(review_mode=ReviewMode.NONE) for _ in range(3)]
    async with closed_shop.working("order"):
        for order in orders:
            await closed_shop.start(order)
        for order in orders:
            await closed_shop.until_state(order.id, OrderState.SHIPPING)
        async with closed_shop.working("shipping"):
            for order in orders:
                assert await closed_shop.end(order.id) == (OrderState.COMPLETED, None)
