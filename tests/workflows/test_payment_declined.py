"""A declined charge is not retried: the order ends as FAILED with the gateway's reason."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from orchestration.domain.order import FailureCode, PaymentStatus, ReviewMode
from orchestration.domain.states import OrderState
from orchestration.simulation import DECLINE, HANG_THEN_DECLINE
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_a_declined_charge_is_not_retried(shop: Shop) -> None:
    order = make_order(review_mode=ReviewMode.NONE, payment_id=f"{DECLINE}{uuid4()}")
    await shop.start(order)
    assert await shop.end(order.id) == (OrderState.FAILED, FailureCode.PAYMENT_DECLINED)
    snapshot = await shop.snapshot_on_both_sides(order.id)
    assert snapshot.payment_status is PaymentStatus.DECLINED
    assert snapshot.failure is not None
    assert snapshot.failure.message == "card declined"
    history = await shop.client.get_workflow_handle(order.id).fetch_history()
    assert not [
        event
        for event in history.events
        if event.activity_task_started_event_attributes.attempt > 1
    ]


async def test_a_decline_after_a_timeout_fails_the_order(shop: Shop) -> None:
    payment_id = f"{HANG_THEN_DECLINE}{uuid4()}"
    order_id = await shop.start(
        make_order(review_mode=ReviewMode.NONE, payment_id=payment_id, activity_timeout=0.5)
    )
    assert await shop.end(order_id) == (OrderState.FAILED, FailureCode.PAYMENT_DECLINED)


async def test_a_charge_that_never_responds_is_reversed(shop: Shop) -> None:
    payment_id = f"{HANG_THEN_DECLINE}{uuid4()}"
    order = make_order(
        review_mode=ReviewMode.NONE,
        payment_id=payment_id,
        activity_timeout=0.3,
        activity_attempts=1,
    )
    await shop.start(order)
    assert await shop.end(order.id) == (OrderState.FAILED, FailureCode.OTHER)
    failure = (await shop.snapshot_on_both_sides(order.id)).failure
    assert failure is not None
    assert "could not be charged" in failure.message
    assert await shop.gateway_row(payment_id) == "VOIDED"
