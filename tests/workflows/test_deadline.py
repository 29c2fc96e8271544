"""An order that is not dispatched by its deadline is undone and ends as FAILED."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from orchestration.domain.order import FailureCode, Order, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.messages import OrderStart
from orchestration.order_workflow import OrderWorkflow
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop

LATE = (OrderState.FAILED, FailureCode.DEADLINE_PASSED)


async def test_an_order_completes_within_its_deadline_of_fifteen_seconds(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, deadline=15))
    assert await shop.end(order_id) == (OrderState.COMPLETED, None)


async def test_an_order_past_its_deadline_is_refunded_and_its_shipment_recalled(
    shop_without_workers: Shop,
) -> None:
    order = make_order(review_mode=ReviewMode.NONE, deadline=15)
    async with shop_without_workers.working("order"):
        await shop_without_workers.start(order)
        assert await shop_without_workers.end(order.id) == LATE
        failure = (await shop_without_workers.snapshot_on_both_sides(order.id)).failure
    assert failure is not None
    assert failure.message == "the order's deadline has passed"
    assert await shop_without_workers.gateway_row(order.payment_id) == "REFUNDED"
    await shop_without_workers.until_closed(f"{order.id}/shipping/1")


async def test_a_deadline_that_passes_during_the_review_fails_the_order(
    time_skipping_shop: Shop,
) -> None:
    order_id = await time_skipping_shop.start(make_order(deadline=15, review_timeout=None))
    assert await time_skipping_shop.end(order_id) == LATE


async def test_an_order_whose_deadline_passes_before_its_first_step_fails_without_a_charge(
    shop: Shop,
) -> None:
    order = make_order(review_mode=ReviewMode.NONE, deadline=60)
    await start_placed_before(shop, order, timedelta(seconds=61))
    assert await shop.end(order.id) == LATE
    assert await shop.types(order.id) == [EventType.UNDO_STARTED, EventType.ORDER_FAILED]
    assert await shop.gateway_row(order.payment_id) is None


async def test_a_late_worker_does_not_extend_the_deadline(time_skipping_shop: Shop) -> None:
    order = make_order(deadline=3600, review_timeout=None)
    await start_placed_before(time_skipping_shop, order, timedelta(seconds=1800))
    assert await time_skipping_shop.end(order.id) == LATE
    ended_at = (await time_skipping_shop.stored(order.id)).snapshot.ended_at
    assert ended_at is not None
    assert ended_at - (await time_skipping_shop.stored(order.id)).created_at < timedelta(hours=1.25)


async def start_placed_before(shop: Shop, order: Order, earlier: timedelta) -> None:
    """Start an order that was placed this long ago, as if no worker had taken it until now."""
    await shop.client.start_workflow(
        OrderWorkflow.run,
        OrderStart(order, shop.settings.shipping_task_queue, datetime.now(UTC) - earlier),
        id=order.id,
        task_queue=shop.settings.order_task_queue,
    )


async def test_an_order_lives_on_for_as_long_as_its_delivery_takes(
    time_skipping_shop: Shop,
) -> None:
    thirty_days = 30 * 24 * 3600
    order_id = await time_skipping_shop.start(
        make_order(review_mode=ReviewMode.NONE, deadline=3600, delivery_timeout=thirty_days)
    )
    await time_skipping_shop.until_closed(order_id)
    assert await time_skipping_shop.end(order_id) == (OrderState.COMPLETED, None)


async def test_a_deadline_that_passes_after_dispatch_has_no_effect(
    time_skipping_shop: Shop,
) -> None:
    order_id = await time_skipping_shop.start(
        make_order(review_mode=ReviewMode.NONE, deadline=3600, delivery_timeout=7200)
    )
    assert await time_skipping_shop.end(order_id) == (OrderState.COMPLETED, None)
    assert EventType.UNDO_STARTED not in await time_skipping_shop.types(order_id)
