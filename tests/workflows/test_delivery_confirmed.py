"""Orders whose policy waits for delivery complete when it is confirmed or times out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from orchestration.domain.commands import ConfirmDelivery
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_a_confirmed_delivery_completes_the_order(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, delivery_timeout=600))
    await shop.until_state(order_id, OrderState.SHIPPED)
    await shop.apply(order_id, ConfirmDelivery(command_id="here"))
    assert await shop.end(order_id) == (OrderState.COMPLETED, None)
    assert (await shop.types(order_id))[-2:] == [
        EventType.DELIVERY_CONFIRMED,
        EventType.ORDER_COMPLETED,
    ]


async def test_an_unconfirmed_delivery_completes_the_order_after_its_timeout(
    time_skipping_shop: Shop,
) -> None:
    order_id = await time_skipping_shop.start(
        make_order(review_mode=ReviewMode.NONE, delivery_timeout=86_400)
    )
    assert await time_skipping_shop.end(order_id) == (OrderState.COMPLETED, None)
    events = await time_skipping_shop.events(order_id)
    assert [e.type for e in events[-2:]] == [EventType.ORDER_SHIPPED, EventType.ORDER_COMPLETED]
    assert events[-1].at - events[-2].at >= timedelta(days=1)
