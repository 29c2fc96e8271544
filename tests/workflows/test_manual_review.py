"""MANUAL review: an order is approved or cancelled by a person, or the review times out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from orchestration.domain.commands import ApproveOrder, CancelOrder, RejectOrder
from orchestration.domain.order import FailureCode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_an_order_approved_in_time_completes(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order(review_timeout=30))
    await shop.apply(order_id, ApproveOrder(command_id="go", note="looks good"))
    assert await shop.end(order_id) == (OrderState.COMPLETED, None)
    [approval] = [e for e in await shop.events(order_id) if e.type is EventType.ORDER_APPROVED]
    assert approval.command_id == "go"
    assert approval.payload == {"reviewMode": "MANUAL", "note": "looks good"}


@pytest.mark.parametrize("seconds", [300, 30])
async def test_an_order_that_nobody_approves_in_time_ends_uncharged(
    time_skipping_shop: Shop, seconds: int
) -> None:
    order = make_order(review_timeout=seconds)
    await time_skipping_shop.start(order)
    end = (OrderState.APPROVAL_TIMEOUT, FailureCode.APPROVAL_TIMEOUT)
    assert await time_skipping_shop.end(order.id) == end
    events = await time_skipping_shop.events(order.id)
    assert events[-1].at - events[-2].at >= timedelta(seconds=seconds)
    assert await time_skipping_shop.gateway_row(order.payment_id) is None


async def test_an_order_cancelled_during_the_review_is_never_charged(shop: Shop) -> None:
    order = make_order()
    await shop.start_in_review(order)
    await shop.apply(order.id, CancelOrder(command_id="stop", reason="no longer wanted"))
    assert await shop.end(order.id) == (OrderState.CANCELLED, FailureCode.CANCELLED)
    failure = (await shop.snapshot_on_both_sides(order.id)).failure
    assert failure is not None
    assert failure.message == "no longer wanted"
    assert await shop.gateway_row(order.payment_id) is None


async def test_an_order_rejected_in_review_is_never_charged_and_has_a_failure_of_its_own(
    shop: Shop,
) -> None:
    order = make_order()
    await shop.start_in_review(order)
    await shop.apply(order.id, RejectOrder(command_id="no", reason="looks like fraud"))
    assert await shop.end(order.id) == (OrderState.CANCELLED, FailureCode.REJECTED)
    failure = (await shop.snapshot_on_both_sides(order.id)).failure
    assert failure is not None
    assert failure.message == "looks like fraud"
    assert await shop.gateway_row(order.payment_id) is None


async def test_an_approval_sent_before_the_review_is_applied(shop_without_workers: Shop) -> None:
    order_id = await shop_without_workers.start(make_order())
    handle = shop_without_workers.client.get_workflow_handle(order_id)
    await handle.signal("approve_order", ApproveOrder(command_id="early"))
    async with shop_without_workers.working("order", "shipping"):
        assert await shop_without_workers.end(order_id) == (OrderState.COMPLETED, None)
    events = await shop_without_workers.events(order_id)
    assert EventType.REVIEW_STARTED not in [e.type for e in events]
    assert events[2].command_id == "early"
