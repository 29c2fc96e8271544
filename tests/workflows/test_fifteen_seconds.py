"""A deadline: the order makes it, or is undone and FAILED."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.domain.order import FailureCode, ReviewMode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop

LATE = (OrderState.FAILED, FailureCode.DEADLINE_PASSED)


async def test_an_order_makes_its_fifteen_seconds(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, deadline=15))
    assert await shop.end(order_id) == (OrderState.COMPLETED, None)


async def test_one_that_does_not_is_refunded_and_its_shipping_stopped(closed_shop: Shop) -> None:
    order = make_order(review_mode=ReviewMode.NONE, deadline=15)
    async with closed_shop.working("order"):
        await closed_shop.start(order)
        assert await closed_shop.end(order.id) == LATE
        failure = (await closed_shop.snapshot_on_both_sides(order.id)).failure
    assert failure is not None
    assert failure.message == "the order's deadline has passed"
    assert await closed_shop.gateway_row(order.payment_id) == "REFUNDED"
    await closed_shop.until_closed(f"{order.id}/shipping/1")


async def test_a_deadline_passes_in_review_too(timeless_shop: Shop) -> None:
    order_id = await timeless_shop.start(make_order(deadline=15, review_timeout=None))
    assert await timeless_shop.end(order_id) == LATE


async def test_a_deadline_is_void_once_the_carrier_has_it(timeless_shop: Shop) -> None:
    order_id = await timeless_shop.start(
        make_order(review_mode=ReviewMode.NONE, deadline=3600, delivery_timeout=7200)
    )
    assert await timeless_shop.end(order_id) == (OrderState.COMPLETED, None)
    assert EventType.UNDO_STARTED not in await timeless_shop.types(order_id)
