"""A payment can be cancelled until the carrier has the package. It is then voided or refunded."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from orchestration.domain.commands import CancelPayment
from orchestration.domain.order import FailureCode, LineItem, PaymentStatus, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.simulation import DISPATCH_FAILS_ONCE, HANG_THEN_DECLINE
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop

STOP = CancelPayment(command_id="stop")
CANCELLED = (OrderState.CANCELLED, FailureCode.PAYMENT_CANCELLED)


async def test_cancelling_a_payment_before_its_charge_voids_it(shop: Shop) -> None:
    order = make_order()
    await shop.start_in_review(order)
    await shop.apply(order.id, STOP)
    assert await shop.end(order.id) == CANCELLED
    assert await shop.gateway_row(order.payment_id) == "VOIDED"


async def test_cancelling_a_payment_while_its_charge_hangs_voids_it(shop: Shop) -> None:
    payment_id = f"{HANG_THEN_DECLINE}{uuid4()}"
    order = make_order(review_mode=ReviewMode.NONE, payment_id=payment_id, activity_timeout=5)
    await shop.start(order)
    await shop.until_pending(order.id, "charge_payment")
    await shop.apply(order.id, STOP)
    assert await shop.end(order.id) == CANCELLED
    assert await shop.gateway_row(payment_id) == "VOIDED"


@pytest.mark.usefixtures("without_grace")
async def test_cancelling_a_payment_reverses_a_charge_that_never_responded(shop: Shop) -> None:
    faulty = shop.with_faults(hang_rate=1)
    orders = [make_order(review_mode=ReviewMode.NONE, activity_timeout=60) for _ in range(4)]
    async with faulty.working("order"):
        for order in orders:
            await faulty.start(order)
            await faulty.until_pending(order.id, "charge_payment")
            await faulty.apply(order.id, STOP)
        for order in orders:
            await faulty.until_idle(order.id)
    async with faulty.without_faults().working("order"):
        for order in orders:
            assert await faulty.end(order.id) == CANCELLED
            # Some charges took effect before they hung, and some did not.
            assert await faulty.gateway_row(order.payment_id) in {"VOIDED", "REFUNDED"}


async def test_cancelling_a_payment_after_its_charge_refunds_it_without_a_shipping_worker(
    shop_without_workers: Shop,
) -> None:
    order = make_order(review_mode=ReviewMode.NONE)
    async with shop_without_workers.working("order"):
        await shop_without_workers.start(order)
        await shop_without_workers.until_state(order.id, OrderState.SHIPPING)
        await shop_without_workers.apply(order.id, STOP)
        assert await shop_without_workers.end(order.id) == CANCELLED
        snapshot = await shop_without_workers.snapshot_on_both_sides(order.id)
    assert snapshot.payment_status is PaymentStatus.REFUNDED
    assert await shop_without_workers.gateway_row(order.payment_id) == "REFUNDED"
    assert await shop_without_workers.parcel_row(order.id, 1) == "RECALLED"


async def test_cancelling_a_payment_between_shipping_attempts_refunds_it(shop: Shop) -> None:
    items = [LineItem(sku=DISPATCH_FAILS_ONCE, quantity=1, unit_price=1)]
    order_id = await shop.start(
        make_order(review_mode=ReviewMode.NONE, shipping_retry_delay=60, request={"items": items})
    )
    await shop.until(order_id, lambda s: s.step.startswith("waiting to ship again"))
    await shop.apply(order_id, STOP)
    assert await shop.end(order_id) == CANCELLED
    assert EventType.PAYMENT_REFUNDED in await shop.types(order_id)


async def test_cancelling_a_payment_after_dispatch_is_refused(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, delivery_timeout=2))
    await shop.until_state(order_id, OrderState.SHIPPED)
    assert await shop.refusal(order_id, STOP) is OrderState.SHIPPED
    assert await shop.end(order_id) == (OrderState.COMPLETED, None)
