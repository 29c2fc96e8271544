"""Charges that hang delay neither other orders nor the record, and their slots come back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio.api.enums.v1 import PendingActivityState

from orchestration import worker
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import OrderState
from orchestration.domain.validation import MAX_ACTIVITY_TIMEOUT
from orchestration.simulation import HANG_THEN_DECLINE
from tests.support.orders import make_order
from tests.support.shop import TIMEOUT
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from orchestration.domain.order import Order
    from tests.support.shop import Shop

DEFAULT_SLOTS = 100
"""Activities that one of the SDK's workers runs at a time, unless it is told otherwise."""


def hanging_order(activity_timeout: float) -> Order:
    return make_order(
        payment_id=f"{HANG_THEN_DECLINE}{uuid4()}",
        review_mode=ReviewMode.NONE,
        activity_timeout=activity_timeout,
    )


async def is_charging(shop: Shop, order_id: str) -> bool:
    """Return whether a worker is executing the first attempt at the order's charge."""
    described = await shop.client.get_workflow_handle(order_id).describe()
    return any(
        pending.activity_type.name == "charge_payment"
        and pending.attempt == 1
        and pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
        for pending in described.raw_description.pending_activities
    )


async def count_charging(shop: Shop, orders: list[Order]) -> int:
    return sum(await asyncio.gather(*(is_charging(shop, order.id) for order in orders)))


async def until_charging(shop: Shop, orders: list[Order], count: int) -> None:
    # A hanging charge keeps hanging: an order is described until then, and once more at the end.
    waiting = list(orders)

    async def reached() -> bool:
        charging = await asyncio.gather(*(is_charging(shop, order.id) for order in waiting))
        waiting[:] = [order for order, does in zip(waiting, charging, strict=True) if not does]
        return len(orders) - len(waiting) >= count and await count_charging(shop, orders) >= count

    await wait_until(reached, timeout=TIMEOUT, interval=0.1)


async def until_recorded(shop: Shop, orders: list[Order], count: int) -> None:
    """Wait until this many orders are approved. A charge records that before it begins."""
    statement = text("SELECT count(*) FROM orders WHERE id = ANY(:ids) AND state = 'APPROVED'")

    async def reached() -> bool:
        async with shop.engine.connect() as connection:
            found = await connection.execute(statement, {"ids": [order.id for order in orders]})
            return int(found.scalar_one()) >= count

    await wait_until(reached, timeout=TIMEOUT)


async def forget(shop: Shop, orders: list[Order]) -> None:
    """Hide orders from the reconciliations of other tests, which look at each open order."""
    ids = [order.id for order in orders]
    await shop.delete_workflow(*ids)
    async with shop.engine.connect() as connection:
        await connection.execute(
            text("UPDATE orders SET updated_at = now() + interval '1 day' WHERE id = ANY(:ids)"),
            {"ids": ids},
        )


@pytest.mark.usefixtures("without_grace")
async def test_an_order_completes_while_more_charges_hang_than_the_sdk_has_slots(
    separate_shop: Shop,
) -> None:
    shop = separate_shop
    hanging = [hanging_order(MAX_ACTIVITY_TIMEOUT) for _ in range(DEFAULT_SLOTS + 20)]
    concurrency = asyncio.Semaphore(20)

    async def start(order: Order) -> None:
        async with concurrency:
            await shop.start(order)

    async with shop.working("order", "shipping"):
        await asyncio.gather(*(start(order) for order in hanging))
        await until_recorded(shop, hanging, DEFAULT_SLOTS + 1)
        await until_charging(shop, hanging, DEFAULT_SLOTS + 1)

        in_review = await shop.start_in_review(make_order())
        plain = await shop.start(make_order(review_mode=ReviewMode.NONE))
        assert await shop.end(plain) == (OrderState.COMPLETED, None)

        assert await count_charging(shop, hanging) > 0
        assert (await shop.stored(in_review)).snapshot.state is OrderState.AWAITING_APPROVAL
        await forget(shop, hanging)


async def test_the_record_needs_no_slot_of_the_gateway_and_terminated_orders_free_theirs(
    separate_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = separate_shop
    monkeypatch.setattr(worker, "PROVIDER_SLOTS", 2)
    hanging = [hanging_order(activity_timeout=10) for _ in range(2)]
    async with shop.working("order", "shipping"):
        for order in hanging:
            await shop.start(order)
        await until_charging(shop, hanging, len(hanging))
        await asyncio.gather(*(shop.terminate(order.id) for order in hanging))

        order_id = await shop.start(make_order(review_mode=ReviewMode.NONE))
        await shop.until_state(order_id, OrderState.APPROVED)
        assert await shop.end(order_id) == (OrderState.COMPLETED, None)
        # Otherwise the reconciliations of other tests would repair them.
        for order in hanging:
            await shop.repair(order.id)
