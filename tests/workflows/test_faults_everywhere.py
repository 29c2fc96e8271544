"""A third of all provider calls fail and a third hang: orders still complete, charged once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from orchestration.domain.order import ReviewMode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop

PATIENT: dict[str, Any] = {"activity_timeout": 2, "activity_attempts": 1000}
HASTY: dict[str, Any] = {"activity_timeout": 1, "activity_attempts": None}


async def test_orders_complete_despite_faults_and_are_charged_once(shop: Shop) -> None:
    broken = shop.broken(error_rate=0.33, hang_rate=0.34, seed=7)
    policies = [
        PATIENT | {"activity_retry_delay": 0.2, "activity_retry_backoff": 1},
        PATIENT | {"activity_retry_delay": 0.005, "activity_retry_backoff": 2},
        HASTY | {"activity_retry_delay": 0.005, "activity_retry_backoff": 1},
        HASTY | {"activity_retry_delay": 0.05, "activity_retry_backoff": 1.5},
    ]
    orders = [
        make_order(review_mode=ReviewMode.NONE, **policy) for policy in policies for _ in range(4)
    ]
    async with broken.working("order", "shipping"):
        await asyncio.gather(*(broken.start(order) for order in orders))
        ends = await asyncio.gather(*(broken.end(order.id) for order in orders))
        assert set(ends) == {(OrderState.COMPLETED, None)}
        for order in orders:
            await broken.snapshot_on_both_sides(order.id)
            assert (await broken.types(order.id)).count(EventType.PAYMENT_CHARGED) == 1
            assert await broken.gateway_row(order.payment_id) == "CHARGED"
