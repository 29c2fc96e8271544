"""TIMER review: an order can be cancelled until the review ends, and is then approved."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from orchestration.domain.commands import ApproveOrder, CancelOrder
from orchestration.domain.order import FailureCode, ReviewMode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


@pytest.mark.parametrize("seconds", [2, 3])
async def test_an_order_is_approved_automatically_after_the_review_timeout(
    shop: Shop, seconds: int
) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.TIMER, review_timeout=seconds))
    assert await shop.end(order_id) == (OrderState.COMPLETED, None)
    at = {event.type: event.at for event in await shop.events(order_id)}
    window = at[EventType.ORDER_APPROVED] - at[EventType.REVIEW_STARTED]
    assert window >= timedelta(seconds=seconds)


async def test_an_order_in_timer_review_can_be_cancelled_but_not_approved(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    order_id = await shop.start_in_review(
        make_order(review_mode=ReviewMode.TIMER, review_timeout=60)
    )
    assert await shop.refusal(order_id, ApproveOrder(command_id="go")) == (
        OrderState.AWAITING_APPROVAL
    )
    await shop.apply(order_id, CancelOrder(command_id="stop"))
    assert await shop.end(order_id) == (OrderState.CANCELLED, FailureCode.CANCELLED)
    logged = [message for message in caplog.messages if message.startswith(("approve", "cancel"))]
    assert logged[0].startswith("approve_order go: ")
    assert logged[1].startswith("cancel_order stop: ")
    assert f"order {order_id} is CANCELLED: " in "\n".join(caplog.messages)
