"""MANUAL review: somebody decides, in time, too late, early, or against it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from orchestration.domain.commands import ApproveOrder, CancelOrder
from orchestration.domain.order import FailureCode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_an_order_that_is_approved_in_time_goes_on(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order(review_timeout=30))
    await shop.apply(order_id, ApproveOrder(command_id="go", note="looks good"))
    assert await shop.end(order_id) == (OrderState.COMPLETED, None)
    [approval] = [e for e in await shop.events(order_id) if e.type is EventType.ORDER_APPROVED]
    assert approval.command_id == "go"
    assert approval.payload == {"note": "looks good"}


@pytest.mark.parametrize("seconds", [300, 30])
async def test_an_order_that_nobody_approves_in_time_ends(
    timeless_shop: Shop, seconds: int
) -> None:
    order = make_order(review_timeout=seconds)
    await timeless_shop.start(order)
    end = (OrderState.APPROVAL_TIMEOUT, FailureCode.APPROVAL_TIMEOUT)
    assert await timeless_shop.end(order.id) == end
    events = await timeless_shop.events(order.id)
    assert events[-1].at - events[-2].at >= timedelta(seconds=seconds)
    assert await timeless_shop.gateway_row(order.payment_id) is None


async def test_an_order_that_is_cancelled_in_review_is_never_charged(shop: Shop) -> None:
    order = make_order()
    await shop.start_in_review(order)
    await shop.apply(order.id, CancelOrder(command_id="stop", reason="no longer wanted"))
    assert await shop.end(order.id) == (OrderState.CANCELLED, FailureCode.CANCELLED)
    failure = (await shop.snapshot_on_both_sides(order.id)).failure
    assert failure is not None
    assert failure.message == "no longer wanted"
    assert await shop.gateway_row(order.payment_id) is None


async def test_an_approval_that_comes_before_the_review_is_remembered(closed_shop: Shop) -> None:
    order_id = await closed_shop.start(make_order())
    handle = closed_shop.client.get_workflow_handle(order_id)
    await handle.signal("approve_order", ApproveOrder(command_id="early"))
    async with closed_shop.working("order", "shipping"):
        assert await closed_shop.end(order_id) == (OrderState.COMPLETED, None)
    events = await closed_shop.events(order_id)
    assert EventType.REVIEW_STARTED not in [e.type for e in events]
    assert events[2].command_id == "early"
